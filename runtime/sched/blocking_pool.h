#pragma once

// Threads beside the workers, for calls that block. Grows as needed; idle threads are reused.

#include <functional>

namespace csp::runtime {

class BlockingPool {
  public:
    BlockingPool();
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;
    /// Runs `work` on a thread of the pool, or, if the system has no more threads and the pool has none, on the caller's.
    void run(std::function<void()> work);

  private:
    struct State;
    State* state_;  ///< Freed by whoever leaves last: a thread may outlive the pool inside a read.
};

}  // namespace csp::runtime
