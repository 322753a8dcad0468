// The scheduler.
//
// Waking idle workers without losing a wake-up: whoever makes work visible (push) then executes a full
// fence and looks at `idle_`; a worker that goes idle first adds itself to `idle_`, executes a full
// fence, and looks at all queues again before it sleeps. So at least one of the two sees the other.
//
// The run-next place is not announced to idle workers: the goroutine that filled it is likely to park
// soon (a ping-pong over a channel), and handing the other end to another processor costs more than the
// round trip. If it does not park, its next safepoint publishes the waiting one (should_yield).

#include "runtime/sched/scheduler.h"

#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/fiber/fiber.h"
#include "runtime/sched/blocking_pool.h"
#include "runtime/sched/free_goroutines.h"
#include "runtime/sched/goroutine_scan.h"
#include "runtime/sched/run_queue.h"
#include "runtime/sched/semaphore_table.h"
#include "runtime/sched/timers.h"
#include "runtime/sched/world.h"

namespace csp::runtime {

struct WorkerImpl {
    Worker self;
    RunQueue queue;
    Goroutine* run_next = nullptr;
    FreeGoroutines free;
    std::uint32_t tick = 0;
    std::uint32_t checks = 0;  ///< should_yield() calls.
    std::int64_t slice_end = 0;
    std::thread thread;
    Fiber home;                      ///< The thread's own stack.
    Fiber* current = nullptr;
    Goroutine* arriving_parked = nullptr;  ///< The switch under way parks this one with its fiber.
    Fiber* arriving_spare = nullptr;       ///< The switch under way leaves this loop fiber unused.
    std::vector<Fiber*> spares;
};

class Scheduler::Impl final : public CollectorHost {
  public:
    Impl(Scheduler& self, const SchedulerOptions& options, Executor& executor, Heap& heap)
        : self_(self), options_(options), executor_(executor), heap_(heap), timers_(self),
          scan_(heap, executor, timers_) {
        clock_ = options.clock != nullptr ? options.clock : &real_clock_;
        const int processors = static_cast<int>(std::thread::hardware_concurrency());
        limit_ = options.workers > 0 ? options.workers : processors > 0 ? processors : 1;
        if (limit_ > 256) limit_ = 256;
        if (options.policy != nullptr) limit_ = 1;
        workers_.reserve(256);
        add_worker();
        heap.collector().attach(this);
    }

    ~Impl() override {
        heap_.collector().attach(nullptr);
        drop_parked_fibers();
        end_spares();
        for (Goroutine* g : scan_.all()) delete g;
    }

    void run(Goroutine& main) {
        stopping_.store(false, std::memory_order_release);
        dead_ = false;
        ready(&workers_[0]->self, main, false);
        run_worker(*workers_[0]);
        std::vector<std::thread> threads;
        {
            const std::lock_guard lock(mutex_);
            for (auto& worker : workers_)
                if (worker->thread.joinable()) threads.push_back(std::move(worker->thread));
            wake_.notify_all();
        }
        for (std::thread& thread : threads) thread.join();
        const std::lock_guard lock(mutex_);
        started_ = 1;
        idle_.store(0);
        tokens_ = 0;
    }

    void stop() {
        stopping_.store(true, std::memory_order_seq_cst);
        const std::lock_guard lock(mutex_);
        wake_.notify_all();
    }
    bool stopping() const { return stopping_.load(std::memory_order_acquire); }

    Goroutine* acquire(Worker* worker) {
        Goroutine* g = nullptr;
        if (worker != nullptr) g = worker->impl_->free.take(shared_free_);
        if (g == nullptr) {
            g = executor_.create();
            g->scheduler = &self_;
            scan_.add(g);
        }
        scan_.note_new(*g);
        g->next = nullptr;
        g->id = next_id_.fetch_add(1, std::memory_order_relaxed);
        g->wait_reason = WaitReason::None;
        g->state.store(GoroutineState::Idle, std::memory_order_relaxed);
        alive_.fetch_add(1, std::memory_order_relaxed);
        return g;
    }

