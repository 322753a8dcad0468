#include "interpreter/types/unify.h"

#include <algorithm>
#include <utility>

#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::types {

namespace {

/// Deeper types do not occur in programs, but a constraint that grows forever does.
constexpr int kMaxDepth = 50;

bool is_literal(const Type* type) {
    return type->kind != TypeKind::Named && type->kind != TypeKind::TypeParam;
}

Interface* as_interface(Type* type) {
    return type->kind == TypeKind::TypeParam ? nullptr : under_as<Interface>(type);
}

std::string_view tag_of(const Struct* type, std::size_t i) {
    return i < type->tags.size() ? std::string_view(type->tags[i]) : std::string_view{};
}

constexpr UnifyMode kExact{false, true};

}  // namespace

Unifier::Unifier(Universe& universe, const std::vector<TypeParam*>& params,
                 const std::vector<Type*>& args)
    : universe_(universe), params_(params), slots_(args) {
    slots_.resize(params.size());
    for (std::size_t i = 0; i < params.size(); ++i) group_.push_back(i);
}

int Unifier::index_of(const Type* type) const {
    const auto at = std::find(params_.begin(), params_.end(), type);
    return at == params_.end() ? -1 : static_cast<int>(at - params_.begin());
}

Type* Unifier::at(const TypeParam* param) const {
    const int i = index_of(param);
    return i < 0 ? nullptr : slots_[group_[static_cast<std::size_t>(i)]];
}

void Unifier::set(const TypeParam* param, Type* type) {
    slots_[group_[static_cast<std::size_t>(index_of(param))]] = type;
}

std::size_t Unifier::unknowns() const {
    return static_cast<std::size_t>(std::count_if(
        group_.begin(), group_.end(), [&](std::size_t slot) { return slots_[slot] == nullptr; }));
}

std::vector<Type*> Unifier::inferred() const {
    std::vector<Type*> out;
    for (const std::size_t slot : group_) out.push_back(slots_[slot]);
    return out;
}

bool Unifier::unify(Type* x, Type* y, UnifyMode mode) {
    if (x == y) return true;
    if (x == nullptr || y == nullptr || depth_ >= kMaxDepth) return false;
    ++depth_;
    const bool result = match(x, y, mode);
    --depth_;
    return result;
}

bool Unifier::match(Type* x, Type* y, UnifyMode mode) {
    // A defined type, if there is one, is to be in y; a parameter to be inferred in x.
    if (x->kind == TypeKind::Named || index_of(y) >= 0) std::swap(x, y);
    if (!mode.exact && y->kind == TypeKind::Named && is_literal(x) && !is_interface(x)) {
        y = under(y);
        if (x == y) return true;
    }
    const int px = index_of(x);
    const int py = index_of(y);
    if (px >= 0 && py >= 0) {
        const auto i = static_cast<std::size_t>(px);
        const auto j = static_cast<std::size_t>(py);
        return join(i, j) || unify(slots_[group_[i]], slots_[group_[j]], mode);
    }
    if (px >= 0) return match_bound(static_cast<std::size_t>(px), y, mode);
    if (!mode.exact) {
        Interface* xi = as_interface(x);
        Interface* yi = as_interface(y);
        if (xi != nullptr && yi != nullptr) return match_interfaces(xi, yi);
        if (xi != nullptr) return match_methods(xi, y);
        if (yi != nullptr) return match_methods(yi, x);
    }
    if (y->kind == TypeKind::TypeParam) std::swap(x, y);
    if (x->kind == TypeKind::TypeParam) {
        // A parameter of the calling function: its core type shows what its arguments look like.
        Type* core = common_under(x);
        return core != nullptr && unify(core, y, {true, false});
    }
    return match_structure(x, y, mode);
}

bool Unifier::join(std::size_t x, std::size_t y) {
    const std::size_t from = group_[x];
    const std::size_t to = group_[y];
    if (from == to) return true;
    if (slots_[from] != nullptr && slots_[to] != nullptr) return false;
    if (slots_[to] == nullptr) slots_[to] = slots_[from];
    std::replace(group_.begin(), group_.end(), from, to);
    return true;
}

bool Unifier::match_bound(std::size_t param, Type* y, UnifyMode mode) {
    Type* x = slots_[group_[param]];
    if (x == nullptr) {
        slots_[group_[param]] = y;
        return true;
    }
    return unify(x, y, mode) && keep_better(param, x, y, mode);
}

/// x and y match, and x is the parameter's type so far: chooses, so that the order of the arguments
/// does not count.
bool Unifier::keep_better(std::size_t param, Type* x, Type* y, UnifyMode mode) {
    Interface* xi = as_interface(x);
    Interface* yi = as_interface(y);
    const bool x_named = x->kind == TypeKind::Named;
    const bool y_named = y->kind == TypeKind::Named;
    if (xi != nullptr && yi != nullptr) {
        if (x_named && y_named) return identical(x, y);
        complete(xi);
        complete(yi);
        if (xi->all_methods.size() != yi->all_methods.size()) return false;
    } else if (xi != nullptr || yi != nullptr) {
        return false;
    }
    if (mode.exact || x_named) return true;
    const auto* chan = under_as<Chan>(y);
    const bool directed = chan != nullptr && chan->dir != ast::ChanDir::Both;
    if (y_named || directed) slots_[group_[param]] = y;
    return true;
}

