#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {

/// What a text named as its zone.
enum class ZoneForm { None, Utc, Offset, Name };

/// A text read by a layout, or why it cannot be. The views are parts of the layout and the text.
struct ParsedTime {
    bool failed = false;
    std::string_view element;  ///< Of the layout, where reading failed.
    std::string_view rest;     ///< Of the text, there.
    std::string message;       ///< Empty: the rest does not look like the element.

    std::int64_t seconds = 0;  ///< Since year 1, as written.
    std::int64_t nanoseconds = 0;
    ZoneForm zone = ZoneForm::None;
    std::int64_t offset = 0;  ///< Of Offset; and of a Name that tells it, as GMT+3 does.
    std::string_view zone_name;
};
ParsedTime parse_time(std::string_view layout, std::string_view value);

struct ParsedDuration {
    std::int64_t nanoseconds = 0;
    std::string error;
};
ParsedDuration parse_duration(std::string_view text);

}  // namespace csp::stdlib
