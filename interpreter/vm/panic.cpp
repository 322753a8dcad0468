// Panics, deferred calls, recover and Goexit.
//
// A panic leaves the goroutine's frames from the innermost on: first the sync blocks that the frame stands in (a table
// of the function tells, bytecode::SyncBlock), then the function, which runs its deferred calls, newest first. Each call
// runs in a trampoline frame above the point of the panic, so that the frames below stay as they are for a trace. When a
// deferred call has recovered it, the stack is cut back to the frame that had deferred the call, which goes on at its
// epilogue: its remaining deferred calls, then its return. A panic that comes out of such a call goes on where the one
// that made the call has stopped.
// Source: Go spec, "Handling panics".

#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "interpreter/vm/machine.h"

namespace csp::vm {

namespace {
std::uint32_t offset_of(const Thread& thread, const Slot* fp) {
    return static_cast<std::uint32_t>(fp - thread.stack_base);
}
}  // namespace

Defer* Machine::push_defer(Thread& thread, const Slot* fp, const runtime::Closure* closure,
                           const Slot* image, std::uint32_t slots) {
    auto* d = static_cast<Defer*>(std::malloc(sizeof(Defer) + slots * sizeof(Slot)));
    if (d == nullptr) throw std::bad_alloc();
    d->next = thread.defers;
    d->function = function_at(thread.pc);
    d->frame = offset_of(thread, fp);
    d->slots = slots;
    d->closure = closure;
    std::memcpy(d->image, image, slots * sizeof(Slot));
    thread.defers = d;
    return d;
}

// Offsets are below 2^28 slots (the stack limit), which leaves 36 bits for the goroutine.
constexpr unsigned kOffsetBits = 28;

Slot Machine::frame_id(const Thread& thread, const Slot* fp) { return thread.id << kOffsetBits | offset_of(thread, fp); }

bool Machine::defer_for(Thread& thread, Slot frame, const bytecode::Function& function,
                        const runtime::Closure* closure, const Slot* image, std::uint32_t slots) {
    const auto offset = static_cast<std::uint32_t>(frame & ((Slot{1} << kOffsetBits) - 1));
    if (frame_id(thread, thread.stack_base + offset) != frame) return false;
    Defer* const made = push_defer(thread, thread.stack_base + offset, closure, image, slots);
    made->function = &function;
    // The list goes from the innermost frame outwards.
    thread.defers = made->next;
    Defer** at = &thread.defers;
    while (*at != nullptr && (*at)->frame > offset) at = &(*at)->next;
    made->next = *at;
    *at = made;
    return true;
}

namespace {

/// A trampoline frame and where it returns to.
struct Trampoline {
    const bytecode::Function& function;
    std::size_t frame;
    Slot packed_return;
};

/// The goroutine goes on with a call of `closure` in a trampoline frame; `image` is not in the value stack.
Flow place_call(Machine& machine, Thread& thread, const Trampoline& in, const runtime::Closure* closure,
                std::span<const Slot> image) {
    if (!machine.ensure_stack(thread, in.frame, kTrampolineArea + image.size() + 8)) return Flow::Ended;
    Slot* const base = thread.stack_base + in.frame;
    base[-1] = in.packed_return;
    base[0] = reinterpret_cast<Slot>(closure);
    std::memcpy(base + kTrampolineArea, image.data(), image.size_bytes());
    thread.fp = static_cast<std::uint32_t>(in.frame);
    thread.pc = in.function.code;
    return Flow::Jump;
}

/// The call of the newest deferred call, which is forgotten.
Flow place_deferred(Machine& machine, Thread& thread, const Trampoline& in) {
    Defer* const d = std::exchange(thread.defers, thread.defers->next);
    const Flow flow = place_call(machine, thread, in, d->closure, {d->image, d->slots});
    std::free(d);
    return flow;
}

/// Calls of a panic run above everything that is still needed for a trace.
Trampoline above(const bytecode::Program& program, const PanicRecord& panic) {
    return {program.panicking, panic.top, pack_return(panic.raised_pc, panic.top - panic.raised_fp)};
}

}  // namespace

Flow Machine::run_defers(Thread& thread) {
    Defer* const d = thread.defers;
    if (d == nullptr || d->frame != thread.fp) {
        ++thread.pc;
        return Flow::Jump;
    }
    const std::uint32_t delta = d->function->frame_slots + kHeaderSlots;
    return place_deferred(*this, thread, {program_.deferred, thread.fp + delta, pack_return(thread.pc, delta)});
}

Flow Machine::raise(Thread& thread, const Slot* value) {
    auto* p = new PanicRecord{};
    p->previous = thread.panics;
    p->value[0] = value[0];
    p->value[1] = value[1];
    if (value[0] == 0) {
        // panic(nil) is a *runtime.PanicNilError since Go 1.21.
        thread.panics = p;
        delete std::exchange(thread.panics, p->previous);
        return raise_error(thread, program_.nil_panic_error,
                           "panic called with nil argument");
    }
    const bytecode::Function* function = function_at(thread.pc);
    p->top = thread.fp + (function == nullptr ? 0 : function->frame_slots) + kHeaderSlots;
    // Below native frames of this goroutine the stack goes on above what the native uses.
    p->raised_fp = thread.fp;
    p->raised_pc = thread.pc;
    stand_at(*p, thread.fp, thread.pc);
    thread.panics = p;
    return Flow::Panic;
}

Flow Machine::goexit(Thread& thread) {
    const Slot marker[2] = {1, 0};
    raise(thread, marker);
    thread.panics->goexit = true;
    return Flow::Panic;
}

/// The panic has come to the frame at `frame`, which goes on at `pc`.
void Machine::stand_at(PanicRecord& panic, std::uint32_t frame, const bytecode::Instruction* pc) const {
    panic.frame = frame;
    panic.pc = pc;
    panic.sync_block = 0;
    // The instruction before tells: it is what has panicked, or called.
    if (program_.in_sync_block.empty() || !program_.in_sync_block[static_cast<std::size_t>(pc - program_.code.data()) - 1]) return;
    const bytecode::Function& function = *function_at(pc);
    panic.sync_block = function.sync_block_at(static_cast<std::uint32_t>(pc - function.code) - 1);
}

/// On to the next frame. False: there is none, or it is an outer loop's.
bool Machine::leave_frame(const Thread& thread, PanicRecord& panic) const {
    if (panic.frame == thread.nested_base) return false;
    if (panic.pc == program_.panicking.code + 1)
        for (const PanicRecord* older = panic.previous; older != nullptr; older = older->previous) {
            if (older->top != panic.frame) continue;
            panic.frame = older->frame;
            panic.pc = older->pc;
            panic.sync_block = older->sync_block;
            return true;
        }
    const Slot packed = thread.stack_base[panic.frame - 1];
    // RunDefers is come back to: the frame stands at it, not behind the instruction before.
    const bool from_deferred = panic.pc == program_.deferred.code + 1;
    stand_at(panic, panic.frame - return_delta(packed), return_pc(packed) + (from_deferred ? 1 : 0));
    return true;
}

Flow Machine::leave_sync_block(Thread& thread, PanicRecord& panic) {
    const bytecode::SyncBlock& block = function_at(panic.pc)->sync_blocks[panic.sync_block - 1];
    panic.sync_block = block.outer;
    panic.started = true;
    panic.deferring = nullptr;
    const Slot* const operand = thread.stack_base + panic.frame + block.slot;
    const bytecode::Function* leave = block.leave;
    Slot receiver = operand[0];
    if (leave == nullptr) {
        const auto* type = reinterpret_cast<const runtime::Type*>(operand[0]);
        leave = static_cast<const bytecode::Function*>(type->find_method(block.method));
        receiver = operand[1];
    }
    const auto* closure = reinterpret_cast<const runtime::Closure*>(&leave->static_closure);
    return place_call(*this, thread, above(program_, panic), closure, {&receiver, 1});
}

Flow Machine::unwind(Thread& thread) {
    // A native that has no memory left answers as if there were a panic.
    if (ending()) return Flow::Ended;
    PanicRecord& p = *thread.panics;
    do {
        if (p.sync_block != 0) return leave_sync_block(thread, p);
        if (thread.defers == nullptr || thread.defers->frame != p.frame) continue;
        p.started = true;
        p.deferring = thread.defers->function;
        return place_deferred(*this, thread, above(program_, p));
    } while (leave_frame(thread, p));
    if (thread.nested_base > 0) return Flow::Panic;  // goes on in the loop below the native
    if (!p.goexit && thread.scope == nullptr) {
        report_uncaught(thread);
        return Flow::Ended;
    }
    if (!p.goexit && thread.scope->failed.exchange(1, std::memory_order_relaxed) == 0)
        runtime::store_pair(thread.scope->value, p.value);  // over nil: nothing to tell the heap
    while (thread.panics != nullptr) delete std::exchange(thread.panics, thread.panics->previous);
    return Flow::Parked;
}

/// The goroutine has ended, and its scope needs to wait for it no longer.
void Machine::leave_scope(Thread& thread) {
    Scope* const scope = std::exchange(thread.scope, nullptr);
    if (runtime::waitgroup_add(thread, scope->goroutines, -1) != runtime::WaitGroupError::None)
        fatal(thread, "sync: scope misused");
}

Flow Machine::panic_resumed(Thread& thread) {
    PanicRecord* const p = thread.panics;
    if (!p->recovered) return Flow::Panic;
    const std::uint32_t frame = p->frame;
    const bytecode::Function* const function = p->deferring;
    thread.panics = p->previous;
    delete p;
    // Older panics whose deferred calls were above that frame have been replaced by this one.
    bool goexit_continues = false;
    while (thread.panics != nullptr && thread.panics->started && thread.panics->top > frame) {
        goexit_continues |= thread.panics->goexit;
        delete std::exchange(thread.panics, thread.panics->previous);
    }
    thread.fp = frame;
    thread.pc = function->code + function->recover_at;
    if (!goexit_continues) return Flow::Jump;
    ++thread.pc;  // the frame stands at the epilogue, not behind the instruction before
    return goexit(thread);
}

void Machine::recover(Thread& thread, Slot* fp, Slot* to) {
    PanicRecord* const p = thread.panics;
    to[0] = 0;
    to[1] = 0;
    if (p == nullptr || p->recovered || p->goexit || p->deferring == nullptr) return;
    // Only the function that the panic itself called may recover; wrappers are seen through.
    std::uint32_t at = offset_of(thread, fp);
    for (;;) {
        const bytecode::Instruction* const back = return_pc(thread.stack_base[at - 1]);
        if (back == program_.panicking.code + 1) break;
        const bytecode::Function* const caller = function_at(back);
        if (caller == nullptr || !caller->is_wrapper) return;
        at -= return_delta(thread.stack_base[at - 1]);
    }
    if (at != p->top + kTrampolineArea) return;
    p->recovered = true;
    to[0] = p->value[0];
    to[1] = p->value[1];
}

Flow Machine::raise_error(Thread& thread, const runtime::Type* type, std::string_view text) {
    // String kinds hold the text; pointers point to a struct that begins with it.
    char* const bytes = heap_.allocate_bytes(cache(thread), text.size());
    const runtime::Type& holder = type->kind == runtime::Kind::Pointer ? *type->elem : *type;
    void* const object = heap_.allocate(cache(thread), holder);
    if (bytes == nullptr || object == nullptr) return fatal(thread, "out of memory");
    std::memcpy(bytes, text.data(), text.size());
    const Slot string[2] = {reinterpret_cast<Slot>(bytes), text.size()};
    if (holder.size >= sizeof string) runtime::store_pair(object, string);
    const Slot value[2] = {reinterpret_cast<Slot>(type), reinterpret_cast<Slot>(object)};
    return raise(thread, value);
}

Flow Machine::raise_runtime(Thread& thread, std::string_view text) {
    return raise_error(thread, program_.runtime_error, text);
}
Flow Machine::raise_plain(Thread& thread, std::string_view text) {
    return raise_error(thread, program_.plain_error, text);
}
Flow Machine::raise_text(Thread& thread, std::string_view text) {
    return raise_error(thread, program_.string_type, text);
}
Flow Machine::out_of_memory(Thread& thread) { return fatal(thread, "runtime: out of memory"); }

}  // namespace csp::vm