/// One interface's methods must be a part of the other's, and those in common must match.
bool Unifier::match_interfaces(Interface* x, Interface* y) {
    complete(x);
    complete(y);
    if (x->comparable != y->comparable || !equal(terms_of(x), terms_of(y))) return false;
    for (const InterfacePair& pair : pairs_) {
        if ((pair.x == x && pair.y == y) || (pair.x == y && pair.y == x)) return true;
    }
    if (x->all_methods.size() > y->all_methods.size()) std::swap(x, y);
    pairs_.push_back({x, y});
    const bool result = std::all_of(
        x->all_methods.begin(), x->all_methods.end(), [&](Func* f) {
            const auto& others = y->all_methods;
            const auto g = std::find_if(others.begin(), others.end(), [&](Func* other) {
                return same_name(other, f->package, f->name);
            });
            return g != others.end() && unify(f->type, (*g)->type, kExact);
        });
    pairs_.pop_back();
    return result;
}

bool Unifier::match_methods(Interface* x, Type* y) {
    complete(x);
    for (Func* f : x->all_methods) {
        auto* g = as<Func>(
            lookup_field_or_method(universe_, y, false, f->package, f->name).object);
        if (g == nullptr) return false;
        if (!unify(universe_.signature_of(f), universe_.signature_of(g), kExact)) return false;
    }
    return true;
}

bool Unifier::match_structure(Type* x, Type* y, UnifyMode mode) {
    if (x->kind != y->kind) return false;
    const UnifyMode element{mode.assign, mode.exact || mode.assign};
    switch (x->kind) {
        case TypeKind::Basic: return as<Basic>(x)->basic == as<Basic>(y)->basic;
        case TypeKind::Pointer: return unify(as<Pointer>(x)->elem, as<Pointer>(y)->elem, element);
        case TypeKind::Slice: return unify(as<Slice>(x)->elem, as<Slice>(y)->elem, element);
        case TypeKind::Array: {
            const std::int64_t a = as<Array>(x)->length;
            const std::int64_t b = as<Array>(y)->length;
            return (a < 0 || b < 0 || a == b) &&
                   unify(as<Array>(x)->elem, as<Array>(y)->elem, element);
        }
        case TypeKind::Map:
            return unify(as<Map>(x)->key, as<Map>(y)->key, element) &&
                   unify(as<Map>(x)->elem, as<Map>(y)->elem, element);
        case TypeKind::Chan:
            return (!mode.exact || as<Chan>(x)->dir == as<Chan>(y)->dir) &&
                   unify(as<Chan>(x)->elem, as<Chan>(y)->elem, element);
        case TypeKind::Struct: return match_structs(as<Struct>(x), as<Struct>(y), element);
        case TypeKind::Tuple: return match_tuples(as<Tuple>(x), as<Tuple>(y), mode);
        case TypeKind::Signature: {
            const auto* f = as<Signature>(x);
            const auto* g = as<Signature>(y);
            return f->variadic == g->variadic && match_tuples(f->params, g->params, element) &&
                   match_tuples(f->results, g->results, element);
        }
        case TypeKind::Interface:
            return match_exact_interfaces(as<Interface>(x), as<Interface>(y));
        case TypeKind::Named: return match_named(as<Named>(x), as<Named>(y), mode);
        case TypeKind::TypeParam:
        case TypeKind::Union: return false;
    }
    return false;
}

bool Unifier::match_structs(const Struct* x, const Struct* y, UnifyMode mode) {
    if (x->fields.size() != y->fields.size()) return false;
    for (std::size_t i = 0; i < x->fields.size(); ++i) {
        const Var* f = x->fields[i];
        const Var* g = y->fields[i];
        if (f->embedded != g->embedded || tag_of(x, i) != tag_of(y, i) ||
            !same_name(f, g->package, g->name) || !unify(f->type, g->type, mode)) {
            return false;
        }
    }
    return true;
}

bool Unifier::match_tuples(const Tuple* x, const Tuple* y, UnifyMode mode) {
    const std::size_t size = x == nullptr ? 0 : x->size();
    if (size != (y == nullptr ? 0 : y->size())) return false;
    for (std::size_t i = 0; i < size; ++i) {
        if (!unify(x->vars[i]->type, y->vars[i]->type, mode)) return false;
    }
    return true;
}

bool Unifier::match_exact_interfaces(Interface* x, Interface* y) {
    complete(x);
    complete(y);
    if (x->all_methods.size() != y->all_methods.size()) return false;
    return match_interfaces(x, y);
}

bool Unifier::match_named(const Named* x, const Named* y, UnifyMode mode) {
    if (x->type_args.size() != y->type_args.size()) return false;
    for (std::size_t i = 0; i < x->type_args.size(); ++i) {
        if (!unify(x->type_args[i], y->type_args[i], mode)) return false;
    }
    return x->origin != nullptr && x->origin == y->origin;
}

}  // namespace csp::types
