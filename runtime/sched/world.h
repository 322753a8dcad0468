#pragma once

// Stopping the world: all workers but one wait at a safepoint while that one works.
//
// A worker is inside the world while it may touch script memory, and outside while it sleeps for want of
// work. Whoever stops it waits until it is the only one inside. Waiting workers spin first, since most stops
// are shorter than a sleep and a wake-up.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "runtime/sched/lone_worker.h"

namespace csp::runtime {

class World {
  public:
    explicit World(LoneWorker& lone) : lone_(lone) {}

    void enter() {
        std::unique_lock lock(mutex_);
        while (stop_wanted()) go_on_.wait(lock);
        let_in();
    }
    /// Without waiting for longer than a short stop takes. False: it is being stopped.
    bool try_enter() {
        for (int tries = 0; tries < kTries; ++tries) {
            {
                const std::lock_guard lock(mutex_);
                if (!stop_wanted()) {
                    let_in();
                    return true;
                }
            }
            std::this_thread::yield();
        }
        return false;
    }
    /// From now on nobody is ever alone.
    void end_lone() {
        const std::lock_guard lock(mutex_);
        lone_.revoke();
        lone_.forbid();
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        if (--inside_ == 1) lone_.grant();
        stopped_.notify_all();
    }

    bool stop_wanted() const { return stop_wanted_.load(std::memory_order_relaxed); }

    /// At a safepoint, while a stop is wanted.
    void wait() {
        leave();
        for (int spins = 0; spins < kSpins && stop_wanted(); ++spins) _mm_pause();
        enter();
    }

    /// Runs `work` while all others wait or are outside. When somebody else is stopping the world, waits for the
    /// end of that instead, and does not run it. The caller is inside, at a safepoint.
    void stop(const std::function<void()>& work) {
        std::unique_lock lock(mutex_);
        if (stop_wanted()) {
            lock.unlock();
            wait();
            return;
        }
        stop_wanted_.store(true, std::memory_order_relaxed);
        for (int spins = 0; spins < kSpins && inside_ > 1; ++spins) {
            lock.unlock();
            _mm_pause();
            lock.lock();
        }
        while (inside_ > 1) stopped_.wait(lock);
        try {
            work();
        } catch (...) {
            let_go_on();
            throw;
        }
        let_go_on();
    }

  private:
    void let_go_on() {
        stop_wanted_.store(false, std::memory_order_relaxed);
        go_on_.notify_all();
    }

    static constexpr int kSpins = 2000;  ///< Some tens of microseconds.
    static constexpr int kTries = 1000;

    void let_in() {
        if (inside_ == 1) lone_.revoke();
        if (++inside_ == 1) lone_.grant();
    }

    LoneWorker& lone_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    std::condition_variable go_on_;
    int inside_ = 0;
    std::atomic<bool> stop_wanted_{false};
};

}  // namespace csp::runtime
