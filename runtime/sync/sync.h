#pragma once

// Mutex, RWMutex, WaitGroup and Cond over memory words of the script's own structs. Each operation is
// complete when it answers Done, or, after Parked, when the goroutine goes on: nothing is retried by
// the VM, but for a mutex, as Resume::LockMutex tells. Errors are texts for Go's fatal errors and panics.

#include "runtime/sched/scheduler.h"

namespace csp::runtime {

/// sync.Mutex: struct { state uint32; sema uint32 }.
struct MutexWords {
    std::atomic<std::uint32_t> state;
    std::atomic<std::uint32_t> sema;
};
Wait mutex_lock(Goroutine&, MutexWords&);
/// Resume::LockMutex: the goroutine was woken to try again, and may have to park again.
Wait mutex_woken(Goroutine&);
/// MutexWords::state; above these bits the number of waiters.
inline constexpr std::uint32_t kMutexLocked = 1;
inline constexpr std::uint32_t kMutexWoken = 2;  ///< A waiter is awake and tries: unlocks need not wake another.
inline constexpr std::uint32_t kMutexStarving = 4;
/// Whoever comes along may have it before those that wait, unless it starves.
inline bool mutex_try_lock(MutexWords& m) {
    std::uint32_t state = m.state.load(std::memory_order_relaxed);
    return (state & (kMutexLocked | kMutexStarving)) == 0 &&
           m.state.compare_exchange_strong(state, state | kMutexLocked, std::memory_order_acquire);
}
/// Unlocks it if nobody has to be woken. False: mutex_unlock() has to do it, or it is not locked.
inline bool mutex_try_unlock(MutexWords& m) {
    std::uint32_t state = m.state.load(std::memory_order_relaxed);
    constexpr std::uint32_t kAwake = kMutexLocked | kMutexWoken;
    return (state == kMutexLocked || (state & (kAwake | kMutexStarving)) == kAwake) &&
           m.state.compare_exchange_strong(state, state - kMutexLocked, std::memory_order_release);
}
enum class Unlock : std::uint8_t {
    Done,
    HandedOver,  ///< To a waiter that runs next, if the caller yields now, as it should where it can.
    NotLocked,   ///< Fatal error "sync: unlock of unlocked mutex".
};
[[nodiscard]] Unlock mutex_unlock(Goroutine&, MutexWords&);

/// sync.RWMutex: 32 bytes.
struct RWMutexWords {
    MutexWords writers;
    std::atomic<std::uint32_t> writer_sema;
    std::atomic<std::uint32_t> reader_sema;
    std::atomic<std::int32_t> readers;
    std::atomic<std::int32_t> departing;
    std::uint64_t spare;
};
/// The first half of a reader's lock: false: there is a writer, and the second half is rwmutex_await_writer().
inline bool rwmutex_add_reader(RWMutexWords& m) { return m.readers.fetch_add(1, std::memory_order_acq_rel) + 1 >= 0; }
Wait rwmutex_await_writer(Goroutine&, RWMutexWords&);
inline Wait rwmutex_read_lock(Goroutine& g, RWMutexWords& m) {
    return rwmutex_add_reader(m) ? Wait::Done : rwmutex_await_writer(g, m);
}
bool rwmutex_try_read_lock(RWMutexWords&);
/// The first half of a reader's unlock: false: the second half is rwmutex_reader_left().
inline bool rwmutex_remove_reader(RWMutexWords& m) { return m.readers.fetch_sub(1, std::memory_order_acq_rel) - 1 >= 0; }
/// False: fatal "sync: RUnlock of unlocked RWMutex".
[[nodiscard]] bool rwmutex_reader_left(Goroutine&, RWMutexWords&);
[[nodiscard]] inline bool rwmutex_read_unlock(Goroutine& g, RWMutexWords& m) {
    return rwmutex_remove_reader(m) || rwmutex_reader_left(g, m);
}
/// A writer locks in two steps, each of which may park: the writers' mutex, then the readers.
Wait rwmutex_lock(Goroutine&, RWMutexWords&);
Wait rwmutex_lock_readers(Goroutine&, RWMutexWords&);
bool rwmutex_try_lock(Goroutine&, RWMutexWords&);
[[nodiscard]] bool rwmutex_unlock(Goroutine&, RWMutexWords&);  ///< False: fatal "sync: Unlock of unlocked RWMutex".

/// sync.WaitGroup: struct { state uint64; sema, bubble uint32 }: counter in the high half, waiters in the low.
struct WaitGroupWords {
    std::atomic<std::uint64_t> state;
    std::atomic<std::uint32_t> sema;
    std::atomic<std::uint32_t> bubble;  ///< The number of the one it belongs to, or 0, since the counter was 0 last.
};
enum class WaitGroupError : std::uint8_t { None, Negative, Misuse, InsideAndOutside, SeveralBubbles };
[[nodiscard]] WaitGroupError waitgroup_add(Goroutine&, WaitGroupWords&, std::int64_t delta);
Wait waitgroup_wait(Goroutine&, WaitGroupWords&);

/// sync.Cond's notify list: 24 bytes of script memory. Wait: add a ticket, unlock L (the script does),
/// then condition_wait(ticket).
struct NotifyListWords {
    std::atomic<std::uint32_t> wait;
    std::atomic<std::uint32_t> notify;
    std::atomic<std::uint32_t> lock;
    std::uint32_t spare;
    Waiter* head;  // waiters are goroutines' own, never heap objects
    Waiter* tail;
};
std::uint32_t condition_add(NotifyListWords&);
Wait condition_wait(Goroutine&, NotifyListWords&, std::uint32_t ticket);
/// False: one that is to be woken waits in a bubble that the caller is not in: fatal.
[[nodiscard]] bool condition_notify_one(Goroutine&, NotifyListWords&);
[[nodiscard]] bool condition_notify_all(Goroutine&, NotifyListWords&);

}  // namespace csp::runtime
