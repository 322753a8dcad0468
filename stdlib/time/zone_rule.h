#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace csp::stdlib {

/// What a zone says about an instant, and from when until when it says so (seconds since 1970).
struct ZonePeriod {
    std::string_view name;
    std::int64_t offset = 0;  ///< Seconds east of UTC.
    std::int64_t start = INT64_MIN;
    std::int64_t end = INT64_MAX;
    bool is_dst = false;
};

/// Applies a rule such as "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX, the variable TZ; with RFC 8536's extensions). `since`: when
/// it begins to hold. Nothing: it is malformed.
///
/// As in Go, what the rule says of the time before the first and after the second transition of a year begins and ends with
/// the year.
std::optional<ZonePeriod> apply_zone_rule(std::string_view rule, std::int64_t since, std::int64_t unix_seconds);

}  // namespace csp::stdlib
