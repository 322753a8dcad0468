// Loads and stores: through pointers, of globals, of elements, and in frames.

#include "interpreter/native/emitter.h"

namespace csp::native {

using namespace asmjit::x86;

namespace {

Mem sized(Mem memory, std::uint32_t bytes) {
    memory.setSize(bytes);
    return memory;
}

}  // namespace

Gp Emitter::pointer(std::uint32_t index) {
    const Gp reg = get(index);
    for (GpCopy& copy : now_.gps) {
        if (copy.reg != reg) continue;
        if (copy.checked) return reg;
        copy.checked = true;
    }
    as_.test(reg, reg);
    as_.jz(interpret());
    return reg;
}

Mem Emitter::element_of(const Gp& data, const Gp& index, std::uint32_t size, std::uint32_t offset) {
    const auto at = static_cast<std::int32_t>(offset);
    switch (size) {
        case 1: return ptr(data, index, 0, at);
        case 2: return ptr(data, index, 1, at);
        case 4: return ptr(data, index, 2, at);
        case 8: return ptr(data, index, 3, at);
        case 16:
            as_.mov(rcx, index);
            as_.shl(rcx, 4);
            return ptr(data, rcx, 0, at);
        default:
            as_.imul(rcx, index, static_cast<std::int32_t>(size));
            return ptr(data, rcx, 0, at);
    }
}

Mem Emitter::element(std::uint32_t slice, std::uint32_t index, std::uint32_t size, std::uint32_t offset) {
    const Gp data = get(slice);
    const Gp i = get(index);
    bool found = false;
    for (const GpCopy& copy : now_.gps)
        if (copy.holds(slice + 1)) {
            as_.mov(eax, copy.reg.r32());
            found = true;
            break;
        }
    if (!found) as_.mov(eax, sized(slot(slice + 1), 4));
    as_.cmp(i, rax);
    as_.jae(interpret());
    return element_of(data, i, size, offset);
}

Mem Emitter::nested_element(std::uint32_t slice, std::uint32_t outer, std::uint32_t inner, std::uint32_t size) {
    const Mem header = element(slice, outer, 16);
    as_.movdqa(xmm0, sized(header, 16));
    as_.movhlps(xmm1, xmm0);
    as_.movd(eax, xmm1);
    const Gp i = get(inner);
    as_.cmp(i, rax);
    as_.jae(interpret());
    as_.movq(rdx, xmm0);
    return element_of(rdx, i, size, 0);
}

Mem Emitter::array_element(std::uint32_t array, std::uint32_t index, std::uint32_t length, std::uint32_t size) {
    const Gp data = pointer(array);
    const Gp i = get(index);
    as_.mov(eax, length);
    as_.cmp(i, rax);
    as_.jae(interpret());
    return element_of(data, i, size, 0);
}

void Emitter::load_as(std::uint32_t to, char kind, std::uint32_t bytes, const Mem& from) {
    const Mem memory = sized(from, bytes);
    const Gp result = fresh();
    if (bytes == 8) as_.mov(result, memory);
    else if (bytes == 4 && kind == 's') as_.movsxd(result, memory);
    else if (bytes == 4) as_.mov(result.r32(), memory);
    else if (kind == 's') as_.movsx(result, memory);
    else as_.movzx(result.r32(), memory);
    put(to, result);
}

void Emitter::store_as(std::uint32_t bytes, const Mem& to, std::uint32_t from) {
    const Gp value = get(from);
    const Mem memory = sized(to, bytes);
    switch (bytes) {
        case 1: as_.mov(memory, value.r8()); break;
        case 2: as_.mov(memory, value.r16()); break;
        case 4: as_.mov(memory, value.r32()); break;
        default: as_.mov(memory, value); break;
    }
}

void Emitter::unless_marking() {
    as_.mov(rax, reinterpret_cast<std::uint64_t>(environment_.marking));
    as_.cmp(byte_ptr(rax), 0);
    as_.jne(interpret());
}

bool Emitter::emit_memory() {
    const auto load = [this](char kind, std::uint32_t bytes) {
        const Gp base = pointer(b());
        load_as(a(), kind, bytes, ptr(base, static_cast<std::int32_t>(c())));
        return true;
    };
    const auto store = [this](std::uint32_t bytes) {
        const Gp base = pointer(a());
        store_as(bytes, ptr(base, static_cast<std::int32_t>(b())), c());
        return true;
    };
    const auto frame_load = [this](char kind, std::uint32_t bytes) {
        load_as(a(), kind, bytes, ptr(rbx, static_cast<std::int32_t>(b() * 8 + c())));
        return true;
    };
    const auto frame_store = [this](std::uint32_t bytes) {
        store_as(bytes, ptr(rbx, static_cast<std::int32_t>(a() * 8 + b())), c());
        forget(a() + b() / 8, 2);
        return true;
    };
    const auto global = [this] {
        as_.mov(rcx, reinterpret_cast<std::uint64_t>(environment_.globals + at().uimm));
        return ptr(rcx);
    };
    switch (at().op) {
        case Opcode::Ld8U: return load('u', 1);
        case Opcode::Ld8S: return load('s', 1);
        case Opcode::Ld16U: return load('u', 2);
        case Opcode::Ld16S: return load('s', 2);
        case Opcode::Ld32U: return load('u', 4);
        case Opcode::Ld32S: return load('s', 4);
        case Opcode::Ld64: return load('u', 8);
        case Opcode::Ld128: copy_pair_in(a(), xmmword_ptr(pointer(b()), static_cast<std::int32_t>(c()))); return true;
        case Opcode::LdPair: {
            const Gp base = pointer(b());
            const auto offset = static_cast<std::int32_t>(c());
            as_.mov(rax, qword_ptr(base, offset));
            as_.mov(rcx, qword_ptr(base, offset + 8));
            as_.mov(slot(a()), rax);
            as_.mov(slot(a() + 1), rcx);
            forget(a(), 2);
            return true;
        }
        case Opcode::LdWords: {
            const std::uint32_t count = word().lo;
            if (count > 8) return false;
            const Gp base = pointer(b());
            for (std::uint32_t i = 0; i < count; ++i) {
                as_.mov(rax, qword_ptr(base, static_cast<std::int32_t>(c() + i * 8)));
                as_.mov(slot(a() + i), rax);
            }
            forget(a(), count);
            return true;
        }
        case Opcode::StWords: {
            const std::uint32_t count = word().lo;
            if (count > 8) return false;
            const Gp base = pointer(a());
            for (std::uint32_t i = 0; i < count; ++i) {
                as_.mov(rax, slot(c() + i));
                as_.mov(qword_ptr(base, static_cast<std::int32_t>(b() + i * 8)), rax);
            }
            return true;
        }
        case Opcode::St8: return store(1);
        case Opcode::St16: return store(2);
        case Opcode::St32: return store(4);
        case Opcode::St64: return store(8);
        case Opcode::StPtr: unless_marking(); return store(8);
        case Opcode::St128: {
            unless_marking();
            const Gp base = pointer(a());
            as_.movdqa(xmmword_ptr(base, static_cast<std::int32_t>(b())), get_pair(c()));
            return true;
        }
        case Opcode::StPair: {
            const Gp base = pointer(a());
            as_.mov(rax, slot(c()));
            as_.mov(rcx, slot(c() + 1));
            as_.mov(qword_ptr(base, static_cast<std::int32_t>(b())), rax);
            as_.mov(qword_ptr(base, static_cast<std::int32_t>(b() + 8)), rcx);
            return true;
        }
        case Opcode::Lea: {
            const Gp base = pointer(b());
            const Gp result = fresh();
            as_.lea(result, ptr(base, static_cast<std::int32_t>(c())));
            put(a(), result);
            return true;
        }
        case Opcode::NilCheck: pointer(a()); return true;
        case Opcode::LeaG: put_constant(a(), reinterpret_cast<std::int64_t>(environment_.globals + at().uimm)); return true;
        case Opcode::LdG64: load_as(a(), 'u', 8, global()); return true;
        case Opcode::StG64: store_as(8, global(), a()); return true;
        case Opcode::StGPtr: unless_marking(); store_as(8, global(), a()); return true;
        case Opcode::LdG128: copy_pair_in(a(), sized(global(), 16)); return true;
        case Opcode::StG128:
            unless_marking();
            as_.movdqa(sized(global(), 16), get_pair(a()));
            return true;
        case Opcode::FrLd8U: return frame_load('u', 1);
        case Opcode::FrLd8S: return frame_load('s', 1);
        case Opcode::FrLd16U: return frame_load('u', 2);
        case Opcode::FrLd16S: return frame_load('s', 2);
        case Opcode::FrLd32U: return frame_load('u', 4);
        case Opcode::FrLd32S: return frame_load('s', 4);
        case Opcode::FrSt8: return frame_store(1);
        case Opcode::FrSt16: return frame_store(2);
        case Opcode::FrSt32: return frame_store(4);
        default: return false;
    }
}

bool Emitter::emit_element() {
    const auto load = [this](char kind, std::uint32_t bytes) {
        load_as(a(), kind, bytes, element(b(), c(), bytes));
        return true;
    };
    const auto store = [this](std::uint32_t bytes) {
        store_as(bytes, element(a(), b(), bytes), c());
        return true;
    };
    const auto address = [this](const Mem& of) {
        const Gp result = fresh();
        as_.lea(result, of);
        put(a(), result);
        return true;
    };
    switch (at().op) {
        case Opcode::SlLd8U: return load('u', 1);
        case Opcode::SlLd8S: return load('s', 1);
        case Opcode::SlLd16U: return load('u', 2);
        case Opcode::SlLd16S: return load('s', 2);
        case Opcode::SlLd32U: return load('u', 4);
        case Opcode::SlLd32S: return load('s', 4);
        case Opcode::SlLd64: return load('u', 8);
        case Opcode::SlLd128: copy_pair_in(a(), sized(element(b(), c(), 16), 16)); return true;
        case Opcode::SlSt8: return store(1);
        case Opcode::SlSt16: return store(2);
        case Opcode::SlSt32: return store(4);
        case Opcode::SlSt64: return store(8);
        case Opcode::SlStPtr: unless_marking(); return store(8);
        case Opcode::SlSt128: {
            unless_marking();
            const Mem to = sized(element(a(), b(), 16), 16);
            as_.movdqa(to, get_pair(c()));
            return true;
        }
        case Opcode::SlAddr: return word().lo <= INT32_MAX && address(element(b(), c(), word().lo));
        case Opcode::ArrAddr: return word().hi <= INT32_MAX && address(array_element(b(), c(), word().lo, word().hi));
        case Opcode::StrIndex: {
            const Gp data = get(b());
            const Gp size = get(b() + 1);
            const Gp i = get(c());
            as_.cmp(i, size);
            as_.jae(interpret());
            load_as(a(), 'u', 1, ptr(data, i));
            return true;
        }
        case Opcode::SliceLen: {
            const Gp sizes = get(b() + 1);
            const Gp result = fresh();
            as_.mov(result.r32(), sizes.r32());
            put(a(), result);
            return true;
        }
        case Opcode::SliceCap: {
            const Gp sizes = get(b() + 1);
            const Gp result = fresh();
            as_.mov(result, sizes);
            as_.shr(result, 32);
            put(a(), result);
            return true;
        }
        case Opcode::SliceSlice: case Opcode::SliceString: {
            const bool text = at().op == Opcode::SliceString;
            if ((c() & 4) != 0 || (!text && program_.types[x(3)]->size > INT32_MAX)) return false;
            const Gp data = get(b());
            const Gp sizes = get(b() + 1);
            // rax: high; rdx: capacity; rcx: low.
            as_.mov(rdx, sizes);
            if (!text) as_.shr(rdx, 32);
            if ((c() & 2) != 0) as_.mov(rax, get(x(1)));
            else if (text) as_.mov(rax, sizes);
            else as_.mov(eax, sizes.r32());
            if ((c() & 1) != 0) as_.mov(rcx, get(x(0)));
            else as_.xor_(ecx, ecx);
            as_.cmp(rax, rdx);
            as_.ja(interpret());
            as_.cmp(rcx, rax);
            as_.ja(interpret());
            as_.sub(rax, rcx);
            const Gp start = fresh();
            const Gp result = fresh();
            // An empty rest must not point past the object.
            as_.sub(rdx, rcx);
            if (!text) {
                const std::uint32_t size = program_.types[x(3)]->size;
                as_.mov(result, rdx);
                as_.shl(result, 32);
                as_.or_(result, rax);
                if (size != 1) as_.imul(rcx, rcx, static_cast<std::int32_t>(size));
                as_.test(rdx, rdx);
            } else {
                as_.mov(result, rax);
                as_.test(rax, rax);
            }
            as_.lea(start, ptr(data, rcx));
            as_.cmovz(start, data);
            put_pair(a(), start, result);
            return true;
        }
        case Opcode::Append1: case Opcode::Append8: {
            const std::uint32_t bytes = at().op == Opcode::Append1 ? 1 : 8;
            const Gp data = get(b());
            const Gp sizes = get(b() + 1);
            const Gp value = get(c());
            const Gp result = fresh();
            const Label full = as_.newLabel();
            const Label done = as_.newLabel();
            as_.mov(eax, sizes.r32());
            as_.mov(rcx, sizes);
            as_.shr(rcx, 32);
            as_.cmp(rax, rcx);
            as_.jae(full);
            if (bytes == 1) as_.mov(byte_ptr(data, rax), value.r8());
            else as_.mov(qword_ptr(data, rax, 3), value);
            as_.lea(result, ptr(sizes, 1));
            put_pair(a(), data, result);
            as_.jmp(done);
            as_.bind(full);
            slow_call();
            as_.bind(done);
            forget_all();
            return true;
        }
        default: return false;
    }
}

void Emitter::integers(Number op, std::uint32_t to, std::uint32_t left, const Mem& right) {
    const Gp l = get(left);
    const Gp result = fresh();
    const Mem memory = sized(right, 8);
    if (op == Number::Rsub) {
        as_.mov(result, memory);
        as_.sub(result, l);
    } else {
        as_.mov(result, l);
        as_.emit(op == Number::Add ? Inst::kIdAdd : op == Number::Sub ? Inst::kIdSub : Inst::kIdImul, result, memory);
    }
    put(to, result);
}

void Emitter::floats(Number op, std::uint32_t to, std::uint32_t left, const Mem& right) {
    const Xmm l = getd(left);
    const Xmm result = freshd();
    const Mem memory = sized(right, 8);
    if (op == Number::Rsub) {
        as_.movsd(result, memory);
        as_.subsd(result, l);
    } else {
        as_.movapd(result, l);
        as_.emit(op == Number::Add ? Inst::kIdAddsd : op == Number::Sub ? Inst::kIdSubsd : Inst::kIdMulsd, result, memory);
    }
    put(to, result);
}

bool Emitter::emit_fused_memory() {
    const auto of_element = [this](Number op, bool is_float) {
        const Mem memory = element(b(), c(), 8);
        if (is_float) floats(op, a(), x(0), memory);
        else integers(op, a(), x(0), memory);
        return true;
    };
    const auto of_memory = [this](Number op, bool is_float) {
        const Mem memory = ptr(pointer(b()), static_cast<std::int32_t>(c()));
        if (is_float) floats(op, a(), x(0), memory);
        else integers(op, a(), x(0), memory);
        return true;
    };
    const auto two_loads = [this](Inst::Id op, bool is_float) {
        const Gp left = pointer(b());
        const Gp right = pointer(c());
        const Mem l = qword_ptr(left, static_cast<std::int32_t>(x(0)));
        const Mem r = qword_ptr(right, static_cast<std::int32_t>(x(1)));
        if (is_float) {
            const Xmm result = freshd();
            as_.movsd(result, l);
            as_.emit(op, result, r);
            put(a(), result);
        } else {
            const Gp result = fresh();
            as_.mov(result, l);
            as_.emit(op, result, r);
            put(a(), result);
        }
        return true;
    };
    const auto change = [this](Inst::Id op, const Mem& memory) {
        as_.emit(op, sized(memory, 8), get(c()));
        return true;
    };
    const auto change_constant = [this](const Mem& memory) {
        as_.add(sized(memory, 8), sc());
        return true;
    };
    const auto change_float = [this](Inst::Id op, const Mem& memory) {
        as_.movsd(xmm0, sized(memory, 8));
        as_.emit(op, xmm0, getd(c()));
        as_.movsd(sized(memory, 8), xmm0);
        return true;
    };
    const auto change_product = [this](Inst::Id op, const Mem& memory) {
        as_.movapd(xmm1, getd(c()));
        as_.mulsd(xmm1, getd(x(0)));
        as_.movsd(xmm0, sized(memory, 8));
        as_.emit(op, xmm0, xmm1);
        as_.movsd(sized(memory, 8), xmm0);
        return true;
    };
    const auto field = [this] { return ptr(pointer(a()), static_cast<std::int32_t>(b())); };
    const auto own_element = [this] { return element(a(), b(), 8); };
    const auto array_load = [this](char kind, std::uint32_t bytes) {
        load_as(a(), kind, bytes, array_element(b(), c(), word().lo, bytes));
        return true;
    };
    const auto array_store = [this](std::uint32_t bytes) {
        store_as(bytes, array_element(a(), b(), word().lo, bytes), c());
        return true;
    };
    const auto nested_load = [this](char kind, std::uint32_t bytes) {
        load_as(a(), kind, bytes, nested_element(b(), c(), x(0), bytes));
        return true;
    };
    const auto nested_store = [this](std::uint32_t bytes) {
        store_as(bytes, nested_element(a(), b(), c(), bytes), x(0));
        return true;
    };
    const auto shifted = [](Mem memory, std::uint32_t by) {
        memory.addOffset(by);
        return sized(memory, 8);
    };
    switch (at().op) {
        case Opcode::SlAddI64: return of_element(Number::Add, false);
        case Opcode::SlSubI64: return of_element(Number::Sub, false);
        case Opcode::SlRsubI64: return of_element(Number::Rsub, false);
        case Opcode::SlMulI64: return of_element(Number::Mul, false);
        case Opcode::SlAddF64: return of_element(Number::Add, true);
        case Opcode::SlSubF64: return of_element(Number::Sub, true);
        case Opcode::SlRsubF64: return of_element(Number::Rsub, true);
        case Opcode::SlMulF64: return of_element(Number::Mul, true);
        case Opcode::LdAddI64: return of_memory(Number::Add, false);
        case Opcode::LdSubI64: return of_memory(Number::Sub, false);
        case Opcode::LdRsubI64: return of_memory(Number::Rsub, false);
        case Opcode::LdMulI64: return of_memory(Number::Mul, false);
        case Opcode::LdAddF64: return of_memory(Number::Add, true);
        case Opcode::LdSubF64: return of_memory(Number::Sub, true);
        case Opcode::LdRsubF64: return of_memory(Number::Rsub, true);
        case Opcode::LdMulF64: return of_memory(Number::Mul, true);
        case Opcode::LdLdAddI64: return two_loads(Inst::kIdAdd, false);
        case Opcode::LdLdSubI64: return two_loads(Inst::kIdSub, false);
        case Opcode::LdLdMulI64: return two_loads(Inst::kIdImul, false);
        case Opcode::LdLdAddF64: return two_loads(Inst::kIdAddsd, true);
        case Opcode::LdLdSubF64: return two_loads(Inst::kIdSubsd, true);
        case Opcode::LdLdMulF64: return two_loads(Inst::kIdMulsd, true);
        case Opcode::StAddI64: return change(Inst::kIdAdd, field());
        case Opcode::StSubI64: return change(Inst::kIdSub, field());
        case Opcode::StAddI64K: return change_constant(field());
        case Opcode::StAddF64: return change_float(Inst::kIdAddsd, field());
        case Opcode::StSubF64: return change_float(Inst::kIdSubsd, field());
        case Opcode::StMulF64: return change_float(Inst::kIdMulsd, field());
        case Opcode::StMulAddF64: return change_product(Inst::kIdAddsd, field());
        case Opcode::StMulSubF64: return change_product(Inst::kIdSubsd, field());
        case Opcode::SlStAddI64: return change(Inst::kIdAdd, own_element());
        case Opcode::SlStSubI64: return change(Inst::kIdSub, own_element());
        case Opcode::SlStAddI64K: return change_constant(own_element());
        case Opcode::SlStAddF64: return change_float(Inst::kIdAddsd, own_element());
        case Opcode::SlStSubF64: return change_float(Inst::kIdSubsd, own_element());
        case Opcode::SlStMulAddF64: return change_product(Inst::kIdAddsd, own_element());
        case Opcode::Sl2Ld8U: return nested_load('u', 1);
        case Opcode::Sl2Ld32S: return nested_load('s', 4);
        case Opcode::Sl2Ld64: return nested_load('u', 8);
        case Opcode::Sl2Ld128: copy_pair_in(a(), sized(nested_element(b(), c(), x(0), 16), 16)); return true;
        case Opcode::Sl2St8: return nested_store(1);
        case Opcode::Sl2St32: return nested_store(4);
        case Opcode::Sl2St64: return nested_store(8);
        case Opcode::SlFld64: load_as(a(), 'u', 8, element(b(), c(), x(0), x(1))); return true;
        case Opcode::SlFld128: copy_pair_in(a(), sized(element(b(), c(), x(0), x(1)), 16)); return true;
        case Opcode::SlStFld64: store_as(8, element(a(), b(), x(0), x(1)), c()); return true;
        case Opcode::SlLdWords: {
            if (x(1) > 8) return false;
            const Mem from = element(b(), c(), x(0));
            const std::uint32_t count = x(1);
            for (std::uint32_t i = 0; i < count; ++i) {
                as_.mov(rax, shifted(from, i * 8));
                as_.mov(slot(a() + i), rax);
            }
            forget(a(), count);
            return true;
        }
        case Opcode::SlStWords: {
            if (x(1) > 8) return false;
            const Mem to = element(a(), b(), x(0));
            const std::uint32_t count = x(1);
            for (std::uint32_t i = 0; i < count; ++i) {
                as_.mov(rax, slot(c() + i));
                as_.mov(shifted(to, i * 8), rax);
            }
            return true;
        }
        case Opcode::ArrLd8U: return array_load('u', 1);
        case Opcode::ArrLd32S: return array_load('s', 4);
        case Opcode::ArrLd32U: return array_load('u', 4);
        case Opcode::ArrLd64: return array_load('u', 8);
        case Opcode::ArrLd128: copy_pair_in(a(), sized(array_element(b(), c(), word().lo, 16), 16)); return true;
        case Opcode::ArrSt8: return array_store(1);
        case Opcode::ArrSt32: return array_store(4);
        case Opcode::ArrSt64: return array_store(8);
        case Opcode::Ld64Ld64: {
            const Gp base = pointer(b());
            const Gp first = fresh();
            const Gp second = fresh();
            as_.mov(first, qword_ptr(base, static_cast<std::int32_t>(c())));
            as_.mov(second, qword_ptr(base, static_cast<std::int32_t>(x(1))));
            put(a(), first);
            put(x(0), second);
            return true;
        }
        case Opcode::Ld128Ld64: {
            const Gp base = pointer(b());
            const Gp second = fresh();
            as_.mov(second, qword_ptr(base, static_cast<std::int32_t>(x(1))));
            copy_pair_in(a(), xmmword_ptr(base, static_cast<std::int32_t>(c())));
            put(x(0), second);
            return true;
        }
        default: return false;
    }
}

}  // namespace csp::native
