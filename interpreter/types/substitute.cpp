// Replaces type parameters in a type. What does not change is shared, so that a type without the
// parameters costs a walk and no allocation.

#include <algorithm>

#include "interpreter/types/instance.h"
#include "interpreter/types/predicates.h"

namespace csp::types {

namespace {

class Substituter {
  public:
    Substituter(Universe& universe, const std::vector<TypeParam*>& params,
                const std::vector<Type*>& args)
        : universe_(universe), params_(params), args_(args) {}

    Type* type(Type* t) {
        if (t == nullptr) return nullptr;
        switch (t->kind) {
            case TypeKind::Basic: return t;
            case TypeKind::TypeParam: return param(as<TypeParam>(t));
            case TypeKind::Named: return named(as<Named>(t));
            case TypeKind::Pointer: return element<Pointer>(t);
            case TypeKind::Slice: return element<Slice>(t);
            case TypeKind::Array: {
                auto* array = as<Array>(t);
                Type* elem = type(array->elem);
                return elem == array->elem ? t : universe_.make_type<Array>(elem, array->length);
            }
            case TypeKind::Chan: {
                auto* chan = as<Chan>(t);
                Type* elem = type(chan->elem);
                return elem == chan->elem ? t : universe_.make_type<Chan>(elem, chan->dir);
            }
            case TypeKind::Map: {
                auto* map = as<Map>(t);
                Type* key = type(map->key);
                Type* elem = type(map->elem);
                const bool same = key == map->key && elem == map->elem;
                return same ? t : universe_.make_type<Map>(key, elem);
            }
            case TypeKind::Struct: return structure(as<Struct>(t));
            case TypeKind::Tuple: return tuple(as<Tuple>(t));
            case TypeKind::Signature: return signature(as<Signature>(t));
            case TypeKind::Interface: return interface(as<Interface>(t));
            case TypeKind::Union: return union_of(as<Union>(t));
        }
        return t;
    }

  private:
    template <class T>
    Type* element(Type* t) {
        Type* elem = as<T>(t)->elem;
        Type* changed = type(elem);
        return changed == elem ? t : universe_.make_type<T>(changed);
    }

    Type* param(TypeParam* t) const {
        const auto at = std::find(params_.begin(), params_.end(), t);
        const auto i = static_cast<std::size_t>(at - params_.begin());
        return i < params_.size() && i < args_.size() && args_[i] != nullptr ? args_[i] : t;
    }

    Type* named(Named* t) {
        if (t->origin == nullptr) return local(t);
        std::vector<Type*> args;
        return list(t->type_args, args) ? universe_.instantiate(t->origin, args) : t;
    }

    /// A type declared inside a generic function is another one in each instance of the function.
    Type* local(Named* t) {
        const auto& outer = outer_params(t);
        if (outer.empty() || !t->type_params.empty()) return t;
        const std::vector<Type*> own(outer.begin(), outer.end());
        std::vector<Type*> args;
        return list(own, args) ? universe_.instantiate(t, args) : t;
    }

    /// Substitutes each of `types`; tells whether any changed.
    bool list(const std::vector<Type*>& types, std::vector<Type*>& out) {
        out.reserve(types.size());
        for (Type* t : types) out.push_back(type(t));
        return out != types;
    }

    bool vars(const std::vector<Var*>& from, std::vector<Var*>& out) {
        out = from;
        for (Var*& var : out) {
            Type* changed = type(var->type);
            if (changed == var->type) continue;
            Var* copy = universe_.make_object<Var>(var->pos, var->package, var->name, changed);
            copy->color = var->color;
            copy->parent = var->parent;
            copy->embedded = var->embedded;
            copy->is_field = var->is_field;
            copy->is_param = var->is_param;
            copy->used = var->used;
            var = copy;
        }
        return out != from;
    }

    Type* structure(Struct* t) {
        std::vector<Var*> fields;
        if (!vars(t->fields, fields)) return t;
        auto* out = universe_.make_type<Struct>();
        out->fields = std::move(fields);
        out->tags = t->tags;
        return out;
    }

    Type* tuple(Tuple* t) {
        std::vector<Var*> changed;
        if (!vars(t->vars, changed)) return t;
        auto* out = universe_.make_type<Tuple>();
        out->vars = std::move(changed);
        return out;
    }

    /// A generic function whose own parameters are replaced becomes an ordinary one.
    bool instantiates(const Signature* t) const {
        if (t->type_params.empty()) return false;
        const auto at = std::find(params_.begin(), params_.end(), t->type_params[0]);
        const auto i = static_cast<std::size_t>(at - params_.begin());
        return i < params_.size() && i < args_.size() && args_[i] != nullptr;
    }

    Type* signature(Signature* t) {
        auto* params = as<Tuple>(type(t->params));
        auto* results = as<Tuple>(type(t->results));
        const bool instance = instantiates(t);
        if (params == t->params && results == t->results && !instance) return t;
        auto* out = universe_.make_type<Signature>();
        out->recv = t->recv;
        out->params = params;
        out->results = results;
        out->variadic = t->variadic;
        out->scope = t->scope;
        if (!instance) out->type_params = t->type_params;
        return out;
    }

    bool methods(const std::vector<Func*>& from, std::vector<Func*>& out) {
        out = from;
        for (Func*& method : out) {
            Signature* old = universe_.signature_of(method);
            auto* changed = static_cast<Signature*>(type(old));
            if (changed == old) continue;
            Func* copy =
                universe_.make_object<Func>(method->pos, method->package, method->name, changed);
            copy->color = Color::Black;
            copy->parent = method->parent;
            copy->origin = method->origin != nullptr ? method->origin : method;
            method = copy;
        }
        return out != from;
    }

    Type* interface(Interface* t) {
        std::vector<Func*> changed_methods;
        std::vector<Type*> changed_embeddeds;
        const bool by_methods = methods(t->methods, changed_methods);
        const bool by_embeddeds = list(t->embeddeds, changed_embeddeds);
        if (!by_methods && !by_embeddeds) return t;
        auto* out = universe_.make_type<Interface>();
        out->methods = std::move(changed_methods);
        out->embeddeds = std::move(changed_embeddeds);
        out->embed_positions = t->embed_positions;
        out->implicit = t->implicit;
        return out;
    }

    Type* union_of(Union* t) {
        auto* out = universe_.make_type<Union>();
        bool changed = false;
        for (const auto& term : t->terms) {
            out->terms.push_back({term.tilde, type(term.type)});
            changed = changed || out->terms.back().type != term.type;
        }
        return changed ? out : t;
    }

    Universe& universe_;
    const std::vector<TypeParam*>& params_;
    const std::vector<Type*>& args_;
};

}  // namespace

Type* substitute(Universe& universe, Type* type, const std::vector<TypeParam*>& params,
                 const std::vector<Type*>& args) {
    if (params.empty()) return type;
    return Substituter(universe, params, args).type(type);
}

}  // namespace csp::types
