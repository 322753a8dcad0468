#pragma once

// What one worker allocates from and marks with, without locks. One thread at a time uses it.

#include <cstddef>
#include <cstdint>

#include "runtime/heap/grey.h"
#include "runtime/heap/size_class.h"
#include "runtime/heap/span.h"

namespace csp::runtime {

class Heap;

struct AllocCache {
    /// Free slots in a row, zeroed, of `span`, which the cache holds.
    struct Run {
        char* cursor = nullptr;
        char* limit = nullptr;
        Span* span = nullptr;
    };
    Run plain[kSizeClasses];  ///< Pointer-free objects.
    Run scan[kSizeClasses];   ///< Objects with pointers.

    // Counts of what runs and large objects have taken; what is left in the runs is not in use yet.
    std::uint64_t taken_bytes = 0;
    std::uint64_t taken_objects = 0;

    GreyList grey;
    std::size_t marked_bytes = 0;      ///< In this cycle.
    std::size_t marked_objects = 0;
    std::int64_t mark_credit = 0;      ///< Bytes scanned ahead of what allocation owes.
    std::int64_t last_background = 0;  ///< When this worker last marked in the background; ns.
    Heap* heap = nullptr;              ///< Which heap it is attached to.
    void* owner = nullptr;             ///< The collector host's own: which worker's cache it is. Null: of no worker, takes no part in cycles.

    AllocCache() = default;
    ~AllocCache();  ///< Gives its spans back to the heap, which must still exist.
    AllocCache(const AllocCache&) = delete;
    AllocCache& operator=(const AllocCache&) = delete;
};

}  // namespace csp::runtime
