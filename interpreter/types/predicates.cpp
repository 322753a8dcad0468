#include "interpreter/types/predicates.h"

#include <algorithm>
#include <unordered_set>

#include "interpreter/types/instance.h"
#include "interpreter/types/typeset.h"
#include "interpreter/types/upper_case.h"

namespace csp::types {

namespace {

/// Comparability of a type, and why not. Source: Go spec, "Comparison operators".
class Comparability {
  public:
    Comparability(bool dynamic, const Package* relative_to)
        : dynamic_(dynamic), relative_to_(relative_to) {}
    std::string cause;

    bool check(Type* type) {
        if (!seen_.insert(type).second) return true;
        Type* underlying = under(type);
        switch (underlying->kind) {
            case TypeKind::Basic:
                return as<Basic>(underlying)->basic != BasicKind::UntypedNil;
            case TypeKind::Pointer:
            case TypeKind::Chan:
            case TypeKind::Named: return true;
            case TypeKind::Array:
                if (check(as<Array>(underlying)->elem)) return true;
                cause = to_string(type, relative_to_) + " cannot be compared";
                return false;
            case TypeKind::Struct: return fields(as<Struct>(underlying));
            case TypeKind::Interface:
            case TypeKind::TypeParam: return interface(type, as<Interface>(underlying));
            case TypeKind::Slice:
            case TypeKind::Map:
            case TypeKind::Signature:
            case TypeKind::Tuple:
            case TypeKind::Union: return false;
        }
        return false;
    }

  private:
    bool fields(const Struct* type) {
        for (const Var* field : type->fields) {
            if (check(field->type)) continue;
            cause = "struct containing " + to_string(field->type, relative_to_) +
                    " cannot be compared";
            return false;
        }
        return true;
    }

    bool interface(Type* type, Interface* underlying) {
        if (underlying == nullptr) return true;
        if (dynamic_ && type->kind != TypeKind::TypeParam) return true;
        const TermList list = terms_of(underlying);
        if (list.all) {
            if (underlying->comparable) return true;
        } else if (!list.terms.empty() &&
                   std::all_of(list.terms.begin(), list.terms.end(),
                               [&](const Term& term) { return strictly(term.type); })) {
            return true;
        }
        cause = !list.all && list.terms.empty() ? "empty type set"
                                                : "incomparable types in type set";
        return false;
    }

    bool strictly(Type* type) {
        const bool saved = dynamic_;
        dynamic_ = false;
        const bool result = check(type);
        dynamic_ = saved;
        return result;
    }

    bool dynamic_;
    const Package* relative_to_;
    std::unordered_set<Type*> seen_;
};

/// Tells whether a type mentions a type parameter, without entering declarations.
class ParamFinder {
  public:
    bool find(const Type* type) {
        if (type == nullptr) return false;
        switch (type->kind) {
            case TypeKind::Basic: return false;
            case TypeKind::TypeParam: return true;
            case TypeKind::Pointer: return find(as<Pointer>(type)->elem);
            case TypeKind::Slice: return find(as<Slice>(type)->elem);
            case TypeKind::Array: return find(as<Array>(type)->elem);
            case TypeKind::Chan: return find(as<Chan>(type)->elem);
            case TypeKind::Map: return find(as<Map>(type)->key) || find(as<Map>(type)->elem);
            case TypeKind::Struct: return any(as<Struct>(type)->fields);
            case TypeKind::Tuple: return any(as<Tuple>(type)->vars);
            case TypeKind::Signature:
                return find(as<Signature>(type)->params) || find(as<Signature>(type)->results);
            case TypeKind::Interface: return interface(as<Interface>(type));
            case TypeKind::Union: {
                const auto& terms = as<Union>(type)->terms;
                return std::any_of(terms.begin(), terms.end(),
                                   [&](const Term& term) { return find(term.type); });
            }
            case TypeKind::Named: return named(as<Named>(type));
        }
        return false;
    }

  private:
    bool interface(const Interface* type) {
        if (!seen_.insert(type).second) return false;
        return any(type->methods) ||
               std::any_of(type->embeddeds.begin(), type->embeddeds.end(),
                           [&](const Type* embedded) { return find(embedded); });
    }

