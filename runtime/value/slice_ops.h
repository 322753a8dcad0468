#pragma once

// Slices: growth and append. Growth follows Go's rule (double up to 256 elements, then by a quarter
// plus 192, rounded up to the allocator's size class).

#include "runtime/heap/heap.h"
#include "runtime/type/value.h"

namespace csp::runtime {

/// `slice` with capacity for at least `needed` elements and its own size kept; elements copied when
/// moved. False when memory is exhausted or the length limit passed.
[[nodiscard]] bool grow_slice(Heap&, AllocCache&, const Type& elem, Slice& slice, std::int64_t needed);
/// append(slice, from...); `from` may alias `slice`.
[[nodiscard]] bool append_slice(Heap&, AllocCache&, const Type& elem, Slice& slice, const Slice& from);
[[nodiscard]] bool append_string(Heap&, AllocCache&, const Type& elem, Slice& slice, const String& from);
/// copy(to, from): the number of elements copied.
std::int64_t copy_slice(Heap& heap, AllocCache& cache, const Type& elem, const Slice& to, const Slice& from);

}  // namespace csp::runtime
