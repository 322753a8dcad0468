#pragma once

// Which workers sleep, which look for work, and who wakes whom. After Go's scheduler (runtime/proc.go, "Worker thread
// parking/unparking"); checked as a model in tests/models/parking.pml.
//
// No wake-up is lost: whoever makes work visible then executes a full fence and looks whether somebody searches or
// sleeps (announce). A worker that finds nothing first counts itself as asleep and no longer as searching, executes a
// full fence, and looks at all queues once more before it sleeps. One of the two sees the other. While somebody
// searches nobody needs to be woken; the last that stops searching because it has found something looks for more work
// and passes the search on, so that as many wake up as there is work for.
//
// One of those who sleep, the timekeeper, sleeps until the earliest timer, and where there is an event source waits for
// that as well. A worker that goes to work after it has been idle sees to it that there is one (timer_armed).

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/base/shuffle.h"
#include "runtime/sched/event_source.h"

namespace csp::runtime {

class Parking {
  public:
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    /// A worker's part. Its own, but for what the mutex guards.
    class Place {
      public:
        /// The goroutines that came back from the event source while the worker slept.
        GoroutineList take_arrived() { return std::exchange(arrived_, {}); }

      private:
        friend class Parking;
        std::condition_variable wake_;
        bool searching_ = false;  ///< Counted in Parking::searching_. Set by whoever wakes it, too.
        bool listed_ = false;     ///< Under the mutex: asleep, and to be woken.
        bool polling_ = false;    ///< Under the mutex: it waits for the event source.
        std::atomic<bool> interrupted_{false};  ///< And is to stop that.
        GoroutineList arrived_;
    };

    /// Work is visible, or is going to be looked for after a full fence in here. True: the caller, who counts as a
    /// searcher now, wakes or starts one with pass_search().
    bool announce() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        base::shuffle::step();
        if (searching_.load(std::memory_order_relaxed) != 0) return false;
        if (sleeping_.load(std::memory_order_relaxed) == 0 && !may_start_.load(std::memory_order_relaxed)) return false;
        int none = 0;
        return searching_.compare_exchange_strong(none, 1, std::memory_order_seq_cst);
    }
    /// Hands the caller's search to a worker that sleeps. False: there is none; it is the caller's still.
    bool pass_search() {
        const std::lock_guard lock(mutex_);
        if (sleepers_.empty()) return false;
        // The timekeeper is disturbed last.
        std::size_t at = sleepers_.size() - 1;
        if (sleepers_[at] == timekeeper_ && at > 0) --at;
        Place& woken = *sleepers_[at];
        woken.searching_ = true;
        delist(at);
        notify(woken);
        if (&woken == timekeeper_) keep_no_time();
        return true;
    }
    /// A search that was not handed on ends.
    void drop_search() {
        searching_.fetch_sub(1, std::memory_order_seq_cst);
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }

    void begin_search(Place& self) {
        if (self.searching_) return;
        self.searching_ = true;
        searching_.fetch_add(1, std::memory_order_seq_cst);
    }
    /// True: it was the last, so there may be work that has been announced to nobody.
    bool end_search(Place& self) {
        if (!self.searching_) return false;
        self.searching_ = false;
        const bool last = searching_.fetch_sub(1, std::memory_order_seq_cst) == 1;
        std::atomic_thread_fence(std::memory_order_seq_cst);
        return last;
    }

