#include "stdlib/support/polling.h"

#include <algorithm>
#include <limits>

namespace csp::stdlib {

Status wait_descriptor(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    return netpoll(call).wait(goroutine(call), s[0], direction(s[1])) == runtime::Wait::Parked ? Status::Parked : Status::Ok;
}

Status set_descriptor_deadline(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Goroutine& g = goroutine(call);
    std::int64_t when = 0;
    if (s[3] != 0) {
        const auto delay = static_cast<std::int64_t>(s[4]);
        const std::int64_t now = g.scheduler->clock().monotonic();
        // A deadline in the past is a reading of the clock other than 0, which means none.
        if (delay <= 0)
            when = std::max<std::int64_t>(now, 1);
        else
            when = delay > std::numeric_limits<std::int64_t>::max() - now - 1 ? std::numeric_limits<std::int64_t>::max() - 1 : now + delay;
    }
    s[0] = netpoll(call).set_deadline(g, s[1], direction(s[2]), when);
    return Status::Ok;
}

}  // namespace csp::stdlib
