#include "runtime/sync/sync.h"

#include "runtime/base/spin_lock.h"
#include "runtime/sync/semaphore.h"

namespace csp::runtime {

namespace {
/// MutexWords::state: bit 0 locked; above it the number of waiters.
constexpr std::uint32_t kLocked = 1;
constexpr std::uint32_t kWaiter = 2;
}  // namespace

Wait mutex_lock(Goroutine& g, MutexWords& m) {
    std::uint32_t free = 0;
    if (m.state.compare_exchange_strong(free, kLocked, std::memory_order_acquire)) return Wait::Done;
    // Short critical sections end while we spin; then queue up. An unlock with waiters hands the lock
    // to the oldest of them, so nobody starves.
    for (int spins = 0; spins < 30; ++spins) {
        std::uint32_t state = m.state.load(std::memory_order_relaxed);
        if ((state & kLocked) == 0 &&
            m.state.compare_exchange_weak(state, state | kLocked, std::memory_order_acquire))
            return Wait::Done;
        if (state >= kWaiter) break;
        _mm_pause();
    }
    std::uint32_t state = m.state.load(std::memory_order_relaxed);
    for (;;) {
        if ((state & kLocked) == 0) {
            if (m.state.compare_exchange_weak(state, state | kLocked, std::memory_order_acquire))
                return Wait::Done;
        } else if (m.state.compare_exchange_weak(state, state + kWaiter, std::memory_order_relaxed)) {
            break;
        }
    }
    return semaphore_acquire(g, &m.sema, false, WaitReason::MutexLock);
}

bool mutex_try_lock(MutexWords& m) {
    std::uint32_t free = 0;
    return m.state.compare_exchange_strong(free, kLocked, std::memory_order_acquire);
}

bool mutex_unlock(Goroutine& g, MutexWords& m) {
    std::uint32_t state = kLocked;
    if (m.state.compare_exchange_strong(state, 0, std::memory_order_release)) return true;
    for (;;) {
        if ((state & kLocked) == 0) return false;
        if (state == kLocked) {
            if (m.state.compare_exchange_weak(state, 0, std::memory_order_release)) return true;
        } else if (m.state.compare_exchange_weak(state, state - kWaiter, std::memory_order_acq_rel)) {
            // Still locked, now for the waiter that the semaphore picks.
            semaphore_release(g, &m.sema, false);
            return true;
        }
    }
}

namespace {
constexpr std::int32_t kMaxReaders = 1 << 30;
}

// After Go's: a writer first excludes other writers, then announces itself by making `readers` negative,
// then waits for the readers that were there (`departing`).

Wait rwmutex_read_lock(Goroutine& g, RWMutexWords& m) {
    if (m.readers.fetch_add(1, std::memory_order_acq_rel) + 1 >= 0) return Wait::Done;
    return semaphore_acquire(g, &m.reader_sema, false, WaitReason::RWMutexRLock);
}

bool rwmutex_try_read_lock(RWMutexWords& m) {
    std::int32_t readers = m.readers.load(std::memory_order_relaxed);
    while (readers >= 0)
        if (m.readers.compare_exchange_weak(readers, readers + 1, std::memory_order_acquire)) return true;
    return false;
}

bool rwmutex_read_unlock(Goroutine& g, RWMutexWords& m) {
    const std::int32_t readers = m.readers.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (readers >= 0) return true;
    if (readers + 1 == 0 || readers + 1 == -kMaxReaders) return false;
    if (m.departing.fetch_sub(1, std::memory_order_acq_rel) - 1 == 0)
        semaphore_release(g, &m.writer_sema, false);
    return true;
}

/// The second half of a writer's Lock, once it has the writers' mutex.
static Wait wait_for_readers(Goroutine& g, RWMutexWords& m) {
    const std::int32_t readers = m.readers.fetch_sub(kMaxReaders, std::memory_order_acq_rel);
    if (readers == 0 || m.departing.fetch_add(readers, std::memory_order_acq_rel) + readers == 0)
        return Wait::Done;
    return semaphore_acquire(g, &m.writer_sema, false, WaitReason::RWMutexLock);
}

Wait rwmutex_lock(Goroutine& g, RWMutexWords& m) {
    // The library calls this in two steps, since each may park: see stdlib/sync.
    return mutex_lock(g, m.writers);
}
Wait rwmutex_lock_readers(Goroutine& g, RWMutexWords& m) { return wait_for_readers(g, m); }

bool rwmutex_try_lock(Goroutine& g, RWMutexWords& m) {
    if (!mutex_try_lock(m.writers)) return false;
    std::int32_t none = 0;
    if (m.readers.compare_exchange_strong(none, -kMaxReaders, std::memory_order_acquire)) return true;
    static_cast<void>(mutex_unlock(g, m.writers));
    return false;
}

bool rwmutex_unlock(Goroutine& g, RWMutexWords& m) {
    std::int32_t readers = m.readers.fetch_add(kMaxReaders, std::memory_order_acq_rel) + kMaxReaders;
    if (readers >= kMaxReaders) return false;
    for (; readers > 0; --readers) semaphore_release(g, &m.reader_sema, false);
    return mutex_unlock(g, m.writers);
}

WaitGroupError waitgroup_add(Goroutine& g, WaitGroupWords& w, std::int64_t delta) {
    const std::uint64_t state =
        w.state.fetch_add(static_cast<std::uint64_t>(delta) << 32, std::memory_order_acq_rel) +
        (static_cast<std::uint64_t>(delta) << 32);
    const auto counter = static_cast<std::int32_t>(state >> 32);
    const auto waiters = static_cast<std::uint32_t>(state);
    if (counter < 0) return WaitGroupError::Negative;
    if (waiters != 0 && delta > 0 && counter == static_cast<std::int32_t>(delta)) return WaitGroupError::Misuse;
    if (counter > 0 || waiters == 0) return WaitGroupError::None;
    if (w.state.load(std::memory_order_relaxed) != state) return WaitGroupError::Misuse;
    w.state.store(0, std::memory_order_release);
    for (std::uint32_t i = 0; i < waiters; ++i) semaphore_release(g, &w.sema, false);
    return WaitGroupError::None;
}

Wait waitgroup_wait(Goroutine& g, WaitGroupWords& w) {
    std::uint64_t state = w.state.load(std::memory_order_acquire);
    for (;;) {
        if (state >> 32 == 0) return Wait::Done;
        if (w.state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) break;
    }
    return semaphore_acquire(g, &w.sema, false, WaitReason::WaitGroupWait);
}

namespace {
/// The list's lock is a word of script memory.
class ListLock {
  public:
    explicit ListLock(NotifyListWords& l) : list_(l) {
        while (list_.lock.exchange(1, std::memory_order_acquire) != 0) _mm_pause();
    }
    ~ListLock() { list_.lock.store(0, std::memory_order_release); }
    ListLock(const ListLock&) = delete;
    ListLock& operator=(const ListLock&) = delete;

