#pragma once

// Timers: what happens later. Each worker keeps a heap of its own; idle workers sleep until the
// earliest one.

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/sched/scheduler.h"

namespace csp::runtime {

/// A timer; lives in heap memory of the script (inside time.Timer's runtime part) or in a goroutine.
/// `fire` runs on a worker, outside any goroutine, and must not block.
struct Timer {
    using Fire = void (*)(Scheduler&, Worker&, Timer&);
    std::int64_t when = 0;    ///< Clock::monotonic() nanoseconds.
    std::int64_t period = 0;  ///< 0: once.
    Fire fire = nullptr;
    void* argument = nullptr;   ///< A channel, a closure, a goroutine.
    std::uint64_t extra = 0;
    std::atomic<std::uint32_t> state{0};  ///< Timers' own.
    std::int32_t owner = -1;              ///< Timers' own: the worker whose heap it is in.
    std::uint32_t index = 0;              ///< Timers' own.
    std::uint64_t sequence = 0;           ///< Counts resets: stale firings are dropped.
};

class Timers {
  public:
    explicit Timers(Scheduler& scheduler);
    ~Timers();
    /// Arms `timer` (not armed now) for `when`. `worker` may be null.
    void start(Worker* worker, Timer& timer, std::int64_t when, std::int64_t period);
    /// True if it was armed and now is not and will not fire.
    bool stop(Timer& timer);
    /// stop() and start() as one; the result is stop()'s.
    bool reset(Worker* worker, Timer& timer, std::int64_t when, std::int64_t period);
    /// Fires what is due; returns when the next one is due (max int64: none).
    std::int64_t poll(Worker& worker);
    std::int64_t next_due();  ///< Over all workers.
    std::vector<const Timer*> armed() const;  ///< For the collector.

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Parks the goroutine for `nanoseconds` (≤ 0: Done at once).
Wait sleep(Goroutine&, std::int64_t nanoseconds);

}  // namespace csp::runtime
