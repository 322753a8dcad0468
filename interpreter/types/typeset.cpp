#include "interpreter/types/typeset.h"

#include <algorithm>

#include "interpreter/types/predicates.h"

namespace csp::types {

namespace {

bool is_disjoint(const Term& x, const Term& y) {
    Type* a = y.tilde ? under(x.type) : x.type;
    Type* b = x.tilde ? under(y.type) : y.type;
    return !identical(a, b);
}

/// The types that both terms admit; they must not be disjoint.
const Term& narrower(const Term& x, const Term& y) { return x.tilde && !y.tilde ? y : x; }

bool term_in(const Term& x, const Term& y) { return !is_disjoint(x, y) && (!x.tilde || y.tilde); }

/// Collects methods and terms of an interface and of what it embeds.
class TypeSetBuilder {
  public:
    explicit TypeSetBuilder(Interface* interface) : interface_(interface) {}

    void build() {
        for (Func* method : interface_->methods) add_method(method);
        for (Type* embedded : interface_->embeddeds) add_embedded(embedded);
        std::sort(methods_.begin(), methods_.end(), method_less);
        interface_->all_methods = std::move(methods_);
        interface_->comparable = comparable_;
        interface_->has_terms = !terms_.all;
        interface_->terms = std::move(terms_.terms);
        interface_->completed = !provisional_;
    }

  private:
    void add_method(Func* method) {
        for (const Func* other : methods_) {
            if (same_name(other, method->package, method->name)) return;
        }
        methods_.push_back(method);
    }

    void add_embedded(Type* embedded) {
        auto* named = as<Named>(embedded);
        Named* generic = named != nullptr && named->origin != nullptr ? named->origin : nullptr;
        if (generic != nullptr && generic->embedding) {
            provisional_ = true;  // embeds itself, perhaps with ever larger arguments
            return;
        }
        if (generic != nullptr) generic->embedding = true;
        add_elements(embedded);
        if (generic != nullptr) generic->embedding = false;
    }

    void add_elements(Type* embedded) {
        Type* type = under(embedded);
        if (type == nullptr || type->kind == TypeKind::Named) {
            provisional_ = true;
            return;
        }
        if (auto* basic = as<Basic>(type); basic != nullptr && basic->basic == BasicKind::Invalid) {
            return;
        }
        if (auto* other = as<Interface>(type)) {
            complete(other);
            provisional_ = provisional_ || !other->completed;
            for (Func* method : other->all_methods) add_method(method);
            restrict_to(terms_of(other), other->comparable);
        } else if (auto* set = as<Union>(type)) {
            restrict_to(terms_of(set), false);
        } else {
            restrict_to({false, {{false, embedded}}}, false);
        }
    }

    void restrict_to(const TermList& terms, bool comparable) {
        terms_ = intersection(terms_, terms);
        comparable_ = comparable_ || comparable;
        if (!comparable_ || terms_.all) return;
        // A set of specific types that must be comparable: only those that are remain.
        std::erase_if(terms_.terms,
                      [](const Term& t) { return !types::comparable(t.type, false); });
        comparable_ = false;
    }

    Interface* interface_;
    std::vector<Func*> methods_;
    TermList terms_;
    bool comparable_ = false;
    bool provisional_ = false;
};

/// Finds the common underlying type of a sequence of types.
class CommonUnder {
  public:
    explicit CommonUnder(const Package* relative_to) : relative_to_(relative_to) {}
    std::string cause;
    Type* result = nullptr;

    bool add(Type* type, Type* underlying) {
        if (underlying == nullptr) return fail("no specific type");
        if (result == nullptr) return take(type, underlying);
        auto* chan = as<Chan>(result);
        auto* other = as<Chan>(underlying);
        if (chan != nullptr && other != nullptr) return add_channel(type, chan, other);
        if (identical(result, underlying)) return true;
        return fail(pair(type) + " have different underlying types");
    }

  private:
    bool take(Type* type, Type* underlying) {
        type_ = type;
        result = underlying;
        return true;
    }
    bool add_channel(Type* type, const Chan* chan, Chan* other) {
        if (!identical(chan->elem, other->elem)) {
            return fail("channels " + pair(type) + " have different element types");
        }
        if (chan->dir == other->dir || other->dir == ast::ChanDir::Both) return true;
        if (chan->dir == ast::ChanDir::Both) return take(type, other);
        return fail("channels " + pair(type) + " have conflicting directions");
    }
    bool fail(std::string why) {
        cause = std::move(why);
        result = nullptr;
        return false;
    }
    std::string pair(Type* type) const {
        return types::to_string(type_, relative_to_) + " and " +
               types::to_string(type, relative_to_);
    }

