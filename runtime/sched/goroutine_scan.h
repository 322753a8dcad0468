#pragma once

// Which goroutines the collector's cycle has still to scan, and the scanning of one.
//
// A goroutine that does not run when a cycle begins is scanned before it next runs, by the worker that takes
// it, or earlier by any worker that marks: its stack is until then as it was. One that runs is scanned by its
// own worker as soon as that goes on. New ones hold nothing that is not marked or found elsewhere.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/heap/collector.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class Executor;
class Timers;
class Bubbles;

class GoroutineScan {
  public:
    GoroutineScan(Heap& heap, Executor& executor, Timers& timers, Bubbles& bubbles)
        : heap_(heap), executor_(executor), timers_(timers), bubbles_(bubbles) {}

    /// All goroutine objects, idle ones too, which live until the end.
    void add(std::span<Goroutine* const> made) {
        const std::lock_guard lock(mutex_);
        all_.insert(all_.end(), made.begin(), made.end());
    }
    const std::vector<Goroutine*>& all() const { return all_; }  ///< While nothing is added.
    std::vector<Goroutine*> live() const;                        ///< Any thread.

    /// A cycle begins; the world is stopped, and `running` is what workers run.
    void begin(std::uint32_t cycle, const std::vector<Goroutine*>& running);
    /// A goroutine comes into being.
    void note_new(Goroutine& g) const {
        if (heap_.marking()) g.scanned.store(done(), std::memory_order_relaxed);
    }
    /// `g` is about to run, while a cycle marks.
    void before_run(Goroutine& g, AllocCache& cache);
    /// The goroutine that runs, on `fiber`, calls this at a safepoint.
    void running(Goroutine& g, const Fiber* fiber, AllocCache& cache);
    /// Scans some that have not been scanned. False: there are none.
    bool some(AllocCache& cache) { return some_timers(cache) || some_goroutines(cache); }
    bool finished();

  private:
    /// Goroutine::scanned of those that this cycle has scanned.
    std::uint32_t done() const { return 2 * heap_.collector().cycle(); }
    bool some_timers(AllocCache& cache);
    bool some_goroutines(AllocCache& cache);

    Heap& heap_;
    Executor& executor_;
    Timers& timers_;
    Bubbles& bubbles_;
    mutable std::mutex mutex_;  ///< The list, and the place in it.
    std::vector<Goroutine*> all_;
    std::size_t next_ = 0;
    std::size_t end_ = 0;
    std::atomic<int> running_{0};      ///< Ran when the cycle began, and have not been scanned.
    std::vector<const Timer*> armed_;  ///< When the cycle began.
    std::atomic<std::size_t> armed_left_{0};
};

}  // namespace csp::runtime
