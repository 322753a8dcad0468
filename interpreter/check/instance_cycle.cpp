// Programs that would need infinitely many instances: func f[T any]() { f[*T]() }.
//
// A graph over type parameters: an edge leads from a parameter to one that it is an argument of, or part of an
// argument of. A cycle with an edge of the latter sort makes ever larger types. After go/types' monomorphization
// check.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;
using types::TypeParam;

namespace {

/// Calls `found` for each type parameter in `type`, with whether it is only a part of it.
void each_param(const Type* type, bool part, std::set<const Type*>& seen,
                const std::function<void(TypeParam*, bool)>& found) {
    if (type == nullptr || type->kind == types::TypeKind::Basic) return;
    if (type->kind == types::TypeKind::TypeParam) {
        found(const_cast<TypeParam*>(types::as<TypeParam>(type)), part);
        return;
    }
    if (!seen.insert(type).second) return;
    const auto inner = [&](const Type* t) { each_param(t, true, seen, found); };
    switch (type->kind) {
        case types::TypeKind::Pointer: inner(types::as<types::Pointer>(type)->elem); break;
        case types::TypeKind::Slice: inner(types::as<types::Slice>(type)->elem); break;
        case types::TypeKind::Array: inner(types::as<types::Array>(type)->elem); break;
        case types::TypeKind::Chan: inner(types::as<types::Chan>(type)->elem); break;
        case types::TypeKind::Map:
            inner(types::as<types::Map>(type)->key);
            inner(types::as<types::Map>(type)->elem);
            break;
        case types::TypeKind::Struct:
            for (const Var* field : types::as<types::Struct>(type)->fields) inner(field->type);
            break;
        case types::TypeKind::Tuple:
            for (const Var* var : types::as<Tuple>(type)->vars) inner(var->type);
            break;
        case types::TypeKind::Signature:
            inner(types::as<Signature>(type)->params);
            inner(types::as<Signature>(type)->results);
            break;
        case types::TypeKind::Interface:
            for (const types::Func* method : types::as<types::Interface>(type)->methods) inner(method->type);
            for (const Type* embedded : types::as<types::Interface>(type)->embeddeds) inner(embedded);
            break;
        case types::TypeKind::Named:
            for (const Type* arg : types::as<types::Named>(type)->type_args) inner(arg);
            break;
        default: break;
    }
}

}  // namespace

void Checker::Impl::record_instance(source::Pos pos, const std::vector<TypeParam*>& params,
                                    const std::vector<Type*>& args) {
    for (std::size_t i = 0; i < params.size() && i < args.size(); ++i) {
        std::set<const Type*> seen;
        each_param(args[i], false, seen, [&](TypeParam* from, bool part) {
            instance_edges_[canonical_param(from)].push_back({canonical_param(params[i]), part, pos, args[i]});
        });
    }
}

/// A method's own names for its receiver's type parameters mean the type's.
TypeParam* Checker::Impl::canonical_param(TypeParam* param) const {
    const auto at = receiver_params_.find(param);
    return at == receiver_params_.end() ? param : at->second;
}

/// Reports one cycle through a growing edge. The strongly connected components come from Tarjan's algorithm.
void Checker::Impl::instance_cycles() {
    struct State {
        std::size_t index = 0, low = 0, component = 0;
        bool on_stack = false;
    };
    std::unordered_map<TypeParam*, State> states;
    std::vector<TypeParam*> stack;
    std::size_t next = 0;
    std::size_t components = 0;
    struct Visit {
        TypeParam* param;
        std::size_t edge;
    };
    const auto enter = [&](TypeParam* param, std::vector<Visit>& visits) {
        State& state = states[param];
        state.index = state.low = ++next;
        state.on_stack = true;
        stack.push_back(param);
        visits.push_back({param, 0});
    };
    for (const auto& [start, edges] : instance_edges_) {
        if (states[start].index != 0) continue;
        std::vector<Visit> visits;
        enter(start, visits);
        while (!visits.empty()) {
            TypeParam* at = visits.back().param;
            const auto out = instance_edges_.find(at);
            if (out != instance_edges_.end() && visits.back().edge < out->second.size()) {
                TypeParam* to = out->second[visits.back().edge++].to;
                if (states[to].index == 0)
                    enter(to, visits);
                else if (states[to].on_stack)
                    states[at].low = std::min(states[at].low, states[to].index);
                continue;
            }
            visits.pop_back();
            if (!visits.empty()) {
                State& above = states[visits.back().param];
                above.low = std::min(above.low, states[at].low);
            }
            if (states[at].low != states[at].index) continue;
            ++components;
            for (TypeParam* member = nullptr; member != at;) {
                member = stack.back();
                stack.pop_back();
                states[member].on_stack = false;
                states[member].component = components;
            }
        }
    }
    const InstanceEdge* first = nullptr;
    TypeParam* first_from = nullptr;
    for (const auto& [from, edges] : instance_edges_)
        for (const InstanceEdge& edge : edges)
            if (edge.grows && states[from].component == states[edge.to].component &&
                (first == nullptr || edge.pos < first->pos)) {
                first = &edge;
                first_from = from;
            }
    if (first == nullptr) return;
    error(Code::InvalidType, first->to->object->pos,
          "instantiation cycle:\n\t" + place(first->pos) + ": " + std::string(first_from->object->name) +
              " instantiated as " + str(first->arg));
}

}  // namespace csp::check
