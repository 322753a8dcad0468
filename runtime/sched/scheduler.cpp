// The scheduler.
//
// Who sleeps and who is woken: parking.h.
//
// The run-next place is not announced to idle workers: the goroutine that filled it is likely to park
// soon (a ping-pong over a channel), and handing the other end to another processor costs more than the
// round trip. If it does not park, its next safepoint publishes the waiting one (should_yield).

#include "runtime/sched/scheduler.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/fiber/loop_fibers.h"
#include "runtime/sched/blocking_calls.h"
#include "runtime/sched/goroutine_scan.h"
#include "runtime/sched/semaphore_table.h"
#include "runtime/sched/timers.h"
#include "runtime/sched/worker_impl.h"
#include "runtime/sched/world.h"

namespace csp::runtime {

class Scheduler::Impl final : public CollectorHost {
  public:
    Impl(Scheduler& self, const SchedulerOptions& options, Executor& executor, Heap& heap)
        : self_(self), options_(options), executor_(executor), heap_(heap), timers_(self),
          scan_(heap, executor, timers_), goroutines_(executor, scan_), fibers_(options.fiber_stack_bytes, &loop_entry) {
        clock_ = options.clock != nullptr ? options.clock : &real_clock_;
        const int processors = static_cast<int>(std::thread::hardware_concurrency());
        wanted_ = std::min(kMaxWorkers, options.workers > 0 ? options.workers : std::max(1, processors));
        if (options.policy != nullptr) wanted_ = 1;
        workers_.reserve(kMaxWorkers);
        add_worker();
        heap.collector().attach(this);
    }

    ~Impl() override {
        heap_.collector().attach(nullptr);
        calls_.abandon();
        drop_parked_fibers();
        end_spares();
    }

    void run(Goroutine& main) {
        stopping_.store(false, std::memory_order_release);
        dead_ = false;
        note_limit();
        make_runnable(main);
        // It begins on the calling thread: nobody steals from the run-next place.
        Goroutine* const other = options_.policy == nullptr ? std::exchange(workers_[0]->run_next, &main) : &main;
        if (other != nullptr) push(*workers_[0], *other);
        run_worker(*workers_[0]);
        std::vector<std::thread> threads;
        {
            const std::lock_guard lock(parking_.mutex());
            for (auto& worker : workers_)
                if (worker->thread.joinable()) threads.push_back(std::move(worker->thread));
        }
        for (std::thread& thread : threads) thread.join();
        started_ = 1;
    }

    void stop() {
        stopping_.store(true, std::memory_order_seq_cst);
        const std::lock_guard lock(parking_.mutex());
        parking_.disturb_all();
        rested_.notify_all();
    }
    bool stopping() const { return stopping_.load(std::memory_order_acquire); }

    Goroutine* acquire(Worker* worker) {
        Goroutine* const g = goroutines_.take(worker != nullptr ? &worker->impl_->goroutines : nullptr);
        if (g == nullptr) return nullptr;
        g->scheduler = &self_;
        scan_.note_new(*g);
        g->next = nullptr;
        g->wait_reason = WaitReason::None;
        g->state.store(GoroutineState::Idle, std::memory_order_relaxed);
        return g;
    }
    void release(Goroutine& g) {
        executor_.recycle(g);
        goroutines_.put(nullptr, g);
    }

    /// Makes `g` runnable: from Idle, Parked, or (still switching away) Parking.
    void ready(Worker* worker, Goroutine& g, bool next) {
        if (make_runnable(g)) enqueue(worker, g, next);
    }
    void ready_all(Goroutine* first) {
        GoroutineList list;
        while (first != nullptr) {
            Goroutine* const g = std::exchange(first, first->next);
            if (!make_runnable(*g)) continue;
            if (g->thread_locks > 0)
                enqueue(nullptr, *g, false);
            else
                list.push(*g);
        }
        if (list.size == 0) return;
        global_.push_all(list);
        announce();
    }
    /// False: it is switching away still, and whoever does that queues it.
    static bool make_runnable(Goroutine& g) {
        GoroutineState seen = g.state.load(std::memory_order_acquire);
        base::shuffle::step();
        if (seen == GoroutineState::Parking &&
            g.state.compare_exchange_strong(seen, GoroutineState::Notified, std::memory_order_acq_rel))
            return false;
        g.state.store(GoroutineState::Runnable, std::memory_order_relaxed);
        g.wait_reason = WaitReason::None;
        return true;
    }