  private:
    NotifyListWords& list_;
};
bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
}  // namespace

std::uint32_t condition_add(NotifyListWords& l) { return l.wait.fetch_add(1, std::memory_order_acq_rel); }

Wait condition_wait(Goroutine& g, NotifyListWords& l, std::uint32_t ticket) {
    const ListLock lock(l);
    if (before(ticket, l.notify.load(std::memory_order_relaxed))) return Wait::Done;
    Waiter& w = g.waiter;
    w.goroutine = &g;
    w.ticket = ticket;
    w.next = nullptr;
    g.wait_reason = WaitReason::CondWait;
    g.state.store(g.native_depth > 0 ? GoroutineState::Parking : GoroutineState::Parked,
                  std::memory_order_release);
    (l.tail == nullptr ? l.head : l.tail->next) = &w;
    l.tail = &w;
    return Wait::Parked;
}

void condition_notify_one(Goroutine& g, NotifyListWords& l) {
    Waiter* found = nullptr;
    {
        const ListLock lock(l);
        const std::uint32_t ticket = l.notify.load(std::memory_order_relaxed);
        if (ticket == l.wait.load(std::memory_order_acquire)) return;
        l.notify.store(ticket + 1, std::memory_order_relaxed);
        Waiter* previous = nullptr;
        for (Waiter* w = l.head; w != nullptr; previous = w, w = w->next) {
            if (w->ticket != ticket) continue;
            (previous == nullptr ? l.head : previous->next) = w->next;
            if (w->next == nullptr) l.tail = previous;
            found = w;
            break;
        }
    }
    if (found != nullptr) g.scheduler->ready(g.worker, *found->goroutine, false);
}

void condition_notify_all(Goroutine& g, NotifyListWords& l) {
    Waiter* all;
    {
        const ListLock lock(l);
        all = l.head;
        l.head = l.tail = nullptr;
        l.notify.store(l.wait.load(std::memory_order_acquire), std::memory_order_relaxed);
    }
    while (all != nullptr) {
        Waiter* next = all->next;
        g.scheduler->ready(g.worker, *all->goroutine, false);
        all = next;
    }
}

}  // namespace csp::runtime
