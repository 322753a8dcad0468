#pragma once

// Loads and stores of script memory. Another goroutine of a racy script may touch the same place, so
// each is one relaxed atomic access: the same machine instruction, and defined behaviour.

#include <cstdint>

#include "runtime/type/value.h"

namespace csp::vm {

using runtime::Slot;

template <class T>
inline T load(Slot address) {
    return __atomic_load_n(reinterpret_cast<const T*>(address), __ATOMIC_RELAXED);
}
template <class T>
inline void store(Slot address, Slot value) {
    __atomic_store_n(reinterpret_cast<T*>(address), static_cast<T>(value), __ATOMIC_RELAXED);
}

}  // namespace csp::vm
