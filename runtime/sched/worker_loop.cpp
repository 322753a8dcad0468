// What a worker does: finds goroutines and runs them, or sleeps.

#include <utility>

#include "runtime/sched/scheduler_impl.h"

namespace csp::runtime {

void Scheduler::Impl::loop(Fiber& fiber) {
    for (;;) {
        WorkerImpl& w = *fiber.worker->impl_;
        Goroutine* g = find_work(w);
        if (g == nullptr) {
            if (closing_) return;
            w.came_home = &fiber;
            switch_to(w, w.home, fiber);
            arrived(*fiber.worker->impl_);
            continue;
        }
        g->worker = &w.self;
        w.self.current_ = g;
        if (heap_.marking()) scan_.before_run(*g, w.self.cache_);
        g->state.store(GoroutineState::Running, std::memory_order_relaxed);
        if (Fiber* own = std::exchange(g->fiber, nullptr)) {
            w.arriving_spare = &fiber;
            switch_to(w, *own, fiber);
            arrived(*fiber.worker->impl_);
            continue;
        }
        const RunResult result = executor_.run(*g);
        WorkerImpl& now = *fiber.worker->impl_;
        now.self.current_ = nullptr;
        switch (result) {
            case RunResult::Parked: settle_bubble(now); break;
            case RunResult::Yielded:
                g->state.store(GoroutineState::Runnable, std::memory_order_relaxed);
                if (g->thread_locks > 0) {
                    wake_locked(*g);
                } else {
                    global_.push(*g);
                    if (self_.has_more_work(now.self)) announce();
                }
                break;
            case RunResult::Finished: finish(now, *g); break;
        }
    }
}

void Scheduler::Impl::finish(WorkerImpl& w, Goroutine& g) {
    if (g.thread_locks > 0) {
        g.thread_locks = 1;
        unlock_thread(g);
    }
    executor_.recycle(g);
    leave_bubble(w, g);
    g.state.store(GoroutineState::Idle, std::memory_order_release);
    goroutines_.put(&w.goroutines, g);
}

Goroutine* Scheduler::Impl::find_work(WorkerImpl& w) {
    bool was_idle = false;
    for (;;) {
        if (leaves_off()) {
            parking_.end_search(w.place);
            return nullptr;
        }
        safepoint(w.self.cache_);
        if (w.locked_by != nullptr) return wait_for_locked(w);
        if (w.self.index_ >= limit()) {
            hand_on(w);
            rest(w, [&] { return w.self.index_ < limit(); });
            continue;
        }
        Goroutine* g = nullptr;
        // Now and then the global queue and the timers come first, or a busy pair starves them.
        if (++w.tick % 61 == 0) {
            poll_timers(w);
            poll_events(w);
            // Goroutines that never run for long do not get to help the collector where they would yield.
            heap_.collector().background(w.self.cache_);
            if (options_.policy == nullptr) g = pop_global(w, 1);
        }
        if (g == nullptr) g = find_local(w);
        if (g == nullptr) {
            was_idle = true;
            poll_timers(w);
            if (w.searches == 0) poll_events(w);
            g = find_local(w);
        }
        if (g == nullptr && options_.policy == nullptr) {
            parking_.begin_search(w.place);
            g = steal(w);
        }
        if (g != nullptr) {
            w.searches = 0;
            if (parking_.end_search(w.place) && work_visible()) announce();
            if (was_idle) pass_timekeeping();
            return g;
        }
        if (heap_.collector().work(w.self.cache_, kIdleMarking)) continue;
        if (search_on(w)) continue;
        world_.leave();
        const bool go_on = parking_.sleep(
            w.place, [&](std::unique_lock<std::mutex>& lock) { return look(w, lock); },
            [this] { return std::min(timers_.next_due(), poll_wait_end_); }, [this] { return clock_->monotonic(); });
        world_.enter();
        if (!go_on) return nullptr;
        if (polled()) went_on_polling();
        was_idle = true;
        queue_arrived(w, w.place.take_arrived());
    }
}

void Scheduler::Impl::queue_arrived(WorkerImpl& w, GoroutineList list) {
    if (list.size == 0) return;
    events_.load(std::memory_order_relaxed)->taken(list.size);
    const bool several = list.size > 1;
    while (Goroutine* g = list.pop()) {
        if (!make_runnable(*g)) continue;
        if (g->thread_locks > 0)
            wake_locked(*g);
        else
            push(w, *g);
    }
    if (several) announce();
}

Goroutine* Scheduler::Impl::find_local(WorkerImpl& w) {
    if (options_.policy != nullptr) return next_by_policy(w);
    if (w.run_next != nullptr) {
        Goroutine* const g = std::exchange(w.run_next, nullptr);
        // The pair inherits the time slice, and has to let others go first now and then.
        if (++w.run_next_taken % kMostRunNext != 0 || w.queue.empty()) return g;
        push(w, *g);
    }
    w.run_next_taken = 0;
    w.slice_end = 0;
    if (Goroutine* g = w.queue.pop()) return g;
    return pop_global(w, LocalQueue::kCapacity / 2);
}

Goroutine* Scheduler::Impl::next_by_policy(WorkerImpl& w) {
    std::vector<Goroutine*> runnable;
    while (Goroutine* g = w.queue.pop()) runnable.push_back(g);
    GoroutineList rest = global_.pop(global_.size());
    while (Goroutine* g = rest.pop()) runnable.push_back(g);
    if (runnable.empty()) return nullptr;
    const std::size_t chosen = options_.policy->choose_next(runnable);
    for (std::size_t i = 0; i < runnable.size(); ++i)
        if (i != chosen) push(w, *runnable[i]);
    return runnable[chosen];
}

Goroutine* Scheduler::Impl::pop_global(WorkerImpl& w, std::size_t most) {
    const std::size_t size = global_.size();
    if (size == 0) return nullptr;
    GoroutineList taken = global_.pop(std::min(most, size / static_cast<std::size_t>(limit()) + 1));
    Goroutine* const first = taken.pop();
    if (taken.size == 0) return first;
    while (Goroutine* g = taken.pop()) push(w, *g);
    announce();  // on the way from queue to queue nobody saw them
    return first;
}

Goroutine* Scheduler::Impl::steal(WorkerImpl& w) {
    const int count = worker_count_.load(std::memory_order_acquire);
    const std::uint64_t start = w.self.random();
    for (int i = 0; i < count; ++i) {
        WorkerImpl& victim = *workers_[(start + static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(count)];
        if (&victim == &w) continue;
        base::shuffle::step();
        if (Goroutine* g = w.queue.steal_half(victim.queue)) return g;
    }
    return nullptr;
}

bool Scheduler::Impl::search_on(WorkerImpl& w) {
    if (options_.policy != nullptr || w.searches >= kMostSearches) {
        w.searches = 0;
        return false;
    }
    if (parking_.sleeping() + 1 >= worker_count_.load(std::memory_order_relaxed)) return false;
    ++w.searches;
    for (int i = 0; i < kPausesBetweenSearches; ++i) _mm_pause();
    return true;
}

Parking::Look Scheduler::Impl::look(WorkerImpl& w, std::unique_lock<std::mutex>& lock) {
    if (stopping()) return Parking::Look::Leave;
    if (w.self.index_ >= limit()) return Parking::Look::Search;
    const bool all_idle = parking_.sleeping() + resting_ == started_ && locked_ready_ == 0 &&
                          blocking_.load(std::memory_order_seq_cst) == 0 && !events_awaited();
    if (work_visible()) return Parking::Look::Search;
    const std::int64_t due = timers_.next_due();
    if (due != Parking::kNever) {
        const bool now = due <= clock_->monotonic() || (all_idle && clock_->advance_to(due));
        return now ? Parking::Look::Search : idle_look();
    }
    if (all_idle && !dead_ && (!polled() || poll_deadlocks_) && !executor_.awaits_host()) {
        // A visitor may have taken a goroutine off a queue, and not made it visible yet: after that it is, or look_again().
        look_wanted_.store(true, std::memory_order_seq_cst);
        if (visits_.load(std::memory_order_seq_cst) > 0) return idle_look();
        if (work_visible()) return Parking::Look::Search;
        dead_ = true;
        lock.unlock();
        executor_.deadlock();
        lock.lock();
        if (stopping()) return Parking::Look::Leave;
    }
    return idle_look();
}

Parking::Look Scheduler::Impl::idle_look() {
    if (!polled()) return Parking::Look::Sleep;
    poll_idle_ = true;
    if (poll_wait_ <= 0) return Parking::Look::Leave;
    if (poll_wait_end_ == Parking::kNever) {
        poll_wait_end_ = from_now(*clock_, poll_wait_);
        poll_awake_by_ = from_now(real_clock_, poll_wait_);
    }
    return real_clock_.monotonic() < poll_awake_by_ ? Parking::Look::Sleep : Parking::Look::Leave;
}

bool Scheduler::Impl::work_visible() const {
    if (!global_.empty()) return true;
    const int count = worker_count_.load(std::memory_order_acquire);
    for (int i = 0; i < count; ++i)
        if (!workers_[static_cast<std::size_t>(i)]->queue.empty()) return true;
    return false;
}

bool Scheduler::Impl::should_yield(Goroutine& g) {
    if (leaves_off()) return true;
    WorkerImpl& w = *g.worker->impl_;
    safepoint(w.self.cache_);
    heap_.collector().background(w.self.cache_);
    if (base::shuffle::chance(2)) return true;
    // The clock is read now and then only.
    if (++w.checks % 8 != 0 && options_.policy == nullptr) return false;
    if (w.self.index_ >= limit() && g.thread_locks == 0) return true;
    if (w.run_next != nullptr) {
        push(w, *std::exchange(w.run_next, nullptr));
        announce();
    }
    const bool alone = w.queue.empty();
    poll_timers(w);
    const std::int64_t now = real_clock_.monotonic();
    if (w.slice_end == 0) w.slice_end = now + options_.time_slice_ns;
    if (now >= w.events_due) {
        w.events_due = now + kEventsInterval;
        poll_events(w);
    }
    if (alone && !w.queue.empty()) w.slice_end = std::min(w.slice_end, now + kSliceBesideWoken);
    if (now < w.slice_end && options_.policy == nullptr) return false;
    const bool others = !w.queue.empty() || !global_.empty();
    if (!others) w.slice_end = now + options_.time_slice_ns;
    return others;
}

void Scheduler::Impl::hand_on(WorkerImpl& w) {
    GoroutineList list;
    if (w.run_next != nullptr) list.push(*std::exchange(w.run_next, nullptr));
    while (Goroutine* g = w.queue.pop()) list.push(*g);
    global_.push_all(list);
    if (list.size > 0) announce();
}

Goroutine* Scheduler::Impl::wait_for_locked(WorkerImpl& w) {
    hand_on(w);
    // Somebody has to be there who runs the others, fires timers, and finds deadlocks.
    parking_.begin_search(w.place);
    if (start_worker()) Parking::take_search(w.place);
    rest(w, [&w] { return w.locked_ready; });
    const std::lock_guard lock(parking_.mutex());
    if (!std::exchange(w.locked_ready, false)) return nullptr;
    --locked_ready_;
    return w.locked_by;
}

void Scheduler::Impl::wake_locked(Goroutine& g) {
    if (g.worker->index() < 0) return static_cast<Visitor&>(g).wake();
    const std::lock_guard lock(parking_.mutex());
    g.worker->impl_->locked_ready = true;
    ++locked_ready_;
    rested_.notify_all();
}

}  // namespace csp::runtime
