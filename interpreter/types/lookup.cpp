// Fields and methods by name, through embedded fields. Source: Go spec, "Selectors", "Method sets".

#include <algorithm>
#include <unordered_set>

#include "interpreter/types/instance.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

/// The name looked for.
struct Target {
    const Package* package;
    std::string_view name;
    bool fold_case;

    bool matches(const Object* object) const {
        if (same_name(object, package, name)) return true;
        return fold_case && equal_folded(object->name);
    }

  private:
    bool equal_folded(std::string_view other) const {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
        };
        return std::equal(name.begin(), name.end(), other.begin(), other.end(),
                          [&](char a, char b) { return lower(a) == lower(b); });
    }
};

/// A type reached at some depth of embedding.
struct Embedded {
    Type* type;
    std::vector<int> path;
    bool indirect;
    bool several = false;  ///< The type occurs more than once at this depth.
};

std::vector<int> extended(const std::vector<int>& path, std::size_t i) {
    std::vector<int> out;
    out.reserve(path.size() + 1);
    out = path;
    out.push_back(static_cast<int>(i));
    return out;
}

/// The element type of an unnamed pointer type, else the type itself.
Type* dereferenced(Type* type, bool& was_pointer) {
    auto* pointer = as<Pointer>(type);
    was_pointer = pointer != nullptr;
    return was_pointer ? pointer->elem : type;
}

/// A search, one depth of embedding after another.
class Search {
  public:
    Search(Universe& universe, Target target) : universe_(universe), target_(target) {}

    LookupResult run(Type* type, bool addressable) {
        bool was_pointer = false;
        Type* base = dereferenced(type, was_pointer);
        if (was_pointer && under_as<Interface>(base) != nullptr) return {};
        std::vector<Embedded> current{{base, {}, was_pointer}};
        while (!current.empty()) {
            next_.clear();
            for (Embedded& entry : current) {
                if (!visit(entry)) return ambiguous();
            }
            if (result_.object != nullptr) return found(addressable);
            current = consolidated(std::move(next_));
        }
        return {};
    }

  private:
    /// Looks into one type; false when the name is found a second time at this depth.
    bool visit(const Embedded& entry) {
        if (auto* named = as<Named>(entry.type)) {
            // A type seen at a lesser depth hides itself here.
            if (!seen_.insert(named).second) return true;
            if (const int i = method_index(named); i >= 0) {
                Func* method = method_at(universe_, named, static_cast<std::size_t>(i));
                return take(entry, static_cast<std::size_t>(i), method);
            }
        }
        Type* underlying = under(entry.type);
        if (auto* type = as<Struct>(underlying)) return visit_fields(entry, type);
        if (auto* type = as<Interface>(underlying)) {
            complete(type);
            for (std::size_t i = 0; i < type->all_methods.size(); ++i) {
                if (!target_.matches(type->all_methods[i])) continue;
                return take(entry, i, type->all_methods[i]);
            }
        }
        return true;
    }

    /// Methods of an instance are matched before they are expanded.
    int method_index(Named* named) const {
        const Named* declared = named->origin != nullptr ? named->origin : named;
        const auto& methods = declared->methods;
        const auto match = [&](const Func* method) { return target_.matches(method); };
        const auto at = std::find_if(methods.begin(), methods.end(), match);
        return at == methods.end() ? -1 : static_cast<int>(at - methods.begin());
    }

    bool visit_fields(const Embedded& entry, const Struct* type) {
        for (std::size_t i = 0; i < type->fields.size(); ++i) {
            Var* field = type->fields[i];
            if (target_.matches(field)) {
                if (!take(entry, i, field)) return false;
            } else if (result_.object == nullptr && field->embedded && field->type != nullptr) {
                bool was_pointer = false;
                Type* base = dereferenced(field->type, was_pointer);
                next_.push_back({base, extended(entry.path, i), entry.indirect || was_pointer,
                                 entry.several});
            }
        }
        return true;
    }

    bool take(const Embedded& entry, std::size_t i, Object* object) {
        const bool clash = result_.object != nullptr || entry.several;
        result_.path = extended(entry.path, i);
        if (clash) return false;
        result_.object = object;
        result_.indirect = entry.indirect;
        return true;
    }

    LookupResult ambiguous() {
        LookupResult out;
        out.path = std::move(result_.path);
        out.ambiguous = true;
        return out;
    }

    LookupResult found(bool addressable) {
        const auto* method = as<Func>(result_.object);
        if (method != nullptr && method->pointer_receiver && !result_.indirect && !addressable) {
            LookupResult out;
            out.needs_pointer_receiver = true;
            return out;
        }
        return std::move(result_);
    }

    static std::vector<Embedded> consolidated(std::vector<Embedded> list) {
        std::vector<Embedded> out;
        for (Embedded& entry : list) {
            const auto same = [&](const Embedded& e) { return identical(e.type, entry.type); };
            const auto at = std::find_if(out.begin(), out.end(), same);
            if (at == out.end()) {
                out.push_back(std::move(entry));
            } else {
                at->several = true;
            }
        }
        return out;
    }

    Universe& universe_;
    Target target_;
    LookupResult result_;
    std::vector<Embedded> next_;
    std::unordered_set<const Named*> seen_;
};

/// The names of all methods of a type and of what it embeds.
class NameCollector {
  public:
    std::vector<const Func*> names;

    void visit(Type* type) {
        bool was_pointer = false;
        type = dereferenced(type, was_pointer);
        if (!seen_.insert(type).second) return;
        if (const auto* named = as<Named>(type)) {
            const auto& methods = (named->origin != nullptr ? named->origin : named)->methods;
            names.insert(names.end(), methods.begin(), methods.end());
        }
        Type* underlying = under(type);
        if (auto* interface = as<Interface>(underlying)) {
            complete(interface);
            const auto& methods = interface->all_methods;
            names.insert(names.end(), methods.begin(), methods.end());
        } else if (const auto* fields = as<Struct>(underlying)) {
            for (const Var* field : fields->fields) {
                if (field->embedded) visit(field->type);
            }
        }
    }

    void sort() {
        std::sort(names.begin(), names.end(), method_less);
        const auto same = [](const Func* x, const Func* y) {
            return same_name(x, y->package, y->name);
        };
        names.erase(std::unique(names.begin(), names.end(), same), names.end());
    }

  private:
    std::unordered_set<const Type*> seen_;
};

}  // namespace

LookupResult lookup_field_or_method(Universe& universe, Type* type, bool addressable,
                                    const Package* from, std::string_view name, bool fold_case) {
    if (name == "_") return {};
    const Target target{from, name, fold_case};
    // A defined pointer type has the fields of what it points to, but never methods.
    const auto* named = as<Named>(type);
    if (auto* pointer = named == nullptr ? nullptr : under_as<Pointer>(type)) {
        LookupResult result = Search(universe, target).run(pointer, false);
        return as<Func>(result.object) != nullptr ? LookupResult{} : result;
    }
    return Search(universe, target).run(type, addressable);
}

std::vector<MethodEntry> method_set(Universe& universe, Type* type) {
    std::vector<MethodEntry> out;
    if (as<Named>(type) != nullptr && under_as<Pointer>(type) != nullptr) return out;
    NameCollector collector;
    collector.visit(type);
    collector.sort();
    for (const Func* name : collector.names) {
        LookupResult found =
            lookup_field_or_method(universe, type, false, name->package, name->name);
        auto* method = as<Func>(found.object);
        if (method == nullptr) continue;
        found.path.pop_back();
        out.push_back({method, std::move(found.path), found.indirect});
    }
    return out;
}

}  // namespace csp::types
