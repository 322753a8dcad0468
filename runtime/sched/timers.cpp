#include "runtime/sched/timers.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/sched/bubble.h"

namespace csp::runtime {

namespace {
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::uint32_t kArmed = 1;
}  // namespace

/// One binary heap by due time, with a lock; a timer knows its place, so that stopping is cheap.
class Timers::Impl {
  public:
    Impl(Scheduler& scheduler, Clock* clock) : scheduler_(scheduler), own_clock_(clock) {}

    void start(Timer& t, std::int64_t when, std::int64_t period, bool announce) {
        bool earliest;
        {
            const std::lock_guard lock(mutex_);
            arm(t, when, period);
            earliest = heap_[0] == &t;
        }
        if (earliest && announce && own_clock_ == nullptr) scheduler_.timer_armed(when);
    }
    bool stop(Goroutine& by, Timer& t) {
        std::unique_lock lock(mutex_);
        return stop_locked(by, t, lock);
    }
    bool reset(Goroutine& by, Timer& t, std::int64_t when, std::int64_t period) {
        bool was_armed;
        bool earliest;
        {
            std::unique_lock lock(mutex_);
            was_armed = stop_locked(by, t, lock);
            arm(t, when, period);
            earliest = heap_[0] == &t;
        }
        if (earliest && own_clock_ == nullptr) scheduler_.timer_armed(when);
        return was_armed;
    }

    std::int64_t poll(Worker& worker) {
        while (due_.load(std::memory_order_relaxed) <= clock().monotonic())
            if (!fire_first(worker, clock().monotonic())) break;
        return next_due();
    }
    bool advance(Worker& worker, Clock& clock) {
        std::int64_t until = kNever;
        if (!heap_.empty() && awaited(*heap_[0]))
            until = heap_[0]->when;
        else
            for (const Timer* t : heap_)
                if (t->when < until && awaited(*t)) until = t->when;
        if (until == kNever) return false;
        while (next_due() <= until) {
            clock.advance_to(next_due());
            fire_first(worker, until);
        }
        return true;
    }
    std::vector<const Timer*> armed() const {
        const std::lock_guard lock(mutex_);
        return {heap_.begin(), heap_.end()};
    }
    std::int64_t next_due() const { return due_.load(std::memory_order_relaxed); }

  private:
    Clock& clock() const { return own_clock_ != nullptr ? *own_clock_ : scheduler_.clock(); }
    bool awaited(const Timer& t) const { return t.awaited == nullptr || t.awaited(scheduler_, t); }
    /// Fires the first one, if it is due at `now`.
    bool fire_first(Worker& worker, std::int64_t now) {
        Timer* t;
        {
            const std::lock_guard lock(mutex_);
            if (heap_.empty() || heap_[0]->when > now) return false;
            t = heap_[0];
            const std::int64_t period = t->period;
            const std::int64_t when = t->when;
            disarm(*t);
            // A ticker keeps its beat and drops what it missed.
            if (period > 0) arm(*t, when + period * (1 + (now - when) / period), period);
            if (t->take_back != nullptr) ++t->firing;
        }
        base::shuffle::step();
        // It, and what it passes on, leaves the armed ones, from which the collector would have reached it.
        scheduler_.heap().keep_alive(worker.cache(), reinterpret_cast<Slot>(t));
        const bool counted = t->take_back != nullptr;
        t->fire(scheduler_, worker, *t);
        if (!counted) return true;  // a sleeper's may be in use again
        const std::lock_guard lock(mutex_);
        --t->firing;
        return true;
    }
    bool stop_locked(Goroutine& by, Timer& t, std::unique_lock<std::mutex>& lock) {
        bool stopped = disarm(t);
        while (t.firing > 0) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
            stopped |= disarm(t);
        }
        if (t.take_back != nullptr) stopped |= t.take_back(by, t);
        return stopped;
    }
    void arm(Timer& t, std::int64_t when, std::int64_t period) {
        heap_.push_back(&t);
        t.when = when;
        t.period = period;
        ++t.sequence;
        t.state.store(kArmed, std::memory_order_relaxed);
        t.index = static_cast<std::uint32_t>(heap_.size() - 1);
        up(t.index);
        note_first();
    }
    bool disarm(Timer& t) {
        if (t.state.load(std::memory_order_relaxed) != kArmed) return false;
        t.state.store(0, std::memory_order_relaxed);
        const std::uint32_t at = t.index;
        Timer* last = heap_.back();
        heap_.pop_back();
        if (last != &t) {
            heap_[at] = last;
            last->index = at;
            up(at);
            down(last->index);
        }
        note_first();
        return true;
    }
    void note_first() { due_.store(heap_.empty() ? kNever : heap_[0]->when, std::memory_order_relaxed); }
    static bool before(const Timer& a, const Timer& b) { return a.when < b.when; }
    void place(Timer* t, std::uint32_t at) {
        heap_[at] = t;
        t->index = at;
    }
    void up(std::uint32_t at) {
        Timer* t = heap_[at];
        while (at > 0 && before(*t, *heap_[(at - 1) / 2])) {
            place(heap_[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        place(t, at);
    }
    void down(std::uint32_t at) {
        Timer* t = heap_[at];
        for (;;) {
            std::uint32_t child = at * 2 + 1;
            if (child >= heap_.size()) break;
            if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
            if (!before(*heap_[child], *t)) break;
            place(heap_[child], at);
            at = child;
        }
        place(t, at);
    }

    Scheduler& scheduler_;
    Clock* const own_clock_;
    mutable std::mutex mutex_;
    std::vector<Timer*> heap_;
    std::atomic<std::int64_t> due_{kNever};
};

Timers::Timers(Scheduler& scheduler, Clock* clock) : impl_(std::make_unique<Impl>(scheduler, clock)) {}
Timers::~Timers() = default;
void Timers::start(Timer& t, std::int64_t when, std::int64_t period, bool announce) {
    impl_->start(t, when, period, announce);
}
bool Timers::stop(Goroutine& by, Timer& t) { return impl_->stop(by, t); }
bool Timers::reset(Goroutine& by, Timer& t, std::int64_t when, std::int64_t period) {
    return impl_->reset(by, t, when, period);
}
std::int64_t Timers::poll(Worker& worker) { return impl_->poll(worker); }
bool Timers::advance(Worker& worker, Clock& clock) { return impl_->advance(worker, clock); }
std::int64_t Timers::next_due() { return impl_->next_due(); }
std::vector<const Timer*> Timers::armed() const { return impl_->armed(); }

namespace {
void wake_sleeper(Scheduler& scheduler, Worker& worker, Timer& timer) {
    scheduler.ready(&worker, *static_cast<Goroutine*>(timer.argument), false);
}
}  // namespace

Wait sleep(Goroutine& g, std::int64_t nanoseconds) {
    if (nanoseconds <= 0) return Wait::Done;
    if (g.sleep_timer == nullptr) g.sleep_timer = std::make_unique<Timer>();
    Timer& timer = *g.sleep_timer;
    timer.fire = wake_sleeper;
    timer.argument = &g;
    const std::int64_t now = clock_of(g).monotonic();
    const std::int64_t when = nanoseconds > kNever - now ? kNever - 1 : now + nanoseconds;
    // A worker that has nothing else to do sleeps until then itself.
    Scheduler& scheduler = *g.scheduler;
    const bool announce = scheduler.has_more_work(*g.worker);
    Timers& timers = timers_of(g);  // before it can be made ready, and end
    g.begin_wait(WaitReason::Sleep, true);
    timers.start(timer, when, 0, announce);
    return Wait::Parked;
}

}  // namespace csp::runtime
