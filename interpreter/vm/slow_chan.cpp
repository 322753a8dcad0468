// Channels and select. The thread's state is saved before each operation, since as soon as it is on a
// wait queue another worker may go on with it.

#include <array>

#include "interpreter/vm/slow.h"
#include "runtime/chan/channel.h"
#include "runtime/sched/bubble.h"

namespace csp::vm::slow {

using bytecode::Word;
using runtime::Channel;
using runtime::Wait;

namespace {
Channel* channel_at(Slot slot) { return reinterpret_cast<Channel*>(slot); }
}  // namespace

Flow make_chan(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[at->c];
    const auto capacity = static_cast<std::int64_t>(fp[at->b]);
    if (capacity < 0 || capacity > (std::int64_t{1} << 40) / (type.elem->slots + 1))
        return m.raise_plain(t, "makechan: size out of range");
    Channel* channel = runtime::make_channel(m.heap(), m.cache(t), type, capacity, runtime::bubble_number(t));
    if (channel == nullptr) return m.out_of_memory(t);
    fp[at->a] = reinterpret_cast<Slot>(channel);
    return Flow::Next;
}

Flow send(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    switch (runtime::channel_send(t, channel_at(fp[at->a]), fp + at->b)) {
        case Wait::Done: return Flow::Next;
        case Wait::Parked: return Flow::Parked;
        case Wait::Foreign: return m.fatal(t, "send on synctest channel from outside bubble");
        case Wait::Closed:
        case Wait::Nil: break;
    }
    return m.raise_plain(t, "send on closed channel");
}

Flow receive(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Slot* const ok = at->c == bytecode::kNoSlot ? nullptr : fp + at->c;
    const Wait wait = runtime::channel_receive(t, channel_at(fp[at->b]), fp + at->a, ok);
    if (wait == Wait::Foreign) return m.fatal(t, "receive on synctest channel from outside bubble");
    return wait == Wait::Parked ? Flow::Parked : Flow::Next;
}

Flow close(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    switch (runtime::channel_close(t, channel_at(fp[at->a]))) {
        case Wait::Closed: return m.raise_plain(t, "close of closed channel");
        case Wait::Nil: return m.raise_plain(t, "close of nil channel");
        case Wait::Foreign: return m.fatal(t, "close of synctest channel from outside bubble");
        case Wait::Done:
        case Wait::Parked: break;
    }
    return Flow::Next;
}

Slot chan_length(Slot channel) { return static_cast<Slot>(runtime::channel_length(channel_at(channel))); }
Slot chan_capacity(Slot channel) {
    return static_cast<Slot>(runtime::channel_capacity(channel_at(channel)));
}

namespace {
/// One case and a default are not a select to Go.
const char* foreign_select(std::span<const runtime::SelectCase> cases, bool has_default) {
    if (!has_default || cases.size() > 1) return "select on synctest channel from outside bubble";
    return cases[0].send ? "send on synctest channel from outside bubble" : "receive on synctest channel from outside bubble";
}
}  // namespace

Flow select(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const bool has_default = at->c != 0;
    runtime::Waiter* waiters = nullptr;
    if (!has_default) {
        // Above the frame, which is the innermost one.
        static_assert(sizeof(runtime::Waiter) % sizeof(Slot) == 0 && alignof(runtime::Waiter) <= alignof(Slot));
        const std::size_t frame_end = t.fp + m.function_at(t.pc)->frame_slots;
        if (!m.ensure_stack(t, frame_end, at->b * (sizeof(runtime::Waiter) / sizeof(Slot)))) return Flow::Ended;
        waiters = reinterpret_cast<runtime::Waiter*>(t.stack_base + frame_end);
        fp = t.stack_base + t.fp;
    }
    constexpr std::size_t kInline = 8;
    std::array<runtime::SelectCase, kInline> few;
    std::vector<runtime::SelectCase> many;
    runtime::SelectCase* cases = few.data();
    if (at->b > kInline) {
        many.resize(at->b);
        cases = many.data();
    }
    for (std::size_t i = 0; i < at->b; ++i) {
        const Word& w = *reinterpret_cast<const Word*>(at + 1 + i);
        cases[i] = {channel_at(fp[w.x[0]]), fp + w.x[1],
                    w.x[2] == bytecode::kNoSlot ? nullptr : fp + w.x[2], w.x[3] != 0};
    }
    t.select_result = fp + at->a;
    const runtime::Selected selected = runtime::channel_select(t, {cases, at->b}, has_default, waiters);
    switch (selected.wait) {
        case Wait::Done: fp[at->a] = static_cast<Slot>(static_cast<std::int64_t>(selected.index)); break;
        case Wait::Parked: return Flow::Parked;
        case Wait::Foreign: return m.fatal(t, foreign_select({cases, at->b}, has_default));
        case Wait::Closed:
        case Wait::Nil: return m.raise_plain(t, "send on closed channel");
    }
    return Flow::Next;
}

}  // namespace csp::vm::slow
