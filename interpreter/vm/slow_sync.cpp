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
    if (runtime::mutex_unlock(t, mutex_at(fp[at->a]))) return Flow::Next;
    return m.fatal(t, "sync: unlock of unlocked mutex");
}

}  // namespace csp::vm::slow