    void enqueue(Worker* worker, Goroutine& g, bool next) {
        if (g.thread_locks > 0) return wake_locked(g);
        if (worker == nullptr) {
            global_.push(g);
            announce();
            return;
        }
        WorkerImpl& w = *worker->impl_;
        if (next && options_.policy == nullptr) {
            Goroutine* const kicked = std::exchange(w.run_next, &g);
            if (kicked == nullptr) return;
            push(w, *kicked);
        } else {
            push(w, g);
        }
        announce();
    }

    void park_fiber(Goroutine& g) {
        WorkerImpl& w = *g.worker->impl_;
        Fiber* mine = w.current;
        g.fiber = mine;
        Fiber* other = fibers_.take(w.spares);
        w.arriving_parked = &g;
        w.self.current_ = nullptr;
        switch_to(w, *other, *mine);
        // Perhaps on another thread: everything is read anew.
        arrived(*g.worker->impl_);
    }

    void yield_fiber(Goroutine& g) {
        // As if somebody had made it ready before it was off its stack.
        g.state.store(GoroutineState::Notified, std::memory_order_release);
        park_fiber(g);
    }

    bool should_yield(Goroutine& g) {
        if (stopping()) return true;
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
        if (alone && !w.queue.empty()) w.slice_end = std::min(w.slice_end, now + kSliceBesideWoken);
        if (now < w.slice_end && options_.policy == nullptr) return false;
        const bool others = !w.queue.empty() || !global_.empty();
        if (!others) w.slice_end = now + options_.time_slice_ns;
        return others;
    }

    void run_blocking(Goroutine& g, std::function<void()> work) {
        blocking_.fetch_add(1, std::memory_order_seq_cst);
        g.wait_reason = WaitReason::Io;
        g.state.store(GoroutineState::Parking, std::memory_order_release);
        calls_.run(std::move(work), [this, &g] {
            ready(nullptr, g, false);
            if (blocking_.fetch_sub(1, std::memory_order_seq_cst) > 1) return;
            const std::lock_guard lock(parking_.mutex());
            parking_.disturb_all();  // who looked for a deadlock may have seen this call
        });
        park_fiber(g);
    }

    int workers() const { return wanted_.load(std::memory_order_relaxed); }
    int set_workers(int count) {
        if (options_.policy != nullptr) return 1;
        const int old = wanted_.exchange(count, std::memory_order_relaxed);
        note_limit();
        announce();
        return old;
    }

    void lock_thread(Goroutine& g) {
        if (options_.policy != nullptr || ++g.thread_locks > 1) return;
        WorkerImpl& w = *g.worker->impl_;
        w.locked_by = &g;
        locked_.fetch_add(1, std::memory_order_relaxed);
        note_limit();
        hand_on(w);
    }
    void unlock_thread(Goroutine& g) {
        if (g.thread_locks == 0 || --g.thread_locks > 0) return;
        g.worker->impl_->locked_by = nullptr;
        locked_.fetch_sub(1, std::memory_order_relaxed);
        note_limit();
    }

    void collect_if_due() {
        if (!heap_.collector().due()) return;
        world_.enter();
        heap_.collector().collect(workers_[0]->self.cache_);
        world_.leave();
    }
    std::int64_t goroutines() const {
        std::int64_t sum = goroutines_.in_use_elsewhere();
        const int count = worker_count_.load(std::memory_order_acquire);
        for (int i = 0; i < count; ++i) sum += workers_[static_cast<std::size_t>(i)]->goroutines.in_use();
        return sum;
    }
    void for_each(const std::function<void(Goroutine&)>& visit) {
        for (Goroutine* g : scan_.live()) visit(*g);
    }

