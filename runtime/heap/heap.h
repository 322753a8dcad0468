#pragma once

// One heap an engine: non-moving, size classes, per-worker allocation caches. This file is the
// allocation side; it is laid out for a marking collector: every object's span and type can be found
// from any interior pointer, pointer-free objects live in spans of their own, roots and handles are
// registered here, and stores of pointers go through write_barrier().

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/type/type.h"
#include "runtime/type/value.h"

namespace csp::runtime {

struct HeapOptions {
    std::size_t limit = 0;  ///< Bytes of pages the heap may hold; 0 = no limit.
};

/// Sizes (bytes) of the objects of one class; `scan` classes have an 8-byte header before each object.
inline constexpr std::size_t kSmallLimit = 32 * 1024;

/// A worker's allocation cache: for each size class a run of free, zeroed slots. Used by one thread
/// at a time.
struct AllocCache {
    struct Run {
        char* cursor = nullptr;
        char* limit = nullptr;
    };
    static constexpr int kClasses = 72;
    Run plain[kClasses];  ///< Pointer-free objects.
    Run scan[kClasses];   ///< Objects with pointers.
    std::uint64_t allocated_bytes = 0;
    std::uint64_t allocated_objects = 0;
};

class Heap {
  public:
    explicit Heap(const HeapOptions& options);
    ~Heap();  ///< Frees every page at once.
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    /// A zeroed object of `type`, 16-byte aligned. Null when the limit is reached.
    void* allocate(AllocCache& cache, const Type& type);
    /// A zeroed array of `count` elements. Null when the limit is reached or the size overflows.
    void* allocate_array(AllocCache& cache, const Type& elem, std::size_t count);
    /// `bytes` of zeroed memory without pointers. Null when the limit is reached.
    char* allocate_bytes(AllocCache& cache, std::size_t bytes);
    /// Zeroed memory of `slots` slots any of which may hold pointers (closures, map tables, buffers).
    void* allocate_slots(AllocCache& cache, std::size_t slots);

    struct Object {
        void* start = nullptr;  ///< Null: the pointer is not into this heap.
        std::size_t size = 0;
        const Type* type = nullptr;  ///< Null: no pointers, or slots that may all be pointers.
        bool scan = false;
    };
    /// The object that the (possibly interior) pointer `p` is in.
    Object find(const void* p) const;

    std::size_t held_bytes() const;  ///< Bytes of pages taken from the operating system.

    /// How many bytes an allocation of `bytes` really has room for (slices grow into it).
    static std::size_t rounded_size(std::size_t bytes, bool scan);

  private:
    void* allocate_raw(AllocCache& cache, std::size_t bytes, bool scan, std::uintptr_t header);
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Every store of a heap pointer into a heap object goes through here (the collector's hook).
inline void write_barrier(void* /*slot*/, const void* /*value*/) {}

/// The value every zero-size object has as its address: valid, never written.
void* zero_size_address();

}  // namespace csp::runtime
