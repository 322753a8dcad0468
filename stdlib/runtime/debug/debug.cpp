#include <limits>

#include "csp/package.hpp"
#include "runtime/heap/collector.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status set_percent(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto percent = static_cast<std::int64_t>(s[1]);
    const int clamped = percent < 0 ? -1 : static_cast<int>(std::min<std::int64_t>(percent, std::numeric_limits<int>::max()));
    s[0] = static_cast<Slot>(static_cast<std::int64_t>(heap(call).collector().set_percent(clamped)));
    return Status::Ok;
}

Status set_memory_limit(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = static_cast<Slot>(heap(call).collector().set_memory_limit(static_cast<std::int64_t>(s[1])));
    return Status::Ok;
}

Status set_max_stack(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = goroutine(call).scheduler->executor().set_stack_limit(s[1]);
    return Status::Ok;
}

/// func setTraceback(level int)
Status set_traceback(Call& call, const NativeEntry&) {
    const Slot level = call.slots()[0];
    using runtime::Traceback;
    goroutine(call).scheduler->executor().set_traceback(level == 0 ? Traceback::None : level == 1 ? Traceback::Single : Traceback::All);
    return Status::Ok;
}

Status free_memory(Call& call, const NativeEntry&) {
    goroutine(call).scheduler->collect(goroutine(call));
    heap(call).collector().release_all();
    return Status::Ok;
}

Status pauses(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::CollectorStats stats = heap(call).collector().stats();
    s[0] = stats.cycles;
    s[1] = static_cast<Slot>(stats.pause_total_ns);
    s[2] = static_cast<Slot>(stats.pause_last_ns);
    s[3] = static_cast<Slot>(stats.pause_max_ns);
    return Status::Ok;
}

}  // namespace

void bind_runtime_debug(Package& package) {
    package.raw("SetGCPercent", set_percent)
        .raw("SetMemoryLimit", set_memory_limit)
        .raw("SetMaxStack", set_max_stack)
        .raw("setTraceback", set_traceback)
        .raw("FreeOSMemory", free_memory)
        .raw("pauses", pauses);
}

}  // namespace csp::stdlib
