#pragma once

// The proleptic Gregorian calendar over all seconds that 64 bits count from 1 January of year 1.

#include <cstdint>

namespace csp::stdlib::calendar {

inline constexpr std::int64_t kUnixEpoch = 62'135'596'800;  ///< Seconds from year 1 to 1970.
inline constexpr std::int64_t kSecondsPerDay = 86'400;

struct Date {
    std::int64_t year;
    int month;  ///< 1 to 12.
    int day;
    int year_day;  ///< 1 to 366.
};

inline bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

inline int days_in(int month, std::int64_t year) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days are counted from 1 March of the first year of a cycle of 400 that lies before all we can express, so that they
/// need no sign: the arithmetic is that of 64 bits without overflow checks.
inline constexpr std::uint64_t kFirstYear = 292'277'022'400;
inline constexpr std::uint64_t kDaysPer400 = 146'097;
inline constexpr std::uint64_t kDaysToYear1 = kFirstYear / 400 * kDaysPer400 + 306;

/// Days to a date; day is any number. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
inline std::uint64_t days_to(std::int64_t year, int month, std::int64_t day) {
    const bool late = month <= 2;  // in the year that began last March
    const std::uint64_t y = static_cast<std::uint64_t>(year) + kFirstYear - late;
    const std::uint64_t yoe = y % 400;
    const auto doy = static_cast<std::uint64_t>((153 * (month + (late ? 9 : -3)) + 2) / 5);
    return y / 400 * kDaysPer400 + yoe * 365 + yoe / 4 - yoe / 100 + doy + static_cast<std::uint64_t>(day) - 1;
}

/// The days until a time in seconds since year 1.
inline std::uint64_t days_at(std::int64_t seconds) {
    return (static_cast<std::uint64_t>(seconds) + kDaysToYear1 * kSecondsPerDay) / kSecondsPerDay;
}

inline int second_of_day(std::int64_t seconds) {
    return static_cast<int>((static_cast<std::uint64_t>(seconds) + kDaysToYear1 * kSecondsPerDay) % kSecondsPerDay);
}

inline Date date_at(std::int64_t seconds) {
    const std::uint64_t days = days_at(seconds);
    const std::uint64_t doe = days % kDaysPer400;
    const std::uint64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
    const auto doy = static_cast<int>(doe - (365 * yoe + yoe / 4 - yoe / 100));
    const int mp = (5 * doy + 2) / 153;
    Date date{};
    date.year = static_cast<std::int64_t>(days / kDaysPer400 * 400 + yoe - kFirstYear) + (mp >= 10);
    date.month = mp < 10 ? mp + 3 : mp - 9;
    date.day = doy - (153 * mp + 2) / 5 + 1;
    date.year_day = mp < 10 ? doy + 60 + is_leap(date.year) : doy - 305;
    return date;
}

/// 0 for Sunday.
inline int weekday_at(std::int64_t seconds) {
    return static_cast<int>((days_at(seconds) + 3) % 7);  // 1 March of a cycle is a Wednesday
}

/// Seconds since year 1 of a date and time of day; all of them may be out of range.
inline std::int64_t seconds_at(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour,
                               std::int64_t minute, std::int64_t second) {
    const auto u = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    std::int64_t m = static_cast<std::int64_t>(u(month) - 1);
    std::int64_t years = m / 12;
    m %= 12;
    if (m < 0) {
        m += 12;
        --years;
    }
    const std::int64_t y = static_cast<std::int64_t>(u(year) + u(years));
    const std::uint64_t days = days_to(y, static_cast<int>(m) + 1, day) - kDaysToYear1;
    return static_cast<std::int64_t>(days * kSecondsPerDay + u(hour) * 3600 + u(minute) * 60 + u(second));
}

}  // namespace csp::stdlib::calendar
