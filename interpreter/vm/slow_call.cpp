// Calls of natives, closures, go and defer.

#include <cstring>
#include <utility>

#include "interpreter/vm/slow.h"

namespace csp::vm::slow {

using bytecode::Word;

namespace {
const Word& word(const Instruction* at) { return *reinterpret_cast<const Word*>(at + 1); }
}  // namespace

Flow call_native(Machine& m, Thread& t, const bytecode::Function& callee, std::uint32_t area) {
    const std::size_t offset = t.fp + area;
    if (!m.ensure_stack(t, offset, callee.frame_slots)) return Flow::Ended;
    Call call(&m, &t, &t.stack_base, offset, callee.frame_slots, callee.type);
    const std::uint32_t outer_end = std::exchange(t.arguments_end, static_cast<std::uint32_t>(offset + callee.frame_slots));
    const Status status = callee.native->invoke(call, *callee.native);
    if (status == Status::Parked) return Flow::Parked;  // perhaps it runs elsewhere by now
    t.arguments_end = outer_end;
    if (call.ended()) return Flow::Ended;
    switch (status) {
        case Status::Ok: return Flow::Next;
        // Without memory, the run has ended instead, and there is no panic to go on with.
        case Status::Panic: return m.ending() ? Flow::Ended : Flow::Panic;
        case Status::Yield: return Flow::Yield;
        case Status::Parked:
        case Status::Ended: break;
    }
    return Flow::Ended;
}

Flow make_closure(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    auto* closure = static_cast<runtime::Closure*>(m.heap().allocate_slots(m.cache(t), 1u + at->c));
    if (closure == nullptr) return m.out_of_memory(t);
    closure->function = m.program().by_index[word(at).lo];
    std::memcpy(closure->captured, fp + at->b, at->c * sizeof(Slot));
    fp[at->a] = reinterpret_cast<Slot>(closure);
    return Flow::Next;
}

namespace {
Flow start(Machine& m, Thread& t, const Instruction* at, Slot* fp, Scope* scope) {
    const auto* closure = reinterpret_cast<const runtime::Closure*>(fp[at->b]);
    if (closure == nullptr) return m.fatal(t, "go of nil func value");
    if (!m.may_start_goroutine(&t)) return Flow::Ended;
    runtime::Goroutine* const made = m.scheduler().acquire(t.worker, t.bubble);
    if (made == nullptr) return m.out_of_memory(t);
    auto& fresh = static_cast<Thread&>(*made);
    if (!m.start_frame(fresh, closure, fp + at->a, at->c)) {
        m.scheduler().release(fresh);
        return m.out_of_memory(t);
    }
    fresh.parent_id = t.id;
    fresh.started_at = at;
    fresh.scope = scope;
    m.scheduler().ready(t.worker, fresh, true);
    return Flow::Next;
}
}  // namespace

Flow go(Machine& m, Thread& t, const Instruction* at, Slot* fp) { return start(m, t, at, fp, nullptr); }

Flow go_scoped(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    auto* const scope = reinterpret_cast<Scope*>(fp[word(at).x[0]]);
    if (runtime::waitgroup_add(t, scope->goroutines, 1) != runtime::WaitGroupError::None)
        return m.fatal(t, "sync: scope misused");
    return start(m, t, at, fp, scope);
}

Flow defer(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto* closure = reinterpret_cast<const runtime::Closure*>(fp[at->b]);
    m.push_defer(t, fp, closure, fp + at->a, at->c);
    return Flow::Next;
}

Flow defer_outer(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto* closure = reinterpret_cast<const runtime::Closure*>(fp[at->b]);
    const bytecode::Function* function = m.program().by_index[word(at).lo];
    if (!m.defer_for(t, fp[word(at).hi], *function, closure, fp + at->a, at->c))
        return m.fatal(t, "defer in a loop body that runs on another goroutine than its function");
    return Flow::Next;
}

}  // namespace csp::vm::slow
