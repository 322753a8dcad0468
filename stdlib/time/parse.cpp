#include "stdlib/time/parse.h"

#include <algorithm>

#include "stdlib/time/calendar.h"
#include "stdlib/time/layout.h"

namespace csp::stdlib {

namespace {

using layout::Element;
using layout::is_digit_at;
using layout::quoted;

bool is_separator(char c) { return c == '.' || c == ','; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Takes a number of `least` to `most` digits off `s`. False: there are fewer; `s` is as before.
bool take_number(std::string_view& s, std::size_t least, std::size_t most, int& n) {
    std::size_t size = 0;
    int value = 0;
    while (size < most && is_digit_at(s, size)) value = value * 10 + (s[size++] - '0');
    if (size == 0 || size < least) return false;
    n = value;
    s.remove_prefix(size);
    return true;
}

/// All of `s` as a number that may have a sign.
bool whole_number(std::string_view s, int& n) {
    const bool negative = s.starts_with('-');
    if (negative || s.starts_with('+')) s.remove_prefix(1);
    int value = 0;
    if (!s.empty() && (!take_number(s, 1, 9, value) || !s.empty())) return false;
    n = negative ? -value : value;
    return true;
}

/// Takes one of `names`, or its first letters if `size` is not 0, off `s`; case does not matter.
template <class Names>
bool take_name(std::string_view& s, const Names& names, std::size_t size, int& index) {
    const auto same = [](char a, char b) {
        const char lower = static_cast<char>(a | 0x20);
        return a == b || (lower == (b | 0x20) && lower >= 'a' && lower <= 'z');
    };
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view name = size == 0 ? names[i] : names[i].substr(0, size);
        if (s.size() < name.size() || !std::equal(name.begin(), name.end(), s.begin(), same)) continue;
        index = static_cast<int>(i);
        s.remove_prefix(name.size());
        return true;
    }
    return false;
}

/// The size of a signed number of hours, up to 23; 0: there is none.
std::size_t signed_hours(std::string_view s) {
    if (s.empty() || (s[0] != '-' && s[0] != '+')) return 0;
    std::size_t end = 1;
    int hours = 0;
    while (is_digit_at(s, end)) hours = std::min(hours * 10 + (s[end++] - '0'), 24);
    return end == 1 || hours > 23 ? 0 : end;
}

/// The size of what looks like a zone's abbreviation: three letters, four or five that end in T, a few others; or an offset.
std::size_t abbreviation_size(std::string_view s) {
    if (s.size() < 3) return 0;
    if (s.starts_with("ChST") || s.starts_with("MeST")) return 4;
    if (s.starts_with("GMT")) return 3 + signed_hours(s.substr(3));
    if (s[0] == '+' || s[0] == '-') return signed_hours(s);
    std::size_t letters = 0;
    while (letters < 6 && letters < s.size() && is_upper(s[letters])) ++letters;
    switch (letters) {
        case 3: return 3;
        case 4: return s[3] == 'T' || s.starts_with("WITA") ? 4 : 0;
        case 5: return s[4] == 'T' ? 5 : 0;
        default: return 0;
    }
}

/// Takes `literal` off `s`; a run of spaces in it stands for any number of them. What is left of `s` when that fails is
/// what the error message shows.
bool take_literal(std::string_view& s, std::string_view literal) {
    const auto skip_spaces = [](std::string_view& text) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    };
    while (!literal.empty()) {
        if (literal[0] == ' ') {
            if (!s.empty() && s[0] != ' ') return false;
            skip_spaces(literal);
            skip_spaces(s);
            continue;
        }
        if (s.empty() || s[0] != literal[0]) return false;
        literal.remove_prefix(1);
        s.remove_prefix(1);
    }
    return true;
}

class Reader {
  public:
    Reader(std::string_view layout, std::string_view value) : left_(layout), rest_(value) {}

