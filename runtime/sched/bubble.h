#pragma once

// A bubble: goroutines with a clock of their own, which stands still until all of them wait for each other and then
// jumps to the next timer. What testing/synctest is made of.
//
// A bubble counts those of its goroutines that are active: that run, are ready to, or wait for something that others
// than the bubble's goroutines can bring about. A goroutine that makes another ready counts it before it can itself
// stop counting, so the count is 0 only when nothing in the bubble can go on. Who takes the last one off wakes the
// goroutine in wait(), or else the root, which moves the clock (step).

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/sched/clock.h"
#include "runtime/sched/timers.h"

namespace csp::runtime {

class Bubble {
  public:
    Bubble(Scheduler& scheduler, std::uint32_t number, Goroutine& root)
        : number_(number), clock_(kStart), timers_(scheduler, &clock_), root_(root) {}

    std::uint32_t number() const { return number_; }  ///< Never used again, never 0.
    Clock& clock() { return clock_; }
    Timers& timers() { return timers_; }

    /// A goroutine comes into being in it, made by one that is active.
    void join() {
        members_.fetch_add(1, std::memory_order_relaxed);
        active_.fetch_add(1, std::memory_order_relaxed);
    }
    /// It does not come into being after all; the caller is active.
    void forget() {
        members_.fetch_sub(1, std::memory_order_relaxed);
        active_.fetch_sub(1, std::memory_order_relaxed);
    }
    void leave(Worker& worker) {
        members_.fetch_sub(1, std::memory_order_relaxed);
        settle(worker);
    }
    /// One that waits in it is made ready, by one that is active.
    void wake() { active_.fetch_add(1, std::memory_order_relaxed); }
    /// An active one waits in it from now on, or has ended.
    void settle(Worker& worker);

    /// The root waits until nothing in the bubble can go on; the first goroutine that joined is its main one.
    Wait run(Goroutine& root);
    void main_ended() { main_ended_.store(true, std::memory_order_relaxed); }
    enum class Step : std::uint8_t { Ended, Moved, Blocked, Leaked };
    /// What the root does then: moves the clock to the next timer that lets a goroutine go on. Blocked: there is none.
    /// Leaked: the main goroutine has ended, and time with it, but others have not.
    Step step(Worker& worker);

    bool empty() const { return members_.load(std::memory_order_relaxed) == 0; }  ///< For the root.

    /// Waits until nothing else in the bubble can go on. Nil: another does that already.
    Wait wait(Goroutine& g);

  private:
    static constexpr std::int64_t kStart = 946'684'800'000'000'000;  // 2000-01-01 UTC

    const std::uint32_t number_;
    VirtualClock clock_;
    Timers timers_;
    Goroutine& root_;
    std::atomic<std::int64_t> active_{1};   ///< The root, at first.
    std::atomic<std::int64_t> members_{0};  ///< The root apart.
    std::atomic<Goroutine*> waiting_{nullptr};
    std::atomic<bool> main_ended_{false};
};

/// A scheduler's bubbles.
class Bubbles {
  public:
    explicit Bubbles(Scheduler& scheduler) : scheduler_(scheduler) {}
    /// A new one, of which the running goroutine `root` becomes the root.
    void enter(Goroutine& root);
    /// `root` leaves its bubble, which goes, unless goroutines are left that wait in it for ever.
    void leave(Goroutine& root);
    /// Appends the armed timers; for the collector.
    void armed(std::vector<const Timer*>& timers) const;

  private:
    Scheduler& scheduler_;
    mutable std::mutex mutex_;
    std::uint32_t last_number_ = 0;
    std::vector<std::unique_ptr<Bubble>> bubbles_;
};

/// The number of the bubble that it is in, or 0.
inline std::uint32_t bubble_number(const Goroutine& g) { return g.bubble == nullptr ? 0 : g.bubble->number(); }
/// Time as the goroutine sees it, and its timers.
inline Clock& clock_of(const Goroutine& g) { return g.bubble == nullptr ? g.scheduler->clock() : g.bubble->clock(); }
inline Timers& timers_of(const Goroutine& g) { return g.bubble == nullptr ? g.scheduler->timers() : g.bubble->timers(); }

}  // namespace csp::runtime
