#pragma once

// The shapes of composite values. The 16-byte ones are moved by one 128-bit instruction wherever
// another goroutine could see them, so that a data race in a script cannot tear them (see
// DESIGN: a torn pointer-and-length pair would break memory safety).

#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "runtime/type/type.h"

namespace csp::runtime {

using Slot = std::uint64_t;

/// Immutable bytes. `data` may point into a larger string: substrings share.
struct alignas(16) String {
    const char* data = nullptr;
    std::int64_t size = 0;
    std::string_view view() const { return {data, static_cast<std::size_t>(size)}; }
};

struct alignas(16) Interface {
    const Type* type = nullptr;  ///< Null: the nil interface.
    Slot word = 0;               ///< The value (inline_in_interface) or a pointer to its box.
};

struct alignas(16) Slice {
    void* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
};

/// A function value: `function` is the VM's Function; captured variables follow.
struct Closure {
    const void* function;
    Slot captured[];
};

constexpr std::int64_t kMaxSliceLength = 0x7fffffff;

#if defined(__SANITIZE_THREAD__)
#define CSP_RACY __attribute__((no_sanitize("thread"), noinline)) inline
#else
#define CSP_RACY inline __attribute__((always_inline))
#endif

/// Copies 16 bytes indivisibly; heap side 16-byte aligned, frame side 8-byte aligned.
/// Source: Intel SDM vol. 3, 9.1.1: processors with AVX do aligned 16-byte accesses atomically.
CSP_RACY void load_pair(Slot* to, const void* from) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm_load_si128(static_cast<const __m128i*>(from)));
}
CSP_RACY void store_pair(void* to, const Slot* from) {
    _mm_store_si128(static_cast<__m128i*>(to),
                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
CSP_RACY void copy_pair(Slot* to, const Slot* from) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

/// Copies `bytes` between heap objects or heap and frame, 16 bytes at a time where `align` is 16, so
/// that pairs inside do not tear. Regions must not overlap.
void copy_memory(void* to, const void* from, std::size_t bytes, std::uint8_t align);
/// The same for `count` elements that may overlap (copy, append).
void move_elements(void* to, const void* from, std::size_t bytes, std::uint8_t align);
/// Zeroes elements, pairs indivisibly.
void clear_elements(void* to, std::size_t bytes, std::uint8_t align);

/// Copies a value in slot form, of `type`, out of or into memory that others may write: pairs stay whole.
inline void copy_slots(Slot* to, const Slot* from, const Type& type) {
    if (type.slots == 1)
        __atomic_store_n(to, __atomic_load_n(from, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    else
        copy_memory(to, from, type.slots * sizeof(Slot), type.align == 16 ? 16 : 8);
}

/// Memory form to slot form and back, for one value of `type`.
void load_value(Slot* to, const void* from, const Type& type);
void store_value(void* to, const Slot* from, const Type& type);

}  // namespace csp::runtime
