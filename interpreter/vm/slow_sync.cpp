// Locks that are not to be had, or given back, by one compare-and-swap.

#include "interpreter/vm/slow.h"
#include "runtime/sync/sync.h"

namespace csp::vm::slow {

namespace {
runtime::MutexWords& mutex_at(Slot slot) { return *reinterpret_cast<runtime::MutexWords*>(slot); }
}  // namespace

Flow lock(Machine&, Thread& t, const Instruction* at, Slot* fp) {
    return runtime::mutex_lock(t, mutex_at(fp[at->a])) == runtime::Wait::Parked ? Flow::Parked : Flow::Next;
}

Flow unlock(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    switch (runtime::mutex_unlock(t, mutex_at(fp[at->a]))) {
        case runtime::Unlock::Done: return Flow::Next;
        case runtime::Unlock::HandedOver: return Flow::Yield;
        case runtime::Unlock::NotLocked: break;
    }
    return m.fatal(t, "sync: unlock of unlocked mutex");
}

/// Counted as a reader already, but there is a writer.
Flow read_lock(Machine&, Thread& t, const Instruction* at, Slot* fp) {
    auto& mutex = *reinterpret_cast<runtime::RWMutexWords*>(fp[at->a]);
    return runtime::rwmutex_await_writer(t, mutex) == runtime::Wait::Parked ? Flow::Parked : Flow::Next;
}

/// No longer counted, but there is a writer, or there was no reader.
Flow read_unlock(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    auto& mutex = *reinterpret_cast<runtime::RWMutexWords*>(fp[at->a]);
    if (runtime::rwmutex_reader_left(t, mutex)) return Flow::Next;
    return m.fatal(t, "sync: RUnlock of unlocked RWMutex");
}

}  // namespace csp::vm::slow
