#pragma once

// The waiting side of the sync package: semaphores named by the address of a 32-bit counter in script
// memory, and condition variables. Fast paths are the callers' (atomic operations on the counters).

#include <atomic>
#include <cstdint>

#include "runtime/sched/scheduler.h"

namespace csp::runtime {

/// Takes one from `*counter`, waiting while it is 0. `lifo` queues in front (mutex starvation mode).
Wait semaphore_acquire(Goroutine&, std::atomic<std::uint32_t>* counter, bool lifo, WaitReason reason, bool in_bubble = false);
/// Adds one and readies one waiter, for which the unit is taken already.
void semaphore_release(Goroutine&, std::atomic<std::uint32_t>* counter);
/// The same for a mutex: the waiter runs next, and finds in its Waiter::ticket whether the one behind it has waited since
/// before `before`.
void semaphore_hand_over(Goroutine&, std::atomic<std::uint32_t>* counter, std::int64_t before);

}  // namespace csp::runtime
