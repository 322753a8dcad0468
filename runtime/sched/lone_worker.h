#pragma once

// Operations that need no lock while only one worker runs, as in much of a program whose goroutines pass the work on
// from one to the next.
//
// The worker marks its operation with plain stores. Whoever makes it lose its privilege, a worker that wakes up, pays
// for both: after the change it makes all processors execute a full fence (membarrier(2)), and waits for the end of the
// operation under way, if there is one. Waking up costs far more than that.

#include <atomic>

namespace csp::runtime {

class LoneWorker {
  public:
    LoneWorker();  ///< Without the privilege; for good where the system has no such fence.

    /// True: no other worker runs, and none begins to before end(). Few instructions may lie between the two. To be
    /// called by workers only.
    bool begin() {
        if (!alone_.load(std::memory_order_relaxed)) return false;
        busy_.store(true, std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (alone_.load(std::memory_order_acquire)) return true;
        busy_.store(false, std::memory_order_release);
        return false;
    }
    void end() { busy_.store(false, std::memory_order_release); }

    /// One worker is left. The calls of grant() and revoke() are ordered by the caller's lock.
    void grant() { alone_.store(supported_, std::memory_order_release); }
    /// Nobody gets the privilege again; nobody has it now.
    void forbid() { supported_ = false; }
    /// A second one is about to run; returns when no operation of the first relies on being alone.
    void revoke();

  private:
    std::atomic<bool> alone_{false};
    alignas(64) std::atomic<bool> busy_{false};
    bool supported_;
};

}  // namespace csp::runtime
