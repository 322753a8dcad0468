#pragma once

// The collector's cycles.
//
// A cycle begins with the world stopped for some microseconds: marking is switched on, and the goroutines
// that exist are noted. Each is scanned before it next runs, or earlier by whoever has time; all that is
// allocated from then on is marked from birth. Marking is done by allocating goroutines (in proportion, so
// that the cycle ends before the heap has grown past its goal), by busy workers with a quarter of their
// time, and by idle workers with all of it. When nothing is left, the world is stopped again, finalizers
// and weak references are seen to, and marking is switched off. Sweeping is lazy (sweep.cpp).
//
// What was tried first, and why not: scanning all stacks while the world is stopped makes a pause that
// grows with the number of goroutines; an incremental-update barrier needs all stacks scanned again at the
// end, which is the same pause.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "runtime/base/spin_lock.h"
#include "runtime/heap/heap.h"
#include "runtime/heap/special.h"

namespace csp::runtime {

/// What the collector needs from the layers above: the scheduler implements it.
class CollectorHost {
  public:
    virtual ~CollectorHost() = default;
    /// Runs `work` while all other workers are at a safepoint, as this one is by calling. Returns after it,
    /// or, without having run it, when another worker stopped the world first and has gone on.
    virtual void stop_world(AllocCache& self, const std::function<void()>& work) = 0;
    /// A place where the world may be stopped.
    virtual void safepoint(AllocCache& self) = 0;
    /// Cycle `cycle` begins; the world is stopped.
    virtual void note_goroutines(std::uint32_t cycle) = 0;
    /// Scans some goroutines that this cycle has not scanned. False: there are none.
    virtual bool scan_goroutines(AllocCache& self) = 0;
    virtual bool all_scanned() = 0;  ///< Those that ran when the cycle began included.
    virtual void scan_globals(Scanner& scanner) = 0;
    /// A cycle has begun, or ended; the world is stopped.
    virtual void collection(bool begun) { static_cast<void>(begun); }
    /// Functions to run in goroutines of their own; the world is stopped.
    virtual void finalize(std::vector<Finalizer> ready) = 0;
    virtual std::int64_t now() = 0;  ///< Monotonic nanoseconds, real time.
};

/// Figures of a heap's collector, for runtime.ReadMemStats and traces.
struct CollectorStats {
    std::uint32_t cycles = 0;
    std::size_t live_bytes = 0;       ///< Marked by the last cycle.
    std::size_t used_bytes = 0;       ///< That, and what has been allocated since.
    std::size_t used_objects = 0;
    std::size_t goal_bytes = 0;       ///< The heap's size at which the next one should have ended.
    std::int64_t pause_total_ns = 0;
    std::int64_t pause_last_ns = 0;   ///< The longer of the last cycle's two.
    std::int64_t pause_max_ns = 0;
    std::int64_t mark_total_ns = 0;   ///< Time that workers have spent on marking, all together.
    std::int64_t lived_ns = 0;        ///< Since there have been workers.
    std::int64_t last_end_ns = 0;
    std::uint64_t forced = 0;
};

class Collector {
  public:
    Collector(Heap& heap, const HeapOptions& options);

    void attach(CollectorHost* host) {
        host_ = host;
        if (host != nullptr) attached_ns_ = host->now();
    }
    std::uint32_t cycle() const { return cycle_.load(std::memory_order_acquire); }

    /// The heap has grown to where the next cycle begins.
    bool due() const { return live_.load(std::memory_order_relaxed) >= trigger_.load(std::memory_order_relaxed); }

    // ---- called by allocation ----
    void note_allocated(AllocCache& cache, std::size_t bytes, std::size_t objects);
    /// Begins a cycle when one is due, and pays what the cache owes to the one under way.
    void allocating(AllocCache& cache);
    /// The limit is reached: collects, and answers whether so much may be had now.
    bool make_room(AllocCache& cache, std::size_t bytes);

    // ---- called by workers ----
    /// Does some of it, for about `budget` bytes of marking. For idle workers. False: nothing was left.
    bool work(AllocCache& cache, std::int64_t budget);
    /// What the worker has begun to mark becomes everybody's, before it rests for longer.
    void hand_on(AllocCache& cache);
    /// The share of a worker that runs goroutines without allocating: called now and then.
    void background(AllocCache& cache);
    /// A whole cycle that begins after this call, and its sweeping: runtime.GC.
    void collect(AllocCache& cache);
    /// Gives all free pages back to the operating system.
    void release_all();

    // ---- settings: debug.SetGCPercent and debug.SetMemoryLimit; they return the old value ----
    int set_percent(int percent);
    std::int64_t set_memory_limit(std::int64_t bytes);  ///< Soft: more cycles; < 0 asks only.

    CollectorStats stats() const;
    Specials& specials() { return specials_; }

  private:
    void start(AllocCache& cache, bool forced);
    template <class Work>
    void stop_world(AllocCache& cache, Work& work);
    bool mark(AllocCache& cache, std::int64_t budget);
    bool others_have_grey(const AllocCache& cache) const;
    void try_finish(AllocCache& cache);
    void finish_marking(AllocCache& cache);
    void set_goal();
    void stressed(AllocCache& cache);
    void trace() const;

    Heap& heap_;
    CollectorHost* host_ = nullptr;
    std::int64_t attached_ns_ = 0;
    const bool stress_;
    const std::function<void(std::string_view)> trace_;
    Specials specials_;

    std::atomic<std::uint32_t> cycle_{0};  ///< Changes while the world is stopped; counts begun cycles.
    std::atomic<std::uint32_t> done_{0};   ///< Finished ones.
    std::atomic<std::size_t> live_{0};     ///< Bytes in use, as far as known: marked, and allocated since.
    std::atomic<std::size_t> objects_{0};  ///< The same of objects.
    std::atomic<std::size_t> trigger_{0};
    std::atomic<bool> wanted_grey_{false}; ///< A worker has nothing to mark while others do.
    std::atomic<int> percent_;
    std::atomic<std::int64_t> soft_limit_;
    double assist_ratio_ = 0;              ///< Bytes to mark for each byte allocated; set while stopped.
    std::size_t start_live_ = 0;
    std::int64_t start_ns_ = 0;
    std::atomic<std::uint64_t> stress_allocations_{0};
    std::atomic<std::uint64_t> stress_next_{0};

    mutable base::SpinLock stats_lock_;
    CollectorStats stats_;
    std::int64_t cycle_pause_ns_ = 0;
    std::atomic<std::int64_t> mark_ns_{0};
};

}  // namespace csp::runtime
