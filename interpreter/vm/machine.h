#pragma once

// The virtual machine of one engine run: executes a Program's goroutines on a Scheduler.
//
// execute() is the dispatch loop (loop.cpp); everything that may allocate much, block or panic is in
// slow_*.cpp. Panics are a state of the goroutine, never C++ exceptions.

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "csp/failure.hpp"
#include "csp/hooks.hpp"
#include "csp/limits.hpp"
#include "csp/native.hpp"
#include "interpreter/bytecode/program.h"
#include "interpreter/native/tier.h"
#include "interpreter/vm/thread.h"
#include "runtime/heap/heap.h"
#include "runtime/sched/scheduler.h"

namespace csp::vm {

class FrameMaps;

struct MachineOptions {
    std::size_t stack_limit = 1'000'000'000;  ///< Bytes of a goroutine's value stack.
    native::Mode native = native::Mode::Hot;
    std::vector<std::string> args;                   ///< os.Args.
    std::function<void(int stream, std::string_view bytes)> output;  ///< Empty: the process's own.
    std::shared_ptr<const runtime::Grants> grants;  ///< For natives. They ask it without a look whether it is there.
    InputFunction input;  ///< One call at a time is the caller's care. Empty: the process's own.
    LogFunction log;      ///< Gets the texts of panics and fatal errors. Empty: they are written to standard error.
    TraceFunction trace;  ///< For TracedMachine.
};

/// What a host shares with goroutines: it may refer to the heap, and end waits.
class Shared {
  public:
    virtual ~Shared() = default;
    virtual void scan(runtime::Scanner& scanner) = 0;  ///< While the world is stopped.
    virtual bool awaited() = 0;  ///< Whether goroutines wait for what the host may do. By an idle worker.
};

/// How a run ended.
struct Outcome {
    int status = 0;           ///< Exit status: 0, 2 after a panic or fatal error, or os.Exit's.
    std::string message;      ///< "panic: …" or "fatal error: …"; empty after a normal end.
    Limit limit = Limit::None;  ///< What has ended it.
    std::shared_ptr<const Failure> failure;  ///< Null after a normal end.
    std::uint64_t fuel = 0;     ///< Used, if it was limited.
    bool broken = false;        ///< Something was left half done for want of memory: there must be no other run.
};

/// What the dispatch loop does after a slow path.
enum class Flow : std::uint8_t {
    Next,    ///< Go on with the next instruction.
    Jump,    ///< Thread::pc and Thread::fp say where to go on.
    Panic,   ///< A panic was raised.
    Parked,  ///< Leave the loop (or park the fiber, below native frames).
    Yield,   ///< Leave the loop; go on later at the saved place.
    Ended,   ///< The run is being ended.
};

/// Writes all of `bytes` to a file descriptor; gives up quietly on an error.
void write_all(int stream, std::string_view bytes);

enum class LoopEnd : std::uint8_t { Finished, Parked, Yielded, Panicked, Ended };

class Machine : public runtime::Executor {
  public:
    Machine(const bytecode::Program& program, runtime::Heap& heap, const MachineOptions& options);
    ~Machine() override;

    /// The scheduler refers to its executor and the other way round; set once before run().
    void attach(runtime::Scheduler& scheduler) { scheduler_ = &scheduler; }
    /// A run may begin. `goroutines`, `output` and `fuel` of the limits, which outlive it, are minded here, the others are
    /// stop()'s callers'. `polls`: it is to be of several Scheduler::poll().
    void prepare(const Limits& limits, bool polls = false);
    /// Runs a function without parameters in the main goroutine until it ends, after prepare().
    const Outcome& run(const bytecode::Function& function) { return run_main(function, {}, {}, false); }
    /// The same with arguments and results in slots; for calls by the host.
    const Outcome& call(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results) {
        return run_main(function, args, results, true);
    }
    /// Makes the main goroutine, which begins with that; null: there is no memory.
    Thread* make_main(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results);
    static Outcome no_memory();
    /// How the run has ended, after Scheduler::run() or poll().
    const Outcome& outcome();
    /// Before any run. Null, from then on: nothing.
    void share(Shared* shared) { shared_ = shared; }
    Shared* shared() const { return shared_; }

    /// Ends the run: any thread, from prepare() on.
    void stop(Limit limit, std::string_view why);
    /// Whether there may be one more goroutine, which `by` starts or a timer (null); if not, the run is ended.
    [[nodiscard]] bool may_start_goroutine(const Thread* by);

    // runtime::Executor
    runtime::RunResult run(runtime::Goroutine& goroutine) override;
    std::size_t create(std::span<runtime::Goroutine*> wanted) override;
    void recycle(runtime::Goroutine& goroutine) override;
    void deadlock() override;
    void scan(runtime::Goroutine& goroutine, runtime::Scanner& scanner) override;
    void scan_globals(runtime::Scanner& scanner) override;
    bool awaits_host() override { return shared_ != nullptr && shared_->awaited(); }
    std::size_t set_stack_limit(std::size_t bytes) override { return stack_limit_.exchange(bytes, std::memory_order_relaxed); }
    void set_traceback(runtime::Traceback level) override { traceback_.store(level, std::memory_order_relaxed); }
    std::size_t callers(runtime::Goroutine& goroutine, std::span<Slot> pcs) override { return callers(goroutine, pcs, 0); }
    bool start_finalizer(runtime::Goroutine& goroutine, const runtime::Finalizer& finalizer) override;

