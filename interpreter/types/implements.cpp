// Whether a type implements an interface, and why not, in the words of Go's compiler. Source: Go
// spec, "Implementing an interface", "Satisfying a type constraint".

#include <algorithm>

#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

bool is_invalid(Type* type) {
    const auto* basic = as<Basic>(type);
    return basic != nullptr && basic->basic == BasicKind::Invalid;
}

bool is_interface_pointer(Type* type) {
    const auto* pointer = under_as<Pointer>(type);
    return pointer != nullptr && under_as<Interface>(pointer->elem) != nullptr;
}

std::string pointer_to_interface(Type* type, const Package* relative_to) {
    const bool to_param = is_type_param(under_as<Pointer>(type)->elem);
    const char* what = to_param ? "type parameter" : "interface";
    return "type " + to_string(type, relative_to) + " is pointer to " + what + ", not " + what;
}

/// A field of an invalid type may have the method: nothing can be said.
bool embeds_invalid(Type* type, int depth = 0) {
    if (const auto* pointer = under_as<Pointer>(type)) type = pointer->elem;
    const auto* fields = under_as<Struct>(type);
    if (fields == nullptr || depth > 16) return false;
    return std::any_of(fields->fields.begin(), fields->fields.end(), [&](const Var* field) {
        return field->embedded &&
               (is_invalid(field->type) || embeds_invalid(field->type, depth + 1));
    });
}

bool has_other_signature(Universe& universe, Func* found, Func* wanted) {
    return !identical(universe.signature_of(found), universe.signature_of(wanted));
}

MissingMethod missing_from_interface(Universe& universe, Interface* type, Func* method,
                                     bool is_static) {
    MissingMethod out;
    complete(type);
    for (Func* candidate : type->all_methods) {
        if (same_name(candidate, method->package, method->name)) out.found = candidate;
    }
    if (out.found == nullptr) {
        if (is_static) out.method = method;
    } else if (has_other_signature(universe, out.found, method)) {
        out.method = method;
        out.wrong_type = true;
    }
    return out;
}

/// Why `method` was not found: for the message only.
void explain_absence(Universe& universe, Type* type, const LookupResult& result,
                     MissingMethod& out) {
    const Func* method = out.method;
    out.ambiguous = result.ambiguous;
    out.pointer_receiver = result.needs_pointer_receiver;
    if (out.ambiguous || out.pointer_receiver) return;
    const LookupResult similar =
        lookup_field_or_method(universe, type, false, method->package, method->name, true);
    out.found = as<Func>(similar.object);
    if (out.found == nullptr) return;
    universe.signature_of(out.found);
    out.unexported = out.found->name == method->name;
    out.wrong_name = !out.unexported;
}

MissingMethod missing_from_type(Universe& universe, Type* type, Func* method) {
    MissingMethod out;
    const LookupResult result =
        lookup_field_or_method(universe, type, false, method->package, method->name);
    if (result.object == nullptr) {
        out.method = method;
        explain_absence(universe, type, result, out);
        return out;
    }
    out.found = as<Func>(result.object);
    out.is_field = out.found == nullptr;
    out.wrong_type = !out.is_field && has_other_signature(universe, out.found, method);
    if (out.is_field || out.wrong_type) out.method = method;
    return out;
}

/// One question `does type implement target?`, with the parts of its answer.
class Implementation {
  public:
    Implementation(Universe& universe, Type* type, Type* target, bool constraint,
                   const Package* relative_to, std::string* cause)
        : universe_(universe), type_(type), target_(target), constraint_(constraint),
          relative_to_(relative_to), cause_(cause) {}

    bool check() {
        Type* type = under(type_);
        auto* pointer = as<Pointer>(type);
        if (is_invalid(type) || is_invalid(under(target_))) return true;
        if (pointer != nullptr && is_invalid(under(pointer->elem))) return true;
        auto* target = under_as<Interface>(target_);
        if (target == nullptr) {
            return fail(does_not() + " (" + why_no_interface() + ")");
        }
        const TermList terms = terms_of(target);
        if (target->all_methods.empty() && terms.all && !target->comparable) return true;
        auto* interface = as<Interface>(type);
        if (interface != nullptr && has_empty_type_set(interface)) return true;
        if (has_empty_type_set(target)) {
            return fail("cannot " + std::string(verb()) + " " + name(target_) +
                        " (empty type set)");
        }
        if (!has_methods(target)) return false;
        if (terms.all) return is_comparable(target);
        if (interface == nullptr) return in_terms(target, terms) && is_comparable(target);
        if (!is_subset(terms_of(interface), terms)) return fail(does_not());
        return is_comparable(target);
    }

