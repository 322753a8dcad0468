#pragma once

#include <cstdint>
#include <string_view>

namespace csp::image {

/// What every image begins with; the digit changes with the format.
inline constexpr std::string_view kMagic = "CSPI1";

/// Small numbers of either sign as small unsigned ones.
constexpr std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace csp::image
