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

Wait semaphore_acquire(Goroutine& g, std::atomic<std::uint32_t>* counter, bool lifo, WaitReason reason) {
    if (try_take(*counter)) return Wait::Done;
    SemaphoreTable::Shard& shard = g.scheduler->semaphores().shard(counter);
    shard.lock.lock();
    // Announced before the last look at the counter; a releaser adds first and looks afterwards.
    shard.waiting.fetch_add(1, std::memory_order_seq_cst);
    if (try_take(*counter)) {
        shard.waiting.fetch_sub(1, std::memory_order_relaxed);
        shard.lock.unlock();
        return Wait::Done;
    }
    Waiter& w = g.waiter;
    w.goroutine = &g;
    w.channel = counter;
    g.begin_wait(reason);
    shard.push(w, lifo);
    shard.lock.unlock();
    return Wait::Parked;
}

namespace {
/// Adds one, and takes it again for the oldest waiter, if there is one, which owns it when it goes on: nothing is tried
/// again. `look(waiter)` sees that while it is still in the queue.
template <class Look>
Waiter* release(Goroutine& g, std::atomic<std::uint32_t>* counter, Look&& look) {
    counter->fetch_add(1, std::memory_order_seq_cst);
    SemaphoreTable::Shard& shard = g.scheduler->semaphores().shard(counter);
    base::shuffle::step();
    if (shard.waiting.load(std::memory_order_seq_cst) == 0) return nullptr;
    shard.lock.lock();
    Waiter* w = nullptr;
    if (try_take(*counter)) {
        w = shard.first(counter);
        if (w == nullptr) {
            counter->fetch_add(1, std::memory_order_acq_rel);
        } else {
            look(*w);
            shard.pop_first(counter);
            shard.waiting.fetch_sub(1, std::memory_order_relaxed);
        }
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