    ParsedTime read() {
        for (;;) {
            const layout::Chunk chunk = layout::next_chunk(left_);
            if (!take_literal(rest_, chunk.before)) return fail(chunk.before, rest_, "");
            if (chunk.element == Element::None) break;
            left_ = chunk.after;
            const std::string_view before = rest_;
            const bool ok = take(chunk.element, chunk.spelling);
            if (!out_of_range_.empty())
                return fail(chunk.spelling, rest_, ": " + std::string(out_of_range_) + " out of range");
            if (!ok) return fail(chunk.spelling, before, "");
        }
        if (!rest_.empty()) return fail("", rest_, ": extra text: " + quoted(rest_));
        return result();
    }

  private:
    static ParsedTime fail(std::string_view element, std::string_view rest, std::string message) {
        ParsedTime result;
        result.failed = true;
        result.element = element;
        result.rest = rest;
        result.message = std::move(message);
        return result;
    }

    void limit(std::string_view what, int n, int least, int most) {
        if (n < least || n > most) out_of_range_ = what;
    }
    bool number(std::size_t least, int& n, std::string_view what, int low, int high) {
        if (!take_number(rest_, least, 2, n)) return false;
        limit(what, n, low, high);
        return true;
    }

    /// Takes an element off the beginning of the rest.
    bool take(Element element, std::string_view spelling) {
        switch (element) {
            case Element::None: return true;
            case Element::LongMonth:
            case Element::ShortMonth: {
                const bool ok = take_name(rest_, layout::kMonths, element == Element::ShortMonth ? 3 : 0, month_);
                month_ += ok;
                return ok;
            }
            case Element::LongDay: return take_name(rest_, layout::kDays, 0, ignored_);
            case Element::ShortDay: return take_name(rest_, layout::kDays, 3, ignored_);
            case Element::ZeroMonth: return number(2, month_, "month", 1, 12);
            case Element::PlainMonth: return number(1, month_, "month", 1, 12);
            case Element::SpaceDay:
                if (rest_.starts_with(' ')) rest_.remove_prefix(1);
                return take_number(rest_, 1, 2, day_);
            case Element::PlainDay: return take_number(rest_, 1, 2, day_);
            case Element::ZeroDay: return take_number(rest_, 2, 2, day_);
            case Element::SpaceYearDay:
                for (int i = 0; i < 2 && rest_.starts_with(' '); ++i) rest_.remove_prefix(1);
                return take_number(rest_, 1, 3, year_day_);
            case Element::ZeroYearDay: return take_number(rest_, 3, 3, year_day_);
            case Element::LongYear: return take_number(rest_, 4, 4, year_);
            case Element::ShortYear:
                if (rest_.size() < 2 || !whole_number(rest_.substr(0, 2), year_)) return false;
                rest_.remove_prefix(2);
                year_ += year_ >= 69 ? 1900 : 2000;
                return true;
            case Element::Hour24: return number(1, hour_, "hour", 0, 23);
            case Element::ZeroHour12: return number(2, hour_, "hour", 0, 12);
            case Element::PlainHour12: return number(1, hour_, "hour", 0, 12);
            case Element::ZeroMinute: return number(2, minute_, "minute", 0, 59);
            case Element::PlainMinute: return number(1, minute_, "minute", 0, 59);
            case Element::ZeroSecond: return second(2);
            case Element::PlainSecond: return second(1);
            case Element::UpperHalf: return half("AM", "PM");
            case Element::LowerHalf: return half("am", "pm");
            case Element::ZoneName: return zone_name();
            case Element::ZoneOrZ:
                if (rest_.starts_with('Z')) {
                    rest_.remove_prefix(1);
                    zone_ = ZoneForm::Utc;
                    return true;
                }
                [[fallthrough]];
            case Element::Zone: return offset(spelling);
            case Element::Fraction0: return rest_.size() >= spelling.size() && fraction(spelling.size());
            case Element::Fraction9: return any_fraction();
        }
        return false;
    }

    bool second(std::size_t least) {
        if (!number(least, second_, "second", 0, 59)) return false;
        if (!out_of_range_.empty()) return true;
        // A fraction may follow that the layout does not mention.
        const Element next = layout::next_chunk(left_).element;
        return next == Element::Fraction0 || next == Element::Fraction9 || any_fraction();
    }

