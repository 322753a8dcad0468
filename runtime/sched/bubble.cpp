#include "runtime/sched/bubble.h"

#include <utility>

namespace csp::runtime {

void Bubble::settle(Worker& worker) {
    if (active_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    Goroutine* const waiting = waiting_.exchange(nullptr, std::memory_order_acquire);
    worker.scheduler().ready(&worker, waiting != nullptr ? *waiting : root_, false);
}

Wait Bubble::run(Goroutine& root) {
    root.begin_wait(WaitReason::BubbleRun, true);
    return Wait::Parked;
}

Bubble::Step Bubble::step(Worker& worker) {
    if (empty()) return Step::Ended;
    if (main_ended_.load(std::memory_order_relaxed)) return Step::Leaked;
    return timers_.advance(worker, clock_) ? Step::Moved : Step::Blocked;
}

Wait Bubble::wait(Goroutine& g) {
    Goroutine* none = nullptr;
    if (!waiting_.compare_exchange_strong(none, &g, std::memory_order_release, std::memory_order_relaxed)) return Wait::Nil;
    g.begin_wait(WaitReason::BubbleWait, true);
    return Wait::Parked;
}

void Bubbles::enter(Goroutine& root) {
    const std::lock_guard lock(mutex_);
    bubbles_.push_back(std::make_unique<Bubble>(scheduler_, ++last_number_, root));
    root.bubble = bubbles_.back().get();
}

void Bubbles::leave(Goroutine& root) {
    Bubble* const left = std::exchange(root.bubble, nullptr);
    if (!left->empty()) return;
    const std::lock_guard lock(mutex_);
    std::erase_if(bubbles_, [left](const auto& bubble) { return bubble.get() == left; });
}

void Bubbles::armed(std::vector<const Timer*>& timers) const {
    const std::lock_guard lock(mutex_);
    for (const auto& bubble : bubbles_) {
        const std::vector<const Timer*> more = bubble->timers().armed();
        timers.insert(timers.end(), more.begin(), more.end());
    }
}

}  // namespace csp::runtime