    /// Makes `g` runnable: from Idle, Parked, or (still switching away) Parking.
    void ready(Worker* worker, Goroutine& g, bool next) {
        GoroutineState seen = g.state.load(std::memory_order_acquire);
        for (;;) {
            const GoroutineState to =
                seen == GoroutineState::Parking ? GoroutineState::Notified : GoroutineState::Runnable;
            if (g.state.compare_exchange_weak(seen, to, std::memory_order_acq_rel)) {
                if (to == GoroutineState::Notified) return;  // the parking worker requeues it
                break;
            }
        }
        g.wait_reason = WaitReason::None;
        enqueue(worker, g, next);
    }

    void enqueue(Worker* worker, Goroutine& g, bool next) {
        if (worker == nullptr) {
            push_global(g);
            announce();
            return;
        }
        WorkerImpl& w = *worker->impl_;
        if (options_.policy != nullptr) {
            w.queue.push(g);
            return;
        }
        if (next) {
            Goroutine* kicked = std::exchange(w.run_next, &g);
            if (kicked == nullptr) return;
            w.queue.push(*kicked);
        } else {
            w.queue.push(g);
        }
        announce();
    }

    void park_fiber(Goroutine& g) {
        WorkerImpl& w = *g.worker->impl_;
        Fiber* mine = w.current;
        g.fiber = mine;
        Fiber* other = take_spare(w);
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

    static Fiber& fiber_of(const Goroutine& g) { return *g.worker->impl_->current; }

    bool should_yield(Goroutine& g) {
        if (stopping()) return true;
        WorkerImpl& w = *g.worker->impl_;
        safepoint(w.self.cache_);
        heap_.collector().background(w.self.cache_);
        // The clock is read now and then only.
        if (++w.checks % 8 != 0 && options_.policy == nullptr) return false;
        if (w.run_next != nullptr) {
            w.queue.push(*std::exchange(w.run_next, nullptr));
            announce();
        }
        poll_timers(w);
        const std::int64_t now = clock_->monotonic();
        if (now < w.slice_end && options_.policy == nullptr) return false;
        const bool others = !w.queue.empty() || global_size_.load(std::memory_order_relaxed) > 0;
        if (!others) w.slice_end = now + options_.time_slice_ns;
        return others;
    }

    void run_blocking(Goroutine& g, const std::function<void()>& work) {
        blocking_.fetch_add(1, std::memory_order_seq_cst);
        g.wait_reason = WaitReason::Io;
        g.state.store(GoroutineState::Parking, std::memory_order_release);
        pool_.run([this, &g, &work] {
            work();
            ready(nullptr, g, false);
            blocking_.fetch_sub(1, std::memory_order_seq_cst);
        });
        park_fiber(g);
    }

    int workers() const { return limit_.load(std::memory_order_relaxed); }
    int set_workers(int count) {
        if (options_.policy != nullptr) return 1;
        const int old = limit_.exchange(count, std::memory_order_relaxed);
        const std::lock_guard lock(mutex_);
        wake_.notify_all();
        return old;
    }
    void collect_if_due() {
        if (!heap_.collector().due()) return;
        world_.enter();
        heap_.collector().collect(workers_[0]->self.cache_);
        world_.leave();
    }
    std::int64_t goroutines() const { return alive_.load(std::memory_order_relaxed); }
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

    /// Something became due or runnable outside the queues (a timer was set earlier than all others).
    void announce() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (idle_.load(std::memory_order_relaxed) > 0) {
            const std::lock_guard lock(mutex_);
            if (tokens_ < idle_.load(std::memory_order_relaxed)) {
                ++tokens_;
                wake_.notify_all();
            }
        } else if (started_.load(std::memory_order_relaxed) < limit_.load(std::memory_order_relaxed)) {
            start_worker();
        }
    }

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
        for (const auto& worker : workers_)
            if (worker->self.current_ != nullptr) running.push_back(worker->self.current_);
        scan_.begin(cycle, running);
    }
    bool scan_goroutines(AllocCache& cache) override { return scan_.some(cache); }
    bool all_scanned() override { return scan_.finished(); }
    void scan_globals(Scanner& scanner) override { executor_.scan_globals(scanner); }
    void finalize(std::vector<Finalizer> ready_ones) override {
        for (const Finalizer& finalizer : ready_ones) {
            Goroutine* g = acquire(nullptr);
            executor_.start_finalizer(*g, finalizer);
            ready(nullptr, *g, false);
        }
    }
    std::int64_t now() override { return real_clock_.monotonic(); }

