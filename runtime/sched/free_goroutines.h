#pragma once

// Goroutine objects to be used again: a list a worker, and batches that one worker has left over for others,
// since goroutines need not end where they were started.

#include <mutex>
#include <vector>

#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class SharedFreeGoroutines {
  public:
    void put(Goroutine* batch) {
        const std::lock_guard lock(mutex_);
        batches_.push_back(batch);
    }
    /// A list; null when there is none.
    Goroutine* take() {
        const std::lock_guard lock(mutex_);
        if (batches_.empty()) return nullptr;
        Goroutine* const batch = batches_.back();
        batches_.pop_back();
        return batch;
    }

  private:
    std::mutex mutex_;
    std::vector<Goroutine*> batches_;
};

/// One worker's. Full lists of kBatch go to the others, but for one.
class FreeGoroutines {
  public:
    static constexpr int kBatch = 64;

    void put(Goroutine& g, SharedFreeGoroutines& shared) {
        if (count_ == kBatch) {
            if (spare_ != nullptr) shared.put(spare_);
            spare_ = list_;
            list_ = nullptr;
            count_ = 0;
        }
        g.next = list_;
        list_ = &g;
        ++count_;
    }
    Goroutine* take(SharedFreeGoroutines& shared) {
        if (list_ == nullptr) {
            list_ = spare_ != nullptr ? spare_ : shared.take();
            spare_ = nullptr;
            if (list_ == nullptr) return nullptr;
            count_ = kBatch;
        }
        Goroutine* const g = list_;
        list_ = g->next;
        --count_;
        return g;
    }

  private:
    Goroutine* list_ = nullptr;
    Goroutine* spare_ = nullptr;  ///< A full list, so that a balance around kBatch does not go through the lock.
    int count_ = 0;
};

}  // namespace csp::runtime
