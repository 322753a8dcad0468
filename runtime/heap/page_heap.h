#pragma once

// Pages: one reserved range of addresses a heap, so that the span of any address is one look into a table.
// Free runs are kept by size and by address; the smallest that fits and lies lowest is taken, so that the
// upper part empties and goes back to the operating system.

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/heap/size_class.h"
#include "runtime/heap/span.h"

namespace csp::runtime {

class PageHeap {
  public:
    /// `limit`: bytes that spans may hold; 0: no limit.
    explicit PageHeap(std::size_t limit);
    ~PageHeap();
    PageHeap(const PageHeap&) = delete;
    PageHeap& operator=(const PageHeap&) = delete;

    /// A span of `pages` pages, without slots yet; `dirty` tells whether they may hold old contents. Null at the limit.
    Span* take(std::size_t pages);
    /// Enters the span in the table; its objects can be found from now on.
    void publish(Span& span);
    void give_back(Span* span);

    /// The span that `p` points into; null when none does. Any thread.
    Span* find(const void* p) const {
        const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(p) - base_;
        if (offset >= size_) return nullptr;
        Span* const span = table_[offset / kPageBytes].load(std::memory_order_acquire);
        if (span == nullptr || p < span->start || p >= span->end) return nullptr;
        return span;
    }
    bool contains(std::uintptr_t address) const { return address - base_ < size_; }

    std::size_t held() const { return held_.load(std::memory_order_relaxed); }
    std::size_t limit() const { return limit_.load(std::memory_order_relaxed); }
    void set_limit(std::size_t bytes) { limit_.store(bytes, std::memory_order_relaxed); }
    /// Bytes of free pages that still are the process's.
    std::size_t retained() const { return retained_.load(std::memory_order_relaxed); }
    /// Bytes given back to the operating system and not in use again.
    std::size_t released() const { return top_.load(std::memory_order_relaxed) * kPageBytes - held() - retained(); }
    /// Gives free pages back to the operating system until no more than `keep` bytes are retained, at most about
    /// `most` bytes a call. False: nothing was left to do.
    bool release(std::size_t keep, std::size_t most);

  private:
    struct FreeRun {
        std::uint32_t pages;
        bool dirty;
    };
    using ByAddress = std::map<std::uint32_t, FreeRun>;
    void insert_free(std::uint32_t first, FreeRun run);
    void erase_free(ByAddress::iterator at);

    std::uintptr_t base_ = 0;
    std::size_t size_ = 0;
    std::atomic<Span*>* table_ = nullptr;
    std::atomic<std::size_t> limit_;
    std::atomic<std::size_t> held_{0};
    std::atomic<std::size_t> retained_{0};
    std::atomic<std::size_t> top_{0};  ///< Pages from the start that have ever been in use.
    std::mutex mutex_;                 ///< The free runs and `top_`.
    ByAddress by_address_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> by_size_;  ///< (pages, first).
};

}  // namespace csp::runtime