  private:
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

    void start_worker() {
        const std::lock_guard lock(mutex_);
        if (stopping() || started_ >= limit_.load(std::memory_order_relaxed)) return;
        const auto index = static_cast<std::size_t>(started_.load());
        while (workers_.size() <= index) add_worker();
        ++started_;
        WorkerImpl* w = workers_[index].get();
        w->thread = std::thread([this, w] { run_worker(*w); });
    }

    static void loop_entry(Fiber& self) {
        Scheduler::Impl& impl = *self.worker->scheduler().impl_;
        impl.arrived(*self.worker->impl_);
        impl.loop(self);
    }

    void run_worker(WorkerImpl& w) {
        world_.enter();
        w.home.worker = &w.self;
        w.home.adopt_thread();
        Fiber* first = take_spare(w);
        switch_to(w, *first, w.home);
        // The loop fiber that ended here is done for good.
        {
            const std::lock_guard lock(fibers_mutex_);
            retire(w.current);
            w.current = nullptr;
        }
        world_.leave();
    }

    Fiber* take_spare(WorkerImpl& w) {
        if (!w.spares.empty()) {
            Fiber* spare = w.spares.back();
            w.spares.pop_back();
            return spare;
        }
        const std::lock_guard lock(fibers_mutex_);
        fibers_.push_back(std::make_unique<Fiber>(options_.fiber_stack_bytes, &loop_entry));
        return fibers_.back().get();
    }
    void retire(Fiber* fiber) {
        for (auto& owned : fibers_)
            if (owned.get() == fiber) {
                owned = std::move(fibers_.back());
                fibers_.pop_back();
                return;
            }
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
                    push_global(*g);
                    break;
                case RunResult::Finished: finish(now, *g); break;
            }
        }
    }

    void finish(WorkerImpl& w, Goroutine& g) {
        executor_.recycle(g);
        g.state.store(GoroutineState::Idle, std::memory_order_release);
        alive_.fetch_sub(1, std::memory_order_relaxed);
        w.free.put(g, shared_free_);
    }

    void push_global(Goroutine& g) {
        global_.push(g);
        global_size_.fetch_add(1, std::memory_order_seq_cst);
    }
    Goroutine* pop_global() {
        if (global_size_.load(std::memory_order_relaxed) == 0) return nullptr;
        Goroutine* g = global_.pop();
        if (g != nullptr) global_size_.fetch_sub(1, std::memory_order_relaxed);
        return g;
    }

    void poll_timers(WorkerImpl& w) {
        if (timers_.next_due() == std::numeric_limits<std::int64_t>::max()) return;
        timers_.poll(w.self);
    }

    Goroutine* next_by_policy(WorkerImpl& w) {
        std::vector<Goroutine*> runnable;
        w.queue.drain(runnable);
        global_.drain(runnable);
        global_size_.store(0, std::memory_order_relaxed);
        if (runnable.empty()) return nullptr;
        const std::size_t chosen = options_.policy->choose_next(runnable);
        for (std::size_t i = 0; i < runnable.size(); ++i)
            if (i != chosen) w.queue.push(*runnable[i]);
        return runnable[chosen];
    }

    Goroutine* find_local(WorkerImpl& w) {
        if (options_.policy != nullptr) return next_by_policy(w);
        if (Goroutine* g = std::exchange(w.run_next, nullptr)) return g;  // inherits the time slice
        w.slice_end = 0;
        if (Goroutine* g = w.queue.pop()) return g;
        return pop_global();
    }

    Goroutine* steal(WorkerImpl& w) {
        const int count = worker_count_.load(std::memory_order_acquire);
        const std::uint64_t start = w.self.random();
        for (int i = 0; i < count; ++i) {
            WorkerImpl& victim = *workers_[(start + static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(count)];
            if (&victim == &w) continue;
            if (Goroutine* g = victim.queue.steal_half(w.queue)) return g;
        }
        return nullptr;
    }

    Goroutine* find_work(WorkerImpl& w) {
        for (;;) {
            if (stopping()) return nullptr;
            safepoint(w.self.cache_);
            if (w.self.index_ >= limit_.load(std::memory_order_relaxed)) {
                if (!step_aside(w)) return nullptr;
                continue;
            }
            Goroutine* g = nullptr;
            // Now and then the global queue and the timers come first, or a busy pair starves them.
            if (++w.tick % 61 == 0) {
                poll_timers(w);
                if (options_.policy == nullptr) g = pop_global();
            }
            if (g == nullptr) g = find_local(w);
            if (g == nullptr) {
                poll_timers(w);
                g = find_local(w);
            }
            if (g == nullptr && options_.policy == nullptr) g = steal(w);
            if (g != nullptr) {
                if (w.slice_end == 0) w.slice_end = clock_->monotonic() + options_.time_slice_ns;
                return g;
            }
            if (heap_.collector().work(w.self.cache_, kIdleMarking)) continue;
            world_.leave();
            const bool go_on = idle(w);
            world_.enter();
            if (!go_on) return nullptr;
        }
    }

    /// GOMAXPROCS has been lowered below this worker: it hands its goroutines on and sleeps.
    bool step_aside(WorkerImpl& w) {
        if (w.run_next != nullptr) push_global(*std::exchange(w.run_next, nullptr));
        while (Goroutine* g = w.queue.pop()) push_global(*g);
        announce();
        world_.leave();
        {
            std::unique_lock lock(mutex_);
            idle_.fetch_add(1, std::memory_order_seq_cst);
            wake_.notify_all();
            while (!stopping() && w.self.index_ >= limit_.load(std::memory_order_relaxed)) wake_.wait(lock);
            idle_.fetch_sub(1, std::memory_order_seq_cst);
        }
        world_.enter();
        return !stopping();
    }

    bool work_visible() const {
        if (global_size_.load(std::memory_order_seq_cst) > 0) return true;
        const int count = worker_count_.load(std::memory_order_acquire);
        for (int i = 0; i < count; ++i)
            if (!workers_[static_cast<std::size_t>(i)]->queue.empty()) return true;
        return false;
    }

    /// Sleeps until there may be work. False: the scheduler stops.
    bool idle(WorkerImpl&) {
        std::unique_lock lock(mutex_);
        idle_.fetch_add(1, std::memory_order_seq_cst);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const auto leave = [&] { idle_.fetch_sub(1, std::memory_order_seq_cst); };
        for (;;) {
            if (stopping()) {
                leave();
                return false;
            }
            if (work_visible()) {
                leave();
                return true;
            }
            if (tokens_ > 0) {
                --tokens_;
                leave();
                return true;
            }
            const std::int64_t due = timers_.next_due();
            const bool all_idle = idle_.load(std::memory_order_seq_cst) == started_.load();
            if (due != std::numeric_limits<std::int64_t>::max()) {
                const std::int64_t now = clock_->monotonic();
                if (due <= now || (all_idle && blocking_.load() == 0 && clock_->advance_to(due))) {
                    leave();
                    return true;
                }
                wake_.wait_for(lock, std::chrono::nanoseconds(due - now));
                continue;
            }
            if (all_idle && blocking_.load(std::memory_order_seq_cst) == 0 && !dead_) {
                // Work that came while this was found out would be visible by now.
                if (work_visible()) continue;
                dead_ = true;
                lock.unlock();
                executor_.deadlock();
                lock.lock();
                continue;
            }
            wake_.wait(lock);
        }
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
            const std::lock_guard lock(fibers_mutex_);
            retire(w.current);
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
                const std::lock_guard lock(fibers_mutex_);
                retire(w.current);
            }
        }
    }

    static constexpr std::int64_t kIdleMarking = 64 * 1024;

    World world_;
    SharedFreeGoroutines shared_free_;
    std::vector<std::unique_ptr<WorkerImpl>> workers_;
    std::atomic<int> worker_count_{0};
    std::atomic<int> started_{1};
    std::atomic<int> limit_{1};
    RunQueue global_;
    std::atomic<std::int64_t> global_size_{0};
    std::atomic<std::uint64_t> next_id_{1};
    std::atomic<std::int64_t> alive_{0};
    std::atomic<std::int64_t> blocking_{0};
    std::atomic<bool> stopping_{false};

    std::mutex mutex_;  ///< Idle workers, tokens, starting threads.
    std::condition_variable wake_;
    std::atomic<int> idle_{0};
    int tokens_ = 0;
    bool dead_ = false;

    std::mutex fibers_mutex_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    BlockingPool pool_;
};

