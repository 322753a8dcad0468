#pragma once

// Calls that block, on threads beside the workers. One that is still under way when its scheduler goes, such as a read
// from a terminal, finds that out when it returns.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/sched/blocking_pool.h"

namespace csp::runtime {

class BlockingCalls {
  public:
    /// Runs `work`, which must not throw, and then, unless abandon() came first, `done`. Throws std::bad_alloc, with
    /// nothing run, when there is no memory.
    void run(std::function<void()> work, std::function<void()> done);
    /// Of all that run() has begun, no `done` runs any more when this has returned.
    void abandon();

  private:
    struct Call {
        std::mutex mutex;
        BlockingCalls* owner = nullptr;  ///< Null: abandoned.
    };
    void forget(const Call& call);

    std::mutex mutex_;
    std::vector<std::shared_ptr<Call>> calls_;  ///< Under way.
    BlockingPool pool_;
};

}  // namespace csp::runtime