    Scheduler& self_;
    SchedulerOptions options_;
    Executor& executor_;
    Heap& heap_;
    Clock* clock_;
    RealClock real_clock_;
    Timers timers_;
    SemaphoreTable semaphores_;
    GoroutineScan scan_;
    GoroutinePool goroutines_;

    /// Work has become visible.
    void announce() {
        while (parking_.announce()) {
            if (parking_.pass_search() || start_worker()) return;
            parking_.drop_search();
            // What came meanwhile was announced to nobody: it looked as if somebody searched.
            if (parking_.sleeping() == 0 || !work_visible()) return;
        }
    }
    void timer_armed(std::int64_t due) { parking_.timer_armed(due); }

    // ---- CollectorHost ----
    void safepoint(AllocCache& cache) override {
        if (!world_.stop_wanted()) return;
        world_.wait();
        scan_current(worker_of(cache));
    }
    void stop_world(AllocCache& cache, const std::function<void()>& work) override {
        world_.stop(work);
        scan_current(worker_of(cache));
    }
    void note_goroutines(std::uint32_t cycle) override {
        std::vector<Goroutine*> running;
        const int count = worker_count_.load(std::memory_order_acquire);
        for (int i = 0; i < count; ++i)
            if (Goroutine* const g = workers_[static_cast<std::size_t>(i)]->self.current_) running.push_back(g);
        scan_.begin(cycle, running);
    }
    bool scan_goroutines(AllocCache& cache) override { return scan_.some(cache); }
    bool all_scanned() override { return scan_.finished(); }
    void scan_globals(Scanner& scanner) override { executor_.scan_globals(scanner); }
    void finalize(std::vector<Finalizer> ready_ones) override {
        for (const Finalizer& finalizer : ready_ones) {
            Goroutine* g = acquire(nullptr);
            if (g == nullptr) return;  // no memory: as if the process had ended before
            if (executor_.start_finalizer(*g, finalizer))
                ready(nullptr, *g, false);
            else
                release(*g);
        }
    }
    std::int64_t now() override { return real_clock_.monotonic(); }

  private:
    /// To the back of the worker's queue. When that is full, its older half makes room.
    void push(WorkerImpl& w, Goroutine& g) {
        if (w.queue.push(g)) return;
        GoroutineList half = w.queue.pop_half();
        half.push(g);
        global_.push_all(half);
    }

    static WorkerImpl& worker_of(const AllocCache& cache) { return *static_cast<WorkerImpl*>(cache.owner); }
    void scan_current(WorkerImpl& w) {
        if (w.self.current_ != nullptr) scan_.running(*w.self.current_, w.current, w.self.cache_);
    }

    void add_worker() {
        auto worker = std::make_unique<WorkerImpl>();
        worker->self.scheduler_ = &self_;
        worker->self.impl_ = worker.get();
        worker->self.cache_.owner = worker.get();
        heap_.attach(worker->self.cache_);
        worker->self.index_ = static_cast<int>(workers_.size());
        worker->self.random_state_ =
            static_cast<std::uint64_t>(clock_->monotonic()) * 2 + 1 + workers_.size() * 0x9E3779B97F4A7C15ULL;
        workers_.push_back(std::move(worker));
        worker_count_.store(static_cast<int>(workers_.size()), std::memory_order_release);
    }

    /// How many workers may run: GOMAXPROCS, and those that serve one goroutine each.
    int limit() const {
        return std::min(kMaxWorkers, wanted_.load(std::memory_order_relaxed) + locked_.load(std::memory_order_relaxed));
    }
    void note_limit() {
        const std::lock_guard lock(parking_.mutex());
        parking_.set_may_start(started_ < limit());
        parking_.disturb_all();
        rested_.notify_all();
    }
    /// Starts a further worker, which takes over the caller's search. False: there may be no more.
    bool start_worker() {
        const std::lock_guard lock(parking_.mutex());
        if (stopping() || started_ >= limit()) return false;
        const auto index = static_cast<std::size_t>(started_);
        while (workers_.size() <= index) add_worker();
        ++started_;
        parking_.set_may_start(started_ < limit());
        WorkerImpl* w = workers_[index].get();
        Parking::give_search(w->place);
        w->thread = std::thread([this, w] { run_worker(*w); });
        return true;
    }

