#pragma once

// The M:N scheduler: workers (operating-system threads) run goroutines from local run queues, with a
// "run next" place, stealing from each other when idle.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "runtime/base/shuffle.h"
#include "runtime/heap/collector.h"
#include "runtime/heap/heap.h"
#include "runtime/sched/block_profiles.h"
#include "runtime/sched/clock.h"
#include "runtime/sched/goroutine.h"
#include "runtime/sched/lone_worker.h"
#include "runtime/sched/policy.h"

namespace csp::runtime {

class EventSource;
class Visitor;
class Extension;
class Timers;
class SemaphoreTable;
class Bubbles;

/// How a stretch of running ended.
enum class RunResult : std::uint8_t {
    Finished,  ///< The goroutine has ended; the scheduler recycles it.
    Parked,    ///< It is on a wait queue, and perhaps already running elsewhere: do not touch it.
    Yielded,   ///< Preempted or Gosched: to the back of the global queue.
};

/// Whose traces are told when a panic or a fatal error ends the run.
enum class Traceback : std::uint8_t { None, Single, All };

/// What a Scheduler::poll() has come to.
struct Polled {
    bool idle = false;  ///< Nothing can go on before `due`, unless something happens outside. Else the time was up.
    std::int64_t due = 0;  ///< When the next timer is, by Scheduler::clock(); max int64: there is none.
};

/// What the scheduler needs from the interpreter above it; the VM implements this.
class Executor {
  public:
    virtual ~Executor() = default;
    virtual RunResult run(Goroutine& goroutine) = 0;
    /// Makes goroutine objects, the executor's own for as long as it lives (any thread). How many: less than wanted
    /// when memory is exhausted.
    virtual std::size_t create(std::span<Goroutine*> wanted) = 0;
    virtual void recycle(Goroutine& goroutine) = 0;  ///< It ended; release what it need not keep.
    /// No goroutine can ever run again. Called once, by the last worker to go idle; ends the run.
    virtual void deadlock() = 0;
    /// Whether a goroutine waits for what the host may do at any time. By the last worker to go idle, before deadlock().
    virtual bool awaits_host() { return false; }
    /// A cycle of the collector has begun, or ended; the world is stopped.
    virtual void collection(bool begun) { static_cast<void>(begun); }
    /// Shows the collector what the goroutine's value stack and records hold; it does not run meanwhile.
    virtual void scan(Goroutine& goroutine, Scanner& scanner) = 0;
    virtual void scan_globals(Scanner& scanner) = 0;
    /// Bytes that a goroutine's stack may have; returns the limit before. Any worker.
    virtual std::size_t set_stack_limit(std::size_t bytes) = 0;
    virtual void set_traceback(Traceback level) = 0;  ///< Any worker.
    /// Puts the frames of a goroutine that runs on the calling thread, or that nobody runs meanwhile, into `pcs`, innermost
    /// first, as runtime.Callers does; returns how many.
    virtual std::size_t callers(Goroutine& goroutine, std::span<Slot> pcs) = 0;
    /// Makes an acquired goroutine begin with the call of a finalizer.
    /// False: there is no memory for it.
    [[nodiscard]] virtual bool start_finalizer(Goroutine& goroutine, const Finalizer& finalizer) = 0;
};

struct SchedulerOptions {
    int workers = 0;             ///< 0: as many as the processor has threads. At most 256.
    Policy* policy = nullptr;    ///< Null: work stealing.
    Clock* clock = nullptr;      ///< Null: the real clock.
    std::size_t fiber_stack_bytes = 256 * 1024;
    std::int64_t time_slice_ns = 10'000'000;
    std::uint64_t shuffle_seed = 0;  ///< Not 0, in builds with CSP_SHUFFLE: see runtime/base/shuffle.h.
    bool one_thread = false;     ///< The one that calls run() or poll() is all there ever is, whatever the program asks for.
};

/// One worker. What is public here is for the goroutine it runs (same thread).
class Worker {
  public:
    Scheduler& scheduler() { return *scheduler_; }
    AllocCache& cache() { return cache_; }
    int index() const { return index_; }
    std::uint64_t random();  ///< Fast, not repeatable unless a Policy is set (then it asks the Policy).
    Goroutine* current() const { return current_; }
    /// What is left of the VM's budget, see Scheduler::kBudget: it goes from goroutine to goroutine. Negative: owed.
    std::int64_t budget = 0;
    /// The goroutine that runs is on the thread's own stack, where it must neither wait below native frames nor call natives
    /// that might: it yields before that, and goes on on a fiber.
    bool direct = false;
    /// The goroutine that runs is about to wait in its bubble, which is told once it is off.
    void note_bubble_wait(Bubble& bubble) { waited_in_ = &bubble; }

