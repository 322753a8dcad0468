#pragma once

// Base64 (RFC 4648) of any alphabet: for package encoding/base64, and the byte slices of encoding/json.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stdlib/support/work.h"

namespace csp::stdlib::base64 {

constexpr std::int64_t kNoPadding = -1;
constexpr std::uint8_t kBad = 0xff;
/// What each character stands for; kBad: nothing.
using Values = std::array<std::uint8_t, 256>;

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr Values values_of(std::string_view alphabet) {
    Values values{};
    values.fill(kBad);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
inline constexpr Values kStandardValues = values_of(kStandard);

/// How many characters n bytes become.
std::size_t encoded_length(std::size_t n, std::int64_t pad);
/// Writes as many; the alphabet has 64. False: the run is being ended.
bool encode(Work& work, std::string_view alphabet, std::int64_t pad, std::string_view src, char* to);

struct Decoded {
    std::size_t n = 0;          ///< How many bytes.
    std::int64_t bad = -1;      ///< Where in the text something is wrong.
    std::int64_t missing = -1;  ///< Which byte behind the n had no room.
};
/// `pad`: what fills the last group, or kNoPadding; `strict`: bits that are not needed must be zero. Newlines are ignored.
Decoded decode(Work& work, const Values& values, std::int64_t pad, bool strict, std::string_view src, void* to, std::size_t room);

}  // namespace csp::stdlib::base64
