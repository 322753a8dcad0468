#include "runtime/value/slice_ops.h"

#include <algorithm>

namespace csp::runtime {

namespace {

/// Go's growth rule (runtime.nextslicecap).
std::int64_t next_capacity(std::int64_t needed, std::int64_t old) {
    constexpr std::int64_t kThreshold = 256;
    const std::int64_t doubled = old + old;
    if (needed > doubled) return needed;
    if (old < kThreshold) return doubled;
    std::int64_t capacity = old;
    while (capacity < needed) capacity += (capacity + 3 * kThreshold) / 4;
    return capacity;
}

}  // namespace

bool grow_slice(Heap& heap, AllocCache& cache, const Type& elem, Slice& slice, std::int64_t needed) {
    if (needed > kMaxSliceLength) return false;
    if (needed <= slice.capacity && slice.data != nullptr) return true;
    if (elem.size == 0) {
        slice.data = zero_size_address();
        slice.capacity = static_cast<std::uint32_t>(std::max<std::int64_t>(needed, slice.capacity));
        return true;
    }
    std::int64_t capacity = std::min(next_capacity(needed, slice.capacity), kMaxSliceLength);
    const std::size_t room =
        Heap::rounded_size(static_cast<std::size_t>(capacity) * elem.size, elem.has_pointers);
    capacity = std::min<std::int64_t>(static_cast<std::int64_t>(room / elem.size), kMaxSliceLength);
    void* data = heap.allocate_array(cache, elem, static_cast<std::size_t>(capacity));
    if (data == nullptr) return false;
    if (slice.size > 0) copy_memory(data, slice.data, std::size_t{slice.size} * elem.size, elem.align);
    slice.data = data;
    slice.capacity = static_cast<std::uint32_t>(capacity);
    return true;
}

bool append_slice(Heap& heap, AllocCache& cache, const Type& elem, Slice& slice, const Slice& from) {
    if (from.size == 0) return true;
    const std::int64_t needed = std::int64_t{slice.size} + from.size;
    if (!grow_slice(heap, cache, elem, slice, needed)) return false;
    char* const to = static_cast<char*>(slice.data) + std::size_t{slice.size} * elem.size;
    heap.will_overwrite_elements(cache, elem, to, from.size);
    move_elements(to, from.data, std::size_t{from.size} * elem.size, elem.align);
    slice.size = static_cast<std::uint32_t>(needed);
    return true;
}

bool append_string(Heap& heap, AllocCache& cache, const Type& elem, Slice& slice, const String& from) {
    if (from.size > kMaxSliceLength) return false;
    const Slice bytes = {const_cast<char*>(from.data), static_cast<std::uint32_t>(from.size),
                         static_cast<std::uint32_t>(from.size)};
    return append_slice(heap, cache, elem, slice, bytes);
}

std::int64_t copy_slice(Heap& heap, AllocCache& cache, const Type& elem, const Slice& to, const Slice& from) {
    const std::uint32_t count = std::min(to.size, from.size);
    if (count == 0) return 0;
    heap.will_overwrite_elements(cache, elem, to.data, count);
    move_elements(to.data, from.data, std::size_t{count} * elem.size, elem.align);
    return count;
}

}  // namespace csp::runtime
