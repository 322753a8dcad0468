// Operators.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::unary(UnaryExpr* x, Type* hint) {
    if (x->op == Op::And) {
        Expr* operand = unparen(x->x);
        if (auto* literal = as<CompositeLit>(operand)) {
            Type* elem_hint = nullptr;
            if (hint != nullptr)
                if (auto* pointer = types::core_as<types::Pointer>(hint)) elem_hint = pointer->elem;
            if (!raw(x->x, elem_hint)) {
                fail(x);
                return;
            }
            static_cast<void>(literal);
            set(x, Mode::Value, pointer_to(operand->type));
            return;
        }
        if (!expr(x->x)) {
            fail(x);
            return;
        }
        if (x->x->mode != Mode::Variable) {
            error(Code::InvalidOperation, x->pos, "invalid operation: cannot take address of " + describe(x->x));
            fail(x);
            return;
        }
        set(x, Mode::Value, pointer_to(x->x->type));
        return;
    }
    if (!expr(x->x, hint)) {
        fail(x);
        return;
    }
    if (x->op == Op::Arrow) {
        auto* chan = types::core_as<types::Chan>(x->x->type);
        if (chan == nullptr) {
            error(Code::InvalidOperation, x->pos, "invalid operation: cannot receive from non-channel " + describe(x->x));
            fail(x);
            return;
        }
        if (chan->dir == ChanDir::Send) {
            error(Code::InvalidOperation, x->pos, "invalid operation: cannot receive from send-only channel " + describe(x->x));
            fail(x);
            return;
        }
        set(x, Mode::CommaOk, chan->elem);
        return;
    }
    if (x->op == Op::Tilde) {
        error(Code::InvalidOperation, x->pos, "cannot use ~ outside of interface or type constraint");
        fail(x);
        return;
    }
    Type* type = x->x->type;
    const bool ok = x->op == Op::Not   ? types::is_boolean(type)
                    : x->op == Op::Xor ? types::is_integer(type)
                                       : types::is_numeric(type);
    if (!ok) {
        error(Code::InvalidOperation, x->pos,
              "invalid operation: operator " + std::string(spelling(x->op)) + " not defined on " + describe(x->x));
        fail(x);
        return;
    }
    if (x->x->mode == Mode::Constant) {
        unsigned width = 0;
        if (types::is_typed(type) && types::is_unsigned(type)) {
            const auto* basic = types::under_as<types::Basic>(type);
            switch (basic->basic) {
                case BasicKind::Uint8: width = 8; break;
                case BasicKind::Uint16: width = 16; break;
                case BasicKind::Uint32: width = 32; break;
                default: width = 64; break;
            }
        }
        set(x, Mode::Constant, type, constant::unary(arena_, x->op, x->x->value, width));
        return;
    }
    set(x, Mode::Value, type);
}

