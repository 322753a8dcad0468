#pragma once

// Marking: finds the object of a word that may be a pointer, marks it, and scans objects for further ones.
//
// Objects in the heap are scanned by their types. Words of value stacks and of native stacks are taken for
// pointers when they point into an object; since nothing moves, one that is none costs no more than the
// object it seems to point to.

#include <cstddef>

#include "runtime/heap/alloc_cache.h"
#include "runtime/heap/page_heap.h"
#include "runtime/type/value.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define CSP_UNSANITIZED __attribute__((no_sanitize("thread", "address"), noinline))
#else
#define CSP_UNSANITIZED
#endif

namespace csp::runtime {

/// What stands before an object with a header: its type, or a flag; the low bits tell which.
inline constexpr std::uintptr_t kArrayHeader = 1;    ///< As many elements of the type as fit.
inline constexpr std::uintptr_t kUntypedHeader = 2;  ///< Any word may be a pointer.

class Scanner {
  public:
    Scanner(const PageHeap& pages, GreyPool& pool, AllocCache& cache) : pages_(pages), pool_(pool), cache_(cache) {}

    /// Marks the object that `word` points into, if it does.
    void value(Slot word) {
        if (pages_.contains(word)) mark(word);
    }
    void pointer(const void* p) { value(reinterpret_cast<Slot>(p)); }
    /// The same for each word in [begin, end), which other threads may be writing.
    void range(const void* begin, const void* end);
    /// Marks what the object at `p` refers to, sooner or later, but not the object.
    void contents(const void* p);
    /// Scans grey objects, about `budget` bytes. False: none was left.
    bool drain(std::int64_t& budget);
    /// Scans `count` elements of `type` at `memory`.
    void elements(const char* memory, const Type& type, std::size_t count);

  private:
    void mark(Slot word);
    std::size_t scan(const Grey& grey);

    const PageHeap& pages_;
    GreyPool& pool_;
    AllocCache& cache_;
};

}  // namespace csp::runtime
