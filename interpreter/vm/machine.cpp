#include "interpreter/vm/machine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "interpreter/vm/frame_map.h"
#include "interpreter/vm/native_bridge.h"
#include "runtime/chan/channel.h"
#include "runtime/sync/sync.h"

namespace csp::vm {

using bytecode::Instruction;
using bytecode::Opcode;

Machine::Machine(const bytecode::Program& program, runtime::Heap& heap, const MachineOptions& options)
    : program_(program), heap_(heap), options_(options), stack_limit_(options.stack_limit), frame_maps_(std::make_unique<FrameMaps>(program)) {
    const auto add = [this](const bytecode::Function& function) {
        if (!function.instructions.empty())
            ranges_.push_back({function.code, function.code + function.instructions.size(), &function});
    };
    for (const bytecode::Function& function : program.functions) add(function);
    for (const bytecode::Function* trampoline : {&program.root, &program.deferred, &program.panicking}) add(*trampoline);
    std::sort(ranges_.begin(), ranges_.end(),
              [](const CodeRange& a, const CodeRange& b) { return a.begin < b.begin; });
    globals_ = static_cast<char*>(
        heap.allocate_slots(startup_cache_, std::max<std::size_t>(2, program.globals_size / 8 + 2)));
    if (globals_ == nullptr) throw std::bad_alloc();
    if (options.native != native::Mode::Off)
        native_ = std::make_unique<native::Tier>(program, native_environment(*this), options.native);
}

Machine::~Machine() = default;

runtime::AllocCache& Machine::cache(Thread& thread) { return thread.worker->cache(); }
std::uint64_t Machine::random(Thread& thread) { return thread.worker->random(); }

std::size_t Machine::create(std::span<runtime::Goroutine*> wanted) {
    std::unique_ptr<Thread[]> made(new (std::nothrow) Thread[wanted.size()]);
    if (made == nullptr) return 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = &made[i];
    const std::lock_guard lock(threads_mutex_);
    try {
        threads_.push_back(std::move(made));
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return wanted.size();
}

void Machine::recycle(runtime::Goroutine& goroutine) {
    auto& thread = static_cast<Thread&>(goroutine);
    while (thread.defers != nullptr) std::free(std::exchange(thread.defers, thread.defers->next));
    while (thread.panics != nullptr) delete std::exchange(thread.panics, thread.panics->previous);
    // A stack that has grown is not kept, or a free list would hold the memory of one deep recursion.
    constexpr std::size_t kKeptSlots = 512;
    if (thread.stack_slots() > kKeptSlots) thread.shrink_stack();
    thread.resume = runtime::Resume::Nothing;
    thread.scope = nullptr;
    thread.is_main = false;
    thread.is_system = false;
}

runtime::RunResult Machine::run(runtime::Goroutine& goroutine) {
    auto& thread = static_cast<Thread&>(goroutine);
    try {
        return advance(thread);
    } catch (const std::bad_alloc&) {
    }
    // It may be on the list of what it was about to wait for, so it stays as it is, and does nothing if that wakes it.
    out_of_memory(thread);
    broken_.store(true, std::memory_order_relaxed);
    thread.resume = runtime::Resume::Cancelled;
    return runtime::RunResult::Parked;
}

runtime::RunResult Machine::advance(Thread& thread) {
    switch (execute(thread, false)) {
        case LoopEnd::Parked: return runtime::RunResult::Parked;
        case LoopEnd::Yielded: return runtime::RunResult::Yielded;
        case LoopEnd::Finished:
            // Goexit in main ends main alone; the program ends when nothing is left.
            if (thread.is_main && thread.pc == program_.root.code + 2) {
                const Slot* from = thread.stack_base + kTrampolineArea;
                for (Slot& result : host_results_) result = *from++;
                end({}, thread.worker);
            }
            if (thread.scope != nullptr) leave_scope(thread);
            return runtime::RunResult::Finished;
        case LoopEnd::Panicked:
        case LoopEnd::Ended: break;
    }
    return runtime::RunResult::Finished;
}

Flow Machine::resumed(Thread& thread) {
    runtime::BlockProfiles::went_on(thread);
    // A native that has waited counts as finished.
    if (thread.nested_base == 0) thread.arguments_end = 0;
    switch (std::exchange(thread.resume, runtime::Resume::Nothing)) {
        case runtime::Resume::Nothing: return Flow::Next;
        case runtime::Resume::SelectDone:
            *thread.select_result =
                static_cast<Slot>(static_cast<std::int64_t>(runtime::select_finish(thread)));
            return Flow::Next;
        case runtime::Resume::SendOnClosed:
            if (thread.select_count > 0) runtime::select_finish(thread);
            return raise_plain(thread, "send on closed channel");
        case runtime::Resume::LockMutex:
            return runtime::mutex_woken(thread) == runtime::Wait::Parked ? Flow::Parked : Flow::Next;
        case runtime::Resume::Panic: return Flow::Panic;
        case runtime::Resume::Cancelled: break;
    }
    return Flow::Ended;
}

void Machine::prepare(const Limits& limits, bool polls) {
    if (outcome_.status != 0) outcome_ = {};
    ending_.store(false, std::memory_order_relaxed);
    limits_ = &limits;
    metered_ = limits.fuel > 0;
    if (metered_) {
        fuel_ = static_cast<std::int64_t>(std::min<std::uint64_t>(limits.fuel, kMostFuel)) + 1;
        scheduler_->clear_budgets();
    }
    written_.store(0, std::memory_order_relaxed);
    scheduler_->prepare(polls);
}

bool Machine::refill(const Thread& thread) {
    std::int64_t& budget = thread.worker->budget;
    const std::int64_t slice = runtime::Scheduler::budget();
    if (!metered_) {
        budget = slice;
        return true;
    }
    std::int64_t left = fuel_.load(std::memory_order_relaxed);
    std::int64_t taken;
    do {
        if (left <= -budget) {
            stop_at(&thread, Limit::Fuel, "fuel limit exceeded");
            return false;
        }
        taken = std::min(left, slice - budget);
    } while (!fuel_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed));
    budget += taken;
    return true;
}

bool Machine::safepoint(Thread& thread) {
    if (!refill(thread)) return false;
    if (!thread.worker->direct && scheduler_->should_yield(thread) && !ending()) {
        scheduler_->yield_fiber(thread);
        if (thread.resume == runtime::Resume::Cancelled) return false;
    }
    return !ending();
}

std::uint64_t Machine::used_fuel() const {
    const auto given = static_cast<std::int64_t>(std::min<std::uint64_t>(limits_->fuel, kMostFuel));
    const std::int64_t left = fuel_.load(std::memory_order_relaxed) + scheduler_->unused_budget() - 1;
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(given - left, 0, given));
}