/// Brings the operands of a binary operation to one type; false after an error.
bool Checker::Impl::match(Expr* x, Expr* y, BinaryExpr* whole) {
    const auto mismatch = [&] {
        error(Code::TypeMismatch, whole->pos,
              "invalid operation: " + ast::to_string(whole) + " (mismatched types " + str(x->type) + " and " + str(y->type) + ")");
        return false;
    };
    if (x->mode == Mode::NilValue && y->mode == Mode::NilValue) return true;
    if (x->mode == Mode::NilValue || y->mode == Mode::NilValue) {
        Expr* nil = x->mode == Mode::NilValue ? x : y;
        Expr* other = nil == x ? y : x;
        if (types::is_untyped(other->type)) use_default(other);
        if (!types::has_nil(other->type)) {
            error(Code::TypeMismatch, nil->pos,
                  "invalid operation: " + ast::to_string(whole) + " (mismatched types " + str(x->type) + " and " + str(y->type) + ")");
            return false;
        }
        nil->type = other->type;
        for (Expr* inner = nil; inner->kind == Kind::ParenExpr;) {
            inner = static_cast<ParenExpr*>(inner)->x;
            inner->type = other->type;
        }
        return true;
    }
    const bool xu = types::is_untyped(x->type);
    const bool yu = types::is_untyped(y->type);
    if (xu && yu) {
        // The larger kind of the two: int < rune < float < complex.
        if (types::is_numeric(x->type) && types::is_numeric(y->type)) {
            const auto kx = types::as<types::Basic>(x->type)->basic;
            const auto ky = types::as<types::Basic>(y->type)->basic;
            if (kx == ky) return true;
            Type* larger = kx < ky ? y->type : x->type;
            Expr* smaller = kx < ky ? x : y;
            if (smaller->mode == Mode::Constant) {
                smaller->type = larger;
            } else {
                // A non-constant shift keeps waiting for its type.
                smaller->type = larger;
            }
            return true;
        }
        if (types::as<types::Basic>(x->type)->basic != types::as<types::Basic>(y->type)->basic) return mismatch();
        return true;
    }
    if (!xu && !yu) return true;
    Expr* untyped = xu ? x : y;
    Expr* typed = xu ? y : x;
    if (types::is_interface(typed->type)) {
        auto* interface = types::under_as<types::Interface>(typed->type);
        types::complete_interface(universe_, interface);
        const bool compares = whole->op >= Op::Eq && whole->op <= Op::Ge;
        if (!interface->all_methods.empty() || !compares) return mismatch();
        use_default(untyped);
        return untyped->mode != Mode::Invalid;
    }
    const auto* kind = types::as<types::Basic>(untyped->type);
    const auto both = [&](std::uint16_t info) { return (kind->info & info) != 0 && types::is_basic(typed->type, info); };
    if (!both(types::kIsNumeric) && !both(types::kIsString) && !both(types::kIsBoolean)) return mismatch();
    if (untyped->mode == Mode::Constant) {
        const constant::Value* rounded = nullptr;
        if (!representable(untyped->value, typed->type, &rounded)) {
            const bool to_int = types::is_integer(typed->type) &&
                                constant::kind(constant::to_int(arena_, untyped->value)) != constant::Kind::Int;
            if (to_int)
                error(Code::ConstantError, untyped->pos, ast::to_string(untyped) + " (" + str(untyped->type) + " constant) truncated to " + str(typed->type));
            else
                error(Code::ConstantError, untyped->pos, describe(untyped) + " overflows " + str(typed->type));
            return false;
        }
        finalize(untyped, typed->type);
        untyped->value = rounded;
        return true;
    }
    finalize(untyped, typed->type);
    return true;
}

