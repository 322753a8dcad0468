// Locks and atomic operations.

#include <cstddef>

#include "interpreter/native/emitter.h"
#include "runtime/sync/sync.h"

namespace csp::native {

using namespace asmjit::x86;

/// As runtime::mutex_try_lock() and the slow path.
void Emitter::lock_mutex() {
    const Gp mutex = pointer(a());
    const Label slow = as_.newLabel();
    const Label done = as_.newLabel();
    as_.mov(eax, dword_ptr(mutex));
    as_.test(eax, runtime::kMutexLocked | runtime::kMutexStarving);
    as_.jnz(slow);
    as_.mov(ecx, eax);
    as_.or_(ecx, runtime::kMutexLocked);
    as_.lock().cmpxchg(dword_ptr(mutex), ecx);
    as_.je(done);
    as_.bind(slow);
    slow_call();
    as_.bind(done);
    forget_all();
    enter_next_ = true;
}

/// As runtime::mutex_try_unlock() and the slow path.
void Emitter::unlock_mutex() {
    const Gp mutex = pointer(a());
    const Label unlock = as_.newLabel();
    const Label slow = as_.newLabel();
    const Label done = as_.newLabel();
    as_.mov(eax, dword_ptr(mutex));
    as_.cmp(eax, runtime::kMutexLocked);
    as_.je(unlock);
    as_.mov(ecx, eax);
    as_.and_(ecx, runtime::kMutexLocked | runtime::kMutexWoken | runtime::kMutexStarving);
    as_.cmp(ecx, runtime::kMutexLocked | runtime::kMutexWoken);
    as_.jne(slow);
    as_.bind(unlock);
    as_.lea(ecx, ptr(rax, -static_cast<std::int32_t>(runtime::kMutexLocked)));
    as_.lock().cmpxchg(dword_ptr(mutex), ecx);
    as_.je(done);
    as_.bind(slow);
    slow_call();
    as_.bind(done);
    forget_all();
    enter_next_ = true;
}

void Emitter::count_reader(std::int32_t change) {
    const Gp mutex = pointer(a());
    const Label done = as_.newLabel();
    as_.lock().add(dword_ptr(mutex, offsetof(runtime::RWMutexWords, readers)), change);
    as_.jns(done);
    slow_call();
    as_.bind(done);
    forget_all();
    enter_next_ = true;
}

void Emitter::put_narrow(std::uint32_t index, bool is_signed) {
    const Gp result = fresh();
    if (is_signed) as_.movsxd(result, eax);
    else as_.mov(result.r32(), eax);
    put(index, result);
}

bool Emitter::emit_sync() {
    if (at().op < Opcode::MutexLock || at().op > Opcode::AtomicCas32) return false;
#if defined(__SANITIZE_THREAD__)
    // The sanitizer does not see what machine code does, and would miss who waits for whom.
    as_.jmp(interpret());
    enter_next_ = true;
    reached_ = false;
    return true;
#endif
    const auto wide = [this](auto body) {
        body();
        const Gp result = fresh();
        as_.mov(result, rax);
        put(a(), result);
        return true;
    };
    const auto narrow = [this](bool is_signed, auto body) {
        body();
        put_narrow(a(), is_signed);
        return true;
    };
    const auto swap = [this](bool is_wide) {
        const Gp address = pointer(b());
        as_.mov(rax, get(c()));
        if (is_wide) as_.xchg(qword_ptr(address), rax);
        else as_.xchg(dword_ptr(address), eax);
    };
    const auto add = [this](bool is_wide) {
        const Gp address = pointer(b());
        const Gp delta = get(c());
        as_.mov(rax, delta);
        if (is_wide) {
            as_.lock().xadd(qword_ptr(address), rax);
            as_.add(rax, delta);
        } else {
            as_.lock().xadd(dword_ptr(address), eax);
            as_.add(eax, delta.r32());
        }
    };
    const auto compare_and_swap = [this](bool is_wide) {
        const Gp address = pointer(b());
        as_.mov(rax, get(c()));
        as_.mov(rcx, get(x(0)));
        if (is_wide) as_.lock().cmpxchg(qword_ptr(address), rcx);
        else as_.lock().cmpxchg(dword_ptr(address), ecx);
        set_if(CondCode::kZ, a());
        return true;
    };
    switch (at().op) {
        case Opcode::MutexLock: lock_mutex(); return true;
        case Opcode::MutexUnlock: unlock_mutex(); return true;
        case Opcode::ReadLock: count_reader(1); return true;
        case Opcode::ReadUnlock: count_reader(-1); return true;
        case Opcode::AtomicLd64: load_as(a(), 'u', 8, qword_ptr(pointer(b()))); return true;
        case Opcode::AtomicLd32U: load_as(a(), 'u', 4, dword_ptr(pointer(b()))); return true;
        case Opcode::AtomicLd32S: load_as(a(), 's', 4, dword_ptr(pointer(b()))); return true;
        case Opcode::AtomicSt64: case Opcode::AtomicSt32: {
            const Gp address = pointer(a());
            as_.mov(rax, get(b()));
            if (at().op == Opcode::AtomicSt64) as_.xchg(qword_ptr(address), rax);
            else as_.xchg(dword_ptr(address), eax);
            return true;
        }
        case Opcode::AtomicAdd64: return wide([&] { add(true); });
        case Opcode::AtomicAdd32U: return narrow(false, [&] { add(false); });
        case Opcode::AtomicAdd32S: return narrow(true, [&] { add(false); });
        case Opcode::AtomicSwap64: return wide([&] { swap(true); });
        case Opcode::AtomicSwap32U: return narrow(false, [&] { swap(false); });
        case Opcode::AtomicSwap32S: return narrow(true, [&] { swap(false); });
        case Opcode::AtomicCas64: return compare_and_swap(true);
        case Opcode::AtomicCas32: return compare_and_swap(false);
        default: return false;
    }
}

}  // namespace csp::native
