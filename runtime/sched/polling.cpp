// Runs in slices, on the thread of whoever asks for the next one.

#include <new>
#include <utility>

#include "runtime/sched/scheduler_impl.h"

namespace csp::runtime {

Polled Scheduler::Impl::poll(std::int64_t slice, std::int64_t wait, bool deadlocks) {
    Phase phase = Phase::Between;
    if (!phase_.compare_exchange_strong(phase, Phase::Polled, std::memory_order_acq_rel)) return {};
    poll_slice_ = slice;
    poll_end_ = from_now(real_clock_, slice);
    poll_wait_ = wait;
    poll_deadlocks_ = deadlocks;
    poll_idle_ = false;
    dead_ = false;
    take_over();
    if (!provide_fiber(*workers_[0])) {
        stop(nullptr);
        throw std::bad_alloc();
    }
    note_running(true);
    run_worker(*workers_[0]);
    leave_run(*workers_[0]);
    note_running(false);
    phase = Phase::Polled;
    phase_.compare_exchange_strong(phase, Phase::Between, std::memory_order_acq_rel);
    poll_wait_end_ = Parking::kNever;
    return {poll_idle_, timers_.next_due()};
}

void Scheduler::Impl::take_over() {
    const std::lock_guard lock(parking_.mutex());
    for (const auto& worker : workers_) {
        if (Goroutine* const next = std::exchange(worker->run_next, nullptr)) global_.push(*next);
        Goroutine* const locked = std::exchange(worker->locked_by, nullptr);
        if (locked == nullptr) continue;
        locked->thread_locks = 0;
        if (std::exchange(worker->locked_ready, false)) global_.push(*locked);
    }
    locked_ready_ = 0;
    locked_.store(0, std::memory_order_relaxed);
}

}  // namespace csp::runtime
