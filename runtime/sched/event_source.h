#pragma once

// Where goroutines that wait for something outside the program come back from: the scheduler's side of the netpoll.

#include <atomic>
#include <cstdint>

#include "runtime/sched/run_queue.h"

namespace csp::runtime {

/// Any thread may call it.
class EventSource {
  public:
    virtual ~EventSource() = default;
    /// Whether goroutines wait for it, or have arrived and not been taken().
    virtual bool awaited() const = 0;
    /// Adds the goroutines whose events have come to `arrived`. Does nothing when another thread is at it.
    virtual void poll(GoroutineList& arrived) = 0;
    /// The same, but waits for the first one for `nanoseconds`, or until interrupt(interrupted); negative: however long it
    /// takes. A second thread may only wait when the first has been interrupted.
    virtual void wait(std::int64_t nanoseconds, const std::atomic<bool>& interrupted, GoroutineList& arrived) = 0;
    /// So many goroutines that have arrived are in the hands of a worker that is not asleep.
    virtual void taken(std::size_t count) = 0;
    /// Ends the wait() that was given `interrupted`, also when it has not begun yet.
    virtual void interrupt(std::atomic<bool>& interrupted) = 0;
};

}  // namespace csp::runtime