    const Package* relative_to_;
    Type* type_ = nullptr;
};

}  // namespace

bool term_includes(const Term& term, Type* type) {
    return identical(term.type, term.tilde ? under(type) : type);
}

TermList normalized(TermList list) {
    std::vector<Term> kept;
    for (const Term& term : list.terms) {
        const auto covers = [&](const Term& other) { return term_in(term, other); };
        if (std::any_of(kept.begin(), kept.end(), covers)) continue;
        std::erase_if(kept, [&](const Term& other) { return term_in(other, term); });
        kept.push_back(term);
    }
    list.terms = list.all ? std::vector<Term>{} : std::move(kept);
    return list;
}

TermList intersection(const TermList& x, const TermList& y) {
    if (x.all) return y;
    if (y.all) return x;
    TermList out{false, {}};
    for (const Term& a : x.terms) {
        for (const Term& b : y.terms) {
            if (!is_disjoint(a, b)) out.terms.push_back(narrower(a, b));
        }
    }
    return normalized(std::move(out));
}

bool is_subset(const TermList& x, const TermList& y) {
    if (y.all) return true;
    if (x.all) return false;
    return std::all_of(x.terms.begin(), x.terms.end(), [&](const Term& a) {
        return std::any_of(y.terms.begin(), y.terms.end(),
                           [&](const Term& b) { return term_in(a, b); });
    });
}

bool equal(const TermList& x, const TermList& y) { return is_subset(x, y) && is_subset(y, x); }

std::string to_string(const TermList& list, const Package* relative_to) {
    if (list.all) return "𝓤";
    if (list.terms.empty()) return "∅";
    std::string out;
    for (const Term& term : list.terms) {
        if (!out.empty()) out += " | ";
        if (term.tilde) out += '~';
        out += to_string(term.type, relative_to);
    }
    return out;
}

bool method_less(const Func* x, const Func* y) {
    const bool exported = x->exported();
    if (exported != y->exported()) return exported;
    if (x->name != y->name) return x->name < y->name;
    if (exported || x->package == nullptr || y->package == nullptr) return false;
    return x->package->path < y->package->path;
}

void complete(Interface* interface) {
    if (interface->completed) return;
    // An interface that embeds itself is an error reported elsewhere; here it must only end.
    interface->completed = true;
    TypeSetBuilder(interface).build();
}

void complete_interface(Universe&, Interface* interface) { complete(interface); }

TermList terms_of(Interface* interface) {
    complete(interface);
    return {!interface->has_terms, interface->terms};
}

TermList terms_of(const Union* type) {
    TermList out{false, {}};
    for (const Term& term : type->terms) {
        Type* underlying = under(term.type);
        if (auto* other = as<Interface>(underlying)) {
            const TermList more = terms_of(other);
            if (more.all) return {true, {}};
            out.terms.insert(out.terms.end(), more.terms.begin(), more.terms.end());
        } else if (!term.tilde || identical(term.type, underlying)) {
            // (A ~T whose T is not its own underlying type admits nothing.)
            if (as<Basic>(underlying) == nullptr ||
                as<Basic>(underlying)->basic != BasicKind::Invalid) {
                out.terms.push_back(term);
            }
        }
    }
    return normalized(std::move(out));
}

bool has_empty_type_set(Interface* interface) {
    complete(interface);
    return interface->has_terms && interface->terms.empty();
}

bool for_all_types(Type* type, const std::function<bool(Type*, Type*)>& f) {
    if (type->kind != TypeKind::TypeParam) return f(type, under(type));
    auto* constraint = under_as<Interface>(type);
    if (constraint == nullptr) return f(nullptr, nullptr);
    const TermList list = terms_of(constraint);
    if (list.all || list.terms.empty()) return f(nullptr, nullptr);
    return std::all_of(list.terms.begin(), list.terms.end(),
                       [&](const Term& term) { return f(term.type, under(term.type)); });
}

Type* common_under(Type* type, const Package* relative_to, std::string* cause) {
    CommonUnder common(relative_to);
    for_all_types(type, [&](Type* t, Type* underlying) { return common.add(t, underlying); });
    if (cause != nullptr) *cause = common.cause;
    return common.result;
}

Type* core_or_string(Universe& universe, Type* type) {
    if (type->kind != TypeKind::TypeParam) return under(type);
    bool any_string = false;
    const bool bytes_or_strings = for_all_types(type, [&](Type* t, Type* underlying) {
        if (t == nullptr) return false;
        const auto* slice = as<Slice>(underlying);
        const auto* elem = slice == nullptr ? nullptr : under_as<Basic>(slice->elem);
        any_string = any_string || is_string(t);
        return is_string(t) || (elem != nullptr && elem->basic == BasicKind::Uint8);
    });
    return bytes_or_strings && any_string ? universe.basic(BasicKind::String) : common_under(type);
}

}  // namespace csp::types