  private:
    friend class Scheduler;
    friend struct WorkerImpl;
    Scheduler* scheduler_ = nullptr;
    AllocCache cache_;
    Goroutine* current_ = nullptr;
    Bubble* waited_in_ = nullptr;
    int index_ = 0;
    std::uint64_t random_state_ = 0;
    struct WorkerImpl* impl_ = nullptr;
};

/// Result of an operation that may have to wait.
enum class Wait : std::uint8_t {
    Done,
    Parked,  ///< The goroutine is queued; see goroutine.h for what the caller may still do: nothing.
    Closed,  ///< Channels only: send on closed, close of closed.
    Nil,     ///< Channels only: close of nil.
    Foreign, ///< What it is about belongs to a bubble that the goroutine is not in: fatal.
};

class Scheduler {
  public:
    Scheduler(const SchedulerOptions& options, Executor& executor, Heap& heap);
    ~Scheduler();  ///< All goroutines are dropped; parked fibers are unwound with Resume::Cancelled.

    /// From here on a stop() is for the next run(), or, if `polls`, for all poll()s up to the next prepare(). Not while one is
    /// under way.
    void prepare(bool polls = false);
    /// Runs `main` and everything it starts, on the calling thread and the workers' own, until stop(), which may have come
    /// since prepare(). Returns when no worker runs a goroutine any more. May be called again afterwards.
    /// `directly`: `main` probably ends soon, and the executor minds Worker::direct.
    void run(Goroutine& main, bool directly = false);
    /// As run(), for about `slice` nanoseconds and on the calling thread only; returns also when nothing can go on, and has
    /// not once in `wait` nanoseconds, after which there is another slice. `deadlocks`: that is a deadlock if it is for good.
    /// Does nothing after a stop().
    Polled poll(std::int64_t slice, std::int64_t wait, bool deadlocks);
    /// Ends run(), or poll(): any thread. Goroutines that are still there are kept. `by`: the worker whose goroutine calls it,
    /// if one does.
    void stop(const Worker* by = nullptr);
    /// What Executor::awaits_host() has answered may be otherwise now. Any thread.
    void look_again();
    bool stopping() const;

    /// A goroutine object from a free list or the executor; state Idle, `worker`'s lists are used. It is in `bubble`, as a
    /// goroutine of that asks for it, or in none. Null when memory is exhausted.
    Goroutine* acquire(Worker* worker, Bubble* bubble = nullptr);
    /// One for run(), while that does not run.
    Goroutine* acquire_main();
    /// Takes an acquired goroutine back that has not been made ready.
    void release(Goroutine& goroutine);
    /// Puts a new or parked goroutine on `worker`'s run queue, as the next to run if `next`. `worker`
    /// null: from a foreign thread, through the global queue.
    void ready(Worker* worker, Goroutine& goroutine, bool next);
    /// The same for goroutines that are linked by Goroutine::next, all at once and in this order.
    void ready_all(Goroutine* first);

    /// Parks the running goroutine together with its fiber; its state must be Parking and it must be
    /// on a wait queue (set the state first, then queue it). Returns when it was made ready. The
    /// goroutine may be on another thread then: re-read goroutine.worker.
    void park_fiber(Goroutine& goroutine);

    /// Lets other goroutines run first; for a running goroutine that has native frames, as park_fiber().
    void yield_fiber(Goroutine& goroutine);

    /// Calls `work` on the running goroutine's stack, or on a further one when little of that is left: how
    /// natives recurse and call scripts. False, with nothing called: it has kMaxFurtherStacks already. Throws std::bad_alloc,
    /// with nothing called, when there is no memory for one.
    template <class F>
    [[nodiscard]] bool with_stack(Goroutine& goroutine, F&& work, std::size_t least = kStackReserve,
                                  std::size_t further = kFurtherStackBytes) {
        if (enough_stack(goroutine, least)) {
            work();
            return true;
        }
        return on_further_stack(
            goroutine, [](void* f) { (*static_cast<std::remove_reference_t<F>*>(f))(); }, &work, further);
    }
    static constexpr std::size_t kStackReserve = 64 * 1024;
    static constexpr std::size_t kFurtherStackBytes = 1024 * 1024;
    static constexpr int kMaxFurtherStacks = 256;

