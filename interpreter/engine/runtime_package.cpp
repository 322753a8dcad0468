#include "interpreter/engine/runtime_package.h"

#include <algorithm>
#include <thread>

#include "interpreter/vm/machine.h"
#include "runtime/sched/scheduler.h"
#include "runtime/sync/sync.h"

namespace csp::engine {

/// In a source file that the build makes.
std::string_view embedded(std::string_view name);

namespace {

runtime::Goroutine& goroutine(Call& call) { return *static_cast<runtime::Goroutine*>(call.goroutine()); }

Status wait_scope(Call& call, const NativeEntry&) {
    auto& scope = *reinterpret_cast<vm::Scope*>(call.slots()[0]);
    return runtime::waitgroup_wait(goroutine(call), scope.goroutines) == runtime::Wait::Parked ? Status::Parked : Status::Ok;
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

Status lock_thread(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->lock_thread(g);
    return Status::Ok;
}
Status unlock_thread(Call& call, const NativeEntry&) {
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->unlock_thread(g);
    return Status::Ok;
}

Status gosched(Call&, const NativeEntry&) { return Status::Yield; }
/// Its argument is in the frame until here; a function in Csp would be inlined away.
Status keep_alive(Call&, const NativeEntry&) { return Status::Ok; }
Status run_goexit(Call& call, const NativeEntry&) { return call.goexit(); }
vm::Machine& machine(Call& call) { return *static_cast<vm::Machine*>(call.machine()); }
vm::Thread& thread(Call& call) { return *static_cast<vm::Thread*>(call.goroutine()); }

/// func callers(skip int, pcs []uintptr) int
Status callers(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::span<Slot> pcs(reinterpret_cast<Slot*>(s[2]), static_cast<std::uint32_t>(s[3]));
    s[0] = machine(call).callers(thread(call), pcs, static_cast<std::int64_t>(s[1]));
    return Status::Ok;
}

/// func functionAt(pc uintptr) (name string, entry uintptr)
Status function_at(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const bytecode::Function* function = machine(call).frame_at(s[3]).function;
    s[2] = function == nullptr ? 0 : reinterpret_cast<Slot>(function->code);
    return call.put_string(s, function == nullptr ? "" : function->name) ? Status::Ok : Status::Panic;
}

/// func lineAt(pc uintptr) (file string, line int)
Status line_at(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const vm::Machine::FrameView frame = machine(call).frame_at(s[3]);
    if (frame.function == nullptr) {
        s[2] = 0;
        return call.put_string(s, "") ? Status::Ok : Status::Panic;
    }
    const source::Position at = machine(call).program().sources->position(frame.pos);
    s[2] = static_cast<Slot>(at.line);
    return call.put_string(s, at.file) ? Status::Ok : Status::Panic;
}

/// func stack(all bool) string
Status stack(Call& call, const NativeEntry&) {
    std::string text = machine(call).trace(thread(call), "running");
    const bool all = (call.slots()[2] & 1) != 0;
    if (all) text += machine(call).other_traces(thread(call));
    return call.put_string(call.slots(), text) ? Status::Ok : Status::Panic;
}

}  // namespace

Package runtime_package() {
    Package package("runtime");
    add_memory_functions(package);
    add_profiles(package);
    for (const char* part : {"runtime", "runtime_memory", "runtime_profile"}) {
        const std::string file = part + std::string(".csp");
        package.image(file, embedded("engine/" + file));
    }
    package.raw("waitScope", wait_scope)
        .raw("GOMAXPROCS", gomaxprocs)
        .raw("NumGoroutine", num_goroutine)
        .raw("LockOSThread", lock_thread)
        .raw("UnlockOSThread", unlock_thread)
        .raw("Gosched", gosched)
        .raw("Goexit", run_goexit)
        .raw("KeepAlive", keep_alive)
        .raw("callers", callers)
        .raw("functionAt", function_at)
        .raw("lineAt", line_at)
        .raw("stack", stack);
    package.function("NumCPU",
                     [] { return static_cast<std::int64_t>(std::thread::hardware_concurrency()); });
    return package;
}

}  // namespace csp::engine
