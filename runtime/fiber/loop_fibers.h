#pragma once

// All fibers of a scheduler. Workers keep those that they do not use in lists of their own.

#include <memory>
#include <mutex>
#include <vector>

#include "runtime/fiber/fiber.h"

namespace csp::runtime {

class LoopFibers {
  public:
    LoopFibers(std::size_t stack_bytes, Fiber::Entry entry) : stack_bytes_(stack_bytes), entry_(entry) {}

    /// One of `spares`, or a new one.
    Fiber* take(std::vector<Fiber*>& spares) {
        if (!spares.empty()) {
            Fiber* const spare = spares.back();
            spares.pop_back();
            return spare;
        }
        const std::lock_guard lock(mutex_);
        fibers_.push_back(std::make_unique<Fiber>(stack_bytes_, entry_));
        return fibers_.back().get();
    }
    /// Its entry has returned.
    void retire(Fiber* fiber) {
        const std::lock_guard lock(mutex_);
        for (auto& owned : fibers_)
            if (owned.get() == fiber) {
                owned = std::move(fibers_.back());
                fibers_.pop_back();
                return;
            }
    }

  private:
    const std::size_t stack_bytes_;
    const Fiber::Entry entry_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
};

}  // namespace csp::runtime
