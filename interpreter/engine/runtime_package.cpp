#include "interpreter/engine/runtime_package.h"

#include <algorithm>
#include <thread>

#include "runtime/sched/scheduler.h"
#include "runtime/sync/sync.h"

namespace csp::engine {

/// In a source file that the build makes.
std::string_view embedded(std::string_view name);

namespace {

runtime::Goroutine& goroutine(Call& call) { return *static_cast<runtime::Goroutine*>(call.goroutine()); }

runtime::WaitGroupWords& words(Slot scope) { return *reinterpret_cast<runtime::WaitGroupWords*>(scope); }

Status add_to_scope(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    if (runtime::waitgroup_add(goroutine(call), words(s[0]), static_cast<std::int64_t>(s[1])) !=
        runtime::WaitGroupError::None)
        return call.fatal("sync: scope misused");
    return Status::Ok;
}

Status wait_scope(Call& call, const NativeEntry&) {
    return runtime::waitgroup_wait(goroutine(call), words(call.slots()[0])) == runtime::Wait::Parked
               ? Status::Parked
               : Status::Ok;
}

Status first_failure(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    auto* failed = reinterpret_cast<std::atomic<std::uint32_t>*>(s[1] + 12);
    s[0] = failed->exchange(1) == 0;
    return Status::Ok;
}

Status gomaxprocs(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Scheduler& scheduler = *goroutine(call).scheduler;
    const auto wanted = static_cast<std::int64_t>(s[1]);
    const int now = scheduler.workers();
    if (wanted > 0) scheduler.set_workers(static_cast<int>(std::min<std::int64_t>(wanted, 256)));
    s[0] = static_cast<Slot>(now);
    return Status::Ok;
}

Status num_goroutine(Call& call, const NativeEntry&) {
    call.slots()[0] = static_cast<Slot>(goroutine(call).scheduler->goroutines());
    return Status::Ok;
}

Status gosched(Call&, const NativeEntry&) { return Status::Yield; }
Status run_goexit(Call& call, const NativeEntry&) { return call.goexit(); }
Status allocated(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::AllocCache& cache = goroutine(call).worker->cache();
    s[0] = cache.allocated_bytes;
    s[1] = cache.allocated_objects;
    return Status::Ok;
}
Status nothing(Call&, const NativeEntry&) { return Status::Ok; }

}  // namespace

Package runtime_package() {
    Package package("runtime");
    package.image("runtime.csp", embedded("engine/runtime.csp"));
    package.raw("addToScope", add_to_scope)
        .raw("waitScope", wait_scope)
        .raw("firstFailure", first_failure)
        .raw("GOMAXPROCS", gomaxprocs)
        .raw("NumGoroutine", num_goroutine)
        .raw("Gosched", gosched)
        .raw("Goexit", run_goexit)
        .raw("allocated", allocated)
        .raw("GC", nothing);
    package.function("NumCPU",
                     [] { return static_cast<std::int64_t>(std::thread::hardware_concurrency()); });
    return package;
}

}  // namespace csp::engine
