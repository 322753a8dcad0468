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

void push(SemaphoreTable::Bucket& b, Waiter& w, bool front) {
    w.next = w.previous = nullptr;
    if (b.first == nullptr) {
        b.first = b.last = &w;
    } else if (front) {
        w.next = b.first;
        b.first->previous = &w;
        b.first = &w;
    } else {
        w.previous = b.last;
        b.last->next = &w;
        b.last = &w;
    }
}

Waiter* find(Waiter* from, const void* address) {
    while (from != nullptr && from->channel != address) from = from->next;
    return from;
}

void remove(SemaphoreTable::Bucket& b, const Waiter& w) {
    (w.previous == nullptr ? b.first : w.previous->next) = w.next;
    (w.next == nullptr ? b.last : w.next->previous) = w.previous;
}

}  // namespace

Wait semaphore_acquire(Goroutine& g, std::atomic<std::uint32_t>* counter, bool lifo, WaitReason reason) {
    if (try_take(*counter)) return Wait::Done;
    SemaphoreTable::Bucket& b = g.scheduler->semaphores().bucket(counter);
    b.lock.lock();
    // Announced before the last look at the counter; a releaser adds first and looks afterwards.
    b.waiting.fetch_add(1, std::memory_order_seq_cst);
    if (try_take(*counter)) {
        b.waiting.fetch_sub(1, std::memory_order_relaxed);
        b.lock.unlock();
        return Wait::Done;
    }
    Waiter& w = g.waiter;
    w.goroutine = &g;
    w.channel = reinterpret_cast<Channel*>(counter);  // only compared
    g.begin_wait(reason);
    push(b, w, lifo);
    b.lock.unlock();
    return Wait::Parked;
}

namespace {
/// Adds one, and takes it again for the oldest waiter, if there is one, which owns it when it goes on: nothing is tried
/// again. `look(waiter)` sees that while it is still in the queue.
template <class Look>
Waiter* release(Goroutine& g, std::atomic<std::uint32_t>* counter, Look&& look) {
    counter->fetch_add(1, std::memory_order_seq_cst);
    SemaphoreTable::Bucket& b = g.scheduler->semaphores().bucket(counter);
    base::shuffle::step();
    if (b.waiting.load(std::memory_order_seq_cst) == 0) return nullptr;
    b.lock.lock();
    Waiter* w = nullptr;
    if (try_take(*counter)) {
        w = find(b.first, counter);
        if (w == nullptr) {
            counter->fetch_add(1, std::memory_order_acq_rel);
        } else {
            look(*w);
            remove(b, *w);
            b.waiting.fetch_sub(1, std::memory_order_relaxed);
        }
    }
    b.lock.unlock();
    return w;
}
}  // namespace

void semaphore_release(Goroutine& g, std::atomic<std::uint32_t>* counter) {
    Waiter* const w = release(g, counter, [](Waiter&) {});
    if (w != nullptr) g.scheduler->ready(g.worker, *w->goroutine, false);
}

void semaphore_hand_over(Goroutine& g, std::atomic<std::uint32_t>* counter, std::int64_t before) {
    Waiter* const w = release(g, counter, [&](Waiter& first) {
        const Waiter* const behind = find(first.next, counter);
        first.ticket = behind != nullptr && behind->since < before;
    });
    if (w != nullptr) g.scheduler->ready(g.worker, *w->goroutine, true);
}

}  // namespace csp::runtime
