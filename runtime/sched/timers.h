#pragma once

// Timers: what happens later. One of the idle workers sleeps until the earliest one; the others fire what is due
// between goroutines and at safepoints.

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
    /// Not null: stop() and reset() wait for a `fire` under way to return, and then undo it if that can be done, which
    /// this answers. It must not block.
    bool (*take_back)(Goroutine&, Timer&) = nullptr;
    /// Whether a goroutine waits for it; null: always. Bubbles ask.
    bool (*awaited)(Scheduler&, const Timer&) = nullptr;
    std::uint32_t firing = 0;             ///< Timers' own: calls of `fire` under way, of one with take_back.
    std::atomic<std::uint32_t> state{0};  ///< Timers' own.
    std::uint32_t index = 0;              ///< Timers' own.
    std::uint32_t bubble = 0;             ///< The number of the bubble that it belongs to; 0: none.
    std::uint64_t sequence = 0;           ///< Counts resets: stale firings are dropped.
};

class Timers {
  public:
    /// By `clock`, which stands still until advance(); null: by the scheduler's, whose workers call poll().
    explicit Timers(Scheduler& scheduler, Clock* clock = nullptr);
    ~Timers();
    /// Arms `timer` (not armed now) for `when`. `announce`: sleeping workers are told, if it is the earliest one.
    void start(Timer& timer, std::int64_t when, std::int64_t period, bool announce = true);
    /// True if it was armed, and now is not and will not fire, or has been taken back.
    bool stop(Goroutine& by, Timer& timer);
    /// stop() and start() as one; the result is stop()'s.
    bool reset(Goroutine& by, Timer& timer, std::int64_t when, std::int64_t period);
    /// Fires what is due; returns when the next one is due (max int64: none).
    std::int64_t poll(Worker& worker);
    /// Moves the clock to the first timer that a goroutine waits for, and fires all up to there, each at its time.
    /// False: there is none. The caller is a goroutine, and nobody else uses the timers meanwhile.
    bool advance(Worker& worker, Clock& clock);
    std::int64_t next_due();  ///< Over all workers.
    std::vector<const Timer*> armed() const;  ///< For the collector.

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Parks the goroutine for `nanoseconds` (≤ 0: Done at once).
Wait sleep(Goroutine&, std::int64_t nanoseconds);

}  // namespace csp::runtime
