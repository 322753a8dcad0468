#include "runtime/sched/block_profiles.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/sched/scheduler.h"

namespace csp::runtime {

namespace {

/// Nanoseconds; not 0.
std::int64_t now() {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count());
}

bool is_lock(WaitReason reason) {
    return reason == WaitReason::MutexLock || reason == WaitReason::RWMutexRLock || reason == WaitReason::RWMutexLock;
}

/// Goroutine::contended of `w`: means nothing while nobody is counted.
std::uint64_t& sum_of(Waiter& w) {
    if (w.contenders == 0) w.goroutine->contended = 0;
    return w.goroutine->contended;
}

StackCounts::Frames stack_of(Goroutine& g) {
    StackCounts::Frames frames{};
    g.scheduler->executor().callers(g, frames);
    return frames;
}

}  // namespace

void BlockProfiles::set_block_rate(std::int64_t nanoseconds) {
    const std::lock_guard lock(rates_mutex_);
    block_rate_.store(std::max<std::int64_t>(0, nanoseconds), std::memory_order_relaxed);
    note_rates();
}

std::int64_t BlockProfiles::set_mutex_fraction(std::int64_t fraction) {
    const std::lock_guard lock(rates_mutex_);
    if (fraction < 0) return mutex_fraction_.load(std::memory_order_relaxed);
    const std::int64_t before = mutex_fraction_.exchange(fraction, std::memory_order_relaxed);
    note_rates();
    return before;
}

void BlockProfiles::note_rates() {
    const bool any = block_rate_.load(std::memory_order_relaxed) > 0 || mutex_fraction_.load(std::memory_order_relaxed) > 0;
    wanted_.store(any, std::memory_order_relaxed);
}

void BlockProfiles::note(Goroutine& g, WaitReason reason) const {
    g.blocked = now();
    g.waiter.contends = is_lock(reason) && mutex_fraction_.load(std::memory_order_relaxed) > 0;
}

void BlockProfiles::note_end(Goroutine& g) { g.blocked = std::min<std::int64_t>(-1, g.blocked - now()); }

void BlockProfiles::count_wait(Goroutine& g) {
    const auto waited = static_cast<double>(-g.blocked);
    g.blocked = 0;
    BlockProfiles& profiles = g.scheduler->block_profiles();
    const std::int64_t rate = profiles.block_rate_.load(std::memory_order_relaxed);
    if (rate <= 0) return;
    double stands_for = 1;
    if (const auto every = static_cast<double>(rate); waited < every) {
        if (static_cast<double>(g.worker->random() % static_cast<std::uint64_t>(rate)) >= waited) return;
        stands_for = every / waited;
    }
    profiles.block_.add(stack_of(g), stands_for, stands_for * waited);
}

void BlockProfiles::join(Waiter* first, Waiter& w, bool in_front) {
    const auto since = static_cast<std::uint64_t>(w.goroutine->blocked);
    if (first == nullptr || in_front) {
        const std::uint64_t behind = first == nullptr ? 0 : sum_of(*first);
        w.contenders = 1 + (first == nullptr ? 0 : std::exchange(first->contenders, 0));
        w.goroutine->contended = since + behind;
    } else {
        sum_of(*first) += since;
        ++first->contenders;
    }
}

std::uint64_t BlockProfiles::sum_up(Waiter& first) {
    const auto until = static_cast<std::uint64_t>(now());
    const std::uint32_t count = std::exchange(first.contenders, 0);
    const std::uint64_t waited = count * until - first.goroutine->contended;
    const std::uint32_t left = count - (std::exchange(first.contends, false) ? 1 : 0);
    if (Waiter* const second = first.next; second != nullptr && left > 0) {
        sum_of(*second) += left * until;
        second->contenders += left;
    }
    return waited;
}

void BlockProfiles::count_unlock(Goroutine& g, std::uint64_t nanoseconds) {
    BlockProfiles& profiles = g.scheduler->block_profiles();
    const std::int64_t fraction = profiles.mutex_fraction_.load(std::memory_order_relaxed);
    if (fraction <= 0) return;
    if (fraction > 1 && g.worker->random() % static_cast<std::uint64_t>(fraction) != 0) return;
    const auto stands_for = static_cast<double>(fraction);
    profiles.mutex_.add(stack_of(g), stands_for, stands_for * static_cast<double>(nanoseconds));
}

}  // namespace csp::runtime
