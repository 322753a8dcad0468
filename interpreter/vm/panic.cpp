// Panics, deferred calls, recover and Goexit.
//
// A panic runs the deferred calls of the goroutine's frames, newest first, each in a trampoline frame
// above the point of the panic, so that the frames below stay as they are for a trace. When a deferred
// call has recovered it, the stack is cut back to the frame that had deferred the call, which goes on
// at its epilogue: its remaining deferred calls, then its return.
// Source: Go spec, "Handling panics".

#include <cstdlib>
#include <utility>
#include <cstring>

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
    d->next = thread.defers;
    d->function = function_at(thread.pc);
    d->token = thread.next_token++;
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

void Machine::drop_defer(Thread& thread, std::uint64_t token) {
    for (Defer** at = &thread.defers; *at != nullptr; at = &(*at)->next) {
        if ((*at)->token != token) continue;
        Defer* const dropped = *at;
        *at = dropped->next;
        std::free(dropped);
        return;
    }
}

/// Puts the call of `d` into a trampoline frame at `frame`, whose code is `code`, and frees `d`.
static bool place_call(Machine& machine, Thread& thread, Defer* d, std::size_t frame,
                       const bytecode::Function& trampoline, Slot packed_return) {
    if (!machine.ensure_stack(thread, frame, kTrampolineArea + d->slots + 8)) return false;
    Slot* const base = thread.stack_base + frame;
    base[-1] = packed_return;
    base[0] = reinterpret_cast<Slot>(d->closure);
    std::memcpy(base + kTrampolineArea, d->image, d->slots * sizeof(Slot));
    std::free(d);
    thread.fp = static_cast<std::uint32_t>(frame);
    thread.pc = trampoline.code;
    return true;
}

Flow Machine::run_defers(Thread& thread) {
    Defer* const d = thread.defers;
    if (d == nullptr || d->frame != thread.fp) {
        ++thread.pc;
        return Flow::Jump;
    }
    thread.defers = d->next;
    const std::uint32_t delta = d->function->frame_slots + kHeaderSlots;
    const Slot back = pack_return(thread.pc, delta);
    return place_call(*this, thread, d, thread.fp + delta, program_.deferred, back) ? Flow::Jump : Flow::Ended;
}

Flow Machine::raise(Thread& thread, const Slot* value) {
    const bytecode::Function* function = function_at(thread.pc);
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
    const std::uint32_t frame = function == nullptr ? 0 : function->frame_slots;
    p->top = thread.fp + frame + kHeaderSlots;
    // Below native frames of this goroutine the stack goes on above what the native uses.
    p->raised_fp = thread.fp;
    p->raised_pc = thread.pc;
    thread.panics = p;
    return Flow::Panic;
}

Flow Machine::goexit(Thread& thread) {
    const Slot marker[2] = {1, 0};
    raise(thread, marker);
    thread.panics->goexit = true;
    return Flow::Panic;
}

Flow Machine::unwind(Thread& thread) {
    PanicRecord* const p = thread.panics;
    Defer* const d = thread.defers;
    if (d == nullptr || d->frame < thread.nested_base) {
        if (thread.nested_base > 0) return Flow::Panic;  // goes on in the loop below the native
        if (p->goexit) {
            while (thread.panics != nullptr)
                delete std::exchange(thread.panics, thread.panics->previous);
            return Flow::Parked;
        }
        report_uncaught(thread);
        return Flow::Ended;
    }
    thread.defers = d->next;
    p->started = true;
    p->frame = d->frame;
    p->function = d->function;
    // The deferred call runs above everything that is still needed for a trace.
    const Slot back = pack_return(p->raised_pc, p->top - p->raised_fp);
    return place_call(*this, thread, d, p->top, program_.panicking, back) ? Flow::Jump : Flow::Ended;
}

Flow Machine::panic_resumed(Thread& thread) {
    PanicRecord* const p = thread.panics;
    if (!p->recovered) return Flow::Panic;
    const std::uint32_t frame = p->frame;
    const bytecode::Function* const function = p->function;
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
    if (goexit_continues) return goexit(thread);
    return Flow::Jump;
}

void Machine::recover(Thread& thread, Slot* fp, Slot* to) {
    PanicRecord* const p = thread.panics;
    to[0] = 0;
    to[1] = 0;
    if (p == nullptr || p->recovered || p->goexit || !p->started) return;
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
