#pragma once

// The scheduler's state, and what others make it do; what the workers do by themselves: worker_loop.cpp.
//
// Who sleeps and who is woken: parking.h.
//
// The run-next place is not announced to idle workers: the goroutine that filled it is likely to park
// soon (a ping-pong over a channel), and handing the other end to another processor costs more than the
// round trip. If it does not park, its next safepoint publishes the waiting one (should_yield).

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/splitmix.h"
#include "runtime/fiber/loop_fibers.h"
#include "runtime/sched/bubble.h"
#include "runtime/sched/blocking_calls.h"
#include "runtime/sched/extension.h"
#include "runtime/sched/goroutine_scan.h"
#include "runtime/sched/scheduler.h"
#include "runtime/sched/semaphore_table.h"
#include "runtime/sched/timers.h"
#include "runtime/sched/visitor.h"
#include "runtime/sched/worker_impl.h"
#include "runtime/sched/world.h"

namespace csp::runtime {

class Scheduler::Impl final : public CollectorHost {
  public:
    Impl(Scheduler& self, const SchedulerOptions& options, Executor& executor, Heap& heap)
        : self_(self), options_(options), executor_(executor), heap_(heap), timers_(self),
          bubbles_(self), scan_(heap, executor, timers_, bubbles_), goroutines_(executor, scan_), fibers_(options.fiber_stack_bytes, &loop_entry) {
        clock_ = options.clock != nullptr ? options.clock : &real_clock_;
        const int processors = static_cast<int>(std::thread::hardware_concurrency());
        wanted_ = std::min(kMaxWorkers, options.workers > 0 ? options.workers : std::max(1, processors));
        if (single()) wanted_ = 1;
        workers_.reserve(kMaxWorkers);
        add_worker();
        heap.collector().attach(this);
    }

    ~Impl() override {
        heap_.collector().attach(nullptr);
        phase_.store(Phase::Stopped, std::memory_order_relaxed);
        closing_ = true;
        calls_.abandon();
        drop_parked_fibers();
        end_spares();
    }

    void prepare(bool polls) { phase_.store(polls ? Phase::Between : Phase::Running, std::memory_order_release); }
    Goroutine* acquire_main() { return acquire(&workers_[0]->self, nullptr); }
    void run(Goroutine& main, bool directly) {
        dead_ = false;
        // All workers but the first have ended.
        parking_.set_may_start(started_ < limit());
        WorkerImpl& w = *workers_[0];
        // It begins on the calling thread: nobody steals from the run-next place.
        note_running(true);
        if (directly && nothing_else_to_do(w)) {
            run_directly(w, main);
        } else {
            make_runnable(main);
            put_next(w, main);
        }
        const bool no_memory = !stopping() && !provide_fiber(w);
        if (no_memory) stop(nullptr);
        if (!stopping()) run_worker(w);
        leave_run(w);
        if (started_.load(std::memory_order_seq_cst) != 1) join_workers();
        note_running(false);
        if (no_memory) throw std::bad_alloc();
    }
    bool provide_fiber(WorkerImpl& w) {
        try {
            fibers_.provide(w.spares);
            return true;
        } catch (const std::bad_alloc&) {
            return false;
        }
    }
    void join_workers() {
        // Nobody starts one any more.
        { const std::lock_guard lock(parking_.mutex()); }
        for (auto& worker : workers_)
            if (worker->thread.joinable()) worker->thread.join();
        started_ = 1;
    }

    Polled poll(std::int64_t slice, std::int64_t wait, bool deadlocks);
    void stop(const Worker* by) {
        if (by != nullptr && limit() == 1 && started_.load(std::memory_order_relaxed) == 1) {
            // There is no other, and it is awake.
            phase_.store(Phase::Stopped, std::memory_order_release);
            return;
        }
        phase_.store(Phase::Stopped, std::memory_order_seq_cst);
        // The same; another that is being started sees that it is not to be.
        if (by != nullptr && started_.load(std::memory_order_seq_cst) == 1) return;
        look_again();
    }
    void look_again() {
        const std::lock_guard lock(parking_.mutex());
        parking_.disturb_all();
        rested_.notify_all();
    }
    bool stopping() const { return phase_.load(std::memory_order_acquire) >= Phase::Between; }
    bool polled() const { return phase_.load(std::memory_order_relaxed) == Phase::Polled; }
    static std::int64_t from_now(Clock& clock, std::int64_t nanoseconds) {
        const std::int64_t now = clock.monotonic();
        return nanoseconds > Parking::kNever - now ? Parking::kNever : now + nanoseconds;
    }
    /// Whether the worker is to leave off here.
    bool leaves_off() {
        const Phase phase = phase_.load(std::memory_order_acquire);
        if (phase == Phase::Running) [[likely]] return false;
        return phase != Phase::Polled || real_clock_.monotonic() >= poll_end_;
    }

