#include "runtime/value/float_format.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace csp::runtime {

namespace {

/// Decimal digits d.ddd and the position of the decimal point: 0.digits × 10^point.
struct Decimal {
    std::string digits;
    int point = 0;
};

Decimal parse_scientific(std::string_view text) {
    Decimal d;
    const std::size_t e = text.find('e');
    for (const char c : text.substr(0, e))
        if (c >= '0' && c <= '9') d.digits += c;
    int exponent = 0;
    std::string_view tail = text.substr(e + 1);
    if (tail.starts_with('+')) tail.remove_prefix(1);
    std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
    d.point = exponent + 1;
    return d;
}

Decimal shortest(double magnitude, int bits) {
    char buffer[64];
    const auto end = bits == 32 ? std::to_chars(buffer, buffer + sizeof buffer,
                                                static_cast<float>(magnitude), std::chars_format::scientific)
                                : std::to_chars(buffer, buffer + sizeof buffer, magnitude,
                                                std::chars_format::scientific);
    Decimal d = parse_scientific({buffer, static_cast<std::size_t>(end.ptr - buffer)});
    while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
    if (magnitude == 0) d = {"", 0};
    return d;
}

std::string printf_text(const char* format, int precision, double value) {
    std::string text(64, '\0');
    for (;;) {
        const int size = std::snprintf(text.data(), text.size(), format, precision, value);
        if (static_cast<std::size_t>(size) < text.size()) {
            text.resize(static_cast<std::size_t>(size));
            return text;
        }
        text.resize(static_cast<std::size_t>(size) + 1);
    }
}

/// `count` significant digits, correctly rounded (the C library's are exact).
Decimal rounded(double magnitude, int count) {
    if (magnitude == 0) return {"", 0};
    Decimal d = parse_scientific(printf_text("%.*e", count - 1, magnitude));
    return d;
}

std::string exponent_text(char e, int exponent) {
    std::string text(1, e);
    text += exponent < 0 ? '-' : '+';
    const int magnitude = exponent < 0 ? -exponent : exponent;
    if (magnitude < 10) text += '0';
    return text + std::to_string(magnitude);
}

std::string format_e(const Decimal& d, int precision, char e) {
    std::string text(1, d.digits.empty() ? '0' : d.digits[0]);
    if (precision > 0) {
        text += '.';
        for (int i = 1; i <= precision; ++i)
            text += static_cast<std::size_t>(i) < d.digits.size() ? d.digits[static_cast<std::size_t>(i)] : '0';
    }
    return text + exponent_text(e, d.digits.empty() ? 0 : d.point - 1);
}

std::string format_f(const Decimal& d, int precision) {
    std::string text;
    const auto digit = [&](int i) {
        return i >= 0 && static_cast<std::size_t>(i) < d.digits.size() ? d.digits[static_cast<std::size_t>(i)]
                                                                       : '0';
    };
    if (d.point > 0) {
        for (int i = 0; i < d.point; ++i) text += digit(i);
    } else {
        text += '0';
    }
    if (precision > 0) {
        text += '.';
        for (int i = 0; i < precision; ++i) text += digit(d.point + i);
    }
    return text;
}

std::string format_g(double magnitude, int precision, int bits, char e) {
    const bool is_shortest = precision < 0;
    if (precision == 0) precision = 1;
    Decimal d = is_shortest ? shortest(magnitude, bits) : rounded(magnitude, precision);
    // Trailing zeros do not count as digits for %g.
    while (!d.digits.empty() && d.digits.back() == '0') d.digits.pop_back();
    const int count = static_cast<int>(d.digits.size());
    int threshold = precision;
    if (threshold > count && count >= d.point) threshold = count;
    if (is_shortest) threshold = 6;
    const int exponent = d.point - 1;
    if (is_shortest) precision = count;
    if (exponent < -4 || exponent >= threshold) {
        if (precision > count) precision = count;
        return format_e(d, std::max(0, precision - 1), e);
    }
    if (precision > d.point) precision = count;
    return format_f(d, std::max(precision - d.point, 0));
}

/// %x: hexadecimal mantissa that begins with 1, binary exponent of at least two digits.
std::string format_x(double magnitude, int precision, bool upper) {
    constexpr int kFractionBits = 52;
    constexpr int kFractionDigits = kFractionBits / 4;
    int exponent = 0;
    const double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, kFractionBits + 1));
    exponent = magnitude == 0 ? 0 : exponent - 1;
    if (precision >= 0 && precision < kFractionDigits) {
        const int dropped = (kFractionDigits - precision) * 4;
        const std::uint64_t rest = mantissa & ((std::uint64_t{1} << dropped) - 1);
        const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
        mantissa >>= dropped;
        if (rest > half || (rest == half && mantissa % 2 == 1)) ++mantissa;
        mantissa <<= dropped;
        if (mantissa >> (kFractionBits + 1) != 0) {
            mantissa >>= 1;
            ++exponent;
        }
    }
    std::string digits;
    for (int i = 1; i <= kFractionDigits; ++i)
        digits += "0123456789abcdef"[mantissa >> (kFractionBits - 4 * i) & 0xF];
    if (precision < 0)
        digits.resize(digits.find_last_not_of('0') + 1);
    else
        digits.resize(static_cast<std::size_t>(precision), '0');
    std::string text = mantissa >> kFractionBits != 0 ? "0x1" : "0x0";
    if (!digits.empty()) text += "." + digits;
    text += exponent_text('p', exponent);
    if (upper)
        for (char& c : text) c = static_cast<char>(std::toupper(c));
    return text;
}

