#pragma once

// Texts as numbers, as package strconv reads them.

#include <cstdint>
#include <string_view>

namespace csp::stdlib {
class Work;
}

namespace csp::stdlib::strconv {

enum Code : std::int64_t { kFine, kSyntax, kRange };

struct Float {
    double value = 0;       ///< Beyond the largest number: an infinity.
    std::int64_t size = 0;  ///< How much of the text belongs to it.
    std::int64_t code = kSyntax;
};

/// The number of 32 or 64 bits that `s` begins with.
Float parse_float(std::string_view s, std::int64_t bits, Work* work = nullptr);

}  // namespace csp::stdlib::strconv