    Goroutine* acquire(Worker* worker, Bubble* bubble) {
        Goroutine* const g = goroutines_.take(worker != nullptr ? &worker->impl_->goroutines : nullptr);
        if (g == nullptr) return nullptr;
        g->scheduler = &self_;
        scan_.note_new(*g);
        g->next = nullptr;
        g->wait_reason = WaitReason::None;
        g->state.store(GoroutineState::Idle, std::memory_order_relaxed);
        g->bubble = bubble;
        if (bubble != nullptr) bubble->join();
        return g;
    }
    void release(Goroutine& g) {
        executor_.recycle(g);
        if (Bubble* const bubble = std::exchange(g.bubble, nullptr)) bubble->forget();
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
        if (g.waits_in_bubble) [[unlikely]] {
            g.waits_in_bubble = false;
            g.bubble->wake();
        }
        BlockProfiles::ended(g);
        GoroutineState seen = g.state.load(std::memory_order_acquire);
        base::shuffle::step();
        if (seen == GoroutineState::Parking &&
            g.state.compare_exchange_strong(seen, GoroutineState::Notified, std::memory_order_acq_rel))
            return false;
        g.state.store(GoroutineState::Runnable, std::memory_order_relaxed);
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
        Fiber* other = fibers_.take(w.spares);
        g.fiber = mine;
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

    bool should_yield(Goroutine& g);

    std::int64_t unused_budget() const {
        std::int64_t sum = 0;
        for (const auto& worker : workers_) sum += worker->self.budget;
        return sum;
    }
    void clear_budgets() {
        for (const auto& worker : workers_) worker->self.budget = 0;
    }

    void run_blocking(Goroutine& g, std::function<void()> work) {
        fibers_.provide(g.worker->impl_->spares);  // park_fiber() must not throw while the work goes on
        blocking_.fetch_add(1, std::memory_order_seq_cst);
        g.wait_reason = WaitReason::Io;
        g.state.store(GoroutineState::Parking, std::memory_order_release);
        try {
            calls_.run(std::move(work), [this, &g] {
                ready(nullptr, g, false);
                if (blocking_.fetch_sub(1, std::memory_order_seq_cst) > 1) return;
                const std::lock_guard lock(parking_.mutex());
                parking_.disturb_all();  // who looked for a deadlock may have seen this call
            });
        } catch (const std::bad_alloc&) {
            blocking_.fetch_sub(1, std::memory_order_seq_cst);
            g.state.store(GoroutineState::Running, std::memory_order_relaxed);
            throw;
        }
        park_fiber(g);
    }

    int workers() const { return wanted_.load(std::memory_order_relaxed); }
    int set_workers(int count) {
        if (single()) return 1;
        const int old = wanted_.exchange(count, std::memory_order_relaxed);
        note_limit();
        announce();
        return old;
    }

    void lock_thread(Goroutine& g) {
        if (single() || polled() || ++g.thread_locks > 1) return;
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
    /// While nothing runs: the first worker is the only one now, for all goroutines.
    void take_over();
    // ---- visits.cpp ----
    void expect_visitors();
    bool begin_visit(Visitor& visitor, bool patient);
    void end_visit(Visitor& visitor);
    Worker* worker_here();
    void note_running(bool runs) {
        // Nobody comes before he is expected.
        std::unique_lock lock(visit_mutex_, std::defer_lock);
        if (visitors_expected_.load(std::memory_order_acquire)) lock.lock();
        runs_.store(runs, std::memory_order_relaxed);
    }
    void collect_if_due() {
        if (!heap_.collector().due()) return;
        WorkerImpl& w = *workers_[0];
        if (!std::exchange(w.inside_world, true)) world_.enter();
        heap_.collector().collect(w.self.cache_);
    }
    int threads() {
        const std::lock_guard lock(parking_.mutex());
        return started_;
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
    Bubbles bubbles_;
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

    EventSource& event_source(std::unique_ptr<EventSource> (*make)(Scheduler&)) {
        if (EventSource* const events = events_.load(std::memory_order_acquire)) return *events;
        const std::lock_guard lock(parking_.mutex());
        if (own_events_ == nullptr) {
            own_events_ = make(self_);
            events_.store(own_events_.get(), std::memory_order_release);
            parking_.set_events(*own_events_);
        }
        return *own_events_;
    }
    Extension& extension(std::unique_ptr<Extension> (*make)()) {
        const std::lock_guard lock(extensions_mutex_);
        for (const auto& [maker, extension] : extensions_)
            if (maker == make) return *extension;
        return *extensions_.emplace_back(make, make()).second;
    }
    void event_awaited() { parking_.event_awaited(); }

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
    void collection(bool begun) override { executor_.collection(begun); }
    void finalize(std::vector<Finalizer> ready_ones) override {
        for (const Finalizer& finalizer : ready_ones) {
            Goroutine* g = acquire(nullptr, nullptr);
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

    /// No further worker is ever to be.
    bool single() const { return options_.policy != nullptr || options_.one_thread; }

    static WorkerImpl& worker_of(const AllocCache& cache) { return *static_cast<WorkerImpl*>(cache.owner); }
    void scan_current(WorkerImpl& w) {
        if (w.self.current_ != nullptr) scan_.running(*w.self.current_, w.current, w.self.cache_);
    }

    /// Throws std::bad_alloc.
    std::unique_ptr<WorkerImpl> make_worker(int index) {
        auto worker = std::make_unique<WorkerImpl>();
        worker->self.scheduler_ = &self_;
        worker->self.impl_ = worker.get();
        worker->self.cache_.owner = worker.get();
        heap_.attach(worker->self.cache_);
        worker->self.index_ = index;
        // Other at each run, and for each engine that begins at the same time.
        std::uint64_t seed = static_cast<std::uint64_t>(clock_->wall()) ^ reinterpret_cast<std::uintptr_t>(worker.get());
        worker->self.random_state_ = base::splitmix64(seed) | 1;
        return worker;
    }
    void add_worker() {
        parking_.make_room(workers_.size() + 1);
        workers_.push_back(make_worker(static_cast<int>(workers_.size())));
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
    /// Starts a further worker, which takes over the caller's search. False: there may be no more, or there are no means.
    bool start_worker() {
        const std::lock_guard lock(parking_.mutex());
        if (polled() || started_ >= limit()) return false;
        const auto index = static_cast<std::size_t>(started_);
        try {
            while (workers_.size() <= index) add_worker();
            fibers_.provide(workers_[index]->spares);
        } catch (const std::bad_alloc&) {
            return false;
        }
        started_.fetch_add(1, std::memory_order_seq_cst);
        if (phase_.load(std::memory_order_seq_cst) >= Phase::Between) {
            started_.fetch_sub(1, std::memory_order_seq_cst);
            return false;
        }
        WorkerImpl* const w = workers_[index].get();
        Parking::give_search(w->place);
        try {
            w->thread = std::thread([this, w] {
                run_worker(*w);
                leave_run(*w);
            });
        } catch (const std::exception&) {  // no memory, or no thread
            Parking::take_search(w->place);
            started_.fetch_sub(1, std::memory_order_seq_cst);
            return false;
        }
        parking_.set_may_start(started_ < limit());
        return true;
    }

    static void loop_entry(Fiber& self) {
        Scheduler::Impl& impl = *self.worker->scheduler().impl_;
        impl.arrived(*self.worker->impl_);
        impl.loop(self);
    }

    void enter(WorkerImpl& w) {
        w.runs_on.store(std::this_thread::get_id(), std::memory_order_relaxed);
        if (!std::exchange(w.inside_world, true)) world_.enter();
        w.home.worker = &w.self;
        w.home.adopt_thread();
    }

    void run_worker(WorkerImpl& w) {
        base::shuffle::begin_thread(options_.shuffle_seed, static_cast<std::uint64_t>(w.self.index_));
        enter(w);
        Fiber* first = fibers_.take(w.spares);
        switch_to(w, *first, w.home);
        // The loop fiber that came back here goes on when there is another run.
        w.spares.push(*std::exchange(w.came_home, nullptr));
        w.current = nullptr;
    }
    void leave_run(WorkerImpl& w) {
        w.runs_on.store({}, std::memory_order_relaxed);
        // Where nobody else is, nobody would be waiting for it.
        if (started_.load(std::memory_order_seq_cst) == 1) return;
        heap_.collector().hand_on(w.self.cache_);
        world_.leave();
        w.inside_world = false;
    }

    void put_next(WorkerImpl& w, Goroutine& g) {
        Goroutine* const other = options_.policy == nullptr ? std::exchange(w.run_next, &g) : &g;
        if (other != nullptr) push(w, *other);
    }

    /// No goroutine of an earlier run is to go on.
    bool nothing_else_to_do(const WorkerImpl& w) {
        return w.run_next == nullptr && w.queue.empty() && global_.empty() && timers_.next_due() == Parking::kNever && !events_awaited() &&
               blocking_.load(std::memory_order_relaxed) == 0;
    }
    /// Runs a new goroutine on the thread's own stack, which saves the switch to a fiber and back, as long as it does
    /// nothing that needs one: see Worker::direct.
    void run_directly(WorkerImpl& w, Goroutine& g) {
        enter(w);
        g.worker = &w.self;
        w.self.current_ = &g;
        w.current = &w.home;
        w.self.direct = true;
        if (heap_.marking()) scan_.before_run(g, w.self.cache_);
        g.state.store(GoroutineState::Running, std::memory_order_relaxed);
        const RunResult result = executor_.run(g);
        w.self.direct = false;
        w.self.current_ = nullptr;
        w.current = nullptr;
        switch (result) {
            case RunResult::Parked: settle_bubble(w); break;
            case RunResult::Yielded:
                g.state.store(GoroutineState::Runnable, std::memory_order_relaxed);
                put_next(w, g);
                break;
            case RunResult::Finished: finish(w, g); break;
        }
    }

    void switch_to(WorkerImpl& w, Fiber& to, Fiber& from) {
        to.worker = &w.self;
        to.home = &w.home;
        w.current = &to;
        to.switch_from(from);
    }

    /// A goroutine that waits in a bubble is off its stack.
    static void settle_bubble(WorkerImpl& w) {
        if (w.self.waited_in_ != nullptr) [[unlikely]] std::exchange(w.self.waited_in_, nullptr)->settle(w.self);
    }
    static void leave_bubble(WorkerImpl& w, Goroutine& g) {
        if (g.bubble != nullptr) [[unlikely]] std::exchange(g.bubble, nullptr)->leave(w.self);
    }

    /// What the switch that ended here left to do.
    void arrived(WorkerImpl& w) {
        if (Fiber* spare = std::exchange(w.arriving_spare, nullptr)) w.spares.push(*spare);
        if (Goroutine* g = std::exchange(w.arriving_parked, nullptr)) {
            GoroutineState expected = GoroutineState::Parking;
            base::shuffle::step();
            if (!g->state.compare_exchange_strong(expected, GoroutineState::Parked, std::memory_order_acq_rel)) {
                g->state.store(GoroutineState::Runnable, std::memory_order_release);
                enqueue(&w.self, *g, false);
            }
        }
        settle_bubble(w);
    }

    /// Runs goroutines until the scheduler stops. `fiber.worker` may change at every goroutine that
    /// parks with a fiber, so it is read anew each time.
    void loop(Fiber& fiber);

    void finish(WorkerImpl& w, Goroutine& g);

    /// One goroutine of the global queue; the worker's share of the others comes along.
    Goroutine* pop_global(WorkerImpl& w, std::size_t most);

    void poll_timers(WorkerImpl& w) {
        if (timers_.next_due() == Parking::kNever) return;
        timers_.poll(w.self);
    }

    bool events_awaited() const {
        const EventSource* const events = events_.load(std::memory_order_acquire);
        return events != nullptr && events->awaited();
    }
    void poll_events(WorkerImpl& w) {
        if (!events_awaited()) return;
        GoroutineList arrived;
        events_.load(std::memory_order_relaxed)->poll(arrived);
        queue_arrived(w, arrived);
    }
    /// Goroutines that the event source gave back go to the worker's queue.
    void queue_arrived(WorkerImpl& w, GoroutineList list);
    /// The worker goes to work and kept the time, perhaps: somebody else has to.
    void pass_timekeeping() {
        if (timers_.next_due() != Parking::kNever) parking_.timer_armed(timers_.next_due());
        if (events_awaited()) parking_.event_awaited();
    }

    Goroutine* next_by_policy(WorkerImpl& w);

    Goroutine* find_local(WorkerImpl& w);

    Goroutine* steal(WorkerImpl& w);

    Goroutine* find_work(WorkerImpl& w);

    /// Falling asleep and waking up cost more than looking a little longer, while others may make work.
    bool search_on(WorkerImpl& w);

    /// Nothing can go on.
    Parking::Look idle_look();
    /// What poll() has waited for is there.
    void went_on_polling() {
        poll_idle_ = false;
        if (poll_wait_end_ == Parking::kNever) return;
        poll_wait_end_ = Parking::kNever;
        poll_wait_ = 0;
        poll_end_ = from_now(real_clock_, poll_slice_);
    }
    /// What a worker sees before it sleeps.
    Parking::Look look(WorkerImpl& w, std::unique_lock<std::mutex>& lock);

    /// The goroutines in the worker's queues become everybody's.
    void hand_on(WorkerImpl& w);

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
    Goroutine* wait_for_locked(WorkerImpl& w);
    /// `g`, which has locked its worker, is runnable.
    void wake_locked(Goroutine& g);

    bool work_visible() const;

    /// At the end: goroutines that are parked with C++ frames get those unwound.
    void drop_parked_fibers();

    /// Lets the loops of unused fibers return, so that no stack has to be unwound from outside.
    void end_spares();

    static constexpr std::int64_t kIdleMarking = 64 * 1024;
    static constexpr int kMaxWorkers = 256;
    static constexpr std::int64_t kSliceBesideWoken = 1'000'000;  ///< What is left of a slice when a sleeper wakes up.
    static constexpr std::uint32_t kMostRunNext = 64;
    static constexpr int kMostSearches = 16;
    static constexpr std::int64_t kEventsInterval = 1'000'000;  ///< A busy worker asks for events after that.
    static constexpr int kPausesBetweenSearches = 32;

    World world_{self_.lone_};
    Parking parking_;
    std::vector<std::unique_ptr<WorkerImpl>> workers_;
    std::atomic<int> worker_count_{0};
    std::mutex expect_mutex_;
    std::mutex visit_mutex_;  ///< Of the one visitor inside; guards runs_.
    std::atomic<bool> runs_{false};  ///< In run() or poll().
    std::atomic<bool> visitors_expected_{false};
    std::atomic<int> visits_{0};            ///< Under way, with what they have made ready still theirs.
    std::atomic<bool> look_wanted_{false};  ///< A worker has looked for a deadlock.
    std::unique_ptr<WorkerImpl> visiting_;  ///< The worker that visitors have; null until they are expected.
    Timer collection_timer_;                ///< A collection that visitors ask for.
    std::atomic<bool> collection_asked_{false};
    std::atomic<int> wanted_{1};  ///< GOMAXPROCS.
    std::atomic<int> locked_{0};  ///< Workers that serve one goroutine.
    GlobalQueue global_;
    std::atomic<std::int64_t> blocking_{0};
    std::atomic<EventSource*> events_{nullptr};
    std::unique_ptr<EventSource> own_events_;
    std::mutex extensions_mutex_;  ///< Guards the list; what is in it stays where it is.
    std::vector<std::pair<std::unique_ptr<Extension> (*)(), std::unique_ptr<Extension>>> extensions_;
    enum class Phase : std::uint8_t {
        Running,
        Polled,   ///< In poll().
        Between,  ///< Two poll()s.
        Stopped,  ///< By stop(), until prepare().
    };
    std::atomic<Phase> phase_{Phase::Running};
    bool closing_ = false;  ///< There is to be no other run.
    // Of the poll() under way.
    std::int64_t poll_slice_ = 0;
    std::int64_t poll_end_ = 0;       ///< By the real clock.
    std::int64_t poll_wait_ = 0;      ///< What it may wait yet.
    std::int64_t poll_wait_end_ = Parking::kNever;  ///< By the scheduler's clock: it waits until then; or never.
    std::int64_t poll_awake_by_ = 0;                ///< The same by the real clock.
    bool poll_deadlocks_ = false;
    bool poll_idle_ = false;     ///< It has found nothing that can go on.

    // Under Parking's mutex.
    std::condition_variable rested_;
    std::atomic<int> started_{1};  ///< Workers. To be read by others, too.
    int resting_ = 0;       ///< Of them, those in rest().
    int locked_ready_ = 0;  ///< Of those, the ones that are about to go on.
    bool dead_ = false;

    LoopFibers fibers_;
    BlockingCalls calls_;
};

}  // namespace csp::runtime