    static void loop_entry(Fiber& self) {
        Scheduler::Impl& impl = *self.worker->scheduler().impl_;
        impl.arrived(*self.worker->impl_);
        impl.loop(self);
    }

    void run_worker(WorkerImpl& w) {
        base::shuffle::begin_thread(options_.shuffle_seed, static_cast<std::uint64_t>(w.self.index_));
        world_.enter();
        w.home.worker = &w.self;
        w.home.adopt_thread();
        Fiber* first = fibers_.take(w.spares);
        switch_to(w, *first, w.home);
        // The loop fiber that ended here is done for good.
        fibers_.retire(std::exchange(w.current, nullptr));
        heap_.collector().hand_on(w.self.cache_);
        world_.leave();
    }

    void switch_to(WorkerImpl& w, Fiber& to, Fiber& from) {
        to.worker = &w.self;
        to.home = &w.home;
        w.current = &to;
        to.switch_from(from);
    }

    /// What the switch that ended here left to do.
    void arrived(WorkerImpl& w) {
        if (Fiber* spare = std::exchange(w.arriving_spare, nullptr)) w.spares.push_back(spare);
        if (Goroutine* g = std::exchange(w.arriving_parked, nullptr)) {
            GoroutineState expected = GoroutineState::Parking;
            base::shuffle::step();
            if (!g->state.compare_exchange_strong(expected, GoroutineState::Parked, std::memory_order_acq_rel)) {
                g->state.store(GoroutineState::Runnable, std::memory_order_release);
                enqueue(&w.self, *g, false);
            }
        }
    }

