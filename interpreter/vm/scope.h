#pragma once

// One execution of sync { }, as the goroutines in it see it. What the goroutine does that is in the block is in
// engine/runtime.csp, which declares the same structure as type scope.

#include <atomic>
#include <cstddef>

#include "runtime/sync/sync.h"
#include "runtime/type/value.h"

namespace csp::vm {

/// An object of the script's heap.
struct Scope {
    runtime::WaitGroupWords goroutines;  ///< Those that have not ended.
    std::atomic<std::uint32_t> failed;   ///< One of them has ended by a panic …
    alignas(16) runtime::Slot value[2];  ///< … with this value: the first, written before it counted as ended.
};
static_assert(offsetof(Scope, failed) == 16 && offsetof(Scope, value) == 32 && sizeof(Scope) == 48);

}  // namespace csp::vm