bool Machine::may_start_goroutine(const Thread* by) {
    if (limits_->goroutines <= 0 || scheduler_->goroutines() < limits_->goroutines) return true;
    stop_at(by, Limit::Goroutines, "more than " + std::to_string(limits_->goroutines) + " goroutines");
    return false;
}

Thread* Machine::make_main(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results) {
    runtime::Goroutine* const main = scheduler_->acquire_main();
    const auto* closure = reinterpret_cast<const runtime::Closure*>(&function.static_closure);
    const std::size_t slots = function.result_slots + args.size();
    if (main == nullptr || !start_frame(static_cast<Thread&>(*main), closure, nullptr, static_cast<std::uint32_t>(slots)))
        return nullptr;
    auto& thread = static_cast<Thread&>(*main);
    Slot* to = thread.stack_base + kTrampolineArea;
    for (std::size_t i = 0; i < function.result_slots; ++i) *to++ = 0;
    for (const Slot argument : args) *to++ = argument;
    thread.is_main = true;
    host_results_ = results;
    return &thread;
}

const Outcome& Machine::run_main(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results, bool directly) {
    Thread* const main = make_main(function, args, results);
    if (main == nullptr) return outcome_ = no_memory();
    scheduler_->run(*main, directly);
    return outcome();
}

Outcome Machine::no_memory() {
    return failed("fatal error: out of memory", {FailureKind::FatalError, "out of memory", {}, 0, {}});
}

const Outcome& Machine::outcome() {
    if (metered_) outcome_.fuel = used_fuel();
    if (outcome_.limit != Limit::None && outcome_.failure == nullptr) {
        Failure failure{FailureKind::Limit, outcome_.message, {}, 0, frames_of_main()};
        outcome_.message += place_of(failure.trace);
        outcome_.failure = std::make_shared<const Failure>(std::move(failure));
    }
    outcome_.broken = broken_.load(std::memory_order_relaxed);
    return outcome_;
}

void Machine::scan_globals(runtime::Scanner& scanner) {
    scanner.pointer(globals_);
    if (shared_ != nullptr) shared_->scan(scanner);
}

char* Machine::copy_in(std::string_view bytes) {
    char* const copy = heap_.allocate_bytes(startup_cache_, bytes.size());
    if (copy != nullptr && !bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
    return copy;
}

void write_all(int stream, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(stream, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace csp::vm
