#pragma once

// Sorting slices of ordered types by native code: for sort.Ints and its kin, and slices.Sort.

#include "csp/native.hpp"
#include "runtime/type/value.h"

namespace csp::stdlib {

/// Sorts `slice` ascending, NaNs first. `elem` is one of the types that have an order.
Status sort_ordered(Call& call, const runtime::Slice& slice, const runtime::Type& elem);

}  // namespace csp::stdlib
