// Identity of types. Source: Go spec, "Type identity".

#include <algorithm>
#include <functional>
#include <vector>

#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

template <class T>
T* cast(const Type* type) {
    return as<T>(const_cast<Type*>(type));
}

/// Compares two types. Interfaces are the one kind that can lead back to itself without a defined
/// type between, through the parameters of its methods; hence the stack of pairs under comparison.
class Comparer {
  public:
    explicit Comparer(bool tags = true) : tags_(tags) {}

    bool identical(const Type* x, const Type* y) {
        if (x == y) return true;
        if (x == nullptr || y == nullptr || x->kind != y->kind) return false;
        switch (x->kind) {
            case TypeKind::Basic: return as<Basic>(x)->basic == as<Basic>(y)->basic;
            case TypeKind::Named: return named(as<Named>(x), as<Named>(y));
            case TypeKind::Pointer: return identical(as<Pointer>(x)->elem, as<Pointer>(y)->elem);
            case TypeKind::Slice: return identical(as<Slice>(x)->elem, as<Slice>(y)->elem);
            case TypeKind::Array: return arrays(as<Array>(x), as<Array>(y));
            case TypeKind::Map:
                return identical(as<Map>(x)->key, as<Map>(y)->key) &&
                       identical(as<Map>(x)->elem, as<Map>(y)->elem);
            case TypeKind::Chan:
                return as<Chan>(x)->dir == as<Chan>(y)->dir &&
                       identical(as<Chan>(x)->elem, as<Chan>(y)->elem);
            case TypeKind::Struct: return structs(as<Struct>(x), as<Struct>(y));
            case TypeKind::Tuple: return tuples(as<Tuple>(x), as<Tuple>(y));
            case TypeKind::Signature: return signatures(as<Signature>(x), as<Signature>(y));
            case TypeKind::Interface: return interfaces(cast<Interface>(x), cast<Interface>(y));
            case TypeKind::Union: return equal(terms_of(as<Union>(x)), terms_of(as<Union>(y)));
            case TypeKind::TypeParam: return params_match(as<TypeParam>(x), as<TypeParam>(y));
        }
        return false;
    }

  private:
    static bool arrays_agree(const Array* x, const Array* y) {
        // A length that could not be computed has been reported; no second error for it.
        return x->length < 0 || y->length < 0 || x->length == y->length;
    }
    bool arrays(const Array* x, const Array* y) {
        return arrays_agree(x, y) && identical(x->elem, y->elem);
    }

    bool named(const Named* x, const Named* y) {
        if (x->origin == nullptr || x->origin != y->origin) return false;
        return std::equal(x->type_args.begin(), x->type_args.end(), y->type_args.begin(),
                          y->type_args.end(),
                          [&](Type* a, Type* b) { return identical(a, b); });
    }

    bool structs(const Struct* x, const Struct* y) {
        if (x->fields.size() != y->fields.size()) return false;
        const auto tag = [this](const Struct* s, std::size_t i) {
            return tags_ && i < s->tags.size() ? std::string_view(s->tags[i]) : std::string_view{};
        };
        for (std::size_t i = 0; i < x->fields.size(); ++i) {
            const Var* f = x->fields[i];
            const Var* g = y->fields[i];
            if (f->embedded != g->embedded || tag(x, i) != tag(y, i) ||
                !same_name(f, g->package, g->name) || !identical(f->type, g->type)) {
                return false;
            }
        }
        return true;
    }

    bool tuples(const Tuple* x, const Tuple* y) {
        const std::size_t size = x == nullptr ? 0 : x->size();
        if (size != (y == nullptr ? 0 : y->size())) return false;
        for (std::size_t i = 0; i < size; ++i) {
            if (!identical(x->vars[i]->type, y->vars[i]->type)) return false;
        }
        return true;
    }

    /// Type parameters of generic functions under comparison count as equal by position.
    bool params_match(const TypeParam* x, const TypeParam* y) {
        return std::any_of(param_pairs_.begin(), param_pairs_.end(), [&](const ParamPair& pair) {
            return (pair.x == x && pair.y == y) || (pair.x == y && pair.y == x);
        });
    }