    const bytecode::Program& program() const { return program_; }
    const MachineOptions& options() const { return options_; }
    runtime::Heap& heap() { return heap_; }
    runtime::Scheduler& scheduler() { return *scheduler_; }
    char* globals() { return globals_; }
    /// Copies what the host passes in to the heap, while nothing runs; null when memory is exhausted.
    char* copy_in(std::string_view bytes);
    runtime::AllocCache& cache(Thread& thread);
    std::uint64_t random(Thread& thread);

    // ---- stacks (stack.cpp) ----
    /// Room for `slots` above offset `at`; false: the limit is passed and the run is ended.
    [[nodiscard]] bool ensure_stack(Thread& thread, std::size_t at, std::size_t slots);
    /// False: there is no memory for its stack.
    [[nodiscard]] bool start_frame(Thread& thread, const runtime::Closure* closure, const Slot* image, std::uint32_t slots);
    const bytecode::Function* function_at(const bytecode::Instruction* pc) const;
    bool is_trampoline(const bytecode::Function* function) const {
        return function == &program_.root || function == &program_.deferred || function == &program_.panicking;
    }
    /// A frame for users to see. The call of an inlined function is one too: it shares the pc of those around it.
    struct FrameView {
        const bytecode::Function* function = nullptr;  ///< Null for a panic that is running deferred calls.
        source::Pos pos;                               ///< The place in the source where it stands.
        const bytecode::Instruction* pc = nullptr;     ///< Where it goes on.
        std::ptrdiff_t offset = 0;                     ///< Bytes of code before that.
        unsigned depth = 0;                            ///< How many inlined calls at this pc are further in.
    };
    using FrameVisitor = std::function<bool(const FrameView&)>;
    /// Calls `visit` for the frames from `fp` outwards while it returns true.
    void walk_frames(const Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc,
                     const FrameVisitor& visit) const;
    /// The frames that stand before `pc`, innermost first: inlined calls, then `function`; while `visit` returns true.
    static bool walk_inlined(const bytecode::Function& function, const bytecode::Instruction* pc,
                             const FrameVisitor& visit);
    /// As runtime::Executor::callers(), less the `skip` innermost frames. What it puts there are numbers for programs, of
    /// which frame_at() tells what they mean; no function: nothing.
    std::size_t callers(const runtime::Goroutine& goroutine, std::span<Slot> pcs, std::int64_t skip) const;
    FrameView frame_at(Slot pc) const;
    /// "goroutine 1 [running]:" and its frames.
    std::string trace(Thread& thread, std::string_view state);
    /// The traces of all other goroutines, for which the world is stopped.
    std::string other_traces(Thread& thread);

    // ---- panics (panic.cpp) ----
    Flow raise(Thread& thread, const Slot* value);
    Flow raise_error(Thread& thread, const runtime::Type* type, std::string_view text);
    Flow raise_runtime(Thread& thread, std::string_view text);  ///< "runtime error: text"
    Flow raise_plain(Thread& thread, std::string_view text);
    Flow raise_text(Thread& thread, std::string_view text);     ///< panic("text")
    Flow out_of_memory(Thread& thread);
    Flow goexit(Thread& thread);
    /// Begins the next call of the current panic, of what was deferred or for a sync block that it leaves: Jump; or
    /// Panic (leave the nested loop), Ended (uncaught: the run ends), Parked (the goroutine has finished).
    Flow unwind(Thread& thread);
    Flow panic_resumed(Thread& thread);
    void recover(Thread& thread, Slot* fp, Slot* to);
    /// Throws std::bad_alloc.
    Defer* push_defer(Thread& thread, const Slot* fp, const runtime::Closure* closure, const Slot* image,
                      std::uint32_t slots);
    /// As push_defer(), but for the frame of `function` that `frame` identifies, which is further out. False when that
    /// is another goroutine's.
    bool defer_for(Thread& thread, Slot frame, const bytecode::Function& function, const runtime::Closure* closure,
                   const Slot* image, std::uint32_t slots);
    static Slot frame_id(const Thread& thread, const Slot* fp);
    /// Starts the next deferred call of the frame: Jump; Next when there is none.
    Flow run_defers(Thread& thread);

    // ---- the end of a run (trace.cpp) ----
    /// What the engine says of the run's end: to the log, or to standard error.
    void report(const std::string& text);
    Flow fatal(Thread& thread, std::string_view text);
    Flow exit(int status);
    void write(int stream, std::string_view bytes);
    std::string describe_panic_value(Thread& thread, const Slot* value);

    /// The function of closures of that type that call `entry`. Made when first asked for, kept until the machine ends.
    const bytecode::Function& function_for(const runtime::Type& type, const NativeEntry& entry);

