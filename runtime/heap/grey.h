#pragma once

// Objects that are marked but not scanned yet: a list a worker, and a pool where workers leave what others
// may take.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace csp::runtime {

struct Grey {
    const char* object;
    std::size_t from;  ///< Bytes of it that have been scanned: large objects are scanned in portions.
};

class GreyPool {
  public:
    /// There was no memory to note an object: what hangs from it will not be marked, so this cycle must never end. Without
    /// collections the script has the memory that there is, and no more.
    void lose() { lost_.store(true, std::memory_order_seq_cst); }
    bool lost() const { return lost_.load(std::memory_order_seq_cst); }

    void put(std::vector<Grey> batch) {
        const std::lock_guard lock(mutex_);
        batches_.push_back(std::move(batch));
        size_.store(batches_.size(), std::memory_order_relaxed);
    }
    /// False: there was none.
    bool take(std::vector<Grey>& into) {
        if (empty()) return false;
        const std::lock_guard lock(mutex_);
        if (batches_.empty()) return false;
        into = std::move(batches_.back());
        batches_.pop_back();
        size_.store(batches_.size(), std::memory_order_relaxed);
        return true;
    }
    bool empty() const { return size_.load(std::memory_order_relaxed) == 0; }

  private:
    std::mutex mutex_;
    std::vector<std::vector<Grey>> batches_;
    std::atomic<std::size_t> size_{0};
    std::atomic<bool> lost_{false};
};

/// A worker's own list. Only `looks_empty` may be called by others.
class GreyList {
  public:
    static constexpr std::size_t kBatch = 512;

    void push(Grey grey, GreyPool& pool) {
        if (items_.size() >= 2 * kBatch) donate(pool, kBatch);
        try {
            items_.push_back(grey);
        } catch (const std::bad_alloc&) {
            pool.lose();
        }
        has_items_.store(true, std::memory_order_relaxed);
    }
    bool pop(Grey& grey, GreyPool& pool) {
        if (items_.empty()) {
            if (!pool.take(items_)) return false;
            has_items_.store(true, std::memory_order_relaxed);
        }
        grey = items_.back();
        items_.pop_back();
        return true;
    }
    /// Moves up to `most` items into the pool, the oldest: those most is likely to hang from. With all of them: what was
    /// popped has been scanned, so that there is nothing left for others to wait for.
    void donate(GreyPool& pool, std::size_t most) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
        try {
            if (count > 0) pool.put({items_.begin(), items_.begin() + count});
        } catch (const std::bad_alloc&) {
            pool.lose();
        }
        items_.erase(items_.begin(), items_.begin() + count);
        note_empty();
    }
    std::size_t size() const { return items_.size(); }
    /// All that was popped has been scanned, too.
    void note_empty() { has_items_.store(!items_.empty(), std::memory_order_relaxed); }
    bool looks_empty() const { return !has_items_.load(std::memory_order_relaxed); }

  private:
    std::vector<Grey> items_;
    std::atomic<bool> has_items_{false};
};

}  // namespace csp::runtime
