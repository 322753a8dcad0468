#pragma once

// Where goroutines wait for semaphores: a table by the address of the counter, one an engine.

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/base/spin_lock.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class SemaphoreTable {
  public:
    struct Bucket {
        base::SpinLock lock;
        Waiter* first = nullptr;  ///< Of all addresses that fall here, oldest first.
        Waiter* last = nullptr;
        std::atomic<std::uint32_t> waiting{0};
    };
    Bucket& bucket(const void* address) {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        return buckets_[(at >> 3) * 0x9E3779B97F4A7C15ULL >> 56];
    }

  private:
    std::array<Bucket, 256> buckets_;
};

}  // namespace csp::runtime
