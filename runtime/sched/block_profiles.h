#pragma once

// How long goroutines wait for each other: where they wait (the block profile), and who keeps locks from them (the mutex
// profile). As Go's runtime.BlockProfile and runtime.MutexProfile.
//
// A wait is noted by who is about to wait (begin_wait), what makes the goroutine ready turns that into the time it took
// (ended), and when it goes on it counts that at its own stack (went_on). Who unlocks something that others wait for counts
// at its stack what they have waited so far (blame, count_blame). Stacks are taken by the goroutines they belong to, with
// no lock held. Off, a wait costs a relaxed load, and its end a branch.
//
// Times are real ones, whatever clock the scheduler has.

#include <atomic>
#include <cstdint>
#include <mutex>

#include "runtime/sched/goroutine.h"
#include "runtime/sched/stack_counts.h"

namespace csp::runtime {

class BlockProfiles {
  public:
    /// One wait is counted for about that many nanoseconds of waiting; 1: all are; below: none.
    void set_block_rate(std::int64_t nanoseconds);
    /// One unlock of so many that let others go on is counted; 0: none; below: as before. Returns the one before.
    std::int64_t set_mutex_fraction(std::int64_t fraction);

    StackCounts& block() { return block_; }
    StackCounts& mutex() { return mutex_; }

    /// As Goroutine::begin_wait(), where it waits for another goroutine.
    void begin_wait(Goroutine& g, WaitReason reason) {
        if (wanted_.load(std::memory_order_relaxed)) [[unlikely]] note(g, reason);
        g.begin_wait(reason);
    }
    /// `g` is being made ready.
    static void ended(Goroutine& g) {
        if (g.blocked > 0) [[unlikely]] note_end(g);
    }
    /// `g` runs again, but has not left the place where it has waited.
    static void went_on(Goroutine& g) {
        if (g.blocked < 0) [[unlikely]] count_wait(g);
    }

    /// The time in which nobody has been blamed that goroutines wait for the lock which `first` waits for longest; from now
    /// on somebody is. Under the lock of their queue.
    std::int64_t blame(const Waiter& first) const {
        return mutex_fraction_.load(std::memory_order_relaxed) > 0 ? sum_up(first) : 0;
    }
    /// The running goroutine is to blame for that: it has unlocked it.
    static void count_blame(Goroutine& g, std::int64_t nanoseconds) {
        if (nanoseconds > 0) [[unlikely]] count_unlock(g, nanoseconds);
    }

  private:
    [[gnu::cold]] void note(Goroutine& g, WaitReason reason) const;
    [[gnu::cold]] static void note_end(Goroutine& g);
    [[gnu::cold]] static void count_wait(Goroutine& g);
    [[gnu::cold]] static std::int64_t sum_up(const Waiter& first);
    [[gnu::cold]] static void count_unlock(Goroutine& g, std::int64_t nanoseconds);
    void note_rates();

    std::atomic<bool> wanted_{false};  ///< One of the two is not 0.
    std::atomic<std::int64_t> block_rate_{0};
    std::atomic<std::int64_t> mutex_fraction_{0};
    std::mutex rates_mutex_;  ///< Of those who change them.
    StackCounts block_;
    StackCounts mutex_;
};

}  // namespace csp::runtime
