#include "stdlib/time/zone_rule.h"

#include <utility>

#include "stdlib/time/calendar.h"
#include "stdlib/time/layout.h"

namespace csp::stdlib {

namespace {

using calendar::kSecondsPerDay;
using layout::is_digit;
using layout::is_digit_at;

/// When in a year daylight saving time begins or ends.
struct Transition {
    enum class Form { Month, Julian, Day } form = Form::Day;
    int month = 0, week = 0, day = 0;
    std::int64_t time = 2 * 3600;
};

class RuleReader {
  public:
    explicit RuleReader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool at(char c) const { return rest_.starts_with(c); }
    bool take(char c) {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool name(std::string_view& name) {
        if (take('<')) {
            const std::size_t end = rest_.find('>');
            if (end == std::string_view::npos) return false;
            name = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            return true;
        }
        std::size_t end = 0;
        while (end < rest_.size() && !is_digit(rest_[end]) && rest_[end] != ',' && rest_[end] != '-' && rest_[end] != '+')
            ++end;
        name = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return end >= 3;
    }

    bool number(int least, int most, int& n) {
        std::size_t size = 0;
        int value = 0;
        for (; is_digit_at(rest_, size); ++size) {
            value = value * 10 + (rest_[size] - '0');
            if (value > most) return false;
        }
        if (size == 0 || value < least) return false;
        n = value;
        rest_.remove_prefix(size);
        return true;
    }

    bool offset(std::int64_t& offset) {
        const bool negative = at('-');
        if (negative || at('+')) rest_.remove_prefix(1);
        int hours = 0, minutes = 0, seconds = 0;
        if (!number(0, 24 * 7, hours)) return false;
        if (take(':') && (!number(0, 59, minutes) || (take(':') && !number(0, 59, seconds)))) return false;
        offset = hours * 3600 + minutes * 60 + seconds;
        if (negative) offset = -offset;
        return true;
    }

    bool transition(Transition& t) {
        if (take('J')) {
            t.form = Transition::Form::Julian;
            if (!number(1, 365, t.day)) return false;
        } else if (take('M')) {
            t.form = Transition::Form::Month;
            if (!number(1, 12, t.month) || !take('.') || !number(1, 5, t.week) || !take('.') || !number(0, 6, t.day))
                return false;
        } else if (!number(0, 365, t.day)) {
            return false;
        }
        return !take('/') || offset(t.time);
    }

  private:
    std::string_view rest_;
};

/// Seconds from the beginning of the year (in UTC) to a transition away from `offset`.
std::int64_t seconds_into_year(const Transition& t, std::int64_t year, std::int64_t offset) {
    std::int64_t days = t.day;
    if (t.form == Transition::Form::Julian) {
        days = t.day - 1 + (calendar::is_leap(year) && t.day >= 60);
    } else if (t.form == Transition::Form::Month) {
        const std::int64_t first = calendar::seconds_at(year, t.month, 1, 0, 0, 0);
        int day = (t.day - calendar::weekday_at(first) + 7) % 7 + 1;
        for (int week = 1; week < t.week && day + 7 <= calendar::days_in(t.month, year); ++week) day += 7;
        days = calendar::date_at(first).year_day - 1 + day - 1;
    }
    return days * kSecondsPerDay + t.time - offset;
}

}  // namespace

std::optional<ZonePeriod> apply_zone_rule(std::string_view rule, std::int64_t since, std::int64_t unix_seconds) {
    RuleReader reader(rule);
    ZonePeriod standard, daylight;
    daylight.is_dst = true;
    if (!reader.name(standard.name) || !reader.offset(standard.offset)) return {};
    standard.offset = -standard.offset;
    if (reader.at_end() || reader.at(',')) {
        standard.start = since;
        return standard;
    }
    if (!reader.name(daylight.name)) return {};
    daylight.offset = standard.offset + 3600;
    if (!reader.at_end() && !reader.at(',')) {
        if (!reader.offset(daylight.offset)) return {};
        daylight.offset = -daylight.offset;
    }
    if (reader.at_end()) reader = RuleReader(",M3.2.0,M11.1.0");
    Transition first, second;
    if (!(reader.take(',') || reader.take(';')) || !reader.transition(first)) return {};
    if (!reader.take(',') || !reader.transition(second) || !reader.at_end()) return {};

    const std::int64_t wall =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_seconds) + std::uint64_t{calendar::kUnixEpoch});
    const calendar::Date date = calendar::date_at(wall);
    // As in Go, a remainder that is negative before 1970, when the bounds of a period are a day late, then.
    const std::int64_t into_year = (date.year_day - 1) * kSecondsPerDay + unix_seconds % kSecondsPerDay;
    const std::int64_t year_start = static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_seconds) -
                                                              static_cast<std::uint64_t>(into_year));
    const auto from_year = [&](std::int64_t seconds) {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(year_start) + static_cast<std::uint64_t>(seconds));
    };
    std::int64_t begin = seconds_into_year(first, date.year, standard.offset);
    std::int64_t end = seconds_into_year(second, date.year, daylight.offset);
    ZonePeriod& outer = standard;
    ZonePeriod& inner = daylight;
    if (end < begin) {  // in the south, the year begins and ends in daylight saving time
        std::swap(begin, end);
        std::swap(outer, inner);
    }
    if (into_year < begin) {
        outer.start = year_start;
        outer.end = from_year(begin);
        return outer;
    }
    if (into_year >= end) {
        outer.start = from_year(end);
        outer.end = from_year(365 * kSecondsPerDay);
        return outer;
    }
    inner.start = from_year(begin);
    inner.end = from_year(end);
    return inner;
}

}  // namespace csp::stdlib
