#pragma once

// Layouts: how Format and Parse are told what a time looks like, by example of the reference time.

#include <array>
#include <string>
#include <string_view>

namespace csp::stdlib::layout {

enum class Element {
    None,
    LongMonth,
    ShortMonth,
    LongDay,
    ShortDay,
    ZoneName,
    ZeroMonth,
    ZeroDay,
    ZeroHour12,
    ZeroMinute,
    ZeroSecond,
    ShortYear,
    ZeroYearDay,
    LongYear,
    Hour24,
    PlainMonth,
    PlainDay,
    PlainHour12,
    PlainMinute,
    PlainSecond,
    SpaceYearDay,
    SpaceDay,
    UpperHalf,
    LowerHalf,
    Zone,       ///< -0700 and its relatives.
    ZoneOrZ,    ///< Z for UTC.
    Fraction0,  ///< As many digits as there are zeros.
    Fraction9,  ///< Without trailing zeros.
};

/// The first element of a layout, and what stands before and behind it. None: all of it is in `before`.
struct Chunk {
    std::string_view before;
    Element element = Element::None;
    std::string_view spelling;
    std::string_view after;
};
Chunk next_chunk(std::string_view layout);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_digit_at(std::string_view s, std::size_t i) { return i < s.size() && is_digit(s[i]); }

/// How time's messages quote: what is not plain ASCII, byte by byte.
std::string quoted(std::string_view s);

inline constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                             "May",       "June",     "July",     "August",
                                                             "September", "October",  "November", "December"};
inline constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                          "Thursday", "Friday", "Saturday"};

}  // namespace csp::stdlib::layout
