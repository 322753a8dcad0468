// Calls and returns, closures, and everything that has a slow path to call.

#include <cstddef>
#include <type_traits>

#include "interpreter/native/emitter.h"

namespace csp::native {

using namespace asmjit::x86;

namespace {

/// As vm::pack_return(): where to go on, and how many slots below the caller's frame is.
std::uint64_t packed(const Instruction* pc, std::uint32_t delta) {
    return reinterpret_cast<std::uintptr_t>(pc) | static_cast<std::uint64_t>(delta) << 48;
}

}  // namespace

/// Goes on behind a return: rbx is the frame of who returns.
void Emitter::leave_frame() {
    as_.mov(rax, qword_ptr(rbx, -8));
    as_.mov(rcx, rax);
    as_.shr(rcx, 48);
    as_.shl(rcx, 3);
    as_.sub(rbx, rcx);
    as_.shl(rax, 16);
    as_.shr(rax, 16);
    as_.jmp(qword_ptr(rax, r15));
    reached_ = false;
}

void Emitter::call_dynamic() {
    as_.cmp(qword_ptr(rax, offsetof(bytecode::Function, native)), 0);
    as_.jne(interpret());
    as_.mov(ecx, dword_ptr(rax, offsetof(bytecode::Function, frame_slots)));
    as_.lea(rdx, ptr(rbx, static_cast<std::int32_t>(a() * 8)));
    as_.lea(rcx, ptr(rdx, rcx, 3));
    as_.cmp(rcx, qword_ptr(r12, offsetof(State, stack_limit)));
    as_.ja(interpret());
    as_.mov(rcx, packed(address(next()), a()));
    as_.mov(qword_ptr(rdx, -8), rcx);
    as_.mov(rax, qword_ptr(rax, offsetof(bytecode::Function, code)));
}

bool Emitter::emit_call() {
    const auto go = [this] {
        as_.mov(rbx, rdx);
        as_.sub(r14, 1);
        const Label on = as_.newLabel();
        as_.jg(on);
        as_.mov(qword_ptr(r12, offsetof(State, pc)), rax);
        as_.mov(eax, static_cast<std::uint32_t>(Exit::Budget));
        as_.jmp(reinterpret_cast<std::uint64_t>(shared_.leave));
        as_.bind(on);
        as_.jmp(qword_ptr(rax, r15));
        enter_next_ = true;
        reached_ = false;
        return true;
    };
    switch (at().op) {
        case Opcode::Call: case Opcode::CallAddK: {
            const bytecode::Function& callee = *program_.by_index[word().lo];
            if (callee.code == nullptr) return false;
            const std::uint32_t area = a();
            as_.lea(rcx, ptr(rbx, static_cast<std::int32_t>((area + callee.frame_slots) * 8)));
            as_.cmp(rcx, qword_ptr(r12, offsetof(State, stack_limit)));
            as_.ja(interpret());
            if (at().op == Opcode::CallAddK) {
                const Word argument = word(1);
                integer_constant(Inst::kIdAdd, area + argument.x[0], argument.x[1], static_cast<std::int16_t>(argument.x[2]));
            }
            as_.mov(rax, packed(address(next()), area));
            as_.mov(qword_ptr(rbx, static_cast<std::int32_t>(area * 8) - 8), rax);
            as_.add(rbx, static_cast<std::int32_t>(area * 8));
            as_.sub(r14, 1);
            as_.jle(stub_at(callee.code, Exit::Budget));
            if (callee.code == function_.code) {
                as_.jmp(own_entry_);
            } else {
                as_.mov(rax, reinterpret_cast<std::uint64_t>(callee.code));
                as_.jmp(qword_ptr(rax, r15));
            }
            enter_next_ = true;
            reached_ = false;
            return true;
        }
        case Opcode::CallClosure: {
            const Gp closure = pointer(b());
            as_.mov(rax, qword_ptr(closure));
            call_dynamic();
            as_.mov(qword_ptr(rdx, -16), closure);
            return go();
        }
        case Opcode::CallIface: {
            const Gp type = pointer(b());
            as_.mov(rdi, type);
            as_.mov(esi, word().lo);
            as_.mov(rax, reinterpret_cast<std::uint64_t>(environment_.find_method));
            as_.call(rax);
            forget_all();
            // Read before the frame's header is written, and written when nothing can lead back to this instruction any
            // more: the interface may lie where either comes.
            as_.mov(rsi, slot(b() + 1));
            call_dynamic();
            as_.mov(slot(a() + c()), rsi);
            return go();
        }
        case Opcode::Ret: leave_frame(); return true;
        case Opcode::RetI:
            put_constant(0, at().imm);
            leave_frame();
            return true;
        case Opcode::RetSlot:
            if (a() != 0) put(0, get(a()));
            leave_frame();
            return true;
        case Opcode::RetAddI64:
            integer(Inst::kIdAdd, 0, b(), c());
            leave_frame();
            return true;
        default: return emit_closure();
    }
}

// A MapResult comes back in registers: its status in al, the place of the value in rdx.
static_assert(std::is_trivially_copyable_v<runtime::MapResult> && sizeof(runtime::MapResult) == 16);
static_assert(offsetof(runtime::MapResult, status) == 0 && offsetof(runtime::MapResult, value) == 8);
static_assert(static_cast<int>(runtime::MapStatus::Ok) == 0);

/// A concurrent write is left for the interpreter to find again, or not.
void Emitter::search_map(const void* function, bool text, bool tell) {
    const Label found = as_.newLabel();
    const Label done = as_.newLabel();
    as_.mov(rdi, slot(b()));
    if (text) as_.lea(rsi, slot(c()));
    else as_.mov(rsi, slot(c()));
    as_.mov(rax, reinterpret_cast<std::uint64_t>(function));
    as_.call(rax);
    forget_all();
    as_.test(al, al);
    as_.jz(found);
    as_.cmp(al, static_cast<int>(runtime::MapStatus::Missing));
    as_.jne(interpret());
    as_.xor_(esi, esi);
    as_.xor_(ecx, ecx);
    as_.jmp(done);
    as_.bind(found);
    as_.mov(rsi, qword_ptr(rdx));
    as_.mov(ecx, 1);
    as_.bind(done);
    as_.mov(slot(a()), rsi);
    if (tell) as_.mov(slot(x(0)), rcx);
}

bool Emitter::emit_closure() {
    const auto captured = [this](std::uint32_t index) {
        as_.mov(rcx, qword_ptr(rbx, -16));
        return qword_ptr(rcx, static_cast<std::int32_t>(8 + index * 8));
    };
    const auto box = [&] {
        as_.mov(rdx, captured(b()));
        as_.test(rdx, rdx);
        as_.jz(interpret());
        return qword_ptr(rdx);
    };
    switch (at().op) {
        case Opcode::MapGetWord: search_map(reinterpret_cast<const void*>(environment_.find_word), false, false); return true;
        case Opcode::MapGetText: search_map(reinterpret_cast<const void*>(environment_.find_text), true, false); return true;
        case Opcode::MapGetOkWord: search_map(reinterpret_cast<const void*>(environment_.find_word), false, true); return true;
        case Opcode::MapGetOkText: search_map(reinterpret_cast<const void*>(environment_.find_text), true, true); return true;
        case Opcode::LdCap: load_as(a(), 'u', 8, captured(b())); return true;
        case Opcode::LdCapN:
            if (c() > 8) return false;
            for (std::uint32_t i = 0; i < c(); ++i) load_as(a() + i, 'u', 8, captured(b() + i));
            return true;
        case Opcode::LdCapBox: load_as(a(), 'u', 8, box()); return true;
        case Opcode::CapAddI64: {
            const Mem memory = box();
            as_.add(memory, get(a()));
            return true;
        }
        case Opcode::CapAddI64K: {
            const Mem memory = box();
            as_.add(memory, static_cast<std::int16_t>(a()));
            return true;
        }
        default: return false;
    }
}

void Emitter::slow_call() {
    const Label on = as_.newLabel();
    as_.mov(qword_ptr(r12, offsetof(State, fp)), rbx);
    as_.mov(qword_ptr(r12, offsetof(State, budget)), r14);
    // The callee would keep them on its stack, where the collector would take dead values for live ones.
    as_.xor_(ebp, ebp);
    as_.xor_(r13d, r13d);
    as_.mov(rdi, r12);
    as_.mov(rsi, reinterpret_cast<std::uint64_t>(address(here_)));
    as_.mov(rax, reinterpret_cast<std::uint64_t>(environment_.slow_path(at().op)));
    as_.call(rax);
    as_.test(eax, eax);
    as_.jz(on);
    as_.mov(dword_ptr(r12, offsetof(State, flow)), eax);
    as_.mov(eax, static_cast<std::uint32_t>(Exit::Flow));
    as_.jmp(reinterpret_cast<std::uint64_t>(shared_.leave));
    as_.bind(on);
    as_.mov(rbx, qword_ptr(r12, offsetof(State, fp)));
    if (environment_.charges(at().op)) as_.mov(r14, qword_ptr(r12, offsetof(State, budget)));
    forget_all();
}

bool Emitter::emit_slow() {
    if (environment_.slow_path(at().op) == nullptr) return false;
    slow_call();
    enter_next_ = true;
    return true;
}

}  // namespace csp::native
