#pragma once

// A lock for a few instructions' worth of work, one byte large. Spins, then yields the processor.

#include <atomic>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace csp::base {

class SpinLock {
  public:
    void lock() {
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
    void unlock() { taken_.store(false, std::memory_order_release); }

  private:
    std::atomic<bool> taken_{false};
};

}  // namespace csp::base
