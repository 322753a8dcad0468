// Constants as text, for messages (short) and dumps (exact).

#include <charconv>
#include <cmath>
#include <cstdio>

#include "interpreter/constant/number.h"
#include "interpreter/constant/quote.h"

namespace csp::constant {

namespace mp = boost::multiprecision;

namespace {

/// `number` as printf's %.6g prints it, whatever the host's locale.
std::string six_digits(double number) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::general, 6).ptr;
    return {buffer, end};
}

/// The shortest text that reads back as `number`, in Go's %g layout.
std::string shortest(double number) {
    const double decimal = number == 0 ? 0 : std::floor(std::log10(std::fabs(number)));
    const int exponent = static_cast<int>(decimal);
    const bool scientific = exponent < -4 || exponent >= 6;
    char buffer[512];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                                   scientific ? std::chars_format::scientific
                                              : std::chars_format::fixed).ptr;
    return {buffer, end};
}

/// Approximate decimal text of a number outside float64's range: mantissa times a power of ten.
std::string beyond_float64(const BigFloat& x) {
    const std::int64_t size = magnitude(x);
    BigFloat scaled = x;
    scaled.exponent -= size;
    const double decimal = static_cast<double>(size) * std::log10(2.0);
    auto exponent = static_cast<std::int64_t>(decimal);
    double mantissa = round_to(kFloat64, scaled);
    mantissa *= std::pow(10, decimal - static_cast<double>(exponent));
    // %.6g below rounds at the sixth digit: keep what would be rounded up to 10 under it.
    if (std::fabs(mantissa) < 1 - 0.5e-6) {
        mantissa *= 10;
        --exponent;
    } else if (std::fabs(mantissa) >= 10) {
        mantissa /= 10;
        ++exponent;
    }
    return six_digits(mantissa) + (exponent < 0 ? "e" : "e+") + std::to_string(exponent);
}

std::string float_text(const Value* value) {
    const BigFloat x = to_big_float(value);
    const double number = float64_value(value);
    if (std::isinf(number) || (number == 0) != x.mantissa.is_zero()) return beyond_float64(x);
    std::string text = six_digits(number);
    // A fraction whose six digits look like an integer gets all of its digits.
    if (x.exponent < 0 && text.find('.') == std::string::npos) text = shortest(number);
    return text;
}

std::string quoted_text(std::string_view text) {
    constexpr std::size_t kMaxRunes = 72;  // a width that fits a message
    std::string out = quote(text);
    std::size_t runes = 0;
    std::size_t cut = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if ((static_cast<unsigned char>(out[i]) & 0xC0) == 0x80) continue;
        if (runes++ == kMaxRunes - 3) cut = i;
    }
    if (runes > kMaxRunes) out = out.substr(0, cut) + "...";
    return out;
}

std::string complex_text(const Value* value, std::string (*part)(const Value*)) {
    return "(" + part(value->x) + " + " + part(value->y) + "i)";
}

}  // namespace

std::string to_string(const Value* value) {
    switch (value->rep) {
        case Rep::Unknown: return "unknown";
        case Rep::Bool: return value->boolean ? "true" : "false";
        case Rep::String: return quoted_text(string_value(value));
        case Rep::Int64: return std::to_string(value->small);
        case Rep::Big: return to_integer(value).str();
        case Rep::Ratio:
        case Rep::Float: return float_text(value);
        case Rep::Complex: return complex_text(value, to_string);
    }
    return "unknown";
}

std::string exact_string(const Value* value) {
    switch (value->rep) {
        case Rep::String: return std::string(string_value(value));
        case Rep::Ratio: {
            const Rational ratio = to_rational(value);
            if (mp::denominator(ratio) == 1) return mp::numerator(ratio).str();
            return ratio.str();
        }
        case Rep::Float: {
            const BigFloat x = to_big_float(value);
            return x.mantissa.str() + "p" + std::to_string(x.exponent);
        }
        case Rep::Complex: return complex_text(value, exact_string);
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::Int64:
        case Rep::Big: break;
    }
    return to_string(value);
}

}  // namespace csp::constant
