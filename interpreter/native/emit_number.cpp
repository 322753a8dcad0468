// Moves, integers, floats, and the superinstructions made of them.

#include "interpreter/native/divide.h"
#include "interpreter/native/emitter.h"

namespace csp::native {

using namespace asmjit::x86;

bool Emitter::emit_move() {
    switch (at().op) {
        case Opcode::Nop: return true;
        case Opcode::Mov: {
            for (const XmmCopy& copy : now_.xmms)
                if (copy.slot == b()) {
                    const Xmm value = getd(b());
                    const Xmm to = freshd();
                    as_.movapd(to, value);
                    put(a(), to);
                    return true;
                }
            put(a(), get(b()));
            return true;
        }
        case Opcode::Mov2: {
            if (!has(b()) && !has(b() + 1)) {
                as_.movdqu(xmmword_ptr(rbx, static_cast<std::int32_t>(a() * 8)), get_pair(b()));
                forget(a(), 2);
                return true;
            }
            const Gp first = get(b());
            const Gp second = get(b() + 1);
            put_pair(a(), first, second);
            return true;
        }
        case Opcode::Mov3: {
            const std::uint32_t last = x(0);
            put(a(), get(b()));
            put(last, get(c()));
            return true;
        }
        case Opcode::MovN: {
            if (c() > 8 || (a() > b() && a() < b() + c())) return false;
            for (std::uint32_t i = 0; i < c(); ++i) {
                as_.mov(rax, slot(b() + i));
                as_.mov(slot(a() + i), rax);
            }
            forget(a(), c());
            return true;
        }
        case Opcode::Zero: put_constant(a(), 0); return true;
        case Opcode::ZeroN:
            if (at().uimm > 8) return false;
            as_.xor_(eax, eax);
            for (std::uint32_t i = 0; i < at().uimm; ++i) as_.mov(slot(a() + i), rax);
            forget(a(), at().uimm);
            return true;
        case Opcode::LoadI: put_constant(a(), at().imm); return true;
        case Opcode::LoadK: put_constant(a(), static_cast<std::int64_t>(program_.constants[at().uimm])); return true;
        case Opcode::LoadK2:
            put_constant(a(), static_cast<std::int64_t>(program_.constants[at().uimm]));
            put_constant(a() + 1, static_cast<std::int64_t>(program_.constants[at().uimm + 1]));
            return true;
        default: return false;
    }
}

void Emitter::integer(Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right) {
    const Gp l = get(left);
    const Gp r = get(right);
    const Gp result = fresh();
    if (op == Inst::kIdAdd) {
        as_.lea(result, ptr(l, r));
    } else {
        as_.mov(result, l);
        as_.emit(op, result, r);
    }
    put(to, result);
}

void Emitter::integer_constant(Inst::Id op, std::uint32_t to, std::uint32_t left, std::int32_t right) {
    const Gp l = get(left);
    const Gp result = fresh();
    if (op == Inst::kIdAdd) {
        as_.lea(result, ptr(l, right));
    } else if (op == Inst::kIdImul) {
        as_.imul(result, l, right);
    } else {
        as_.mov(result, l);
        as_.emit(op, result, asmjit::Imm(right));
    }
    put(to, result);
}

void Emitter::set_if(CondCode condition, std::uint32_t to) {
    const Gp result = fresh();
    as_.set(condition, al);
    as_.movzx(result.r32(), al);
    put(to, result);
}

/// Go's shifts: by 64 or more leaves nothing, or only the sign.
void Emitter::shift(Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right) {
    const Gp value = get(left);
    const Gp count = get(right);
    const Gp result = fresh();
    as_.mov(rcx, count);
    as_.mov(result, value);
    if (op == Inst::kIdSar) {
        as_.mov(eax, 63);
        as_.cmp(rcx, 63);
        as_.cmova(rcx, rax);
        as_.sar(result, cl);
    } else {
        as_.emit(op, result, cl);
        as_.xor_(eax, eax);
        as_.cmp(rcx, 63);
        as_.cmova(result, rax);
    }
    put(to, result);
}

void Emitter::divide(std::uint32_t to, std::uint32_t left, std::uint32_t right, bool is_signed, bool remainder) {
    const Gp l = get(left);
    const Gp r = get(right);
    const Gp result = fresh();
    as_.test(r, r);
    as_.jz(interpret());
    as_.mov(rax, l);
    if (is_signed) {
        // The one quotient that does not fit would trap.
        const Label usual = as_.newLabel();
        const Label done = as_.newLabel();
        as_.cmp(r, -1);
        as_.jne(usual);
        if (remainder) as_.xor_(edx, edx);
        else as_.neg(rax);
        as_.jmp(done);
        as_.bind(usual);
        as_.cqo();
        as_.idiv(r);
        as_.bind(done);
    } else {
        as_.xor_(edx, edx);
        as_.div(r);
    }
    as_.mov(result, remainder ? rdx : rax);
    put(to, result);
}

void Emitter::divide_constant(std::uint32_t to, std::uint32_t left, std::int32_t right, bool remainder) {
    const Gp l = get(left);
    const Gp result = fresh();
    const SignedDivision by = signed_division(right);
    as_.mov(rax, by.multiplier);
    as_.imul(l);
    if (right > 0 && by.multiplier < 0) as_.add(rdx, l);
    if (right < 0 && by.multiplier > 0) as_.sub(rdx, l);
    if (by.shift > 0) as_.sar(rdx, by.shift);
    as_.mov(rax, rdx);
    as_.shr(rax, 63);
    as_.add(rdx, rax);
    if (remainder) {
        as_.imul(rdx, rdx, right);
        as_.mov(result, l);
        as_.sub(result, rdx);
    } else {
        as_.mov(result, rdx);
    }
    put(to, result);
}

bool Emitter::emit_number() {
    const auto compare = [this](CondCode condition) {
        const Gp left = get(b());
        const Gp right = get(c());
        as_.cmp(left, right);
        set_if(condition, a());
        return true;
    };
    const auto extend = [this](auto emit) {
        const Gp from = get(b());
        const Gp to = fresh();
        emit(to, from);
        put(a(), to);
        return true;
    };
    switch (at().op) {
        case Opcode::AddI64: integer(Inst::kIdAdd, a(), b(), c()); return true;
        case Opcode::SubI64: integer(Inst::kIdSub, a(), b(), c()); return true;
        case Opcode::MulI64: integer(Inst::kIdImul, a(), b(), c()); return true;
        case Opcode::And: integer(Inst::kIdAnd, a(), b(), c()); return true;
        case Opcode::Or: integer(Inst::kIdOr, a(), b(), c()); return true;
        case Opcode::Xor: integer(Inst::kIdXor, a(), b(), c()); return true;
        case Opcode::AndNot: {
            const Gp left = get(b());
            const Gp right = get(c());
            const Gp result = fresh();
            as_.mov(result, right);
            as_.not_(result);
            as_.and_(result, left);
            put(a(), result);
            return true;
        }
        case Opcode::DivI64: divide(a(), b(), c(), true, false); return true;
        case Opcode::RemI64: divide(a(), b(), c(), true, true); return true;
        case Opcode::DivU64: divide(a(), b(), c(), false, false); return true;
        case Opcode::RemU64: divide(a(), b(), c(), false, true); return true;
        case Opcode::Shl: shift(Inst::kIdShl, a(), b(), c()); return true;
        case Opcode::ShrI64: shift(Inst::kIdSar, a(), b(), c()); return true;
        case Opcode::ShrU64: shift(Inst::kIdShr, a(), b(), c()); return true;
        case Opcode::ShiftCheck: {
            const Gp count = get(a());
            as_.test(count, count);
            as_.js(interpret());
            return true;
        }
        case Opcode::AddI64K: integer_constant(Inst::kIdAdd, a(), b(), sc()); return true;
        case Opcode::MulI64K: integer_constant(Inst::kIdImul, a(), b(), sc()); return true;
        case Opcode::AndK: integer_constant(Inst::kIdAnd, a(), b(), sc()); return true;
        case Opcode::ShlK: integer_constant(Inst::kIdShl, a(), b(), sc()); return true;
        case Opcode::ShrI64K: integer_constant(Inst::kIdSar, a(), b(), sc()); return true;
        case Opcode::ShrU64K: integer_constant(Inst::kIdShr, a(), b(), sc()); return true;
        case Opcode::DivI64K: case Opcode::RemI64K: {
            const bool remainder = at().op == Opcode::RemI64K;
            if (sc() < 2 && sc() > -2) return false;
            divide_constant(a(), b(), sc(), remainder);
            return true;
        }
        case Opcode::NegI64: return extend([this](const Gp& to, const Gp& from) { as_.mov(to, from); as_.neg(to); });
        case Opcode::Not: return extend([this](const Gp& to, const Gp& from) { as_.mov(to, from); as_.not_(to); });
        case Opcode::NotBool: return extend([this](const Gp& to, const Gp& from) { as_.mov(to, from); as_.xor_(to, 1); });
        case Opcode::SxtI8: return extend([this](const Gp& to, const Gp& from) { as_.movsx(to, from.r8()); });
        case Opcode::SxtI16: return extend([this](const Gp& to, const Gp& from) { as_.movsx(to, from.r16()); });
        case Opcode::SxtI32: return extend([this](const Gp& to, const Gp& from) { as_.movsxd(to, from.r32()); });
        case Opcode::ZxtU8: return extend([this](const Gp& to, const Gp& from) { as_.movzx(to.r32(), from.r8()); });
        case Opcode::ZxtU16: return extend([this](const Gp& to, const Gp& from) { as_.movzx(to.r32(), from.r16()); });
        case Opcode::ZxtU32: return extend([this](const Gp& to, const Gp& from) { as_.mov(to.r32(), from.r32()); });
        case Opcode::EqI64: return compare(CondCode::kE);
        case Opcode::NeI64: return compare(CondCode::kNE);
        case Opcode::LtI64: return compare(CondCode::kL);
        case Opcode::LeI64: return compare(CondCode::kLE);
        case Opcode::LtU64: return compare(CondCode::kB);
        case Opcode::LeU64: return compare(CondCode::kBE);
        default: return false;
    }
}

void Emitter::floating(Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right) {
    const Xmm l = getd(left);
    const Xmm r = getd(right);
    const Xmm result = freshd();
    as_.movapd(result, l);
    as_.emit(op, result, r);
    put(to, result);
}

bool Emitter::emit_float() {
    // a < b as b > a, which is false when either is no number.
    const auto compare = [this](CondCode condition) {
        const Xmm left = getd(b());
        const Xmm right = getd(c());
        as_.ucomisd(right, left);
        set_if(condition, a());
        return true;
    };
    const auto equal = [this](bool is) {
        const Xmm left = getd(b());
        const Xmm right = getd(c());
        const Gp result = fresh();
        as_.ucomisd(left, right);
        as_.set(is ? CondCode::kNP : CondCode::kP, al);
        as_.set(is ? CondCode::kE : CondCode::kNE, cl);
        if (is) as_.and_(al, cl);
        else as_.or_(al, cl);
        as_.movzx(result.r32(), al);
        put(a(), result);
        return true;
    };
    const auto sign = [this](Inst::Id op) {
        const Gp from = get(b());
        const Gp to = fresh();
        as_.mov(to, from);
        as_.emit(op, to, asmjit::Imm(63));
        put(a(), to);
        return true;
    };
    switch (at().op) {
        case Opcode::AddF64: floating(Inst::kIdAddsd, a(), b(), c()); return true;
        case Opcode::SubF64: floating(Inst::kIdSubsd, a(), b(), c()); return true;
        case Opcode::MulF64: floating(Inst::kIdMulsd, a(), b(), c()); return true;
        case Opcode::DivF64: floating(Inst::kIdDivsd, a(), b(), c()); return true;
        case Opcode::NegF64: return sign(Inst::kIdBtc);
        case Opcode::AbsF64: return sign(Inst::kIdBtr);
        case Opcode::SqrtF64: {
            const Xmm from = getd(b());
            const Xmm to = freshd();
            as_.sqrtsd(to, from);
            put(a(), to);
            return true;
        }
        case Opcode::I64ToF64: {
            const Gp from = get(b());
            const Xmm to = freshd();
            as_.xorps(to, to);
            as_.cvtsi2sd(to, from);
            put(a(), to);
            return true;
        }
        case Opcode::F64ToI64: {
            const Xmm from = getd(b());
            const Gp to = fresh();
            as_.cvttsd2si(to, from);
            as_.mov(rax, std::uint64_t{1} << 63);  // what does not fit
            as_.cmp(to, rax);
            as_.je(interpret());
            put(a(), to);
            return true;
        }
        case Opcode::EqF64: return equal(true);
        case Opcode::NeF64: return equal(false);
        case Opcode::LtF64: return compare(CondCode::kA);
        case Opcode::LeF64: return compare(CondCode::kAE);
        default: return false;
    }
}

bool Emitter::emit_fused_number() {
    // a = x0 op (b op c)
    const auto chain = [this](Inst::Id first, Inst::Id second, bool swapped) {
        const Gp left = get(b());
        const Gp right = get(c());
        const Gp last = get(x(0));
        const Gp result = fresh();
        as_.mov(rax, left);
        as_.emit(first, rax, right);
        as_.mov(result, swapped ? last : rax);
        as_.emit(second, result, swapped ? rax : last);
        put(a(), result);
        return true;
    };
    const auto chain_floats = [this](Inst::Id first, Inst::Id second, bool swapped) {
        const Xmm left = getd(b());
        const Xmm right = getd(c());
        const Xmm last = getd(x(0));
        const Xmm result = freshd();
        as_.movapd(swapped ? xmm0 : result, left);
        as_.emit(first, swapped ? xmm0 : result, right);
        if (swapped) as_.movapd(result, last);
        as_.emit(second, result, swapped ? xmm0 : last);
        put(a(), result);
        return true;
    };
    const auto shifted = [this](Inst::Id op) {
        const Gp value = get(b());
        const Gp other = get(x(0));
        const Gp result = fresh();
        as_.mov(result, value);
        as_.emit(op, result, asmjit::Imm(c()));
        as_.xor_(result, other);
        put(a(), result);
        return true;
    };
    const auto narrow = [this](Inst::Id op, bool is_signed) {
        const Gp left = get(b());
        const Gp right = get(c());
        const Gp result = fresh();
        as_.mov(result.r32(), left.r32());
        as_.emit(op, result.r32(), right.r32());
        if (is_signed) as_.movsxd(result, result.r32());
        put(a(), result);
        return true;
    };
    switch (at().op) {
        case Opcode::MulAddI64: return chain(Inst::kIdImul, Inst::kIdAdd, false);
        case Opcode::MulSubI64: return chain(Inst::kIdImul, Inst::kIdSub, true);
        case Opcode::AddAddI64: return chain(Inst::kIdAdd, Inst::kIdAdd, false);
        case Opcode::SubAddI64: return chain(Inst::kIdSub, Inst::kIdAdd, false);
        case Opcode::MulAddF64: return chain_floats(Inst::kIdMulsd, Inst::kIdAddsd, true);
        case Opcode::MulSubF64: return chain_floats(Inst::kIdMulsd, Inst::kIdSubsd, true);
        case Opcode::MulRsubF64: return chain_floats(Inst::kIdMulsd, Inst::kIdSubsd, false);
        case Opcode::AddAddF64: return chain_floats(Inst::kIdAddsd, Inst::kIdAddsd, false);
        case Opcode::SubAddF64: return chain_floats(Inst::kIdSubsd, Inst::kIdAddsd, false);
        case Opcode::MulMulF64: return chain_floats(Inst::kIdMulsd, Inst::kIdMulsd, false);
        case Opcode::MulKAddI64: {
            const Gp left = get(b());
            const Gp last = get(x(0));
            const Gp result = fresh();
            as_.imul(result, left, sc());
            as_.add(result, last);
            put(a(), result);
            return true;
        }
        case Opcode::ShrXor: return shifted(Inst::kIdShr);
        case Opcode::ShlXor: return shifted(Inst::kIdShl);
        case Opcode::AddU32: return narrow(Inst::kIdAdd, false);
        case Opcode::MulU32: return narrow(Inst::kIdImul, false);
        case Opcode::AddI32: return narrow(Inst::kIdAdd, true);
        default: return false;
    }
}

}  // namespace csp::native
