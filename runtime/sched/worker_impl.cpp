#include "runtime/sched/worker_impl.h"

#include "runtime/sched/policy.h"

namespace csp::runtime {

std::uint64_t Worker::random() {
    if (Policy* policy = scheduler_->policy()) return policy->random();
    // xorshift64* (Vigna, 2014).
    random_state_ ^= random_state_ >> 12;
    random_state_ ^= random_state_ << 25;
    random_state_ ^= random_state_ >> 27;
    return random_state_ * 0x2545F4914F6CDD1DULL;
}

bool Scheduler::has_more_work(const Worker& worker) const {
    return worker.impl_->run_next != nullptr || !worker.impl_->queue.empty();
}

bool Scheduler::enough_stack(const Goroutine& g, std::size_t least) const {
    return g.worker->impl_->current->stack_left() > least;
}
bool Scheduler::on_further_stack(Goroutine& g, void (*work)(void*), void* argument, std::size_t bytes) {
    if (g.further_stacks >= kMaxFurtherStacks) return false;
    ++g.further_stacks;
    try {
        g.worker->impl_->current->run_on_further_stack(bytes, work, argument);
    } catch (...) {
        --g.further_stacks;
        throw;
    }
    --g.further_stacks;
    return true;
}

}  // namespace csp::runtime