void Checker::Impl::shift(BinaryExpr* x, Type* hint) {
    if (!expr(x->x, hint) || !expr(x->y)) {
        if (x->y->mode == Mode::Unchecked) raw(x->y);
        fail(x);
        return;
    }
    Expr* left = x->x;
    Expr* right = x->y;
    // The count: an integer, not negative if constant.
    if (right->mode == Mode::Constant) {
        const constant::Value* whole = constant::to_int(arena_, right->value);
        if (constant::kind(whole) == constant::Kind::Int && constant::sign(whole) < 0) {
            error(Code::InvalidOperation, right->pos, "invalid operation: negative shift count " + describe(right));
            fail(x);
            return;
        }
        if (types::is_untyped(right->type)) {
            if (constant::kind(whole) == constant::Kind::Int && !constant::uint64_value(whole)) {
                error(Code::ConstantError, right->pos, describe(right) + " overflows uint");
                fail(x);
                return;
            }
            if (constant::kind(whole) != constant::Kind::Int) {
                error(Code::InvalidOperation, right->pos,
                      types::is_numeric(right->type) ? describe(right) + " truncated to uint"
                                                     : "invalid operation: shift count " + describe(right) + " must be integer");
                fail(x);
                return;
            }
            finalize(right, universe_.basic(BasicKind::Uint));
            right->value = whole;
        }
    } else if (types::is_untyped(right->type)) {
        finalize(right, universe_.basic(BasicKind::Uint));
    }
    if (!types::is_integer(right->type)) {
        error(Code::InvalidOperation, right->pos, "invalid operation: shift count " + describe(right) + " must be integer");
        fail(x);
        return;
    }
    if (left->mode == Mode::Constant && types::is_untyped(left->type)) {
        const constant::Value* whole = constant::to_int(arena_, left->value);
        if (constant::kind(whole) != constant::Kind::Int) {
            error(Code::InvalidOperation, left->pos, "invalid operation: shifted operand " + describe(left) + " must be integer");
            fail(x);
            return;
        }
        if (right->mode == Mode::Constant) left->value = whole;
    } else if (!types::is_integer(left->type) && !(types::is_untyped(left->type) && types::is_numeric(left->type))) {
        error(Code::InvalidOperation, left->pos, "invalid operation: shifted operand " + describe(left) + " must be integer");
        fail(x);
        return;
    }
    if (left->mode == Mode::Constant && right->mode == Mode::Constant) {
        const auto count = constant::uint64_value(constant::to_int(arena_, right->value));
        if (!count || *count >= 1023 - 1 + 52) {
            error(Code::InvalidOperation, right->pos, "invalid shift count " + describe(right));
            fail(x);
            return;
        }
        Type* type = left->type;
        if (types::is_untyped(type) && !types::is_integer(type)) type = universe_.basic(BasicKind::UntypedInt);
        set(x, Mode::Constant, type,
            constant::shift(arena_, constant::to_int(arena_, left->value), x->op, static_cast<unsigned>(*count)));
        return;
    }
    if (left->mode == Mode::Constant && types::is_untyped(left->type)) {
        // Takes its type from the context, later (Go spec, "Operators", shifts).
        set(x, Mode::Value, left->type);
        return;
    }
    set(x, Mode::Value, left->type);
}

void Checker::Impl::comparison(BinaryExpr* x) {
    Expr* left = x->x;
    Expr* right = x->y;
    const auto finish = [&] {
        if (left->mode == Mode::Constant && right->mode == Mode::Constant) {
            set(x, Mode::Constant, universe_.basic(BasicKind::UntypedBool),
                constant::make_bool(arena_, constant::compare(left->value, x->op, right->value)));
            return;
        }
        use_default(left);
        use_default(right);
        set(x, Mode::Value, universe_.basic(BasicKind::UntypedBool));
    };
    const auto bad = [&](const std::string& cause) {
        error(Code::InvalidOperation, x->pos, "invalid operation: " + ast::to_string(x) + " (" + cause + ")");
        fail(x);
    };
    if (left->mode == Mode::NilValue && right->mode == Mode::NilValue) {
        bad("operator " + std::string(spelling(x->op)) + " not defined on nil");
        return;
    }
    const bool equality = x->op == Op::Eq || x->op == Op::Ne;
    if (left->mode != Mode::NilValue && right->mode != Mode::NilValue && !assignable(left, right->type, nullptr) &&
        !assignable(right, left->type, nullptr)) {
        bad("mismatched types " + str(left->type) + " and " + str(right->type));
        return;
    }
    if (equality) {
        if (left->mode == Mode::NilValue || right->mode == Mode::NilValue) {
            finish();
            return;
        }
        for (Expr* side : {left, right}) {
            if (types::comparable(side->type)) continue;
            if (types::is_type_param(side->type)) {
                const std::string cause = types::incomparable_cause(side->type, cx_.package);
                bad(cause.empty() ? "type parameter " + str(side->type) + " cannot use operator " + std::string(spelling(x->op)) : cause);
                return;
            }
            const std::string kind = types::kind_word(side->type);
            if (kind == "slice" || kind == "map" || kind == "func") {
                bad(kind + " can only be compared to nil");
            } else {
                const std::string cause = types::incomparable_cause(side->type, cx_.package);
                bad(cause.empty() ? "operator " + std::string(spelling(x->op)) + " not defined on " + kind : cause);
            }
            return;
        }
        finish();
        return;
    }
    for (Expr* side : {left, right}) {
        if (side->mode != Mode::NilValue && types::is_basic(side->type, types::kIsOrdered)) continue;
        if (types::is_type_param(side->type)) {
            bad("type parameter " + str(side->type) + " cannot use operator " + std::string(spelling(x->op)));
            return;
        }
        std::string what = side->mode == Mode::NilValue ? "nil" : types::kind_word(side->type);
        if (what.empty()) what = types::is_boolean(side->type) ? "bool" : str(side->type);
        bad("operator " + std::string(spelling(x->op)) + " not defined on " + what);
        return;
    }
    finish();
}