  private:
    const char* verb() const { return constraint_ ? "satisfy" : "implement"; }
    std::string name(Type* type) const { return to_string(type, relative_to_); }
    std::string does_not() const {
        return cause_ == nullptr ? std::string{}
                                 : name(type_) + " does not " + verb() + " " + name(target_);
    }
    std::string why_no_interface() const {
        if (is_interface_pointer(target_)) return pointer_to_interface(target_, relative_to_);
        return name(target_) + " is not an interface";
    }
    bool fail(std::string cause) {
        if (cause_ != nullptr) *cause_ = std::move(cause);
        return false;
    }

    bool has_methods(Interface* target) {
        const MissingMethod missing = missing_method(universe_, type_, target);
        if (missing.method == nullptr || embeds_invalid(type_)) return true;
        if (cause_ == nullptr) return false;
        return fail(does_not() + " " +
                    missing_method_cause(type_, target_, missing, relative_to_));
    }

    bool is_comparable(const Interface* target) {
        if (!target->comparable || comparable(type_, false)) return true;
        // Ordinary interfaces satisfy `comparable` although comparing them may panic.
        if (constraint_ && comparable(type_, true)) return true;
        return fail(cause_ == nullptr ? "" : name(type_) + " does not " + verb() + " comparable");
    }

    bool in_terms(Interface* target, const TermList& list) {
        Type* nearly = nullptr;
        for (const Term& term : list.terms) {
            if (term_includes(term, type_)) return true;
            const bool literal = !term.tilde && identical(term.type, under(term.type));
            if (nearly == nullptr && literal && term_includes({true, term.type}, type_)) {
                nearly = term.type;
            }
        }
        if (cause_ == nullptr) return false;
        std::string detail = name(type_) + " missing in " + to_string(list, relative_to_);
        if (nearly != nullptr) {
            detail = "possibly missing ~ for " + name(nearly) + " in " + name(target_);
        } else if (mentions(target, type_)) {
            detail = name(target_) + " mentions " + name(type_) + ", but " + name(type_) +
                     " is not in the type set of " + name(target_);
        }
        return fail(does_not() + " (" + detail + ")");
    }

    static bool mentions(Type* element, Type* type) {
        if (const auto* interface = as<Interface>(element)) {
            return std::any_of(interface->embeddeds.begin(), interface->embeddeds.end(),
                               [&](Type* e) { return mentions(e, type); });
        }
        if (const auto* set = as<Union>(element)) {
            return std::any_of(set->terms.begin(), set->terms.end(),
                               [&](const Term& term) { return mentions(term.type, type); });
        }
        return identical(element, type);
    }

    Universe& universe_;
    Type* type_;
    Type* target_;
    bool constraint_;
    const Package* relative_to_;
    std::string* cause_;
};

}  // namespace

MissingMethod missing_method(Universe& universe, Type* type, Interface* interface, bool is_static) {
    complete(interface);
    auto* source = under_as<Interface>(type);
    for (Func* method : interface->all_methods) {
        const MissingMethod missing =
            source != nullptr ? missing_from_interface(universe, source, method, is_static)
                              : missing_from_type(universe, type, method);
        if (missing.method != nullptr) return missing;
    }
    return {};
}

std::string missing_method_cause(Type* type, Type* interface, const MissingMethod& missing,
                                 const Package* relative_to) {
    const std::string name(missing.method->name);
    const auto have_want = [&](const std::string& what) {
        const std::string have = method_string(missing.found, relative_to);
        const std::string want = method_string(missing.method, relative_to);
        if (have == want) return "(wrong type for method " + name + ")";
        return "(" + what + " " + name + ")\n\t\thave " + have + "\n\t\twant " + want;
    };
    if (missing.ambiguous) {
        return "(ambiguous selector " + to_string(type, relative_to) + "." + name + ")";
    }
    if (missing.pointer_receiver) return "(method " + name + " has pointer receiver)";
    if (missing.is_field) {
        return "(" + to_string(type, relative_to) + "." + name + " is a field, not a method)";
    }
    if (missing.unexported) return "(unexported method " + name + ")";
    if (missing.wrong_name) return have_want("missing method");
    if (missing.wrong_type) return have_want("wrong type for method");
    for (Type* each : {type, interface}) {
        if (is_interface_pointer(each)) return "(" + pointer_to_interface(each, relative_to) + ")";
    }
    return "(missing method " + name + ")";
}

bool implements(Universe& universe, Type* type, Interface* interface) {
    return Implementation(universe, type, interface, false, nullptr, nullptr).check();
}

bool implements(Universe& universe, Type* type, Type* target, bool constraint,
                const Package* relative_to, std::string* cause) {
    return Implementation(universe, type, target, constraint, relative_to, cause).check();
}

}  // namespace csp::types
