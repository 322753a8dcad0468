#pragma once

// A lock for a few instructions' worth of work, one byte large. Spins, then yields the processor.

#include <atomic>
#include <thread>

#include "runtime/base/shuffle.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace csp::base {

class SpinLock {
  public:
    void lock() {
        shuffle::step();
        if (!taken_.exchange(true, std::memory_order_acquire)) return;
        for (int spins = 0;; ++spins) {
            while (taken_.load(std::memory_order_relaxed)) {
                if (spins++ < 100)
                    _mm_pause();
                else
                    std::this_thread::yield();
            }
            if (!taken_.exchange(true, std::memory_order_acquire)) return;
        }
    }
    void unlock() {
        shuffle::step();
        taken_.store(false, std::memory_order_release);
        shuffle::step();
    }

  private:
    std::atomic<bool> taken_{false};
};

}  // namespace csp::base