std::uint64_t Worker::random() {
    if (Policy* policy = scheduler_->policy()) return policy->random();
    // xorshift64* (Vigna, 2014).
    random_state_ ^= random_state_ >> 12;
    random_state_ ^= random_state_ << 25;
    random_state_ ^= random_state_ >> 27;
    return random_state_ * 0x2545F4914F6CDD1DULL;
}

Scheduler::Scheduler(const SchedulerOptions& options, Executor& executor, Heap& heap)
    : impl_(std::make_unique<Impl>(*this, options, executor, heap)) {}
Scheduler::~Scheduler() = default;
void Scheduler::run(Goroutine& main) { impl_->run(main); }
void Scheduler::stop() { impl_->stop(); }
bool Scheduler::stopping() const { return impl_->stopping(); }
Goroutine* Scheduler::acquire(Worker* worker) { return impl_->acquire(worker); }
void Scheduler::ready(Worker* worker, Goroutine& g, bool next) { impl_->ready(worker, g, next); }
void Scheduler::park_fiber(Goroutine& g) { impl_->park_fiber(g); }
void Scheduler::yield_fiber(Goroutine& g) { impl_->yield_fiber(g); }
bool Scheduler::enough_stack(const Goroutine& g) const { return Impl::fiber_of(g).stack_left() > kStackReserve; }
bool Scheduler::on_further_stack(Goroutine& g, void (*work)(void*), void* argument) {
    if (g.further_stacks >= kMaxFurtherStacks) return false;
    ++g.further_stacks;
    Impl::fiber_of(g).run_on_further_stack(kFurtherStackBytes, work, argument);
    --g.further_stacks;
    return true;
}
bool Scheduler::should_yield(Goroutine& g) { return impl_->should_yield(g); }
void Scheduler::run_blocking(Goroutine& g, const std::function<void()>& work) { impl_->run_blocking(g, work); }
int Scheduler::workers() const { return impl_->workers(); }
int Scheduler::set_workers(int count) { return impl_->set_workers(count); }
std::int64_t Scheduler::goroutines() const { return impl_->goroutines(); }
Clock& Scheduler::clock() { return *impl_->clock_; }
Policy* Scheduler::policy() { return impl_->options_.policy; }
Timers& Scheduler::timers() { return impl_->timers_; }
Executor& Scheduler::executor() { return impl_->executor_; }
Heap& Scheduler::heap() { return impl_->heap_; }
SemaphoreTable& Scheduler::semaphores() { return impl_->semaphores_; }
void Scheduler::announce() { impl_->announce(); }
void Scheduler::collect_if_due() { impl_->collect_if_due(); }
void Scheduler::stop_world(AllocCache& self, const std::function<void()>& work) { impl_->stop_world(self, work); }
void Scheduler::for_each(const std::function<void(Goroutine&)>& visit) { impl_->for_each(visit); }

}  // namespace csp::runtime
