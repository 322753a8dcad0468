#pragma once

// How long goroutines wait for each other: where they wait (the block profile), and who keeps locks from them (the mutex
// profile). As Go's runtime.BlockProfile and runtime.MutexProfile.
//
// A wait is noted by who is about to wait (begin_wait), what makes the goroutine ready turns that into the time it took
// (ended), and when it goes on it counts that at its own stack (went_on). Who unlocks something that others wait for counts
// at its stack for how long they all have waited since the last unlock (blame, count_blame). Stacks are taken by the
// goroutines they belong to, with no lock held. Off, a wait costs a relaxed load, and its end a branch.
//
// Of those who wait for a lock, the first knows for itself and those behind it how many there are (Waiter::contenders),
// and the sum of the times since when (Goroutine::contended), modulo 2^64. Somebody further back knows of some only if
// others have come in front that are not counted, as they came while the mutex profile was off.
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
    void begin_wait(Goroutine& g, WaitReason reason, bool in_bubble = false) {
        if (wanted_.load(std::memory_order_relaxed)) [[unlikely]] note(g, reason);
        g.begin_wait(reason, in_bubble);
    }
    /// `g` is being made ready.
    static void ended(Goroutine& g) {
        if (g.blocked > 0) [[unlikely]] note_end(g);
    }
    /// `g` runs again, but has not left the place where it has waited.
    static void went_on(Goroutine& g) {
        if (g.blocked < 0) [[unlikely]] count_wait(g);
    }

    /// `w`, which begin_wait() has made contend, is about to be put in the queue that `first`, or nobody, is the first of.
    /// Under the queue's lock.
    [[gnu::cold]] static void join(Waiter* first, Waiter& w, bool in_front);
    /// `first` is about to be taken off the queue. The nanoseconds that it and those behind it have waited, all together,
    /// without anybody having been blamed. Under the queue's lock.
    static std::uint64_t blame(Waiter& first) {
        return first.contenders != 0 ? sum_up(first) : 0;
    }
    /// The running goroutine is to blame for that: it has unlocked it.
    static void count_blame(Goroutine& g, std::uint64_t nanoseconds) {
        if (nanoseconds != 0) [[unlikely]] count_unlock(g, nanoseconds);
    }

  private:
    [[gnu::cold]] void note(Goroutine& g, WaitReason reason) const;
    [[gnu::cold]] static void note_end(Goroutine& g);
    [[gnu::cold]] static void count_wait(Goroutine& g);
    [[gnu::cold]] static std::uint64_t sum_up(Waiter& first);
    [[gnu::cold]] static void count_unlock(Goroutine& g, std::uint64_t nanoseconds);
    void note_rates();

    std::atomic<bool> wanted_{false};  ///< One of the two is not 0.
    std::atomic<std::int64_t> block_rate_{0};
    std::atomic<std::int64_t> mutex_fraction_{0};
    std::mutex rates_mutex_;  ///< Of those who change them.
    StackCounts block_;
    StackCounts mutex_;
};

}  // namespace csp::runtime
