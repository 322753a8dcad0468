// Operators: arithmetic, shifts, comparisons, conditions, concatenation.

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

namespace csp::compile {

using namespace ast;
using types::BasicKind;

namespace {

BasicKind basic_kind(types::Type* type) {
    const auto* basic = types::under_as<types::Basic>(type);
    return basic == nullptr ? BasicKind::Invalid : basic->basic;
}

bool fits_k(std::int64_t value) { return value >= INT16_MIN && value <= INT16_MAX; }

/// Types whose comparison is one of 64-bit slots.
bool compares_as_word(types::Type* type) {
    type = types::under(type);
    if (const auto* basic = types::as<types::Basic>(type))
        return (basic->info & (types::kIsBoolean | types::kIsInteger)) != 0 ||
               basic->basic == BasicKind::UnsafePointer;
    switch (type->kind) {
        case types::TypeKind::Pointer:
        case types::TypeKind::Chan:
        case types::TypeKind::Map:
        case types::TypeKind::Signature: return true;
        default: return false;
    }
}

Op negated(Op op) {
    switch (op) {
        case Op::Eq: return Op::Ne;
        case Op::Ne: return Op::Eq;
        case Op::Lt: return Op::Ge;
        case Op::Le: return Op::Gt;
        case Op::Gt: return Op::Le;
        default: return Op::Lt;
    }
}
Op swapped(Op op) {
    switch (op) {
        case Op::Lt: return Op::Gt;
        case Op::Le: return Op::Ge;
        case Op::Gt: return Op::Lt;
        case Op::Ge: return Op::Le;
        default: return op;
    }
}

/// Has values for which signed operations on 64 bits give another result; narrower ones are never negative there.
bool is_wide_unsigned(types::Type* type) {
    if (!types::is_unsigned(type)) return false;
    switch (basic_kind(type)) {
        case BasicKind::Uint8:
        case BasicKind::Uint16:
        case BasicKind::Uint32: return false;
        default: return true;
    }
}

bool is_comparison(Op op) { return op >= Op::Eq && op <= Op::Ge; }

}  // namespace

/// Brings an integer result back to the canonical form of its type.
void FunctionCompiler::canonical(types::Type* type, std::uint32_t slot) {
    switch (basic_kind(type)) {
        case BasicKind::Int8: code.emit(Opcode::SxtI8, slot, slot); break;
        case BasicKind::Int16: code.emit(Opcode::SxtI16, slot, slot); break;
        case BasicKind::Int32: code.emit(Opcode::SxtI32, slot, slot); break;
        case BasicKind::Uint8: code.emit(Opcode::ZxtU8, slot, slot); break;
        case BasicKind::Uint16: code.emit(Opcode::ZxtU16, slot, slot); break;
        case BasicKind::Uint32: code.emit(Opcode::ZxtU32, slot, slot); break;
        default: break;
    }
}

void FunctionCompiler::arithmetic(Op op, types::Type* type, std::uint32_t to, std::uint32_t a,
                                  std::uint32_t b, const Expr* b_expr) {
    const BasicKind kind = basic_kind(type);
    if (kind == BasicKind::String) {
        code.emit(Opcode::Concat, to, a, b);
        return;
    }
    if (kind == BasicKind::Float64 || kind == BasicKind::Float32) {
        const bool wide = kind == BasicKind::Float64;
        switch (op) {
            case Op::Add: code.emit(wide ? Opcode::AddF64 : Opcode::AddF32, to, a, b); break;
            case Op::Sub: code.emit(wide ? Opcode::SubF64 : Opcode::SubF32, to, a, b); break;
            case Op::Mul: code.emit(wide ? Opcode::MulF64 : Opcode::MulF32, to, a, b); break;
            default: code.emit(wide ? Opcode::DivF64 : Opcode::DivF32, to, a, b); break;
        }
        return;
    }
    if (kind == BasicKind::Complex128 || kind == BasicKind::Complex64) {
        Temps temps(*this);
        const bool wide = kind == BasicKind::Complex128;
        std::uint32_t result = to;
        if (!wide) {
            const std::uint32_t wa = temp(2);
            const std::uint32_t wb = temp(2);
            code.emit(Opcode::C64ToC128, wa, a);
            code.emit(Opcode::C64ToC128, wb, b);
            a = wa;
            b = wb;
            result = temp(2);
        }
        const Opcode opcode = op == Op::Add   ? Opcode::AddC128
                              : op == Op::Sub ? Opcode::SubC128
                              : op == Op::Mul ? Opcode::MulC128
                                              : Opcode::DivC128;
        code.emit(opcode, result, a, b);
        if (!wide) code.emit(Opcode::C128ToC64, to, result);
        return;
    }
    const bool is_unsigned = is_wide_unsigned(type);
    if (b_expr != nullptr) {
        if (const auto k = small_constant(b_expr); k && fits_k(*k)) {
            const auto k16 = static_cast<unsigned>(static_cast<std::uint16_t>(*k));
            switch (op) {
                case Op::Add:
                    code.emit(Opcode::AddI64K, to, a, k16);
                    canonical(type, to);
                    return;
                case Op::Sub:
                    if (!fits_k(-*k)) break;
                    code.emit(Opcode::AddI64K, to, a, static_cast<std::uint16_t>(-*k));
                    canonical(type, to);
                    return;
                case Op::Mul:
                    code.emit(Opcode::MulI64K, to, a, k16);
                    canonical(type, to);
                    return;
                case Op::Quo:
                    if (is_unsigned || *k == 0 || *k == -1) break;
                    code.emit(Opcode::DivI64K, to, a, k16);
                    return;
                case Op::Rem:
                    if (is_unsigned || *k == 0 || *k == -1) break;
                    code.emit(Opcode::RemI64K, to, a, k16);
                    return;
                case Op::And:
                    if (*k < 0) break;
                    code.emit(Opcode::AndK, to, a, k16);
                    return;
                default: break;
            }
        }
    }
    if (b == bytecode::kNoSlot) b = expr(const_cast<Expr*>(b_expr));
    switch (op) {
        case Op::Add: code.emit(Opcode::AddI64, to, a, b); break;
        case Op::Sub: code.emit(Opcode::SubI64, to, a, b); break;
        case Op::Mul: code.emit(Opcode::MulI64, to, a, b); break;
        case Op::Quo: code.emit(is_unsigned ? Opcode::DivU64 : Opcode::DivI64, to, a, b); break;
        case Op::Rem: code.emit(is_unsigned ? Opcode::RemU64 : Opcode::RemI64, to, a, b); return;
        case Op::And: code.emit(Opcode::And, to, a, b); return;
        case Op::Or: code.emit(Opcode::Or, to, a, b); return;
        case Op::Xor: code.emit(Opcode::Xor, to, a, b); return;
        case Op::AndNot: code.emit(Opcode::AndNot, to, a, b); return;
        default: break;
    }
    canonical(type, to);
}

void FunctionCompiler::shift(Op op, types::Type* type, std::uint32_t to, std::uint32_t a, Expr* count) {
    const bool left = op == Op::Shl;
    const bool is_unsigned = types::is_unsigned(type);
    if (count->mode == Mode::Constant) {
        base::Arena& arena = compiler_.universe().arena();
        const auto k = constant::uint64_value(constant::to_int(arena, count->value));
        const std::uint64_t n = k ? *k : 64;
        if (n < 64) {
            code.emit(left ? Opcode::ShlK : is_unsigned ? Opcode::ShrU64K : Opcode::ShrI64K, to, a,
                      static_cast<unsigned>(n));
        } else if (left || is_unsigned) {
            code.emit(Opcode::Zero, to);
        } else {
            code.emit(Opcode::ShrI64K, to, a, 63);
        }
    } else {
        const std::uint32_t by = expr(count);
        if (!types::is_unsigned(type_of(count))) code.emit(Opcode::ShiftCheck, by);
        code.emit(left ? Opcode::Shl : is_unsigned ? Opcode::ShrU64 : Opcode::ShrI64, to, a, by);
    }
    if (left) canonical(type, to);
}

void FunctionCompiler::binary_to(BinaryExpr* x, std::uint32_t to) {
    if (x->op == Op::LAnd || x->op == Op::LOr) {
        const Label is_false = code.new_label();
        const Label end = code.new_label();
        jump_if(x, false, is_false);
        code.emit_wide(Opcode::LoadI, to, 1);
        code.jump(end);
        code.bind(is_false);
        code.emit_wide(Opcode::LoadI, to, 0);
        code.bind(end);
        return;
    }
    if (is_comparison(x->op)) {
        comparison_to(x, to);
        return;
    }
    types::Type* type = type_of(x);
    if (x->op == Op::Shl || x->op == Op::Shr) {
        const std::uint32_t a = expr(x->x);
        code.set_pos(x->op_pos);
        shift(x->op, type, to, a, x->y);
        return;
    }
    if (x->op == Op::Add && types::is_string(type)) {
        concat_to(x, to);
        return;
    }
    Expr* left = x->x;
    Expr* right = x->y;
    const bool commutes = x->op == Op::Add || x->op == Op::Mul || x->op == Op::And;
    if (commutes && types::is_integer(type) && left->mode == Mode::Constant) std::swap(left, right);
    const std::uint32_t a = expr(left);
    const bool lazy = types::is_integer(type) && right->mode == Mode::Constant;
    const std::uint32_t b = lazy ? bytecode::kNoSlot : expr(right);
    code.set_pos(x->pos);
    arithmetic(x->op, type, to, a, b, lazy ? right : nullptr);
}

/// a + b + c + … as one instruction.
void FunctionCompiler::concat_to(BinaryExpr* x, std::uint32_t to) {
    std::vector<Expr*> parts;
    Expr* left = x;
    for (;;) {
        auto* sum = as<BinaryExpr>(unparen(left));
        if (sum == nullptr || sum->op != Op::Add || sum->mode == Mode::Constant) break;
        parts.push_back(sum->y);
        left = sum->x;
    }
    parts.push_back(left);
    if (parts.size() == 2) {
        const std::uint32_t a = expr(parts[1]);
        const std::uint32_t b = expr(parts[0]);
        code.emit(Opcode::Concat, to, a, b);
        return;
    }
    const std::uint32_t first = temp(static_cast<std::uint32_t>(parts.size()) * 2);
    for (std::size_t i = 0; i < parts.size(); ++i)
        expr_to(parts[parts.size() - 1 - i], first + static_cast<std::uint32_t>(i) * 2);
    code.emit(Opcode::ConcatN, to, first, static_cast<unsigned>(parts.size()));
}

/// to = (a == b) for two values of `type` in slots.
void FunctionCompiler::equal_to(types::Type* type, std::uint32_t to, std::uint32_t a, std::uint32_t b) {
    type = subst(type);
    switch (basic_kind(type)) {
        case BasicKind::Float64: code.emit(Opcode::EqF64, to, a, b); return;
        case BasicKind::Float32: {
            Temps temps(*this);
            const std::uint32_t wa = temp();
            const std::uint32_t wb = temp();
            code.emit(Opcode::F32ToF64, wa, a);
            code.emit(Opcode::F32ToF64, wb, b);
            code.emit(Opcode::EqF64, to, wa, wb);
            return;
        }
        case BasicKind::Complex128: code.emit(Opcode::EqC128, to, a, b); return;
        case BasicKind::String: code.emit(Opcode::EqStr, to, a, b); return;
        default: break;
    }
    if (compares_as_word(type)) {
        code.emit(Opcode::EqI64, to, a, b);
    } else if (types::is_interface(type)) {
        code.emit(Opcode::EqIface, to, a, b);
    } else {
        code.emit(Opcode::EqValue, to, a, b);
        code.word(index_of(type));
    }
}

void FunctionCompiler::comparison_to(BinaryExpr* x, std::uint32_t to) {
    types::Type* left = type_of(x->x);
    types::Type* right = type_of(x->y);
    if (x->x->mode == Mode::NilValue || x->y->mode == Mode::NilValue) {
        // A nil slice, map, channel, pointer, function or interface has a first slot of 0.
        Expr* value = x->x->mode == Mode::NilValue ? x->y : x->x;
        const std::uint32_t a = expr(value);
        const std::uint32_t zero = temp();
        code.emit(Opcode::Zero, zero);
        code.emit(x->op == Op::Eq ? Opcode::EqI64 : Opcode::NeI64, to, a, zero);
        return;
    }
    types::Type* common = types::is_interface(right) && !types::is_interface(left) ? right : left;
    std::uint32_t a = expr_as(x->x, common);
    std::uint32_t b = expr_as(x->y, common);
    code.set_pos(x->op_pos.known() ? x->pos : x->pos);
    if (x->op == Op::Eq || x->op == Op::Ne) {
        equal_to(common, to, a, b);
        if (x->op == Op::Ne) code.emit(Opcode::NotBool, to, to);
        return;
    }
    Op op = x->op;
    if (op == Op::Gt || op == Op::Ge) {
        std::swap(a, b);
        op = swapped(op);
    }
    const bool strict = op == Op::Lt;
    const BasicKind kind = basic_kind(left);
    if (kind == BasicKind::Float32) {
        const std::uint32_t wa = temp();
        const std::uint32_t wb = temp();
        code.emit(Opcode::F32ToF64, wa, a);
        code.emit(Opcode::F32ToF64, wb, b);
        code.emit(strict ? Opcode::LtF64 : Opcode::LeF64, to, wa, wb);
    } else if (kind == BasicKind::Float64) {
        code.emit(strict ? Opcode::LtF64 : Opcode::LeF64, to, a, b);
    } else if (kind == BasicKind::String) {
        code.emit(strict ? Opcode::LtStr : Opcode::LeStr, to, a, b);
    } else if (is_wide_unsigned(left)) {
        code.emit(strict ? Opcode::LtU64 : Opcode::LeU64, to, a, b);
    } else {
        code.emit(strict ? Opcode::LtI64 : Opcode::LeI64, to, a, b);
    }
}

/// Jumps to `to` when the comparison is `when`, as one instruction if there is one. `back`: `to` is a
/// loop's start. False: nothing was emitted.
bool FunctionCompiler::compare_jump(BinaryExpr* x, bool when, Label to, bool back) {
    if (!is_comparison(x->op) || x->mode == Mode::Constant) return false;
    types::Type* type = type_of(x->x);
    types::Type* right_type = type_of(x->y);
    if (x->x->mode == Mode::NilValue || x->y->mode == Mode::NilValue) {
        if (back) return false;
        Expr* value = x->x->mode == Mode::NilValue ? x->y : x->x;
        const std::uint32_t a = expr(value);
        code.compare_jump((x->op == Op::Eq) == when ? Opcode::EqI64KJmp : Opcode::NeI64KJmp, a, 0, to);
        return true;
    }
    if (types::is_interface(type) != types::is_interface(right_type)) return false;
    const BasicKind kind = basic_kind(type);
    if (kind == BasicKind::String && (x->op == Op::Eq || x->op == Op::Ne) && !back) {
        const std::uint32_t a = expr(x->x);
        const std::uint32_t b = expr(x->y);
        code.compare_jump((x->op == Op::Eq) == when ? Opcode::EqStrJmp : Opcode::NeStrJmp, a, b, to);
        return true;
    }
    if (kind == BasicKind::Float64 && x->op != Op::Eq && x->op != Op::Ne) {
        if (back && !(when && (x->op == Op::Lt || x->op == Op::Gt))) return false;
        std::uint32_t a = expr(x->x);
        std::uint32_t b = expr(x->y);
        Op op = x->op;
        if (op == Op::Gt || op == Op::Ge) {
            std::swap(a, b);
            op = swapped(op);
        }
        const bool strict = op == Op::Lt;
        Opcode opcode = strict ? Opcode::LtF64Jmp : Opcode::LeF64Jmp;
        if (!when) opcode = strict ? Opcode::NotLtF64Jmp : Opcode::NotLeF64Jmp;
        if (back) opcode = Opcode::LtF64Loop;
        code.compare_jump(opcode, a, b, to);
        return true;
    }
    if (!compares_as_word(type)) return false;
    const bool is_unsigned = is_wide_unsigned(type);
    const bool equality = x->op == Op::Eq || x->op == Op::Ne;
    if (is_unsigned && !equality && back) return false;
    Op op = when ? x->op : negated(x->op);
    Expr* left = x->x;
    Expr* right = x->y;
    if (left->mode == Mode::Constant && right->mode != Mode::Constant) {
        std::swap(left, right);
        op = swapped(op);
    }
    std::uint32_t a = expr(left);
    const auto k = small_constant(right);
    if (k && fits_k(*k) && (!is_unsigned || equality)) {
        Opcode opcode;
        switch (op) {
            case Op::Eq: opcode = back ? Opcode::EqI64KLoop : Opcode::EqI64KJmp; break;
            case Op::Ne: opcode = back ? Opcode::NeI64KLoop : Opcode::NeI64KJmp; break;
            case Op::Lt: opcode = back ? Opcode::LtI64KLoop : Opcode::LtI64KJmp; break;
            case Op::Le: opcode = back ? Opcode::LeI64KLoop : Opcode::LeI64KJmp; break;
            case Op::Gt: opcode = back ? Opcode::GtI64KLoop : Opcode::GtI64KJmp; break;
            default: opcode = back ? Opcode::GeI64KLoop : Opcode::GeI64KJmp; break;
        }
        code.compare_jump(opcode, a, static_cast<std::uint16_t>(*k), to);
        return true;
    }
    std::uint32_t b = expr(right);
    if (op == Op::Gt || op == Op::Ge) {
        std::swap(a, b);
        op = swapped(op);
    }
    Opcode opcode;
    switch (op) {
        case Op::Eq: opcode = back ? Opcode::EqI64Loop : Opcode::EqI64Jmp; break;
        case Op::Ne: opcode = back ? Opcode::NeI64Loop : Opcode::NeI64Jmp; break;
        case Op::Lt:
            opcode = back ? Opcode::LtI64Loop : is_unsigned ? Opcode::LtU64Jmp : Opcode::LtI64Jmp;
            break;
        default:
            opcode = back ? Opcode::LeI64Loop : is_unsigned ? Opcode::LeU64Jmp : Opcode::LeI64Jmp;
            break;
    }
    code.compare_jump(opcode, a, b, to);
    return true;
}

void FunctionCompiler::jump_if(Expr* x, bool when, Label to) {
    Temps temps(*this);
    x = unparen(x);
    if (x->mode == Mode::Constant) {
        if (constant::bool_value(x->value) == when) code.jump(to);
        return;
    }
    code.set_pos(x->pos);
    if (auto* unary = as<UnaryExpr>(x); unary != nullptr && unary->op == Op::Not) {
        jump_if(unary->x, !when, to);
        return;
    }
    if (auto* binary = as<BinaryExpr>(x)) {
        if (binary->op == Op::LAnd || binary->op == Op::LOr) {
            // `when` decides at once if one operand is (or) or both are (and) what is asked for.
            const bool one_is_enough = (binary->op == Op::LOr) == when;
            if (one_is_enough) {
                jump_if(binary->x, when, to);
                jump_if(binary->y, when, to);
            } else {
                const Label past = code.new_label();
                jump_if(binary->x, !when, past);
                jump_if(binary->y, when, to);
                code.bind(past);
            }
            return;
        }
        if (compare_jump(binary, when, to, false)) return;
    }
    code.jump(when ? Opcode::JmpIf : Opcode::JmpIfNot, expr(x), to);
}

void FunctionCompiler::loop_if(Expr* x, Label to) {
    Temps temps(*this);
    x = unparen(x);
    code.set_pos(x->pos);
    if (auto* binary = as<BinaryExpr>(x)) {
        if ((binary->op == Op::LAnd || binary->op == Op::LOr) && x->mode != Mode::Constant) {
            const Label past = code.new_label();
            jump_if(x, false, past);
            code.jump(Opcode::Loop, 0, to);
            code.bind(past);
            return;
        }
        if (compare_jump(binary, true, to, true)) return;
    }
    code.jump(Opcode::LoopIf, expr(x), to);
}

}  // namespace csp::compile
