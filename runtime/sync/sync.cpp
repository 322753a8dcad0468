#include "runtime/sync/sync.h"

#include <algorithm>
#include <cstddef>

#include "runtime/base/shuffle.h"
#include "runtime/sched/bubble.h"
#include "runtime/sync/semaphore.h"

namespace csp::runtime {

// The mutex is Go's (sync/mutex.go), with its two modes. Normally an unlock wakes the oldest waiter, which then
// competes with whoever comes along and runs already, and mostly loses: cheap, but unfair. One that has waited longer
// than a millisecond makes the mutex starve: unlocks then hand it to the oldest waiter, and newcomers queue up. Unlike
// Go's, that ends with the last waiter that starves, not with one behind it: that would often be the one that had kept
// the mutex from the others, and would do so again. Checked as a model in tests/models/mutex.pml.

namespace {

constexpr std::uint32_t kLocked = kMutexLocked;
constexpr std::uint32_t kWoken = kMutexWoken;
constexpr std::uint32_t kStarving = kMutexStarving;
constexpr std::uint32_t kWaiter = 8;

constexpr std::int64_t kStarvesAfter = 1'000'000;  // nanoseconds

/// Who has waited since before then starves.
std::int64_t starving_since(const Goroutine& g) { return g.scheduler->clock().monotonic() - kStarvesAfter; }

/// Whether to wait actively for a lock that is held: only if its holder may be running.
bool can_spin(const Goroutine& g, int spins) {
    constexpr int kMostSpins = 4;
    return spins < kMostSpins && g.scheduler->workers() > 1 && !g.scheduler->has_more_work(*g.worker);
}
void spin() {
    for (int i = 0; i < 30; ++i) _mm_pause();
}

/// The woken waiter's part of the hand-over while the mutex starves. False: it does not.
bool take_over(const Goroutine& g, MutexWords& m) {
    const std::uint32_t state = m.state.load(std::memory_order_relaxed);
    if ((state & kStarving) == 0) return false;
    const bool more_starve = g.waiter.ticket != 0;  // semaphore_hand_over() has told
    m.state.fetch_add(kLocked - kWaiter - (more_starve ? 0 : kStarving), std::memory_order_acquire);
    return true;
}

/// Tries, and waits in the end. `since`: 0, or when the goroutine, which has been woken, began to wait.
Wait lock_slow(Goroutine& g, MutexWords& m, std::int64_t since) {
    bool awake = since != 0;
    for (;;) {
        if (since != 0 && take_over(g, m)) return Wait::Done;
        const bool starves = since != 0 && since < starving_since(g);
        std::uint32_t old = m.state.load(std::memory_order_relaxed);
        for (int spins = 0;;) {
            base::shuffle::step();
            if ((old & (kLocked | kStarving)) == kLocked && can_spin(g, spins)) {
                // The holder need not wake anybody while we are at it.
                if (!awake && (old & kWoken) == 0 && old >= kWaiter &&
                    m.state.compare_exchange_strong(old, old | kWoken, std::memory_order_relaxed))
                    awake = true;
                spin();
                ++spins;
                old = m.state.load(std::memory_order_relaxed);
                continue;
            }
            const bool waits = (old & (kLocked | kStarving)) != 0;
            std::uint32_t wanted = waits ? old + kWaiter : old | kLocked;
            if (waits && (old & kStarving) == 0) wanted |= kLocked;
            if (starves && (old & kLocked) != 0) wanted |= kStarving;
            if (awake) wanted &= ~kWoken;
            if (!m.state.compare_exchange_weak(old, wanted, std::memory_order_acq_rel, std::memory_order_relaxed)) continue;
            if (!waits) return Wait::Done;
            break;
        }
        const bool again = since != 0;
        if (!again) since = std::max<std::int64_t>(1, g.scheduler->clock().monotonic());
        g.waiter.since = since;
        g.waiter.ticket = 0;
        g.resume = Resume::LockMutex;
        if (semaphore_acquire(g, &m.sema, again, WaitReason::MutexLock) == Wait::Parked) return Wait::Parked;
        g.resume = Resume::Nothing;
        awake = true;
    }
}

}  // namespace

Wait mutex_lock(Goroutine& g, MutexWords& m) {
    return mutex_try_lock(m) ? Wait::Done : lock_slow(g, m, 0);
}

Wait mutex_woken(Goroutine& g) {
    // The semaphore, which is what it waited for, is the mutex's second word.
    auto* const sema = reinterpret_cast<char*>(g.waiter.channel);
    return lock_slow(g, *reinterpret_cast<MutexWords*>(sema - offsetof(MutexWords, sema)), g.waiter.since);
}

Unlock mutex_unlock(Goroutine& g, MutexWords& m) {
    std::uint32_t old = m.state.load(std::memory_order_relaxed);
    do {
        if ((old & kLocked) == 0) return Unlock::NotLocked;
    } while (!m.state.compare_exchange_weak(old, old - kLocked, std::memory_order_acq_rel, std::memory_order_relaxed));
    old -= kLocked;
    if ((old & kStarving) != 0) {
        semaphore_hand_over(g, &m.sema, starving_since(g));
        return Unlock::HandedOver;
    }
    while (old >= kWaiter && (old & (kLocked | kWoken | kStarving)) == 0) {
        base::shuffle::step();
        if (!m.state.compare_exchange_weak(old, (old - kWaiter) | kWoken, std::memory_order_acq_rel, std::memory_order_relaxed))
            continue;
        semaphore_release(g, &m.sema);
        break;
    }
    return Unlock::Done;
}

namespace {
constexpr std::int32_t kMaxReaders = 1 << 30;
}

// After Go's: a writer first excludes other writers, then announces itself by making `readers` negative,
// then waits for the readers that were there (`departing`).

Wait rwmutex_await_writer(Goroutine& g, RWMutexWords& m) {
    return semaphore_acquire(g, &m.reader_sema, false, WaitReason::RWMutexRLock);
}

bool rwmutex_try_read_lock(RWMutexWords& m) {
    std::int32_t readers = m.readers.load(std::memory_order_relaxed);
    while (readers >= 0)
        if (m.readers.compare_exchange_weak(readers, readers + 1, std::memory_order_acquire)) return true;
    return false;
}

bool rwmutex_reader_left(Goroutine& g, RWMutexWords& m) {
    // While a writer waits for readers to leave, none can come that counts, and no other writer.
    const std::int32_t readers = m.readers.load(std::memory_order_relaxed);
    if (readers >= -1 || readers < -kMaxReaders) return false;
    if (m.departing.fetch_sub(1, std::memory_order_acq_rel) - 1 == 0)
        semaphore_release(g, &m.writer_sema);
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
    for (; readers > 0; --readers) semaphore_release(g, &m.reader_sema);
    return mutex_unlock(g, m.writers) != Unlock::NotLocked;
}

/// The group belongs to the bubble in which the counter is first changed.
static WaitGroupError join_bubble(std::uint32_t bubble, WaitGroupWords& w) {
    if (w.state.load(std::memory_order_relaxed) == 0) w.bubble.store(bubble, std::memory_order_relaxed);
    const std::uint32_t own = w.bubble.load(std::memory_order_relaxed);
    if (own == bubble) return WaitGroupError::None;
    return own == 0 || bubble == 0 ? WaitGroupError::InsideAndOutside : WaitGroupError::SeveralBubbles;
}

WaitGroupError waitgroup_add(Goroutine& g, WaitGroupWords& w, std::int64_t delta) {
    const std::uint32_t bubble = bubble_number(g);
    if ((bubble | w.bubble.load(std::memory_order_relaxed)) != 0) {
        const WaitGroupError error = join_bubble(bubble, w);
        if (error != WaitGroupError::None) return error;
    }
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
    for (std::uint32_t i = 0; i < waiters; ++i) semaphore_release(g, &w.sema);
    return WaitGroupError::None;
}

Wait waitgroup_wait(Goroutine& g, WaitGroupWords& w) {
    std::uint64_t state = w.state.load(std::memory_order_acquire);
    for (;;) {
        if (state >> 32 == 0) return Wait::Done;
        if (w.state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) break;
    }
    const std::uint32_t bubble = w.bubble.load(std::memory_order_relaxed);
    return semaphore_acquire(g, &w.sema, false, WaitReason::WaitGroupWait, bubble != 0 && bubble == bubble_number(g));
}

namespace {
/// The list's lock is a word of script memory.
class ListLock {
  public:
    explicit ListLock(NotifyListWords& l) : list_(l) {
        base::shuffle::step();
        while (list_.lock.exchange(1, std::memory_order_acquire) != 0) _mm_pause();
    }
    ~ListLock() {
        base::shuffle::step();
        list_.lock.store(0, std::memory_order_release);
    }
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
    g.scheduler->block_profiles().begin_wait(g, WaitReason::CondWait, true);
    (l.tail == nullptr ? l.head : l.tail->next) = &w;
    l.tail = &w;
    return Wait::Parked;
}

/// Lets the waiter go on; false: it waits in a bubble that `g` is not in.
static bool notify(Goroutine& g, const Waiter& w) {
    Goroutine& woken = *w.goroutine;
    if (woken.bubble != nullptr && woken.bubble != g.bubble) return false;
    g.scheduler->ready(g.worker, woken, false);
    return true;
}

bool condition_notify_one(Goroutine& g, NotifyListWords& l) {
    Waiter* found = nullptr;
    {
        const ListLock lock(l);
        const std::uint32_t ticket = l.notify.load(std::memory_order_relaxed);
        if (ticket == l.wait.load(std::memory_order_acquire)) return true;
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
    return found == nullptr || notify(g, *found);
}

bool condition_notify_all(Goroutine& g, NotifyListWords& l) {
    Waiter* all;
    {
        const ListLock lock(l);
        all = l.head;
        l.head = l.tail = nullptr;
        l.notify.store(l.wait.load(std::memory_order_acquire), std::memory_order_relaxed);
    }
    while (all != nullptr) {
        Waiter* next = all->next;
        if (!notify(g, *all)) return false;
        all = next;
    }
    return true;
}

}  // namespace csp::runtime