    /// A fraction of any size, if there is one.
    bool any_fraction() {
        if (rest_.size() < 2 || !is_separator(rest_[0]) || !is_digit_at(rest_, 1)) return true;
        std::size_t end = 2;
        while (is_digit_at(rest_, end)) ++end;
        return fraction(end);
    }

    /// A separator and digits, `size` bytes together; beyond nine, digits do not count.
    bool fraction(std::size_t size) {
        std::string_view digits = rest_.substr(0, std::min<std::size_t>(size, 10));
        int n = 0;
        if (!is_separator(digits[0]) || !whole_number(digits.substr(1), n)) return false;
        rest_.remove_prefix(size);
        if (n < 0) out_of_range_ = "fractional second";
        for (std::size_t i = digits.size(); i < 10; ++i) n *= 10;
        nanoseconds_ = n;
        return true;
    }

    bool half(std::string_view am, std::string_view pm) {
        if (rest_.size() < 2) return false;
        const std::string_view text = rest_.substr(0, 2);
        if (text != am && text != pm) return false;
        rest_.remove_prefix(2);
        (text == am ? am_ : pm_) = true;
        return true;
    }

    bool zone_name() {
        if (rest_.starts_with("UTC")) {
            rest_.remove_prefix(3);
            zone_ = ZoneForm::Utc;
            return true;
        }
        const std::size_t size = abbreviation_size(rest_);
        name_ = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return size > 0;
    }

    /// A sign, and hours, minutes and seconds as far as `spelling` has them. As in Go, a part that is out of range is
    /// reported even if one behind it is no number.
    bool offset(std::string_view spelling) {
        const std::string_view text = rest_.substr(0, spelling.size());
        if (text.size() < spelling.size()) return false;
        for (std::size_t i = 1; i < text.size(); ++i)
            if (spelling[i] == ':' && text[i] != ':') return false;
        rest_.remove_prefix(spelling.size());
        int part[3] = {};
        bool ok = true;
        std::size_t at = 1;
        for (std::size_t i = 0; ok && at < text.size(); ++i, at += 2) {
            if (spelling[at] == ':') ++at;
            std::string_view digits = text.substr(at, 2);
            ok = take_number(digits, 2, 2, part[i]);
        }
        // As generous as Go: some people write 24 hours or 60 minutes.
        limit("time zone offset hour", part[0], 0, 24);
        limit("time zone offset minute", part[1], 0, 60);
        limit("time zone offset second", part[2], 0, 60);
        if (!ok) return false;
        const char sign = text[0];
        if (sign != '+' && sign != '-') return false;
        const int seconds = (part[0] * 60 + part[1]) * 60 + part[2];
        offset_ = sign == '-' ? -seconds : seconds;
        return true;
    }

    /// The date that a day of the year makes, or an error message.
    std::string_view resolve_year_day() {
        if (year_day_ < 1 || year_day_ > 365 + calendar::is_leap(year_)) return ": day-of-year out of range";
        const calendar::Date date = calendar::date_at(calendar::seconds_at(year_, 1, year_day_, 0, 0, 0));
        if (month_ >= 0 && month_ != date.month) return ": day-of-year does not match month";
        if (day_ >= 0 && day_ != date.day) return ": day-of-year does not match day";
        month_ = date.month;
        day_ = date.day;
        return "";
    }

    ParsedTime result() {
        if (pm_ && hour_ < 12)
            hour_ += 12;
        else if (am_ && hour_ == 12)
            hour_ = 0;
        if (year_day_ >= 0) {
            const std::string_view message = resolve_year_day();
            if (!message.empty()) return fail("", rest_, std::string(message));
        }
        if (month_ < 0) month_ = 1;
        if (day_ < 0) day_ = 1;
        if (day_ < 1 || day_ > calendar::days_in(month_, year_)) return fail("", rest_, ": day out of range");
        ParsedTime result;
        result.seconds = calendar::seconds_at(year_, month_, day_, hour_, minute_, second_);
        result.nanoseconds = nanoseconds_;
        result.zone_name = name_;
        result.zone = zone_;
        if (zone_ == ZoneForm::Utc) return result;
        if (offset_ != kNoOffset) {
            result.zone = ZoneForm::Offset;
            result.offset = offset_;
        } else if (!name_.empty()) {
            result.zone = ZoneForm::Name;
            int hours = 0;
            if (name_.size() > 3 && name_.starts_with("GMT") && whole_number(name_.substr(3), hours))
                result.offset = hours * 3600;
        }
        return result;
    }

