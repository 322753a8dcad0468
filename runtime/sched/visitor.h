#pragma once

// A thread of the host that takes part in a run for a moment: it is a goroutine to channels, and has a worker to allocate
// with, while it visits. It may wait in a channel's queue as goroutines do, but as a thread.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "runtime/heap/scanner.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class Visitor final : public Goroutine {
  public:
    Visitor() {
        is_system = true;
        thread_locks = 1;  // so whoever makes it ready does not put it into a run queue
    }

    Slot element[2] = {0, 0};  ///< What it sends, or has received.
    Slot ok = 0;               ///< Whether it has received something.

    void scan(Scanner& scanner) const { scanner.range(element, element + 2); }

    /// Before it may be queued.
    void begin() {
        resume = Resume::Nothing;
        awake_ = false;
    }
    /// It is off the queue, or has nothing to wait for any more; the last that is done with it.
    void wake() {
        const std::lock_guard lock(mutex_);
        awake_ = true;
        changed_.notify_one();
    }
    /// False: somebody has asked to stop, or the time is over.
    bool wait(const std::optional<std::chrono::steady_clock::time_point>& until, const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        const auto awake = [this] { return awake_; };
        return until ? changed_.wait_until(lock, stop, *until, awake) : changed_.wait(lock, stop, awake);
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool awake_ = false;
};

}  // namespace csp::runtime
