#include "interpreter/types/instance.h"

#include <algorithm>

#include "interpreter/types/predicates.h"

namespace csp::types {

namespace {

/// The parameters that an instance's arguments stand for.
std::vector<TypeParam*> params_of(Named* generic) {
    std::vector<TypeParam*> params = generic->type_params;
    const auto& outer = generic->outer_params;
    params.insert(params.end(), outer.begin(), outer.end());
    return params;
}

Type* expand(Named* instance) {
    Type* generic = under(instance->origin);
    if (generic->kind == TypeKind::Named) return instance;  // not declared yet
    instance->underlying = substitute(*instance->universe, generic, params_of(instance->origin),
                                      instance->type_args);
    return instance->underlying;
}

/// The signature of `method` with the receiver's type parameters replaced by the arguments.
Signature* expand_signature(Universe& universe, Func* method, const std::vector<Type*>& args) {
    Signature* generic = universe.signature_of(method);
    if (generic == nullptr) return nullptr;
    const auto& params = generic->recv_type_params;
    auto* out = universe.make_type<Signature>();
    out->params = as<Tuple>(substitute(universe, generic->params, params, args));
    out->results = as<Tuple>(substitute(universe, generic->results, params, args));
    out->variadic = generic->variadic;
    out->scope = generic->scope;
    if (const Var* recv = generic->recv) {
        Type* type = substitute(universe, recv->type, params, args);
        out->recv = universe.make_object<Var>(recv->pos, recv->package, recv->name, type);
        out->recv->is_param = true;
    }
    return out;
}

}  // namespace

Type* under(Type* type) {
    if (type == nullptr) return nullptr;
    if (auto* param = as<TypeParam>(type)) {
        return param->constraint == nullptr ? type : under(param->constraint);
    }
    auto* named = as<Named>(type);
    if (named == nullptr) return type;
    // A chain `type A B; type B C` is followed; an invalid cycle ends at its own beginning.
    for (Type* at = named;;) {
        auto* next = as<Named>(at);
        if (next == nullptr) return at->kind == TypeKind::TypeParam ? under(at) : at;
        if (next->underlying == nullptr) return next->origin != nullptr ? expand(next) : next;
        at = next->underlying;
        if (at == named) return named;
    }
}

Named* Universe::instantiate(Named* generic, const std::vector<Type*>& args) {
    std::size_t key = hash(generic);
    for (const Type* arg : args) key = key * 31 + hash(arg);
    std::vector<Named*>& candidates = instances_[key];
    for (Named* candidate : candidates) {
        const auto same = [](Type* x, Type* y) { return identical(x, y); };
        if (candidate->origin == generic &&
            std::equal(args.begin(), args.end(), candidate->type_args.begin(),
                       candidate->type_args.end(), same)) {
            return candidate;
        }
    }
    Named* instance = make_type<Named>(generic->object);
    instance->origin = generic;
    instance->type_args = args;
    instance->universe = this;
    candidates.push_back(instance);
    return instance;
}

std::size_t method_count(const Named* named) {
    return named->origin != nullptr ? named->origin->methods.size() : named->methods.size();
}

Func* method_at(Universe& universe, Named* named, std::size_t i) {
    if (named->origin == nullptr) return named->methods[i];
    auto& expanded = named->expanded_methods;
    if (expanded.size() < named->origin->methods.size()) {
        expanded.resize(named->origin->methods.size());
    }
    Func*& method = expanded[i];
    if (method == nullptr) {
        Func* generic = named->origin->methods[i];
        method = universe.make_object<Func>(generic->pos, generic->package, generic->name, nullptr);
        method->color = Color::Black;
        method->origin = generic;
        method->parent = generic->parent;
        method->decl = generic->decl;
        method->pointer_receiver = generic->pointer_receiver;
        method->native = generic->native;
    }
    if (method->type == nullptr) {
        method->type = expand_signature(universe, method->origin, named->type_args);
    }
    return method;
}

const std::vector<TypeParam*>& outer_params(Named* named) {
    if (named->outer_params_known || named->origin != nullptr) return named->outer_params;
    const TypeName* object = named->object;
    if (object->package == nullptr || object->parent == nullptr) return named->outer_params;
    named->outer_params_known = true;
    for (const Scope* at = object->parent; at != nullptr && at != object->package->scope;
         at = at->parent) {
        for (Object* each : at->objects()) {
            auto* param = as<TypeName>(each) != nullptr ? as<TypeParam>(each->type) : nullptr;
            if (param != nullptr) named->outer_params.push_back(param);
        }
    }
    return named->outer_params;
}

}  // namespace csp::types
