// Threads of the host that take part in a run for a moment: see visitor.h.

#include "runtime/sched/scheduler_impl.h"

namespace csp::runtime {

void Scheduler::Impl::expect_visitors() {
    const std::lock_guard lock(expect_mutex_);
    if (visiting_ != nullptr) return;
    visiting_ = make_worker(-1);
    collection_timer_.fire = [](Scheduler& scheduler, Worker& worker, Timer&) {
        scheduler.impl_->collection_asked_.store(false, std::memory_order_release);
        scheduler.heap().collector().allocating(worker.cache());
    };
    world_.end_lone();
    visitors_expected_.store(true, std::memory_order_release);
}

bool Scheduler::Impl::begin_visit(Visitor& visitor, bool patient) {
    constexpr int kTries = 1000;
    if (patient) {
        visit_mutex_.lock();
        world_.enter();
    } else {
        for (int tries = 0; !visit_mutex_.try_lock(); std::this_thread::yield())
            if (++tries == kTries) return false;
        if (!world_.try_enter()) {
            visit_mutex_.unlock();
            return false;
        }
    }
    visits_.fetch_add(1, std::memory_order_seq_cst);
    WorkerImpl& w = *visiting_;
    visitor.scheduler = &self_;
    visitor.worker = &w.self;
    visitor.state.store(GoroutineState::Running, std::memory_order_relaxed);
    // While nothing runs, arguments of a call may be on the heap that nothing refers to yet.
    w.self.cache_.owner = patient && runs_ ? &w : nullptr;
    return true;
}

void Scheduler::Impl::end_visit(Visitor& visitor) {
    WorkerImpl& w = *static_cast<WorkerImpl*>(visitor.worker->impl_);
    hand_on(w);
    visits_.fetch_sub(1, std::memory_order_seq_cst);
    if (look_wanted_.exchange(false, std::memory_order_seq_cst)) look_again();
    Collector& collector = heap_.collector();
    collector.hand_on(w.self.cache_);
    world_.leave();
    visit_mutex_.unlock();
    // One that may not collect has others do it.
    if (!collector.due() || heap_.marking() || collection_asked_.exchange(true, std::memory_order_acq_rel)) return;
    timers_.start(collection_timer_, 0, 0);
}

Worker* Scheduler::Impl::worker_here() {
    const std::thread::id here = std::this_thread::get_id();
    const int count = worker_count_.load(std::memory_order_acquire);
    for (int i = 0; i < count; ++i) {
        WorkerImpl& w = *workers_[static_cast<std::size_t>(i)];
        if (w.runs_on.load(std::memory_order_relaxed) == here) return &w.self;
    }
    return nullptr;
}

}  // namespace csp::runtime
