#pragma once

// All fibers of a scheduler. Workers keep those that they do not use in lists of their own.

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/fiber/fiber.h"

namespace csp::runtime {

/// Fibers that are not in use, newest first.
class SpareFibers {
  public:
    bool empty() const { return first_ == nullptr; }
    void push(Fiber& fiber) { fiber.next = std::exchange(first_, &fiber); }
    Fiber* pop() { return std::exchange(first_, first_->next); }

  private:
    Fiber* first_ = nullptr;
};

class LoopFibers {
  public:
    LoopFibers(std::size_t stack_bytes, Fiber::Entry entry) : stack_bytes_(stack_bytes), entry_(entry) {}

    /// One of `spares`, or a new one. Throws std::bad_alloc.
    Fiber* take(SpareFibers& spares) {
        provide(spares);
        return spares.pop();
    }
    /// Makes sure that there is one. Throws std::bad_alloc.
    void provide(SpareFibers& spares) {
        if (!spares.empty()) return;
        const std::lock_guard lock(mutex_);
        fibers_.push_back(std::make_unique<Fiber>(stack_bytes_, entry_));
        spares.push(*fibers_.back());
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