void Checker::Impl::binary(BinaryExpr* x, Type* hint) {
    if (x->op == Op::Shl || x->op == Op::Shr) {
        shift(x, hint);
        return;
    }
    const bool left_ok = expr(x->x, hint);
    const bool right_ok = expr(x->y, hint);
    if (!left_ok || !right_ok) {
        fail(x);
        return;
    }
    const bool is_comparison = x->op >= Op::Eq && x->op <= Op::Ge;
    if (!match(x->x, x->y, x)) {
        fail(x);
        return;
    }
    if (is_comparison) {
        comparison(x);
        return;
    }
    Expr* left = x->x;
    Expr* right = x->y;
    if (!types::identical(left->type, right->type)) {
        error(Code::TypeMismatch, x->pos,
              "invalid operation: " + ast::to_string(x) + " (mismatched types " + str(left->type) + " and " + str(right->type) + ")");
        fail(x);
        return;
    }
    Type* type = left->type;
    bool ok = false;
    switch (x->op) {
        case Op::Add: ok = types::is_basic(type, types::kIsNumeric | types::kIsString); break;
        case Op::Sub: case Op::Mul: case Op::Quo: ok = types::is_numeric(type); break;
        case Op::Rem: case Op::And: case Op::Or: case Op::Xor: case Op::AndNot: {
            ok = types::is_integer(type);
            // Untyped constants with integer values will do: 5.0 % 2 will not (the type is float).
            break;
        }
        case Op::LAnd: case Op::LOr: ok = types::is_boolean(type); break;
        default: break;
    }
    if (!ok || left->mode == Mode::NilValue) {
        error(Code::InvalidOperation, x->pos,
              "invalid operation: operator " + std::string(spelling(x->op)) + " not defined on " + describe(left));
        fail(x);
        return;
    }
    if ((x->op == Op::Quo || x->op == Op::Rem) && right->mode == Mode::Constant &&
        (left->mode == Mode::Constant || types::is_integer(type)) && constant::sign(right->value) == 0) {
        error(Code::ConstantError, right->pos, "invalid operation: division by zero");
        fail(x);
        return;
    }
    if (left->mode == Mode::Constant && right->mode == Mode::Constant) {
        const bool integer_division = x->op == Op::Quo && types::is_integer(type);
        const constant::Value* value;
        if (x->op == Op::LAnd || x->op == Op::LOr) {
            const bool a = constant::bool_value(left->value);
            const bool b = constant::bool_value(right->value);
            value = constant::make_bool(arena_, x->op == Op::LAnd ? a && b : a || b);
        } else {
            value = constant::binary(arena_, left->value, x->op, right->value, integer_division);
            if (constant::kind(value) == constant::Kind::Unknown && constant::kind(left->value) != constant::Kind::Unknown &&
                constant::kind(right->value) != constant::Kind::Unknown) {
                error(Code::ConstantError, x->op_pos, "constant result is not representable");
                fail(x);
                return;
            }
        }
        set(x, Mode::Constant, type, value);
        return;
    }
    set(x, Mode::Value, type);
}

}  // namespace csp::check
