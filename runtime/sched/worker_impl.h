#pragma once

// What the scheduler keeps of a worker. Its own thread's, where not said otherwise.

#include <atomic>
#include <cstdint>
#include <thread>

#include "runtime/fiber/loop_fibers.h"
#include "runtime/sched/goroutine_pool.h"
#include "runtime/sched/parking.h"
#include "runtime/sched/run_queue.h"
#include "runtime/sched/scheduler.h"

namespace csp::runtime {

struct WorkerImpl {
    Worker self;
    LocalQueue queue;
    Goroutine* run_next = nullptr;
    std::uint32_t run_next_taken = 0;  ///< How often in a row.
    GoroutinePool::Local goroutines;
    std::uint32_t tick = 0;
    std::uint32_t checks = 0;    ///< should_yield() calls.
    std::int64_t slice_end = 0;  ///< By the real clock; 0: the slice has not been noted yet.
    std::int64_t events_due = 0;  ///< When it asks for events next, by the real clock.
    Parking::Place place;
    int searches = 0;            ///< In vain, since it last had work.
    Goroutine* locked_by = nullptr;     ///< Runs this one only (lock_thread).
    bool inside_world = false;          ///< Between runs as well, if it is the only one.
    bool locked_ready = false;          ///< Under Parking's mutex: that one is runnable.
    std::thread thread;
    std::atomic<std::thread::id> runs_on{};  ///< The thread that it is at present; of none while it does not run.
    Fiber home;                      ///< The thread's own stack.
    Fiber* current = nullptr;
    Fiber* came_home = nullptr;      ///< The loop fiber that was left when the run ended.
    Goroutine* arriving_parked = nullptr;  ///< The switch under way parks this one with its fiber.
    Fiber* arriving_spare = nullptr;       ///< The switch under way leaves this loop fiber unused.
    SpareFibers spares;
};

}  // namespace csp::runtime
