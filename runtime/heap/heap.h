#pragma once

// One heap an engine: non-moving, size classes, per-worker allocation caches, a collector that marks while
// goroutines run. See docs/memory.md.
//
// Whoever overwrites a pointer in heap memory first tells the heap (will_overwrite…): while a cycle marks,
// the old value is marked, so that everything reachable when the cycle began survives it ("snapshot at the
// beginning": Yuasa, "Real-time garbage collection on general-purpose machines", 1990).

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/base/spin_lock.h"
#include "runtime/heap/alloc_cache.h"
#include "runtime/heap/page_heap.h"
#include "runtime/heap/scanner.h"
#include "runtime/type/type.h"
#include "runtime/type/value.h"

namespace csp::runtime {

class Collector;

struct HeapOptions {
    std::size_t limit = 0;  ///< Bytes of pages the heap may hold; 0 = no limit.
    int gc_percent = 100;   ///< A cycle ends before the heap has grown by so much; negative: no cycles by growth.
    bool gc_stress = false; ///< Collects at (nearly) every allocation, and overwrites what is freed.
    std::function<void(std::string_view line)> trace;  ///< Gets a line a cycle; may be empty.
};

class Heap {
  public:
    explicit Heap(const HeapOptions& options);
    ~Heap();  ///< Frees every page at once.
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // ---- allocation: may start or help a cycle, and may stop for one. All are zeroed and 16-byte aligned, and
    // null when the limit is reached or the size overflows. ----
    void* allocate(AllocCache& cache, const Type& type);
    void* allocate_array(AllocCache& cache, const Type& elem, std::size_t count);
    /// `bytes` of memory without pointers.
    char* allocate_bytes(AllocCache& cache, std::size_t bytes);
    /// `slots` slots any of which may hold pointers (closures, map tables, buffers).
    void* allocate_slots(AllocCache& cache, std::size_t slots);

    /// Makes the cache known to the collector. The first allocation does it, too; a cache that marks before it has
    /// allocated needs it earlier.
    void attach(AllocCache& cache);

    // ---- the write barrier ----
    bool marking() const { return marking_.load(std::memory_order_relaxed); }
    /// The byte behind marking(), for machine code to look at.
    const bool* marking_flag() const { return reinterpret_cast<const bool*>(&marking_); }
    /// A word that may hold a pointer is about to be overwritten.
    void will_overwrite(AllocCache& cache, const void* word) {
        if (marking()) [[unlikely]]
            mark_words(cache, word, 1);
    }
    /// A string, slice or interface.
    void will_overwrite_pair(AllocCache& cache, const void* pair) {
        if (marking()) [[unlikely]]
            mark_words(cache, pair, 2);
    }
    /// `count` elements.
    void will_overwrite_elements(AllocCache& cache, const Type& elem, const void* memory, std::size_t count) {
        if (marking() && elem.has_pointers) [[unlikely]]
            mark_elements(cache, elem, memory, count);
    }
    /// A value in slot form.
    void will_overwrite_slots(AllocCache& cache, const Slot* slots, const Type& type) {
        if (marking() && type.has_pointers) [[unlikely]]
            mark_words(cache, slots, type.slots);
    }
    /// A value that leaves its place in the heap, or is taken from a weak one, stays alive in this cycle.
    void keep_alive(AllocCache& cache, Slot value) {
        if (marking()) [[unlikely]]
            mark_words(cache, &value, 1);
    }
    void mark_words(AllocCache& cache, const void* words, std::size_t count);
    void mark_elements(AllocCache& cache, const Type& elem, const void* memory, std::size_t count);

    // ---- looking at it ----
    struct Object {
        void* start = nullptr;  ///< Null: the pointer is not into this heap.
        std::size_t size = 0;
        bool scan = false;
    };
    /// The object that the (possibly interior) pointer `p` is in.
    Object find(const void* p) const;
    std::size_t held_bytes() const { return pages_.held(); }  ///< Bytes of pages in use.
    const PageHeap& pages() const { return pages_; }
    GreyPool& grey() { return grey_; }
    Collector& collector() { return *collector_; }