    bool signatures(const Signature* x, const Signature* y) {
        if (x->variadic != y->variadic || x->type_params.size() != y->type_params.size()) {
            return false;
        }
        const std::size_t depth = param_pairs_.size();
        for (std::size_t i = 0; i < x->type_params.size(); ++i) {
            param_pairs_.push_back({x->type_params[i], y->type_params[i]});
        }
        bool same = true;
        for (std::size_t i = 0; same && i < x->type_params.size(); ++i) {
            same = identical(x->type_params[i]->constraint, y->type_params[i]->constraint);
        }
        same = same && tuples(x->params, y->params) && tuples(x->results, y->results);
        param_pairs_.resize(depth);
        return same;
    }

    bool interfaces(Interface* x, Interface* y) {
        complete(x);
        complete(y);
        if (x->comparable != y->comparable || x->has_terms != y->has_terms ||
            x->all_methods.size() != y->all_methods.size()) {
            return false;
        }
        for (const InterfacePair& pair : interface_pairs_) {
            if ((pair.x == x && pair.y == y) || (pair.x == y && pair.y == x)) return true;
        }
        if (x->has_terms && !equal(terms_of(x), terms_of(y))) return false;
        interface_pairs_.push_back({x, y});
        bool same = true;
        for (std::size_t i = 0; same && i < x->all_methods.size(); ++i) {
            const Func* f = x->all_methods[i];
            const Func* g = y->all_methods[i];
            same = same_name(f, g->package, g->name) && identical(f->type, g->type);
        }
        interface_pairs_.pop_back();
        return same;
    }

    struct InterfacePair {
        const Interface *x, *y;
    };
    struct ParamPair {
        const TypeParam *x, *y;
    };
    const bool tags_;
    std::vector<InterfacePair> interface_pairs_;
    std::vector<ParamPair> param_pairs_;
};

std::size_t mix(std::size_t seed, std::size_t value) {
    return seed ^ (value + 0x9E3779B97F4A7C15U + (seed << 6) + (seed >> 2));
}

std::size_t hash_vars(std::size_t seed, const std::vector<Var*>& vars) {
    for (const Var* var : vars) seed = mix(seed, hash(var->type));
    return seed;
}

}  // namespace

bool identical(const Type* x, const Type* y) { return x == y || Comparer().identical(x, y); }

bool identical_but_for_tags(const Type* x, const Type* y) { return Comparer(false).identical(x, y); }

// Interfaces all hash alike: a hash is asked for before their type sets can be computed.
std::size_t hash(const Type* type) {
    if (type == nullptr) return 0;
    const std::size_t seed = mix(0, static_cast<std::size_t>(type->kind));
    switch (type->kind) {
        case TypeKind::Basic: return mix(seed, static_cast<std::size_t>(as<Basic>(type)->basic));
        case TypeKind::Pointer: return mix(seed, hash(as<Pointer>(type)->elem));
        case TypeKind::Slice: return mix(seed, hash(as<Slice>(type)->elem));
        case TypeKind::Array: return mix(seed, hash(as<Array>(type)->elem));
        case TypeKind::Map:
            return mix(mix(seed, hash(as<Map>(type)->key)), hash(as<Map>(type)->elem));
        case TypeKind::Chan:
            return mix(mix(seed, hash(as<Chan>(type)->elem)),
                       static_cast<std::size_t>(as<Chan>(type)->dir));
        case TypeKind::Struct: {
            std::size_t sum = hash_vars(seed, as<Struct>(type)->fields);
            for (const Var* field : as<Struct>(type)->fields) {
                sum = mix(sum, std::hash<std::string_view>{}(field->name));
            }
            return sum;
        }
        case TypeKind::Tuple: return hash_vars(seed, as<Tuple>(type)->vars);
        case TypeKind::Signature: {
            const auto* signature = as<Signature>(type);
            // Type parameters count by position only, so that of a generic function only sizes do.
            if (!signature->type_params.empty()) return mix(seed, signature->type_params.size());
            std::size_t sum = mix(seed, signature->variadic ? 1 : 0);
            if (signature->params != nullptr) sum = hash_vars(sum, signature->params->vars);
            if (signature->results != nullptr) sum = hash_vars(sum, signature->results->vars);
            return sum;
        }
        case TypeKind::Named: {
            const auto* named = as<Named>(type);
            if (named->origin == nullptr) return mix(seed, std::hash<const void*>{}(named));
            std::size_t sum = mix(seed, std::hash<const void*>{}(named->origin));
            for (const Type* arg : named->type_args) sum = mix(sum, hash(arg));
            return sum;
        }
        case TypeKind::TypeParam: return mix(seed, std::hash<const void*>{}(type));
        case TypeKind::Interface:
        case TypeKind::Union: return seed;
    }
    return seed;
}

}  // namespace csp::types