    /// Called where the VM's budget runs out: a safepoint. True: the goroutine should yield (slice used up with
    /// others waiting, or the run is stopping).
    bool should_yield(Goroutine& goroutine);
    /// Loop iterations and calls between two should_yield() calls: some ten microseconds.
    static constexpr std::int32_t kBudget = 2000;
    static std::int64_t budget() { return base::shuffle::up_to(kBudget); }
    /// What all workers together have left of their budgets, to take it from them; while run() does not run.
    std::int64_t unused_budget() const;
    void clear_budgets();

    /// Runs `work` on a thread beside the workers while the goroutine is parked with its fiber. When the scheduler goes, the
    /// goroutine is unwound without waiting for that, so `work`, which must not throw, must own all that it touches. Throws
    /// std::bad_alloc, with nothing run, when there is no memory.
    void run_blocking(Goroutine& goroutine, std::function<void()> work);

    /// From now on the running goroutine alone runs on its worker's thread, which runs nothing else, and another worker
    /// takes the place of that one. Calls nest. Without effect when a Policy chooses, with `one_thread`, and in poll().
    void lock_thread(Goroutine& goroutine);
    void unlock_thread(Goroutine& goroutine);  ///< Undoes one lock_thread(), if there is one.

    int workers() const;             ///< GOMAXPROCS.
    int set_workers(int count);      ///< Returns the old number; effective for the next scheduling decisions.
    int threads() const;             ///< How many this run has, to run goroutines.
    std::int64_t goroutines() const; ///< Alive, system ones apart.
    Clock& clock();
    Policy* policy();
    Timers& timers();
    Bubbles& bubbles();
    SemaphoreTable& semaphores();
    /// The one event source, which the first call makes.
    EventSource& event_source(std::unique_ptr<EventSource> (*make)(Scheduler&));
    /// The scheduler's extension that `make` makes, which the first call with it does. Any thread.
    Extension& extension(std::unique_ptr<Extension> (*make)());
    /// A goroutine has begun to wait for the event source.
    void event_awaited();
    /// Whether `worker` has goroutines to run besides the one that runs.
    bool has_more_work(const Worker& worker) const;
    /// A timer has been armed for `due`, before all others: a sleeping worker may have to wake up earlier.
    void timer_armed(std::int64_t due);
    // ---- threads of the host that take part (visitor.h) ----
    /// Before the first comes, by a worker or while nothing runs.
    void expect_visitors();
    /// Between the two the calling thread, which is none of the workers', is `visitor`, at no safepoint. One thread at a time:
    /// others wait. `patient`: it may wait, and collect while the program runs; else it does neither for long, and false: it is
    /// not inside.
    [[nodiscard]] bool begin_visit(Visitor& visitor, bool patient);
    void end_visit(Visitor& visitor);
    /// The worker that the calling thread is; or null.
    Worker* worker_here();
    /// Collects on the calling thread if the heap has grown to where a cycle would begin; while run() does not run.
    void collect_if_due();
    /// A whole cycle, for a native of the running goroutine whose own frame refers to nothing on the heap: what the
    /// processor's registers held of before is no root then.
    void collect(Goroutine& goroutine);
    /// Runs `work` while all other workers are at a safepoint. Somebody else's such work comes first.
    void stop_world(AllocCache& self, const std::function<void()>& work);
    Heap& heap() { return heap_; }
    LoneWorker& lone_worker() { return lone_; }
    BlockProfiles& block_profiles() { return block_profiles_; }
    Executor& executor();
    /// Calls `visit` for every live goroutine; only while none runs (deadlock, after run()).
    void for_each(const std::function<void(Goroutine&)>& visit);

  private:
    bool enough_stack(const Goroutine& goroutine, std::size_t least) const;
    bool on_further_stack(Goroutine& goroutine, void (*work)(void*), void* argument, std::size_t bytes);

    friend struct WorkerImpl;
    class Impl;
    Heap& heap_;
    BlockProfiles block_profiles_;
    LoneWorker lone_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csp::runtime
