#include "runtime/sched/scheduler.h"

#include "runtime/sched/scheduler_impl.h"

namespace csp::runtime {

void Scheduler::Impl::drop_parked_fibers() {
    for (Goroutine* g : scan_.all()) {
        if (g->fiber == nullptr) continue;
        WorkerImpl& w = *workers_[0];
        g->resume = Resume::Cancelled;
        g->worker = &w.self;
        w.home.worker = &w.self;
        w.home.adopt_thread();
        phase_.store(Phase::Stopped);
        Fiber* own = std::exchange(g->fiber, nullptr);
        switch_to(w, *own, w.home);
        fibers_.retire(w.current);
    }
}

void Scheduler::Impl::end_spares() {
    phase_.store(Phase::Stopped);
    for (const auto& worker : workers_) {
        WorkerImpl& w = *worker;
        w.home.worker = &w.self;
        w.home.adopt_thread();
        for (SpareFibers spares = std::exchange(w.spares, {}); !spares.empty();) {
            switch_to(w, *spares.pop(), w.home);
            fibers_.retire(w.current);
        }
    }
}

Scheduler::Scheduler(const SchedulerOptions& options, Executor& executor, Heap& heap)
    : heap_(heap), impl_(std::make_unique<Impl>(*this, options, executor, heap)) {}
Scheduler::~Scheduler() = default;
void Scheduler::prepare(bool polls) { impl_->prepare(polls); }
void Scheduler::run(Goroutine& main, bool directly) { impl_->run(main, directly); }
Polled Scheduler::poll(std::int64_t slice, std::int64_t wait, bool deadlocks) { return impl_->poll(slice, wait, deadlocks); }
void Scheduler::look_again() { impl_->look_again(); }
void Scheduler::stop(const Worker* by) { impl_->stop(by); }
Goroutine* Scheduler::acquire_main() { return impl_->acquire_main(); }
bool Scheduler::stopping() const { return impl_->stopping(); }
Goroutine* Scheduler::acquire(Worker* worker, Bubble* bubble) { return impl_->acquire(worker, bubble); }
void Scheduler::release(Goroutine& g) { impl_->release(g); }
void Scheduler::ready(Worker* worker, Goroutine& g, bool next) { impl_->ready(worker, g, next); }
void Scheduler::ready_all(Goroutine* first) { impl_->ready_all(first); }
void Scheduler::park_fiber(Goroutine& g) { impl_->park_fiber(g); }
void Scheduler::yield_fiber(Goroutine& g) { impl_->yield_fiber(g); }
bool Scheduler::should_yield(Goroutine& g) { return impl_->should_yield(g); }
std::int64_t Scheduler::unused_budget() const { return impl_->unused_budget(); }
void Scheduler::clear_budgets() { impl_->clear_budgets(); }
void Scheduler::run_blocking(Goroutine& g, std::function<void()> work) { impl_->run_blocking(g, std::move(work)); }
int Scheduler::workers() const { return impl_->workers(); }
int Scheduler::set_workers(int count) { return impl_->set_workers(count); }
int Scheduler::threads() const { return impl_->threads(); }
std::int64_t Scheduler::goroutines() const { return impl_->goroutines(); }
Clock& Scheduler::clock() { return *impl_->clock_; }
Policy* Scheduler::policy() { return impl_->options_.policy; }
Timers& Scheduler::timers() { return impl_->timers_; }
Executor& Scheduler::executor() { return impl_->executor_; }
Bubbles& Scheduler::bubbles() { return impl_->bubbles_; }
SemaphoreTable& Scheduler::semaphores() { return impl_->semaphores_; }
EventSource& Scheduler::event_source(std::unique_ptr<EventSource> (*make)(Scheduler&)) { return impl_->event_source(make); }
Extension& Scheduler::extension(std::unique_ptr<Extension> (*make)()) { return impl_->extension(make); }
void Scheduler::event_awaited() { impl_->event_awaited(); }
void Scheduler::timer_armed(std::int64_t due) { impl_->timer_armed(due); }
void Scheduler::lock_thread(Goroutine& g) { impl_->lock_thread(g); }
void Scheduler::unlock_thread(Goroutine& g) { impl_->unlock_thread(g); }
void Scheduler::expect_visitors() { impl_->expect_visitors(); }
bool Scheduler::begin_visit(Visitor& visitor, bool patient) { return impl_->begin_visit(visitor, patient); }
void Scheduler::end_visit(Visitor& visitor) { impl_->end_visit(visitor); }
Worker* Scheduler::worker_here() { return impl_->worker_here(); }
void Scheduler::collect_if_due() { impl_->collect_if_due(); }
void Scheduler::collect(Goroutine& g) {
    // A native that it runs below may have called it.
    g.frames_hold_nothing = g.native_depth == 0;
    heap_.collector().collect(g.worker->cache());
    g.frames_hold_nothing = false;
}
void Scheduler::stop_world(AllocCache& self, const std::function<void()>& work) {
    // Again if somebody else has stopped it meanwhile: that one's work was done then, not this.
    for (bool done = false; !done;) {
        impl_->stop_world(self, [&] {
            work();
            done = true;
        });
    }
}
void Scheduler::for_each(const std::function<void(Goroutine&)>& visit) { impl_->for_each(visit); }

}  // namespace csp::runtime
