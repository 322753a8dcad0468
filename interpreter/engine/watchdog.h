#pragma once

// Ends a run when its time is over or the host asks for it, as long as it lives.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "csp/limits.hpp"
#include "interpreter/vm/machine.h"

namespace csp::engine {

class Watchdog {
  public:
    /// Whether there is anything to watch.
    static bool wanted(const Limits& limits) { return limits.time.count() > 0 || limits.stop.stop_possible(); }

    Watchdog(vm::Machine& machine, const Limits& limits) {
        if (limits.stop.stop_possible())
            stop_.emplace(limits.stop, [&machine] { machine.stop(Limit::Stop, "stopped by the host"); });
        if (limits.time.count() > 0)
            timer_ = std::jthread([this, &machine, time = limits.time](const std::stop_token& run_over) { wait(machine, time, run_over); });
    }

    static std::chrono::steady_clock::time_point deadline(std::chrono::nanoseconds time) {
        const auto now = std::chrono::steady_clock::now();
        const auto most = std::chrono::steady_clock::time_point::max();
        return time > most - now ? most : now + time;
    }

  private:
    void wait(vm::Machine& machine, std::chrono::nanoseconds time, const std::stop_token& run_over) {
        const auto due = deadline(time);
        std::unique_lock lock(mutex_);
        wake_.wait_until(lock, run_over, due, [] { return false; });
        if (!run_over.stop_requested()) machine.stop(Limit::Time, "time limit exceeded");
    }

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::optional<std::stop_callback<std::function<void()>>> stop_;
    std::jthread timer_;  ///< Last: it uses the others.
};

}  // namespace csp::engine
