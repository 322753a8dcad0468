#pragma once

// Sizes of the slots that small objects live in: multiples of 16 up to 256, then four steps a doubling.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace csp::runtime {

inline constexpr std::size_t kPageBytes = 8192;
/// Larger objects have a span to themselves.
inline constexpr std::size_t kSmallLimit = 32 * 1024;
/// Objects with pointers up to this size are described by bits beside their span; larger ones by a header.
inline constexpr std::size_t kBitmapLimit = 512;
inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr int kSizeClasses = 44;

struct SizeClasses {
    std::array<std::uint32_t, kSizeClasses> size{};
    std::array<std::uint8_t, kSmallLimit / 16 + 1> of{};  ///< By (bytes + 15) / 16.
    int count = 0;

    constexpr SizeClasses() {
        std::uint32_t bytes = 16;
        while (bytes <= kSmallLimit) {
            size[static_cast<std::size_t>(count++)] = bytes;
            std::uint32_t step = 16;
            while (bytes >= 256 && step * 8 <= bytes) step *= 2;
            bytes += step;
        }
        std::uint8_t c = 0;
        for (std::size_t i = 0; i < of.size(); ++i) {
            while (size[c] < i * 16) ++c;
            of[i] = c;
        }
    }

    constexpr std::size_t of_bytes(std::size_t bytes) const { return of[(bytes + 15) / 16]; }
    /// Pages of a span: room for eight objects, but at most 128 KiB.
    constexpr std::size_t pages(std::size_t size_class) const {
        return std::clamp<std::size_t>(size[size_class] * std::size_t{8} / kPageBytes, 1, 16);
    }
};
inline constexpr SizeClasses kClasses;
static_assert(kClasses.count == kSizeClasses && kClasses.size[kSizeClasses - 1] == kSmallLimit);


}  // namespace csp::runtime