    bool named(const Named* type) {
        const auto& args = type->type_args;
        // A type declared in a generic function depends on the function's parameters.
        if (args.empty() && !outer_params(const_cast<Named*>(type)).empty()) return true;
        return std::any_of(args.begin(), args.end(), [&](const Type* arg) { return find(arg); });
    }

    template <class T>
    bool any(const std::vector<T*>& objects) {
        return std::any_of(objects.begin(), objects.end(),
                           [&](const T* object) { return find(object->type); });
    }

    std::unordered_set<const Type*> seen_;
};

}  // namespace

bool same_name(const Object* object, const Package* package, std::string_view name) {
    if (object->name != name) return false;
    if (object->package == package || begins_upper_case(name)) return true;
    return object->package != nullptr && package != nullptr &&
           object->package->path == package->path;
}

bool is_basic(Type* type, std::uint16_t info) {
    if (type == nullptr) return false;
    if (type->kind == TypeKind::TypeParam) {
        return for_all_types(type, [&](Type* t, Type*) { return t != nullptr && is_basic(t, info); });
    }
    const auto* basic = under_as<Basic>(type);
    return basic != nullptr && (basic->info & info) != 0;
}

bool is_boolean(Type* type) { return is_basic(type, kIsBoolean); }
bool is_integer(Type* type) { return is_basic(type, kIsInteger); }
bool is_unsigned(Type* type) { return is_basic(type, kIsUnsigned); }
bool is_float(Type* type) { return is_basic(type, kIsFloat); }
bool is_complex(Type* type) { return is_basic(type, kIsComplex); }
bool is_numeric(Type* type) { return is_basic(type, kIsNumeric); }
bool is_string(Type* type) { return is_basic(type, kIsString); }

bool is_untyped(Type* type) {
    const auto* basic = as<Basic>(type);
    return basic != nullptr && (basic->info & kIsUntyped) != 0;
}

bool is_typed(Type* type) { return !is_untyped(type); }

bool is_interface(Type* type) {
    return type != nullptr && type->kind != TypeKind::TypeParam &&
           under_as<Interface>(type) != nullptr;
}

bool is_type_param(Type* type) { return as<TypeParam>(type) != nullptr; }

bool has_nil(Type* type) {
    Type* underlying = under(type);
    switch (underlying->kind) {
        case TypeKind::Basic:
            return as<Basic>(underlying)->basic == BasicKind::UnsafePointer;
        case TypeKind::Pointer:
        case TypeKind::Slice:
        case TypeKind::Map:
        case TypeKind::Chan:
        case TypeKind::Signature: return true;
        case TypeKind::Interface:
            return !is_type_param(type) ||
                   for_all_types(type, [](Type* t, Type*) { return t != nullptr && has_nil(t); });
        case TypeKind::Named:
        case TypeKind::Array:
        case TypeKind::Struct:
        case TypeKind::Tuple:
        case TypeKind::TypeParam:
        case TypeKind::Union: return false;
    }
    return false;
}

bool comparable(Type* type, bool dynamic) { return Comparability(dynamic, nullptr).check(type); }

std::string kind_word(Type* type) {
    switch (under(type)->kind) {
        case TypeKind::Slice: return "slice";
        case TypeKind::Map: return "map";
        case TypeKind::Signature: return "func";
        case TypeKind::Struct: return "struct";
        case TypeKind::Pointer: return "pointer";
        case TypeKind::Chan: return "chan";
        case TypeKind::Interface: return "interface";
        case TypeKind::Array: return "array";
        default: return "";
    }
}

std::string incomparable_cause(Type* type, const Package* relative_to) {
    Comparability comparability(true, relative_to);
    return comparability.check(type) ? std::string{} : comparability.cause;
}

bool contains_type_param(const Type* type) { return ParamFinder().find(type); }

Type* default_type(Universe& universe, Type* type) {
    const auto* basic = as<Basic>(type);
    if (basic == nullptr) return type;
    switch (basic->basic) {
        case BasicKind::UntypedBool: return universe.basic(BasicKind::Bool);
        case BasicKind::UntypedInt: return universe.basic(BasicKind::Int);
        case BasicKind::UntypedRune: return universe.rune_type();
        case BasicKind::UntypedFloat: return universe.basic(BasicKind::Float64);
        case BasicKind::UntypedComplex: return universe.basic(BasicKind::Complex128);
        case BasicKind::UntypedString: return universe.basic(BasicKind::String);
        default: return type;
    }
}

}  // namespace csp::types
