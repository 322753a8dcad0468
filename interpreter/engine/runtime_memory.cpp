// Package runtime: the collector, finalizers and cleanups.

#include <algorithm>
#include <string>

#include "interpreter/engine/runtime_package.h"
#include "interpreter/vm/machine.h"
#include "runtime/heap/collector.h"
#include "runtime/sched/scheduler.h"

namespace csp::engine {

namespace {

using runtime::Kind;
using runtime::Type;

runtime::Goroutine& goroutine(Call& call) { return *static_cast<runtime::Goroutine*>(call.goroutine()); }
runtime::Heap& heap(Call& call) { return goroutine(call).scheduler->heap(); }
runtime::AllocCache& cache(Call& call) { return goroutine(call).worker->cache(); }

Status collect(Call& call, const NativeEntry&) {
    goroutine(call).scheduler->collect(goroutine(call));
    return Status::Yield;  // it has taken long
}

/// runtime.MemStats (runtime_memory.csp).
struct MemStats {
    Slot alloc, total_alloc, sys, lookups, mallocs, frees;
    Slot heap_alloc, heap_sys, heap_idle, heap_inuse, heap_released, heap_objects;
    Slot others[9];
    Slot next_gc, last_gc, pause_total_ns;
    Slot pause_ns[256], pause_end[256];
    std::uint32_t num_gc, num_forced_gc;
    double gc_cpu_fraction;
    bool enable_gc, debug_gc;
};

/// func ReadMemStats(m *MemStats)
Status read_mem_stats(Call& call, const NativeEntry&) {
    auto* const out = reinterpret_cast<MemStats*>(call.slots()[0]);
    if (out == nullptr) return call.runtime_error("invalid memory address or nil pointer dereference");
    runtime::Heap& h = heap(call);
    runtime::Heap::Counts counts;
    // Exact, as Go's: no worker allocates meanwhile.
    goroutine(call).scheduler->stop_world(cache(call), [&] { counts = h.allocated(nullptr); });
    const runtime::CollectorStats stats = h.collector().stats();
    const runtime::PageHeap& pages = h.pages();
    *out = {};
    out->alloc = out->heap_alloc = std::min<Slot>(stats.used_bytes, counts.bytes);
    out->total_alloc = counts.bytes;
    out->mallocs = counts.objects;
    out->heap_objects = std::min<Slot>(stats.used_objects, counts.objects);
    out->frees = out->mallocs - out->heap_objects;
    out->heap_inuse = pages.held();
    out->heap_released = pages.released();
    out->heap_idle = pages.retained() + pages.released();
    out->sys = out->heap_sys = out->heap_inuse + out->heap_idle;
    out->next_gc = stats.goal_bytes;
    out->last_gc = static_cast<Slot>(stats.last_end_ns);
    out->pause_total_ns = static_cast<Slot>(stats.pause_total_ns);
    out->pause_ns[(stats.cycles + 255) % 256] = static_cast<Slot>(stats.pause_last_ns);
    out->num_gc = stats.cycles;
    out->num_forced_gc = static_cast<std::uint32_t>(stats.forced);
    const auto processor_time = static_cast<double>(stats.lived_ns) * goroutine(call).scheduler->workers();
    out->gc_cpu_fraction = static_cast<double>(stats.mark_total_ns) / (processor_time + 1);
    out->enable_gc = true;
    return Status::Ok;
}

/// A pointer to the beginning of something in the heap, or why that is none.
std::string not_an_object(Call& call, const Slot* s) {
    const auto* type = reinterpret_cast<const Type*>(s[0]);
    if (type == nullptr) return "first argument is nil";
    if (type->kind != Kind::Pointer) return "first argument is " + std::string(type->string) + ", not pointer";
    if (s[1] == 0) return "nil pointer";
    const runtime::Heap::Object object = heap(call).find(reinterpret_cast<const void*>(s[1]));
    if (object.start != nullptr && object.start != reinterpret_cast<const void*>(s[1])) return "pointer not at beginning of allocated block";
    return "";
}

/// func SetFinalizer(obj any, finalizer any)
Status set_finalizer(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const auto fail = [&](const std::string& text) { return call.fatal("runtime.SetFinalizer: " + text); };
    if (const std::string problem = not_an_object(call, s); !problem.empty()) return fail(problem);
    const auto* type = reinterpret_cast<const Type*>(s[0]);
    const auto* function = reinterpret_cast<const Type*>(s[2]);
    const auto* object = reinterpret_cast<const void*>(s[1]);
    runtime::Finalizer finalizer;
    if (function != nullptr) {
        if (function->kind != Kind::Func) return fail("second argument is " + std::string(function->string) + ", not a function");
        const bool fits = function->params.size() == 1 && !function->variadic &&
                          (function->params[0] == type || (function->params[0]->kind == Kind::Interface &&
                                                           runtime::implements(*type, *function->params[0], nullptr)));
        if (!fits) return fail("cannot pass " + std::string(type->string) + " to finalizer " + std::string(function->string));
        finalizer = {object, reinterpret_cast<const runtime::Closure*>(s[3]), type};
        if (finalizer.function == nullptr) return call.runtime_error("invalid memory address or nil pointer dereference");
    }
    // What is not in the heap, such as a variable of the package, is never collected.
    if (heap(call).find(object).start != nullptr) heap(call).collector().specials().set_finalizer(object, finalizer);
    return Status::Ok;
}

/// func addCleanup(ptr any, f func()) uint64
Status add_cleanup(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* object = reinterpret_cast<const void*>(s[2]);
    if (object == nullptr) return call.panic("runtime.AddCleanup: ptr is nil");
    const bool in_heap = heap(call).find(object).start != nullptr;
    const runtime::Finalizer cleanup{nullptr, reinterpret_cast<const runtime::Closure*>(s[3]), nullptr};
    s[0] = in_heap ? heap(call).collector().specials().add_cleanup(object, cleanup) : 0;
    return Status::Ok;
}

Status remove_cleanup(Call& call, const NativeEntry&) {
    heap(call).collector().specials().remove_cleanup(call.slots()[0]);
    return Status::Ok;
}

/// func refusal(pointer any) string: why it is not a pointer; empty: it is one.
Status pin_refusal(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* type = reinterpret_cast<const runtime::Type*>(s[2]);
    std::string why;
    if (type == nullptr)
        why = "nil";
    else if (type->kind != runtime::Kind::Pointer)
        why = "not a pointer: " + std::string(type->string);
    return call.put_string(s, why) ? Status::Ok : Status::Panic;
}

}  // namespace

void add_memory_functions(Package& package) {
    package.raw("GC", collect)
        .raw("ReadMemStats", read_mem_stats)
        .raw("SetFinalizer", set_finalizer)
        .raw("addCleanup", add_cleanup)
        .raw("removeCleanup", remove_cleanup)
        .raw("refusal", pin_refusal);
}

}  // namespace csp::engine
