#pragma once

// Numbers as text, by the rules of Go's strconv.

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::runtime {

/// strconv.FormatFloat: `format` is one of b e E f g G x X; precision -1: the shortest text that reads
/// back as the same number of `bits` (32 or 64) bits.
std::string format_float(double value, char format, int precision, int bits);

/// strconv.FormatInt: base 2 to 36.
std::string format_integer(std::uint64_t magnitude, bool negative, int base);

}  // namespace csp::runtime