    /// Whether a native must not be called where the goroutine is now: see Worker::direct.
    static bool needs_fiber(const Thread& thread, const bytecode::Function& native) {
        return thread.worker->direct && !native.native->returns_at_once;
    }

    /// Runs script code below native frames until it returns.
    LoopEnd call_nested(Thread& thread, const runtime::Closure* closure, const Slot* args,
                        std::size_t arg_slots, Slot* results, std::size_t result_slots,
                        std::size_t above);

    LoopEnd execute(Thread& thread, bool nested);
    /// What has to happen when a parked goroutine goes on.
    Flow resumed(Thread& thread);

    /// What a native has done was `units` of work: a safepoint, now and then. False: the run is being ended.
    [[nodiscard]] bool charge(Thread& thread, std::uint64_t units) {
        std::int64_t& budget = thread.worker->budget;
        budget -= static_cast<std::int64_t>(std::min<std::uint64_t>(units, kMostFuel));
        return budget > 0 || safepoint(thread);
    }

    /// For memory that an instruction has moved: counts towards the next safepoint.
    void charge_bytes(Thread& thread, std::size_t bytes) {
        constexpr std::size_t kBytesPerUnit = 64;
        thread.worker->budget -= static_cast<std::int64_t>(bytes / kBytesPerUnit);
    }

    bool ending() const { return ending_.load(std::memory_order_acquire); }

  private:
    static constexpr std::int64_t kMostFuel = std::int64_t{1} << 62;
    /// Gives the goroutine's worker a new budget. False: there is no fuel for it, and the run is ended.
    [[nodiscard]] bool refill(const Thread& thread);
    [[nodiscard]] bool safepoint(Thread& thread);
    std::uint64_t used_fuel() const;
    const Outcome& run_main(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results, bool directly);
    /// Runs the goroutine until it ends, waits or yields. Throws std::bad_alloc; it cannot go on then.
    runtime::RunResult advance(Thread& thread);
    void stand_at(PanicRecord& panic, std::uint32_t frame, const bytecode::Instruction* pc) const;
    bool leave_frame(const Thread& thread, PanicRecord& panic) const;
    Flow leave_sync_block(Thread& thread, PanicRecord& panic);
    void leave_scope(Thread& thread);
    void report_uncaught(Thread& thread);
    /// Ends the run with what `tell` does, or because there is no memory for that.
    template <class Tell>
    void end_with(Tell&& tell);
    void tell_fatal(Thread& thread, std::string_view text);
    void tell_uncaught(Thread& thread);
    void tell_deadlock();
    /// `by`: whose goroutine ends the run, if one does.
    void end(Outcome outcome, const runtime::Worker* by = nullptr);
    /// Ends the run where `thread` is, unless it is null.
    void stop_at(const Thread* thread, Limit limit, const std::string& why);
    static Outcome failed(std::string message, Failure failure);
    /// " at FILE:LINE", where the innermost stands, if there is one.
    static std::string place_of(const std::vector<StackFrame>& frames);
    std::vector<StackFrame> frames_from(const Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc) const;
    std::vector<StackFrame> frames_of_main();
    /// For a goroutine that has not run yet: the frame that it will have.
    static void visit_first(const Thread& thread, const FrameVisitor& visit);
    void trace_frames(Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc, std::string& out);
    /// What follows the message of a panic or fatal error: `own`, and other goroutines' traces if they are wanted.
    std::string final_traces(Thread& thread, const std::string& own);

    const bytecode::Program& program_;
    runtime::Heap& heap_;
    MachineOptions options_;
    std::atomic<std::size_t> stack_limit_;
    std::atomic<runtime::Traceback> traceback_{runtime::Traceback::Single};
    runtime::Scheduler* scheduler_ = nullptr;
    char* globals_ = nullptr;
    runtime::AllocCache startup_cache_;
    std::atomic<bool> ending_{false};
    std::atomic<bool> broken_{false};
    Outcome outcome_;  ///< Set by who has set ending_, which then stops the scheduler; read when that has stopped.
    std::mutex output_mutex_;
    static inline const Limits kNoLimits{};
    const Limits* limits_ = &kNoLimits;
    std::atomic<std::uint64_t> written_{0};  ///< Bytes of output of this run.
    bool metered_ = false;                   ///< Fuel is limited.
    /// What no worker has in its budget yet, and one more: having used all is no reason to end, wanting more is.
    std::atomic<std::int64_t> fuel_{0};
    std::unique_ptr<FrameMaps> frame_maps_;
    std::unique_ptr<native::Tier> native_;  ///< Null: there is to be no native code.
    Shared* shared_ = nullptr;
    std::span<Slot> host_results_;  ///< Where the main goroutine's results go.
    std::mutex made_functions_mutex_;
    std::map<std::pair<const runtime::Type*, const NativeEntry*>, bytecode::Function> made_functions_;
    std::mutex threads_mutex_;
    std::vector<std::unique_ptr<Thread[]>> threads_;  ///< All goroutine objects.

    struct CodeRange {
        const bytecode::Instruction* begin;
        const bytecode::Instruction* end;
        const bytecode::Function* function;
    };
    std::vector<CodeRange> ranges_;  ///< Sorted by begin.

};

}  // namespace csp::vm