std::string format_b(double magnitude, int bits) {
    std::uint64_t mantissa;
    int exponent;
    if (bits == 32) {
        const auto f = static_cast<float>(magnitude);
        std::uint32_t raw;
        std::memcpy(&raw, &f, sizeof raw);
        mantissa = raw & 0x7fffff;
        exponent = static_cast<int>(raw >> 23 & 0xff);
        if (exponent == 0)
            ++exponent;
        else
            mantissa |= 1u << 23;
        exponent -= 127 + 23;
    } else {
        std::uint64_t raw;
        std::memcpy(&raw, &magnitude, sizeof raw);
        mantissa = raw & ((std::uint64_t{1} << 52) - 1);
        exponent = static_cast<int>(raw >> 52 & 0x7ff);
        if (exponent == 0)
            ++exponent;
        else
            mantissa |= std::uint64_t{1} << 52;
        exponent -= 1023 + 52;
    }
    return std::to_string(mantissa) + "p" + (exponent >= 0 ? "+" : "") + std::to_string(exponent);
}

}  // namespace

std::string format_float(double value, char format, int precision, int bits) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    const std::string sign = std::signbit(value) ? "-" : "";
    const double magnitude = std::fabs(value);
    switch (format) {
        case 'b': return sign + format_b(magnitude, bits);
        case 'x':
        case 'X': return sign + format_x(magnitude, precision, format == 'X');
        case 'e':
        case 'E': {
            if (precision < 0) {
                const Decimal d = shortest(magnitude, bits);
                return sign + format_e(d, std::max(0, static_cast<int>(d.digits.size()) - 1), format);
            }
            return sign + format_e(rounded(magnitude, precision + 1), precision, format);
        }
        case 'f':
        case 'F': {
            if (precision < 0) {
                const Decimal d = shortest(magnitude, bits);
                return sign + format_f(d, std::max(static_cast<int>(d.digits.size()) - d.point, 0));
            }
            return sign + printf_text("%.*f", precision, magnitude);
        }
        case 'g':
        case 'G': return sign + format_g(magnitude, precision, bits, format == 'g' ? 'e' : 'E');
        default: return std::string("%") + format;
    }
}

std::string format_integer(std::uint64_t magnitude, bool negative, int base) {
    char buffer[72];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, base).ptr;
    return (negative ? "-" : "") + std::string(buffer, end);
}

}  // namespace csp::runtime
