#include "runtime/sync/semaphore.h"

#include "runtime/sched/semaphore_table.h"

namespace csp::runtime {

namespace {

bool try_take(std::atomic<std::uint32_t>& counter) {
    std::uint32_t value = counter.load(std::memory_order_relaxed);
    while (value > 0)
        if (counter.compare_exchange_weak(value, value - 1, std::memory_order_acq_rel)) return true;
    return false;
}

}  // namespace

Wait semaphore_acquire(Goroutine& g, std::atomic<std::uint32_t>* counter, bool lifo, WaitReason reason, bool in_bubble) {
    if (try_take(*counter)) return Wait::Done;
    SemaphoreTable::Shard& shard = g.scheduler->semaphores().shard(counter);
    shard.lock.lock();
    if (try_take(*counter)) {
        shard.lock.unlock();
        return Wait::Done;
    }
    Waiter& w = g.waiter;
    w.goroutine = &g;
    w.channel = counter;
    w.ticket = 0;
    g.scheduler->block_profiles().begin_wait(g, reason, in_bubble);
    if (w.contends) [[unlikely]] BlockProfiles::join(shard.first(counter), w, lifo);
    shard.push(w, lifo);
    shard.lock.unlock();
    return Wait::Parked;
}

namespace {
/// The unit goes to the oldest waiter, which owns it when it goes on, without anybody else seeing it, and which runs next
/// if `next`, or else to the counter. `look(waiter)` sees the waiter while it is still in the queue.
template <class Look>
void release(Goroutine& g, std::atomic<std::uint32_t>* counter, bool next, Look&& look) {
    SemaphoreTable::Shard& shard = g.scheduler->semaphores().shard(counter);
    shard.lock.lock();
    Waiter* const w = shard.first(counter);
    if (w == nullptr) {
        counter->fetch_add(1, std::memory_order_acq_rel);
        shard.lock.unlock();
        return;
    }
    look(*w);
    const std::uint64_t waited = BlockProfiles::blame(*w);
    shard.pop_first(counter);
    shard.lock.unlock();
    g.scheduler->ready(g.worker, *w->goroutine, next);
    BlockProfiles::count_blame(g, waited);
}
}  // namespace

void semaphore_release(Goroutine& g, std::atomic<std::uint32_t>* counter) {
    release(g, counter, false, [](Waiter&) {});
}

void semaphore_hand_over(Goroutine& g, std::atomic<std::uint32_t>* counter, std::int64_t before) {
    release(g, counter, true, [&](Waiter& first) {
        const Waiter* const behind = first.next;
        first.ticket = behind != nullptr && behind->since < before;
    });
}

}  // namespace csp::runtime
