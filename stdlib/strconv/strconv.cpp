#include "stdlib/strconv/strconv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <tuple>

#include "csp/package.hpp"
#include "runtime/value/float_format.h"
#include "runtime/value/string_ops.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

using strconv::Float, strconv::kFine, strconv::kRange, strconv::kSyntax;

namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

/// Whether the underscores of a number that is right otherwise are between digits, or after the prefix of a base.
bool underscores_fit(std::string_view s, Work* work) {
    if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
    bool hex = false, after_digit = false;
    if (s.size() >= 2 && s[0] == '0') {
        const char base = static_cast<char>(s[1] | 0x20);
        if (base == 'b' || base == 'o' || base == 'x') {
            hex = base == 'x';
            after_digit = true;
            s.remove_prefix(2);
        }
    }
    char before = after_digit ? '0' : '^';
    for (const char c : s) {
        if (c == '_') {
            if (before != '0') return false;
            before = '_';
        } else if (digit_of(c) < (hex ? 16 : 10)) {
            before = '0';
        } else {
            if (before == '_') return false;
            before = '!';
        }
        if (work != nullptr && !work->read(1)) return false;
    }
    return before != '_';
}

/// Of `bits` bits. What is too large is so whatever comes after it.
std::pair<std::uint64_t, std::int64_t> parse_uint(Call& call, std::string_view s, std::int64_t base, std::int64_t bits) {
    if (s.empty()) return {0, kSyntax};
    const std::string_view whole = s;
    const bool prefixed = base == 0;
    if (prefixed) {
        base = 10;
        if (s[0] == '0') {
            const char second = s.size() >= 3 ? static_cast<char>(s[1] | 0x20) : '\0';
            if (second == 'b') base = 2, s.remove_prefix(2);
            else if (second == 'o') base = 8, s.remove_prefix(2);
            else if (second == 'x') base = 16, s.remove_prefix(2);
            else base = 8, s.remove_prefix(1);
        }
    }
    const std::uint64_t most = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    std::uint64_t n = 0;
    bool has_underscore = false;
    constexpr std::size_t kAtOnce = 1 << 12;
    Work work(call);
    for (; !s.empty() && work.read(s.size() > kAtOnce ? kAtOnce : 0); s.remove_prefix(std::min(s.size(), kAtOnce))) {
        for (const char c : s.substr(0, kAtOnce)) {
            if (c == '_' && prefixed) {
                has_underscore = true;
                continue;
            }
            const int d = digit_of(c);
            if (d >= base) return {0, kSyntax};
            if (__builtin_mul_overflow(n, static_cast<std::uint64_t>(base), &n) ||
                __builtin_add_overflow(n, static_cast<std::uint64_t>(d), &n) || n > most)
                return {most, kRange};
        }
    }
    if (has_underscore && !underscores_fit(whole, &work)) return {0, kSyntax};
    return {n, kFine};
}

/// The special value that `s` begins with, and its length; 0: there is none.
std::pair<double, std::size_t> special(std::string_view s) {
    const bool negative = s.starts_with('-');
    const std::size_t sign = negative || s.starts_with('+') ? 1 : 0;
    std::string lower;
    for (const char c : s.substr(sign, 8)) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const double inf = negative ? -HUGE_VAL : HUGE_VAL;
    if (lower == "infinity") return {inf, sign + 8};
    if (lower.starts_with("inf")) return {inf, sign + 3};
    if (sign == 0 && lower.starts_with("nan")) return {std::nan(""), 3};
    return {0, 0};
}

template <class F>
double convert(const std::string& text, bool hex, bool& range) {
    F value = 0;
    const auto format = hex ? std::chars_format::hex : std::chars_format::general;
    range = std::from_chars(text.data(), text.data() + text.size(), value, format).ec == std::errc::result_out_of_range;
    return static_cast<double>(value);
}

}  // namespace