    /// Runs goroutines until the scheduler stops. `fiber.worker` may change at every goroutine that
    /// parks with a fiber, so it is read anew each time.
    void loop(Fiber& fiber) {
        for (;;) {
            WorkerImpl& w = *fiber.worker->impl_;
            Goroutine* g = find_work(w);
            if (g == nullptr) return;
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
                case RunResult::Parked: break;
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

    void finish(WorkerImpl& w, Goroutine& g) {
        if (g.thread_locks > 0) {
            g.thread_locks = 1;
            unlock_thread(g);
        }
        executor_.recycle(g);
        g.state.store(GoroutineState::Idle, std::memory_order_release);
        goroutines_.put(&w.goroutines, g);
    }

    /// One goroutine of the global queue; the worker's share of the others comes along.
    Goroutine* pop_global(WorkerImpl& w, std::size_t most) {
        const std::size_t size = global_.size();
        if (size == 0) return nullptr;
        GoroutineList taken = global_.pop(std::min(most, size / static_cast<std::size_t>(limit()) + 1));
        Goroutine* const first = taken.pop();
        if (taken.size == 0) return first;
        while (Goroutine* g = taken.pop()) push(w, *g);
        announce();  // on the way from queue to queue nobody saw them
        return first;
    }

    void poll_timers(WorkerImpl& w) {
        if (timers_.next_due() == Parking::kNever) return;
        timers_.poll(w.self);
    }

    Goroutine* next_by_policy(WorkerImpl& w) {
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

    Goroutine* find_local(WorkerImpl& w) {
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

    Goroutine* steal(WorkerImpl& w) {
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

    Goroutine* find_work(WorkerImpl& w) {
        for (;;) {
            if (stopping()) {
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
                if (options_.policy == nullptr) g = pop_global(w, 1);
            }
            if (g == nullptr) g = find_local(w);
            const bool was_idle = g == nullptr;
            if (g == nullptr) {
                poll_timers(w);
                g = find_local(w);
            }
            if (g == nullptr && options_.policy == nullptr) {
                parking_.begin_search(w.place);
                g = steal(w);
            }
            if (g != nullptr) {
                w.searches = 0;
                if (parking_.end_search(w.place) && work_visible()) announce();
                if (was_idle && timers_.next_due() != Parking::kNever) parking_.timer_armed(timers_.next_due());
                return g;
            }
            if (heap_.collector().work(w.self.cache_, kIdleMarking)) continue;
            if (search_on(w)) continue;
            world_.leave();
            const bool go_on = parking_.sleep(
                w.place, [&](std::unique_lock<std::mutex>& lock) { return look(w, lock); },
                [this] { return timers_.next_due(); }, [this] { return clock_->monotonic(); });
            world_.enter();
            if (!go_on) return nullptr;
        }
    }

    /// Falling asleep and waking up cost more than looking a little longer, while others may make work.
    bool search_on(WorkerImpl& w) {
        if (options_.policy != nullptr || w.searches >= kMostSearches) {
            w.searches = 0;
            return false;
        }
        if (parking_.sleeping() + 1 >= worker_count_.load(std::memory_order_relaxed)) return false;
        ++w.searches;
        for (int i = 0; i < kPausesBetweenSearches; ++i) _mm_pause();
        return true;
    }

    /// What a worker sees before it sleeps.
    Parking::Look look(WorkerImpl& w, std::unique_lock<std::mutex>& lock) {
        if (stopping()) return Parking::Look::Leave;
        if (w.self.index_ >= limit()) return Parking::Look::Search;
        const bool all_idle = parking_.sleeping() + resting_ == started_ && locked_ready_ == 0 &&
                              blocking_.load(std::memory_order_seq_cst) == 0;
        if (work_visible()) return Parking::Look::Search;
        const std::int64_t due = timers_.next_due();
        if (due != Parking::kNever) {
            const bool now = due <= clock_->monotonic() || (all_idle && clock_->advance_to(due));
            return now ? Parking::Look::Search : Parking::Look::Sleep;
        }
        if (all_idle && !dead_) {
            dead_ = true;
            lock.unlock();
            executor_.deadlock();
            lock.lock();
            if (stopping()) return Parking::Look::Leave;
        }
        return Parking::Look::Sleep;
    }

    /// The goroutines in the worker's queues become everybody's.
    void hand_on(WorkerImpl& w) {
        GoroutineList list;
        if (w.run_next != nullptr) list.push(*std::exchange(w.run_next, nullptr));
        while (Goroutine* g = w.queue.pop()) list.push(*g);
        global_.push_all(list);
        if (list.size > 0) announce();
    }

    /// The worker sleeps until `done`, which is asked under the mutex, and is not woken for work.
    template <class Done>
    void rest(WorkerImpl& w, Done&& done) {
        parking_.end_search(w.place);
        heap_.collector().hand_on(w.self.cache_);
        world_.leave();
        {
            std::unique_lock lock(parking_.mutex());
            ++resting_;
            // It may have been the last that was not idle, or that searched.
            parking_.disturb_all();
            while (!stopping() && !done()) rested_.wait(lock);
            --resting_;
        }
        world_.enter();
    }
    /// The worker runs one goroutine only; null: the scheduler stops.
    Goroutine* wait_for_locked(WorkerImpl& w) {
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
    /// `g`, which has locked its worker, is runnable.
    void wake_locked(Goroutine& g) {
        const std::lock_guard lock(parking_.mutex());
        g.worker->impl_->locked_ready = true;
        ++locked_ready_;
        rested_.notify_all();
    }

    bool work_visible() const {
        if (!global_.empty()) return true;
        const int count = worker_count_.load(std::memory_order_acquire);
        for (int i = 0; i < count; ++i)
            if (!workers_[static_cast<std::size_t>(i)]->queue.empty()) return true;
        return false;
    }

    /// At the end: goroutines that are parked with C++ frames get those unwound.
    void drop_parked_fibers() {
        for (Goroutine* g : scan_.all()) {
            if (g->fiber == nullptr) continue;
            WorkerImpl& w = *workers_[0];
            g->resume = Resume::Cancelled;
            g->worker = &w.self;
            w.home.worker = &w.self;
            w.home.adopt_thread();
            stopping_.store(true);
            Fiber* own = std::exchange(g->fiber, nullptr);
            switch_to(w, *own, w.home);
            fibers_.retire(w.current);
        }
    }

    /// Lets the loops of unused fibers return, so that no stack has to be unwound from outside.
    void end_spares() {
        stopping_.store(true);
        for (const auto& worker : workers_) {
            WorkerImpl& w = *worker;
            w.home.worker = &w.self;
            w.home.adopt_thread();
            for (Fiber* spare : std::exchange(w.spares, {})) {
                switch_to(w, *spare, w.home);
                fibers_.retire(w.current);
            }
        }
    }

    static constexpr std::int64_t kIdleMarking = 64 * 1024;
    static constexpr int kMaxWorkers = 256;
    static constexpr std::int64_t kSliceBesideWoken = 1'000'000;  ///< What is left of a slice when a sleeper wakes up.
    static constexpr std::uint32_t kMostRunNext = 64;
    static constexpr int kMostSearches = 16;
    static constexpr int kPausesBetweenSearches = 32;

    World world_{self_.lone_};
    Parking parking_;
    std::vector<std::unique_ptr<WorkerImpl>> workers_;
    std::atomic<int> worker_count_{0};
    std::atomic<int> wanted_{1};  ///< GOMAXPROCS.
    std::atomic<int> locked_{0};  ///< Workers that serve one goroutine.
    GlobalQueue global_;
    std::atomic<std::int64_t> blocking_{0};
    std::atomic<bool> stopping_{false};

    // Under Parking's mutex.
    std::condition_variable rested_;
    int started_ = 1;       ///< Workers.
    int resting_ = 0;       ///< Of them, those in rest().
    int locked_ready_ = 0;  ///< Of those, the ones that are about to go on.
    bool dead_ = false;

    LoopFibers fibers_;
    BlockingCalls calls_;
};

Scheduler::Scheduler(const SchedulerOptions& options, Executor& executor, Heap& heap)
    : heap_(heap), impl_(std::make_unique<Impl>(*this, options, executor, heap)) {}
Scheduler::~Scheduler() = default;
void Scheduler::run(Goroutine& main) { impl_->run(main); }
void Scheduler::stop() { impl_->stop(); }
bool Scheduler::stopping() const { return impl_->stopping(); }
Goroutine* Scheduler::acquire(Worker* worker) { return impl_->acquire(worker); }
void Scheduler::release(Goroutine& g) { impl_->release(g); }
void Scheduler::ready(Worker* worker, Goroutine& g, bool next) { impl_->ready(worker, g, next); }
void Scheduler::ready_all(Goroutine* first) { impl_->ready_all(first); }
void Scheduler::park_fiber(Goroutine& g) { impl_->park_fiber(g); }
void Scheduler::yield_fiber(Goroutine& g) { impl_->yield_fiber(g); }
bool Scheduler::should_yield(Goroutine& g) { return impl_->should_yield(g); }
void Scheduler::run_blocking(Goroutine& g, std::function<void()> work) { impl_->run_blocking(g, std::move(work)); }
int Scheduler::workers() const { return impl_->workers(); }
int Scheduler::set_workers(int count) { return impl_->set_workers(count); }
std::int64_t Scheduler::goroutines() const { return impl_->goroutines(); }
Clock& Scheduler::clock() { return *impl_->clock_; }
Policy* Scheduler::policy() { return impl_->options_.policy; }
Timers& Scheduler::timers() { return impl_->timers_; }
Executor& Scheduler::executor() { return impl_->executor_; }
SemaphoreTable& Scheduler::semaphores() { return impl_->semaphores_; }
void Scheduler::timer_armed(std::int64_t due) { impl_->timer_armed(due); }
void Scheduler::lock_thread(Goroutine& g) { impl_->lock_thread(g); }
void Scheduler::unlock_thread(Goroutine& g) { impl_->unlock_thread(g); }
void Scheduler::collect_if_due() { impl_->collect_if_due(); }
void Scheduler::stop_world(AllocCache& self, const std::function<void()>& work) { impl_->stop_world(self, work); }
void Scheduler::for_each(const std::function<void(Goroutine&)>& visit) { impl_->for_each(visit); }

}  // namespace csp::runtime
