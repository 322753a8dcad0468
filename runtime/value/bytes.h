#pragma once

// Hash and equality of runs of bytes, inline because most strings are short: a call would cost more than the work.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace csp::runtime {

inline std::uint64_t read_64(const char* p) {
    std::uint64_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
}
inline std::uint64_t read_32(const char* p) {
    std::uint32_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

/// A 64 by 64 bit multiplication folded to 64 bits: the mixing step of wyhash (Wang Yi, 2019).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
inline constexpr std::uint64_t kMix0 = 0xa0761d6478bd642fULL;
inline constexpr std::uint64_t kMix1 = 0xe7037ed1a0b428dbULL;

inline std::uint64_t hash_bytes(const char* data, std::size_t size, std::uint64_t seed) {
    std::uint64_t h = seed ^ kMix0;
    std::size_t left = size;
    while (left >= 16) {
        h = mix(read_64(data) ^ kMix1, read_64(data + 8) ^ h);
        data += 16;
        left -= 16;
    }
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (left >= 8) {
        a = read_64(data);
        b = read_64(data + left - 8);
    } else if (left >= 4) {
        a = read_32(data);
        b = read_32(data + left - 4);
    } else if (left > 0) {
        const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(data[i])}; };
        a = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
    }
    return mix(mix(a ^ kMix1, b ^ h), size ^ kMix0);
}

/// Of two runs of the same size.
inline bool equal_bytes(const char* a, const char* b, std::size_t size) {
    if (size > 16) return std::memcmp(a, b, size) == 0;
    // First and last half, which overlap when the size is no power of two.
    if (size >= 8) return ((read_64(a) ^ read_64(b)) | (read_64(a + size - 8) ^ read_64(b + size - 8))) == 0;
    if (size >= 4) return ((read_32(a) ^ read_32(b)) | (read_32(a + size - 4) ^ read_32(b + size - 4))) == 0;
    for (std::size_t i = 0; i < size; ++i)
        if (a[i] != b[i]) return false;
    return true;
}

}  // namespace csp::runtime