Float strconv::parse_float(std::string_view s, std::int64_t bits, Work* work) {
    if (const auto [value, size] = special(s); size > 0) return {value, static_cast<std::int64_t>(size), kFine};
    std::size_t i = !s.empty() && (s[0] == '-' || s[0] == '+') ? 1 : 0;
    const bool negative = i == 1 && s[0] == '-';
    const bool hex = s.size() > i + 2 && s[i] == '0' && (s[i + 1] | 0x20) == 'x';
    if (hex) i += 2;
    std::string digits;
    bool any = false, point = false, underscores = false;
    std::int64_t magnitude = 0;  // where the first digit that is not 0 stands, from the point
    bool significant = false;
    // Digits behind these only tell that there is more; their places are counted, as those of zeros in front are.
    constexpr std::size_t kMostDigits = 2000;
    bool more = false;
    std::int64_t places = 0;
    for (; i < s.size(); ++i) {
        const char c = s[i];
        constexpr std::size_t kAtOnce = 1 << 12;
        if ((i + 1) % kAtOnce == 0 && work != nullptr && !work->read(kAtOnce)) return {};
        if (c == '_') {
            underscores = true;
            continue;
        }
        if (c == '.' && !point) {
            point = true;
        } else if (digit_of(c) < (hex ? 16 : 10)) {
            any = true;
            significant = significant || c != '0';
            if (significant && !point) ++magnitude;
            if (!significant && point) --magnitude;
            if (!significant) {
                places -= point ? 1 : 0;
                continue;
            }
            if (digits.size() > kMostDigits) {
                more = more || c != '0';
                places += point ? 0 : 1;
                continue;
            }
        } else {
            break;
        }
        if (c == '.' && digits.size() > kMostDigits) continue;
        digits += c;
    }
    if (!any) return {};
    bool has_exponent = false;
    std::int64_t exponent = 0;
    if (i < s.size() && (s[i] | 0x20) == (hex ? 'p' : 'e')) {
        std::size_t k = i + 1;
        const bool minus = k < s.size() && s[k] == '-';
        if (k < s.size() && (s[k] == '-' || s[k] == '+')) ++k;
        if (k >= s.size() || s[k] < '0' || s[k] > '9') return {};
        for (; k < s.size() && ((s[k] >= '0' && s[k] <= '9') || s[k] == '_'); ++k) {
            if (work != nullptr && !work->read(1)) return {};
            if (s[k] == '_')
                underscores = true;
            else if (exponent < 1'000'000)
                exponent = exponent * 10 + (s[k] - '0');
        }
        if (minus) exponent = -exponent;
        has_exponent = true;
        i = k;
    }
    if (hex && !has_exponent) return {};
    if (underscores && !underscores_fit(s.substr(0, i), work)) return {};
    Float out{0, static_cast<std::int64_t>(i), kFine};
    if (significant) {
        if (more) {
            digits += '1';
            if (digits.find('.') == std::string::npos) --places;
        }
        const std::string text = digits + (hex ? "p" : "e") + std::to_string(exponent + places * (hex ? 4 : 1));
        bool range = false;
        out.value = bits == 32 ? convert<float>(text, hex, range) : convert<double>(text, hex, range);
        if (range) {
            const bool large = magnitude * (hex ? 4 : 1) + exponent > 0;
            out.value = large ? HUGE_VAL : 0;
            if (large) out.code = kRange;
        }
    }
    if (negative) out.value = -out.value;
    return out;
}

void bind_strconv_quoted(Package& package);

namespace {

/// Beyond some thousand places all digits are zeros.
std::string format_float(Call& call, double f, std::int64_t format, std::int64_t precision, std::int64_t bits) {
    constexpr int kMost = 2000;
    const auto letter = static_cast<char>(format);
    const auto wanted = static_cast<int>(precision);
    std::string text = runtime::format_float(f, letter, std::min(wanted, kMost), static_cast<int>(bits));
    if (wanted <= kMost || !std::isfinite(f) || std::string_view("feExX").find(letter) == std::string_view::npos) return text;
    const std::size_t end = letter == 'f' ? text.size() : text.find_first_of(letter == 'e' || letter == 'E' ? "eE" : "pP");
    const std::string tail = text.substr(end);
    text.resize(end);
    Work work(call);
    constexpr std::size_t kAtOnce = 1 << 16;
    for (auto left = static_cast<std::size_t>(wanted - kMost), part = kAtOnce; left > 0; left -= part) {
        part = std::min(left, kAtOnce);
        work.holds(2 * (text.size() + part));
        text.append(part, '0');
        if (!work.moved(part)) break;
    }
    return text + tail;
}

}  // namespace

void bind_strconv(Package& package) {
    package.function("formatInt", [](std::int64_t i, std::int64_t base) {
        const auto magnitude = i < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(i) : static_cast<std::uint64_t>(i);
        return runtime::format_integer(magnitude, i < 0, static_cast<int>(base));
    });
    package.function("formatUint", [](std::uint64_t i, std::int64_t base) { return runtime::format_integer(i, false, static_cast<int>(base)); });
    package.function("formatFloat", format_float);
    package.function("parseUint", parse_uint);
    package.function("parseFloat", [](Call& call, std::string_view s, std::int64_t bits) {
        Work work(call);
        const Float f = strconv::parse_float(s, bits, &work);
        return std::tuple(f.value, f.size, f.code);
    });
    bind_strconv_quoted(package);
}

}  // namespace csp::stdlib
