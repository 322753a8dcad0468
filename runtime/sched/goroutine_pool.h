#pragma once

// Goroutine objects to be used again: lists that the workers have, and batches that one worker has left over for others,
// since goroutines need not end where they were started.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/sched/goroutine.h"
#include "runtime/sched/goroutine_scan.h"

namespace csp::runtime {

class Executor;

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

class GoroutinePool {
  public:
    /// A worker's part.
    class Local {
      public:
        /// Taken here less those put back here; any thread.
        std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }

      private:
        friend class GoroutinePool;
        void count(std::int64_t change) {  // one thread writes
            in_use_.store(in_use_.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
        }

        FreeGoroutines free_;
        std::uint64_t next_id_ = 0;  ///< It has the numbers below last_id_.
        std::uint64_t last_id_ = 0;
        std::atomic<std::int64_t> in_use_{0};
    };

    GoroutinePool(Executor& executor, GoroutineScan& scan) : executor_(executor), scan_(scan) {}

    /// An object with a number of its own; null when memory is exhausted. `local`: the calling worker's part; null for
    /// other threads.
    Goroutine* take(Local* local);
    void put(Local* local, Goroutine& g);
    /// As Local::in_use(), for threads that are no workers.
    std::int64_t in_use_elsewhere() const { return in_use_elsewhere_.load(std::memory_order_relaxed); }

  private:
    std::size_t create(std::span<Goroutine*> wanted);

    Executor& executor_;
    GoroutineScan& scan_;
    SharedFreeGoroutines shared_;
    std::atomic<std::uint64_t> next_id_{1};
    std::mutex mutex_;  ///< The list for other threads.
    FreeGoroutines free_elsewhere_;
    std::atomic<std::int64_t> in_use_elsewhere_{0};
};

}  // namespace csp::runtime
