#pragma once

// Where goroutines wait for semaphores: queues by the address of the counter, in a hash table, one an engine.

#include <array>
#include <cstdint>
#include <memory>

#include "runtime/base/spin_lock.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class SemaphoreTable {
  public:
    /// A part of the table, with a lock. Waiters of one address are linked by `next`; the first of them knows the last
    /// as its `previous`, and stands for all in its slot's chain, by `chain`.
    class Shard {
      public:
        base::SpinLock lock;  ///< Counters are added to, and found to be 0 for good, under it.

        /// Under the lock, as all that follows. `in_front`: before those that wait for the same already.
        void push(Waiter& w, bool in_front);
        /// Who waits longest, or was pushed in front; null: nobody.
        Waiter* first(const void* address) { return *place(address); }
        void pop_first(const void* address);

      private:
        Waiter** place(const void* address);  ///< The link in the chain that leads to the address's first, or to null.
        void grow();

        static constexpr std::size_t kFirstSlots = 16;
        std::size_t slots_ = kFirstSlots;
        std::unique_ptr<Waiter*[]> table_{new Waiter* [kFirstSlots] {}};
        std::size_t addresses_ = 0;
    };

    Shard& shard(const void* address) { return shards_[hash(address) >> (64 - kShardBits)]; }

  private:
    static std::uint64_t hash(const void* address) {
        return (reinterpret_cast<std::uintptr_t>(address) >> 2) * 0x9E3779B97F4A7C15ULL;  // Fibonacci hashing
    }

    static constexpr unsigned kShardBits = 5;
    std::array<Shard, 1u << kShardBits> shards_;
};

}  // namespace csp::runtime
