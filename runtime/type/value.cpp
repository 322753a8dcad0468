#include "runtime/type/value.h"

namespace csp::runtime {

namespace {

CSP_RACY void copy_words(void* to, const void* from, std::size_t words) {
    auto* t = static_cast<std::uint64_t*>(to);
    const auto* f = static_cast<const std::uint64_t*>(from);
    for (std::size_t i = 0; i < words; ++i)
        __atomic_store_n(t + i, __atomic_load_n(f + i, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}
CSP_RACY void copy_pairs(void* to, const void* from, std::size_t pairs) {
    auto* t = static_cast<__m128i*>(to);
    const auto* f = static_cast<const __m128i*>(from);
    for (std::size_t i = 0; i < pairs; ++i) _mm_storeu_si128(t + i, _mm_loadu_si128(f + i));
}
CSP_RACY void copy_bytes(void* to, const void* from, std::size_t bytes) {
    std::memmove(to, from, bytes);
}

}  // namespace

void copy_memory(void* to, const void* from, std::size_t bytes, std::uint8_t align) {
    if (align == 16) {
        copy_pairs(to, from, bytes / 16);
    } else if (align == 8) {
        copy_words(to, from, bytes / 8);
    } else {
        copy_bytes(to, from, bytes);
    }
}

CSP_RACY void move_backward(void* to, const void* from, std::size_t bytes, std::uint8_t align) {
    auto* t = static_cast<char*>(to);
    const auto* f = static_cast<const char*>(from);
    const std::size_t step = align;
    for (std::size_t at = bytes; at > 0; at -= step) copy_memory(t + at - step, f + at - step, step, align);
}

void move_elements(void* to, const void* from, std::size_t bytes, std::uint8_t align) {
    if (bytes == 0 || to == from) return;
    if (align < 8) {
        copy_bytes(to, from, bytes);
        return;
    }
    const auto* f = static_cast<const char*>(from);
    auto* t = static_cast<char*>(to);
    if (t > f && t < f + bytes)
        move_backward(to, from, bytes, align);
    else
        copy_memory(to, from, bytes, align);
}

CSP_RACY void clear_pairs(void* to, std::size_t pairs) {
    for (std::size_t i = 0; i < pairs; ++i) {
        _mm_store_si128(static_cast<__m128i*>(to) + i, _mm_setzero_si128());
        // Keeps the loop from becoming a call of memset, which may store in other portions.
        asm volatile("" ::: "memory");
    }
}
CSP_RACY void clear_bytes(void* to, std::size_t bytes) { std::memset(to, 0, bytes); }

void clear_elements(void* to, std::size_t bytes, std::uint8_t align) {
    if (align == 16)
        clear_pairs(to, bytes / 16);
    else
        clear_bytes(to, bytes);
}

void load_value(Slot* to, const void* from, const Type& type) {
    switch (type.kind) {
        case Kind::Bool:
        case Kind::Uint8: *to = __atomic_load_n(static_cast<const std::uint8_t*>(from), __ATOMIC_RELAXED); break;
        case Kind::Int8:
            *to = static_cast<Slot>(
                std::int64_t{__atomic_load_n(static_cast<const std::int8_t*>(from), __ATOMIC_RELAXED)});
            break;
        case Kind::Uint16:
            *to = __atomic_load_n(static_cast<const std::uint16_t*>(from), __ATOMIC_RELAXED);
            break;
        case Kind::Int16:
            *to = static_cast<Slot>(
                std::int64_t{__atomic_load_n(static_cast<const std::int16_t*>(from), __ATOMIC_RELAXED)});
            break;
        case Kind::Uint32:
        case Kind::Float32:
            *to = __atomic_load_n(static_cast<const std::uint32_t*>(from), __ATOMIC_RELAXED);
            break;
        case Kind::Int32:
            *to = static_cast<Slot>(
                std::int64_t{__atomic_load_n(static_cast<const std::int32_t*>(from), __ATOMIC_RELAXED)});
            break;
        default:
            if (type.size % 8 != 0 && type.slots > 0) to[type.slots - 1] = 0;
            copy_memory(to, from, type.size, type.align);
            break;
    }
}

void store_value(void* to, const Slot* from, const Type& type) {
    switch (type.size) {
        case 0: return;
        case 1:
            __atomic_store_n(static_cast<std::uint8_t*>(to), static_cast<std::uint8_t>(*from), __ATOMIC_RELAXED);
            return;
        case 2:
            if (type.align < 2) break;
            __atomic_store_n(static_cast<std::uint16_t*>(to), static_cast<std::uint16_t>(*from), __ATOMIC_RELAXED);
            return;
        case 4:
            if (type.align < 4) break;
            __atomic_store_n(static_cast<std::uint32_t*>(to), static_cast<std::uint32_t>(*from), __ATOMIC_RELAXED);
            return;
        default: break;
    }
    copy_memory(to, from, type.size, type.align);
}

}  // namespace csp::runtime