    /// How many bytes an allocation of `bytes` really has room for (slices grow into it).
    static std::size_t rounded_size(std::size_t bytes, bool scan);

    /// Bytes and objects that `cache` has handed out, of all caches when null (only while no worker allocates).
    struct Counts {
        std::uint64_t bytes = 0;
        std::uint64_t objects = 0;
    };
    Counts allocated(const AllocCache* cache);

  private:
    friend class Collector;
    friend struct AllocCache;

    /// Spans of one size, by what is known of them. Those that caches hold are in none.
    struct SpanList {
        base::SpinLock lock;
        std::vector<Span*> partial;  ///< Swept, with free slots.
        std::vector<Span*> full;
        std::vector<Span*> unswept;
        std::size_t spans = 0;       ///< Of this size. Each of the lists has room for all of them.

        /// For one more. Throws std::bad_alloc.
        void make_room() {
            for (std::vector<Span*>* const list : {&partial, &full, &unswept})
                if (list->capacity() <= spans) list->reserve(2 * spans + 1);
            ++spans;
        }
    };

    void* allocate_small(AllocCache& cache, AllocCache::Run& run, std::size_t size_class, bool scan);
    char* refill(AllocCache& cache, AllocCache::Run& run, std::size_t size_class, bool scan);
    bool take_run(AllocCache& cache, AllocCache::Run& run);
    Span* next_span(AllocCache& cache, std::size_t size_class, bool scan);
    Span* swept_span(SpanList& list);
    Span* fresh_span(std::size_t size_class, bool scan);
    bool make_room(SpanList& list, Span* span);
    void drop(SpanList& list, Span* span);
    void* allocate_large(AllocCache& cache, std::size_t bytes, bool scan, std::uintptr_t header);
    void* allocate_with_header(AllocCache& cache, std::size_t bytes, std::uintptr_t header);
    void* allocate_pattern(AllocCache& cache, std::size_t bytes, std::uint64_t pattern);

    void detach(AllocCache& cache);

    // Sweeping (sweep.cpp).
    /// Sweeps one span of `list`; puts it where it belongs, or gives its pages back. False: none was left.
    bool sweep_one(SpanList& list);
    void settle(SpanList& list, Span* span);
    /// Sweeps up to `most` spans; false when none is left anywhere.
    bool sweep_some(std::size_t most);
    /// Everything is to be swept: after marking, while the world is stopped.
    void begin_sweep();
    template <class F>
    void for_each_run(AllocCache& cache, F visit) {
        for (auto& run : cache.plain) visit(run);
        for (auto& run : cache.scan) visit(run);
    }
    SpanList& list_of(std::size_t size_class, bool scan) { return lists_[scan ? 1 : 0][size_class]; }
    SpanList& list_at(std::size_t i) {
        return i == 0 ? large_ : lists_[(i - 1) / kSizeClasses][(i - 1) % kSizeClasses];
    }
    static constexpr std::size_t kLists = 1 + 2 * kSizeClasses;

    std::atomic<bool> marking_{false};
    const bool stress_;
    PageHeap pages_;
    GreyPool grey_;
    std::array<std::array<SpanList, kSizeClasses>, 2> lists_;
    SpanList large_;
    std::atomic<std::size_t> unswept_{0};     ///< Spans to be swept.
    std::atomic<std::size_t> next_list_{0};   ///< Where sweep_some() looks next.
    base::SpinLock caches_lock_;
    std::vector<AllocCache*> caches_;
    Counts detached_;                         ///< Of caches that are gone.
    std::unique_ptr<Collector> collector_;
};

/// The value every zero-size object has as its address: valid, never written.
void* zero_size_address();

}  // namespace csp::runtime