    static constexpr int kNoOffset = -1;  // as in Go, where an offset of -1 second counts as none

    std::string_view left_;  ///< Of the layout.
    std::string_view rest_;  ///< Of the text.
    std::string_view out_of_range_;
    int year_ = 0, month_ = -1, day_ = -1, year_day_ = -1;
    int hour_ = 0, minute_ = 0, second_ = 0, nanoseconds_ = 0;
    bool am_ = false, pm_ = false;
    ZoneForm zone_ = ZoneForm::None;
    int offset_ = kNoOffset;
    std::string_view name_;
    int ignored_ = 0;
};

/// Nanoseconds of a unit; 0: it is none.
std::uint64_t unit_of(std::string_view name) {
    if (name == "ns") return 1;
    if (name == "us" || name == "µs" || name == "μs") return 1'000;
    if (name == "ms") return 1'000'000;
    if (name == "s") return 1'000'000'000;
    if (name == "m") return 60'000'000'000;
    if (name == "h") return 3'600'000'000'000;
    return 0;
}

constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;

/// Takes a whole number off `s`. False: it is beyond kLimit.
bool take_whole(std::string_view& s, std::uint64_t& n) {
    std::size_t size = 0;
    for (; is_digit_at(s, size); ++size) {
        if (n > kLimit / 10) return false;
        n = n * 10 + static_cast<std::uint64_t>(s[size] - '0');
        if (n > kLimit) return false;
    }
    s.remove_prefix(size);
    return true;
}

/// Takes the digits behind a point off `s`; those that 63 bits cannot hold do not count.
double take_part(std::string_view& s, double& scale) {
    std::uint64_t n = 0;
    std::size_t size = 0;
    for (bool full = false; is_digit_at(s, size); ++size) {
        if (full) continue;
        const std::uint64_t next = n * 10 + static_cast<std::uint64_t>(s[size] - '0');
        full = n > (kLimit - 1) / 10 || next > kLimit;
        if (full) continue;
        n = next;
        scale *= 10;
    }
    s.remove_prefix(size);
    return static_cast<double>(n);
}

}  // namespace

ParsedTime parse_time(std::string_view layout, std::string_view value) { return Reader(layout, value).read(); }

ParsedDuration parse_duration(std::string_view text) {
    const auto invalid = [&] { return ParsedDuration{0, "time: invalid duration " + quoted(text)}; };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return {};
    if (rest.empty()) return invalid();
    std::uint64_t total = 0;
    while (!rest.empty()) {
        const std::size_t before = rest.size();
        std::uint64_t whole = 0;
        if (!take_whole(rest, whole)) return invalid();
        bool digits = rest.size() < before;
        double part = 0;
        double scale = 1;
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            digits = digits || is_digit_at(rest, 0);
            part = take_part(rest, scale);
        }
        if (!digits) return invalid();
        std::size_t size = 0;
        while (size < rest.size() && rest[size] != '.' && !is_digit_at(rest, size)) ++size;
        const std::string_view name = rest.substr(0, size);
        if (name.empty()) return {0, "time: missing unit in duration " + quoted(text)};
        const std::uint64_t unit = unit_of(name);
        if (unit == 0) return {0, "time: unknown unit " + quoted(name) + " in duration " + quoted(text)};
        rest.remove_prefix(size);
        if (whole > kLimit / unit) return invalid();
        whole = whole * unit + static_cast<std::uint64_t>(part * (static_cast<double>(unit) / scale));
        total += whole;
        if (whole > kLimit || total > kLimit) return invalid();
    }
    if (!negative && total == kLimit) return invalid();
    return {static_cast<std::int64_t>(negative ? std::uint64_t{0} - total : total), ""};
}

}  // namespace csp::stdlib
