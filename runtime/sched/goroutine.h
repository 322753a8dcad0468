#pragma once

// A goroutine: its value stack, its place in queues, and what it waits for. The VM derives its own
// class from it (frames, defers, panics live there).
//
// Two ways to wait. In bytecode a goroutine's whole state is on its value stack: the VM saves it
// *before* it calls an operation that may park, and when that answers Parked it touches the goroutine
// no more and goes back to the worker's loop, for by then another worker may already run it. Below
// native frames the goroutine parks together with its fiber: Scheduler::park_fiber().

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/type/value.h"

namespace csp::runtime {

class Worker;
struct Timer;
class Fiber;
class Bubble;
class Scheduler;
struct Goroutine;

enum class GoroutineState : std::uint8_t {
    Idle,      ///< In the free list; the scheduler owns it.
    Runnable,  ///< In a run queue, which owns it.
    Running,   ///< Its worker owns it.
    Parking,   ///< On a wait queue, its fiber not yet switched away from (park_fiber only).
    Parked,    ///< On a wait queue; whoever takes it off owns it.
    Notified,  ///< Made ready while still Parking; the parking worker requeues it.
    Dead,
};

/// Why it waits; the texts of goroutine traces ("chan receive", "select", "sync.Mutex.Lock", …).
enum class WaitReason : std::uint8_t {
    None, ChanReceive, ChanReceiveNil, ChanSend, ChanSendNil, Select, SelectNoCases, Sleep, MutexLock,
    RWMutexRLock, RWMutexLock, WaitGroupWait, CondWait, SemaphoreAcquire, Io, SyncBlock, Native, BubbleRun, BubbleWait,
};
const char* text(WaitReason reason);

/// What the VM has to do when a parked goroutine goes on.
enum class Resume : std::uint8_t {
    Nothing,
    SelectDone,    ///< Call select_finish().
    SendOnClosed,  ///< After select_finish(), if it is in a select: panic "send on closed channel".
    LockMutex,     ///< Call mutex_woken().
    Panic,         ///< Go on with the panic that has been raised.
    Cancelled,     ///< The run is being ended.
};

/// A goroutine's entry in a wait queue (a channel's, a semaphore's). Goroutines carry their own.
struct Waiter {
    Goroutine* goroutine = nullptr;
    Waiter* next = nullptr;
    Waiter* previous = nullptr;
    union {
        Slot* element = nullptr;  ///< Value to send, or where to put the one received (may be null).
        std::int64_t since;       ///< Of a mutex: since when, by the scheduler's clock.
    };
    union {
        Slot* ok = nullptr;       ///< Receive: where to put whether a value came (may be null).
        Waiter* chain;            ///< Of a semaphore: see SemaphoreTable.
    };
    void* channel = nullptr;      ///< The Channel that it waits for; of a semaphore, the counter's address.
    union {
        std::uint32_t case_index = 0; ///< Select only.
        std::uint32_t contenders;     ///< Of a lock: see BlockProfiles.
    };
    std::uint32_t ticket = 0;     ///< Condition variables only.
    bool in_select = false;
    bool queued = false;
    bool sending = false;         ///< Select only: on the senders' queue.
    bool contends = false;        ///< Of a lock: one of somebody's `contenders`.
};

struct Goroutine {
    Goroutine();
    virtual ~Goroutine();

    /// On a wait queue from here on, or about to be put on one. With native frames it has first to be switched away from.
    /// `in_bubble`: if it is in a bubble, only others in there will make it ready.
    void begin_wait(WaitReason reason, bool in_bubble = false) {
        wait_reason = reason;
        if (in_bubble && bubble != nullptr) [[unlikely]] wait_in_bubble();
        state.store(native_depth > 0 ? GoroutineState::Parking : GoroutineState::Parked, std::memory_order_release);
    }

    void wait_in_bubble();

    Goroutine* next = nullptr;  ///< Link of the queue or list it is in.
    Worker* worker = nullptr;   ///< Who runs it; changes only while it does not run.
    Scheduler* scheduler = nullptr;
    /// Of a wait that is to be profiled, see block_profiles.h: since when it lasts; once it is over, minus how long it has
    /// lasted (nanoseconds). 0: of none.
    std::int64_t blocked = 0;
    std::atomic<GoroutineState> state{GoroutineState::Idle};
    WaitReason wait_reason = WaitReason::None;  ///< Of its last wait.
    Resume resume = Resume::Nothing;
    bool is_system = false;  ///< Not counted for deadlock nor by NumGoroutine.
    std::uint32_t native_depth = 0;  ///< Native calls on the C++ stack below it (the VM counts).
    Bubble* bubble = nullptr;        ///< The one that it is in, or null.

    Fiber* fiber = nullptr;  ///< Its own while parked below native frames; else null.
    /// Natives' frames begin below this place of the fiber's stack. Above are the VM's and the scheduler's, in which there
    /// is nothing that the collector would not find elsewhere, but much that is out of date.
    const void* natives_below = nullptr;

    // The value stack: `stack_limit` is one past its last slot. Owned by the VM.
    Slot* stack_base = nullptr;
    Slot* stack_limit = nullptr;

    /// Which collector cycle has scanned it: twice its number; one less while somebody is at it.
    std::atomic<std::uint32_t> scanned{0};
    bool frames_hold_nothing = false;  ///< No native's frame refers to the heap: they need not be scanned.
    bool waits_in_bubble = false;      ///< Only others in its bubble can make it ready.
    std::uint16_t further_stacks = 0;  ///< C++ stacks it has beyond its fiber's own.

    // Waiting.
    std::atomic<std::uint32_t> select_won{0};  ///< A waker of a select claims it by 0 → 1.
    std::int32_t thread_locks = 0;         ///< LockOSThread calls not yet undone: it runs on `worker`'s thread only.
    Waiter waiter;                         ///< For waits on one thing.
    std::uint32_t select_index = 0;        ///< The case that was taken; valid after Resume::SelectDone.
    std::uint32_t select_count = 0;        ///< 0: no select is under way.
    union {
        Waiter* select_waiters = nullptr;  ///< One a case; the VM's, on the value stack.
        std::uint64_t contended;           ///< Of a wait for a lock that is counted: see BlockProfiles.
    };

    std::unique_ptr<Timer> sleep_timer;    ///< Made by the first sleep.
    std::uint64_t id = 0;
    std::uint64_t parent_id = 0;           ///< Who started it.
};

}  // namespace csp::runtime
