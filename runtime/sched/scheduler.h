#pragma once

// The M:N scheduler: workers (operating-system threads) run goroutines from local run queues, with a
// "run next" place, stealing from each other when idle.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "runtime/heap/collector.h"
#include "runtime/heap/heap.h"
#include "runtime/sched/clock.h"
#include "runtime/sched/goroutine.h"
#include "runtime/sched/policy.h"

namespace csp::runtime {

class Timers;
class SemaphoreTable;

/// How a stretch of running ended.
enum class RunResult : std::uint8_t {
    Finished,  ///< The goroutine has ended; the scheduler recycles it.
    Parked,    ///< It is on a wait queue, and perhaps already running elsewhere: do not touch it.
    Yielded,   ///< Preempted or Gosched: to the back of the global queue.
};

/// What the scheduler needs from the interpreter above it; the VM implements this.
class Executor {
  public:
    virtual ~Executor() = default;
    virtual RunResult run(Goroutine& goroutine) = 0;
    virtual Goroutine* create() = 0;              ///< A fresh goroutine object (any thread).
    virtual void recycle(Goroutine& goroutine) = 0;  ///< It ended; release what it need not keep.
    /// No goroutine can ever run again. Called once, by the last worker to go idle; ends the run.
    virtual void deadlock() = 0;
    /// Shows the collector what the goroutine's value stack and records hold; it does not run meanwhile.
    virtual void scan(Goroutine& goroutine, Scanner& scanner) = 0;
    virtual void scan_globals(Scanner& scanner) = 0;
    /// Bytes that a goroutine's stack may have; returns the limit before. Any worker.
    virtual std::size_t set_stack_limit(std::size_t bytes) = 0;
    /// Makes an acquired goroutine begin with the call of a finalizer.
    virtual void start_finalizer(Goroutine& goroutine, const Finalizer& finalizer) = 0;
};

struct SchedulerOptions {
    int workers = 0;             ///< 0: as many as the processor has threads. At most 256.
    Policy* policy = nullptr;    ///< Null: work stealing.
    Clock* clock = nullptr;      ///< Null: the real clock.
    std::size_t fiber_stack_bytes = 256 * 1024;
    std::int64_t time_slice_ns = 10'000'000;
};

/// One worker. What is public here is for the goroutine it runs (same thread).
class Worker {
  public:
    Scheduler& scheduler() { return *scheduler_; }
    AllocCache& cache() { return cache_; }
    int index() const { return index_; }
    std::uint64_t random();  ///< Fast, not repeatable unless a Policy is set (then it asks the Policy).
    Goroutine* current() const { return current_; }

  private:
    friend class Scheduler;
    friend struct WorkerImpl;
    Scheduler* scheduler_ = nullptr;
    AllocCache cache_;
    Goroutine* current_ = nullptr;
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
};

class Scheduler {
  public:
    Scheduler(const SchedulerOptions& options, Executor& executor, Heap& heap);
    ~Scheduler();  ///< All goroutines are dropped; parked fibers are unwound with Resume::Cancelled.

    /// Runs `main` and everything it starts, on the calling thread and the workers' own, until stop().
    /// Returns when no worker runs a goroutine any more. May be called again afterwards.
    void run(Goroutine& main);
    /// Ends run(): any thread. Goroutines that are still there are kept for drop_all().
    void stop();
    bool stopping() const;

    /// A goroutine object from the free list or the executor; state Idle, `worker`'s cache is used.
    Goroutine* acquire(Worker* worker);
    /// Puts a new or parked goroutine on `worker`'s run queue, as the next to run if `next`. `worker`
    /// null: from a foreign thread, through the global queue.
    void ready(Worker* worker, Goroutine& goroutine, bool next);

    /// Parks the running goroutine together with its fiber; its state must be Parking and it must be
    /// on a wait queue (set the state first, then queue it). Returns when it was made ready. The
    /// goroutine may be on another thread then: re-read goroutine.worker.
    void park_fiber(Goroutine& goroutine);

    /// Lets other goroutines run first; for a running goroutine that has native frames, as park_fiber().
    void yield_fiber(Goroutine& goroutine);

    /// Calls `work` on the running goroutine's stack, or on a further one when little of that is left: how
    /// natives recurse and call scripts. False, with nothing called: it has kMaxFurtherStacks already.
    template <class F>
    [[nodiscard]] bool with_stack(Goroutine& goroutine, F&& work) {
        if (enough_stack(goroutine)) {
            work();
            return true;
        }
        return on_further_stack(
            goroutine, [](void* f) { (*static_cast<std::remove_reference_t<F>*>(f))(); }, &work);
    }
    static constexpr std::size_t kStackReserve = 64 * 1024;
    static constexpr std::size_t kFurtherStackBytes = 1024 * 1024;
    static constexpr int kMaxFurtherStacks = 256;

    /// Called where the VM's budget runs out: a safepoint. True: the goroutine should yield (slice used up with
    /// others waiting, or the run is stopping).
    bool should_yield(Goroutine& goroutine);
    /// Loop iterations and calls between two should_yield() calls: some ten microseconds.
    static constexpr std::int32_t kBudget = 2000;

    /// Runs `work` on a thread beside the workers while the goroutine is parked with its fiber.
    void run_blocking(Goroutine& goroutine, const std::function<void()>& work);

    int workers() const;             ///< GOMAXPROCS.
    int set_workers(int count);      ///< Returns the old number; effective for the next scheduling decisions.
    std::int64_t goroutines() const; ///< Alive, system ones apart.
    Clock& clock();
    Policy* policy();
    Timers& timers();
    SemaphoreTable& semaphores();
    /// Wakes an idle worker, if any, to look for work or timers.
    void announce();
    /// Collects on the calling thread if the heap has grown to where a cycle would begin; while run() does not run.
    void collect_if_due();
    /// Runs `work` while all other workers are at a safepoint, or waits for somebody else's such work instead.
    void stop_world(AllocCache& self, const std::function<void()>& work);
    Heap& heap();
    Executor& executor();
    /// Calls `visit` for every live goroutine; only while none runs (deadlock, after run()).
    void for_each(const std::function<void(Goroutine&)>& visit);

  private:
    bool enough_stack(const Goroutine& goroutine) const;
    bool on_further_stack(Goroutine& goroutine, void (*work)(void*), void* argument);

    friend struct WorkerImpl;
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csp::runtime
