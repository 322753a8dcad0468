#pragma once

// Natives that ask C++ for memory.

#include <new>

#include "csp/native.hpp"

namespace csp::stdlib {

/// A native for which C++ has no memory ends as one for which the script's heap has none. That is said behind the handler:
/// it may have to wait.
template <NativeEntry::Invoke native>
Status guarded(Call& call, const NativeEntry& entry) {
    try {
        return native(call, entry);
    } catch (const std::bad_alloc&) {
    }
    return call.out_of_memory();
}

}  // namespace csp::stdlib