    /// How a look of sleep() at the state of affairs came out.
    enum class Look : std::uint8_t { Leave, Search, Sleep };
    /// Puts the calling worker to sleep until somebody wakes it or `due`, a clock reading that now() is compared with, has
    /// come. `look(lock)` is called before, and each time it might be wrong to sleep on; it sees whatever was made visible
    /// before an announce() that did not see this worker, and may let go of the lock. False: it said Leave; else the worker searches.
    template <class LookFn, class Due, class Now>
    bool sleep(Place& self, LookFn&& look, Due&& due, Now&& now) {
        std::unique_lock lock(mutex_);
        sleepers_.push_back(&self);
        self.listed_ = true;
        sleeping_.fetch_add(1, std::memory_order_seq_cst);
        base::shuffle::step();
        end_search(self);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        while (self.listed_) {
            base::shuffle::step();
            const Look what = look(lock);
            if (!self.listed_) break;
            if (what != Look::Sleep) {
                unlist(self);
                if (what == Look::Leave) return false;
                begin_search(self);
                return true;
            }
            const std::int64_t when = due();
            if (!is_needed(when)) {
                self.wake_.wait(lock);
                continue;
            }
            // Whoever arms an earlier timer sees this, or is seen by due() here.
            timekeeper_ = &self;
            timekeeper_due_.store(when, std::memory_order_seq_cst);
            if (due() >= when) keep_time(self, lock, when == kNever ? kNever : when - now());
            if (timekeeper_ == &self) keep_no_time();
            if (self.arrived_.size == 0) continue;
            if (self.listed_) unlist(self);
            begin_search(self);
            break;
        }
        return true;
    }
    /// The earliest timer is due at `due`: somebody who sleeps, if anybody does, sleeps until then.
    void timer_armed(std::int64_t due) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (sleeping_.load(std::memory_order_relaxed) == 0 || timekeeper_due_.load(std::memory_order_relaxed) <= due) return;
        const std::lock_guard lock(mutex_);
        if (timekeeper_ != nullptr)
            notify(*timekeeper_);
        else if (!sleepers_.empty())
            notify(*sleepers_.back());
    }
    /// A goroutine waits for the event source: somebody who sleeps, if anybody does, waits for that.
    void event_awaited() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (sleeping_.load(std::memory_order_relaxed) == 0 || has_timekeeper_.load(std::memory_order_relaxed)) return;
        const std::lock_guard lock(mutex_);
        if (timekeeper_ == nullptr && !sleepers_.empty()) notify(*sleepers_.back());
    }
    /// From now on the timekeeper waits for `events` as well. Under the mutex, once.
    void set_events(EventSource& events) {
        events_ = &events;
        disturb_all();
    }
    /// For so many to sleep. Under the mutex, or while nobody can.
    void make_room(std::size_t count) { sleepers_.reserve(count); }
    /// Makes all that sleep look again. Under the mutex.
    void disturb_all() {
        for (Place* place : sleepers_) notify(*place);
    }
    /// Makes a worker that is being started a searcher, in place of the caller.
    static void give_search(Place& to) { to.searching_ = true; }
    static void take_search(Place& from) { from.searching_ = false; }

    /// How many sleep(); exact under the mutex, as in look().
    int sleeping() const { return sleeping_.load(std::memory_order_relaxed); }
    std::mutex& mutex() { return mutex_; }
    /// Whether somebody who cannot pass the search on may start a further worker.
    void set_may_start(bool may) {
        if (may_start_.load(std::memory_order_relaxed) != may) may_start_.store(may, std::memory_order_seq_cst);
    }

  private:
    void notify(Place& place) {
        if (place.polling_)
            events_->interrupt(place.interrupted_);
        else
            place.wake_.notify_one();
    }
    /// Whether one who falls asleep, and knows of a timer at `when`, has to be the timekeeper.
    bool is_needed(std::int64_t when) {
        if (timekeeper_ == nullptr) return when != kNever || (events_ != nullptr && events_->awaited());
        if (timekeeper_due_.load(std::memory_order_relaxed) <= when) return false;
        if (!timekeeper_->polling_) return true;
        notify(*timekeeper_);  // it looks again itself: one at a time polls
        return false;
    }
    void keep_time(Place& self, std::unique_lock<std::mutex>& lock, std::int64_t left) {
        if (left <= 0) return;
        has_timekeeper_.store(true, std::memory_order_seq_cst);
        if (events_ == nullptr) {
            self.wake_.wait_for(lock, std::chrono::nanoseconds(left));
            return;
        }
        self.polling_ = true;
        self.interrupted_.store(false, std::memory_order_relaxed);
        lock.unlock();
        events_->wait(left == kNever ? -1 : left, self.interrupted_, self.arrived_);
        lock.lock();
        self.polling_ = false;
    }
    void keep_no_time() {
        timekeeper_ = nullptr;
        has_timekeeper_.store(false, std::memory_order_seq_cst);
        timekeeper_due_.store(kNever, std::memory_order_seq_cst);
    }
    void delist(std::size_t at) {
        sleepers_[at]->listed_ = false;
        sleepers_.erase(sleepers_.begin() + static_cast<std::ptrdiff_t>(at));
        sleeping_.fetch_sub(1, std::memory_order_seq_cst);
    }
    void unlist(const Place& self) {
        for (std::size_t i = 0; i < sleepers_.size(); ++i)
            if (sleepers_[i] == &self) return delist(i);
    }

    std::atomic<int> sleeping_{0};
    std::atomic<int> searching_{0};
    std::atomic<bool> may_start_{false};
    std::atomic<std::int64_t> timekeeper_due_{kNever};
    std::atomic<bool> has_timekeeper_{false};
    std::mutex mutex_;
    std::vector<Place*> sleepers_;
    Place* timekeeper_ = nullptr;
    EventSource* events_ = nullptr;
};

}  // namespace csp::runtime
