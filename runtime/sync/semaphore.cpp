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
    g.begin_wait(reason, in_bubble);
    shard.push(w, lifo);
    shard.lock.unlock();
    return Wait::Parked;
}

namespace {
/// The unit goes to the oldest waiter, which owns it when it goes on, without anybody else seeing it, or else to the
/// counter. `look(waiter)` sees the waiter while it is still in the queue.
template <class Look>
Waiter* release(Goroutine& g, std::atomic<std::uint32_t>* counter, Look&& look) {
    SemaphoreTable::Shard& shard = g.scheduler->semaphores().shard(counter);
    shard.lock.lock();
    Waiter* const w = shard.first(counter);
    if (w == nullptr) {
        counter->fetch_add(1, std::memory_order_acq_rel);
    } else {
        look(*w);
        shard.pop_first(counter);
    }
    shard.lock.unlock();
    return w;
}
}  // namespace

void semaphore_release(Goroutine& g, std::atomic<std::uint32_t>* counter) {
    Waiter* const w = release(g, counter, [](Waiter&) {});
    if (w != nullptr) g.scheduler->ready(g.worker, *w->goroutine, false);
}

void semaphore_hand_over(Goroutine& g, std::atomic<std::uint32_t>* counter, std::int64_t before) {
    Waiter* const w = release(g, counter, [&](Waiter& first) {
        const Waiter* const behind = first.next;
        first.ticket = behind != nullptr && behind->since < before;
    });
    if (w != nullptr) g.scheduler->ready(g.worker, *w->goroutine, true);
}

}  // namespace csp::runtime
