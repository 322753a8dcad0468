#include "stdlib/time/format.h"

#include <algorithm>

#include "stdlib/time/calendar.h"
#include "stdlib/time/layout.h"

namespace csp::stdlib {

namespace {

using layout::Element;

/// Appends n with at least `width` digits.
void append_number(std::string& to, std::int64_t n, std::size_t width, char fill = '0') {
    if (n < 0) to += '-';
    const std::string digits = std::to_string(n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n)
                                                    : static_cast<std::uint64_t>(n));
    if (digits.size() < width) to.append(width - digits.size(), fill);
    to += digits;
}

/// The sign is that of the minutes, as in Go: an offset of less than one is positive.
void append_offset(std::string& to, std::int64_t offset, std::string_view spelling) {
    const std::int64_t minutes = offset / 60;
    to += minutes < 0 ? '-' : '+';
    const std::int64_t sign = minutes < 0 ? -1 : 1;
    append_number(to, sign * minutes / 60, 2);
    const bool colon = spelling.size() > 3 && spelling[3] == ':';
    if (spelling.size() >= 5) {
        if (colon) to += ':';
        append_number(to, sign * minutes % 60, 2);
    }
    if (spelling.size() >= 7) {
        if (colon) to += ':';
        append_number(to, sign * offset % 60, 2);
    }
}

void append_fraction(std::string& to, std::int64_t nanoseconds, std::string_view spelling, bool trim) {
    if (trim && nanoseconds == 0) return;
    const std::size_t start = to.size();
    to += spelling[0];
    append_number(to, nanoseconds, 9);
    to.resize(start + 1 + std::min<std::size_t>(spelling.size() - 1, 9));
    if (!trim) return;
    while (to.back() == '0') to.pop_back();
    if (to.size() == start + 1) to.pop_back();
}

/// A time taken apart, as far as a layout needs it.
class Formatter {
  public:
    Formatter(std::string& to, std::int64_t seconds, std::int64_t nanoseconds, std::string_view zone,
              std::int64_t offset)
        : to_(to), seconds_(seconds), nanoseconds_(nanoseconds), zone_(zone), offset_(offset),
          date_(calendar::date_at(seconds)), second_of_day_(calendar::second_of_day(seconds)) {}

    void append(Element element, std::string_view spelling) {
        const int hour = second_of_day_ / 3600;
        const int hour12 = hour % 12 == 0 ? 12 : hour % 12;
        const int minute = second_of_day_ / 60 % 60;
        const int second = second_of_day_ % 60;
        switch (element) {
            case Element::None: break;
            case Element::LongMonth: to_ += month_name(); break;
            case Element::ShortMonth: to_ += month_name().substr(0, 3); break;
            case Element::LongDay: to_ += day_name(); break;
            case Element::ShortDay: to_ += day_name().substr(0, 3); break;
            case Element::ZoneName:
                if (zone_.empty())
                    append_offset(to_, offset_, "-0700");
                else
                    to_ += zone_;
                break;
            case Element::ZeroMonth: append_number(to_, date_.month, 2); break;
            case Element::ZeroDay: append_number(to_, date_.day, 2); break;
            case Element::ZeroHour12: append_number(to_, hour12, 2); break;
            case Element::ZeroMinute: append_number(to_, minute, 2); break;
            case Element::ZeroSecond: append_number(to_, second, 2); break;
            case Element::ShortYear: append_number(to_, std::max<std::int64_t>(date_.year, 0) % 100, 2); break;
            case Element::ZeroYearDay: append_number(to_, date_.year_day, 3); break;
            case Element::LongYear: append_number(to_, date_.year, 4); break;
            case Element::Hour24: append_number(to_, hour, 2); break;
            case Element::PlainMonth: append_number(to_, date_.month, 0); break;
            case Element::PlainDay: append_number(to_, date_.day, 0); break;
            case Element::PlainHour12: append_number(to_, hour12, 0); break;
            case Element::PlainMinute: append_number(to_, minute, 0); break;
            case Element::PlainSecond: append_number(to_, second, 0); break;
            case Element::SpaceYearDay: append_number(to_, date_.year_day, 3, ' '); break;
            case Element::SpaceDay: append_number(to_, date_.day, 2, ' '); break;
            case Element::UpperHalf: to_ += hour >= 12 ? "PM" : "AM"; break;
            case Element::LowerHalf: to_ += hour >= 12 ? "pm" : "am"; break;
            case Element::ZoneOrZ:
                if (offset_ == 0) {
                    to_ += 'Z';
                    break;
                }
                [[fallthrough]];
            case Element::Zone: append_offset(to_, offset_, spelling); break;
            case Element::Fraction0: append_fraction(to_, nanoseconds_, spelling, false); break;
            case Element::Fraction9: append_fraction(to_, nanoseconds_, spelling, true); break;
        }
    }

  private:
    std::string_view month_name() const { return layout::kMonths[static_cast<std::size_t>(date_.month - 1)]; }
    std::string_view day_name() const {
        return layout::kDays[static_cast<std::size_t>(calendar::weekday_at(seconds_))];
    }

    std::string& to_;
    std::int64_t seconds_;
    std::int64_t nanoseconds_;
    std::string_view zone_;
    std::int64_t offset_;
    calendar::Date date_;
    int second_of_day_;
};

/// Digits behind the point, without trailing zeros.
std::string fraction(std::uint64_t value, std::size_t digits) {
    std::string text = std::to_string(value);
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    while (!text.empty() && text.back() == '0') text.pop_back();
    return text.empty() ? text : "." + text;
}

}  // namespace

std::string format_time(std::string_view layout, std::int64_t seconds, std::int64_t nanoseconds,
                        std::string_view zone, std::int64_t offset) {
    std::string text;
    Formatter formatter(text, seconds, nanoseconds, zone, offset);
    while (!layout.empty()) {
        const layout::Chunk chunk = layout::next_chunk(layout);
        text += chunk.before;
        formatter.append(chunk.element, chunk.spelling);
        layout = chunk.after;
    }
    return text;
}

std::string duration_text(std::int64_t d) {
    if (d == 0) return "0s";
    const bool negative = d < 0;
    const std::uint64_t u = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(d) : static_cast<std::uint64_t>(d);
    std::string text;
    if (u < 1000) {
        text = std::to_string(u) + "ns";
    } else if (u < 1'000'000) {
        text = std::to_string(u / 1000) + fraction(u % 1000, 3) + "µs";
    } else if (u < 1'000'000'000) {
        text = std::to_string(u / 1'000'000) + fraction(u % 1'000'000, 6) + "ms";
    } else {
        const std::uint64_t seconds = u / 1'000'000'000;
        text = std::to_string(seconds % 60) + fraction(u % 1'000'000'000, 9) + "s";
        if (seconds >= 60) text = std::to_string(seconds / 60 % 60) + "m" + text;
        if (seconds >= 3600) text = std::to_string(seconds / 3600) + "h" + text;
    }
    return negative ? "-" + text : text;
}

}  // namespace csp::stdlib
