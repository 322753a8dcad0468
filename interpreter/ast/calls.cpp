#include "interpreter/ast/calls.h"

namespace csp::ast {

bool has_call_or_receive(const Expr* x) {
    if (x == nullptr) return false;
    switch (x->kind) {
        case Kind::CallExpr: {
            const auto* c = static_cast<const CallExpr*>(x);
            if (c->mode == Mode::Constant) return false;
            if (c->call == CallKind::Conversion) return has_call_or_receive(c->args[0]);
            return true;
        }
        case Kind::UnaryExpr: {
            const auto* u = static_cast<const UnaryExpr*>(x);
            return u->op == Op::Arrow || has_call_or_receive(u->x);
        }
        case Kind::BinaryExpr: {
            const auto* b = static_cast<const BinaryExpr*>(x);
            return has_call_or_receive(b->x) || has_call_or_receive(b->y);
        }
        case Kind::ParenExpr: return has_call_or_receive(static_cast<const ParenExpr*>(x)->x);
        case Kind::SelectorExpr: return has_call_or_receive(static_cast<const SelectorExpr*>(x)->x);
        case Kind::StarExpr: return has_call_or_receive(static_cast<const StarExpr*>(x)->x);
        case Kind::IndexExpr: {
            const auto* i = static_cast<const IndexExpr*>(x);
            return has_call_or_receive(i->x) || has_call_or_receive(i->indices[0]);
        }
        case Kind::CompositeLit:
            for (const Expr* e : static_cast<const CompositeLit*>(x)->elements)
                if (has_call_or_receive(e)) return true;
            return false;
        case Kind::KeyValueExpr: return has_call_or_receive(static_cast<const KeyValueExpr*>(x)->value_expr);
        default: return false;
    }
}

}  // namespace csp::ast
