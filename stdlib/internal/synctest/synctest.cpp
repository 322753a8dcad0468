#include "csp/package.hpp"

#include "runtime/sched/bubble.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status in_bubble(Call& call, const NativeEntry&) {
    call.slots()[0] = goroutine(call).bubble != nullptr;
    return Status::Ok;
}

Status enter(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->bubbles().enter(g);
    return Status::Ok;
}
Status leave(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->bubbles().leave(g);
    return Status::Ok;
}

Status settle(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    return g.bubble->run(g) == runtime::Wait::Parked ? Status::Parked : Status::Ok;
}

/// func step() int: runtime::Bubble::Step.
Status step(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    call.slots()[0] = static_cast<Slot>(g.bubble->step(*g.worker));
    return Status::Ok;
}

Status main_ended(Call& call, const NativeEntry&) {
    goroutine(call).bubble->main_ended();
    return Status::Ok;
}

Status wait(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    if (g.bubble == nullptr) return call.panic("goroutine is not in a bubble");
    if (g.bubble->wait(g) == runtime::Wait::Nil) return call.panic("wait already in progress");
    return Status::Parked;
}

}  // namespace

void bind_internal_synctest(Package& package) {
    package.raw("InBubble", in_bubble)
        .raw("enter", enter)
        .raw("leave", leave)
        .raw("settle", settle)
        .raw("step", step)
        .raw("mainEnded", main_ended)
        .raw("Wait", wait);
}

}  // namespace csp::stdlib
