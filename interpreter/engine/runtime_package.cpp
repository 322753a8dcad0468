#include "interpreter/engine/runtime_package.h"

#include <algorithm>
#include <thread>

#include "runtime/sched/scheduler.h"
#include "runtime/sync/sync.h"

namespace csp::engine {

namespace {

constexpr std::string_view kSource = R"csp(
// Package runtime: Go's functions of that name, and what the virtual machine needs of Csp code.
package runtime

// Error identifies a run-time error, as opposed to an ordinary one.
type Error interface {
	error
	RuntimeError()
}

type errorString string

func (e errorString) RuntimeError() {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

type boundsError string

func (e boundsError) RuntimeError() {}
func (e boundsError) Error() string { return "runtime error: " + string(e) }

type plainError string

func (e plainError) RuntimeError() {}
func (e plainError) Error() string { return string(e) }

// A TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct{ text string }

func (*TypeAssertionError) RuntimeError()   {}
func (e *TypeAssertionError) Error() string { return e.text }

// A PanicNilError is what panic(nil) panics with.
type PanicNilError struct{ text string }

func (*PanicNilError) RuntimeError()   {}
func (e *PanicNilError) Error() string { return e.text }

type nativeError struct{ text string }

func (e *nativeError) Error() string { return e.text }

// A scope is one execution of sync { }. Its first words are a wait group of the goroutines in it.
type scope struct {
	state    uint64
	sema     uint32
	failed   uint32
	panicked bool
	value    any
}

func newScope() *scope { return new(scope) }

func enterScope(s *scope) { addToScope(s, 1) }

// endInScope is deferred by every goroutine of a scope.
func endInScope(s *scope) {
	if value := recover(); value != nil && firstFailure(s) {
		s.value = value
		s.panicked = true
	}
	addToScope(s, -1)
}

// leaveScope waits for the goroutines and passes on the first panic among them.
func leaveScope(s *scope) {
	waitScope(s)
	if s.panicked {
		panic(s.value)
	}
}

func addToScope(s *scope, delta int)
func waitScope(s *scope)
func firstFailure(s *scope) bool

func GOMAXPROCS(n int) int
func NumCPU() int
func NumGoroutine() int
func Gosched()
func Goexit()
func GC()
func allocated() (bytes, objects uint64)

// MemStats tells about the heap.
type MemStats struct {
	Alloc, TotalAlloc, Sys, Mallocs, Frees, HeapAlloc, HeapSys, HeapInuse, HeapObjects uint64
	NumGC                                                                             uint32
}

func ReadMemStats(m *MemStats) {
	m.Alloc, m.Mallocs = allocated()
	m.TotalAlloc, m.HeapAlloc, m.HeapInuse, m.HeapObjects = m.Alloc, m.Alloc, m.Alloc, m.Mallocs
}

var MemProfileRate int = 512 * 1024

const GOOS = "linux"
const GOARCH = "amd64"
const Compiler = "csp"

func Version() string { return "csp" }
)csp";

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
    package.source("runtime.csp", kSource);
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
