#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {

/// `seconds` counts from year 1 on the clock on the wall, that is with `offset` added.
std::string format_time(std::string_view layout, std::int64_t seconds, std::int64_t nanoseconds,
                        std::string_view zone, std::int64_t offset);

/// A duration as in "1h15m30.918s".
std::string duration_text(std::int64_t nanoseconds);

}  // namespace csp::stdlib
