// Literals as numbers. Source: Go spec, "Integer literals" to "String literals". The lexer reports
// malformed ones with their reason; here they are only refused.

#include <charconv>

#include "interpreter/constant/number.h"
#include "interpreter/constant/quote.h"

namespace csp::constant {

namespace {

/// The greatest power of ten below 2^kMaxExponent. A number beyond 10^±this is infinite or zero.
constexpr std::int64_t kMaxDecimalExponent = 646'456'992;

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

/// Removes 0x, 0o or 0b and returns its base; 10 without a prefix.
int take_base(std::string_view& text) {
    if (text.size() < 2 || text[0] != '0') return 10;
    const char letter = static_cast<char>(text[1] | 0x20);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base != 10) text.remove_prefix(2);
    return base;
}

/// Reads a run of digits (underscores are skipped) into `number`; returns how many there were.
class DigitReader {
  public:
    DigitReader(std::string_view& text, int base) : text_(text), base_(base) {}

    std::int64_t read(Integer& number) {
        std::int64_t count = 0;
        std::uint64_t pending = 0;
        std::uint64_t scale = 1;
        for (; !text_.empty(); text_.remove_prefix(1)) {
            if (text_.front() == '_') continue;
            const int digit = digit_value(text_.front());
            if (digit >= base_) break;
            // Digits are gathered in a word, so that the big number grows a word at a time.
            pending = pending * static_cast<std::uint64_t>(base_) +
                      static_cast<std::uint64_t>(digit);
            scale *= static_cast<std::uint64_t>(base_);
            ++count;
            if (scale >= std::uint64_t{1} << 58) flush(number, pending, scale);
        }
        flush(number, pending, scale);
        return count;
    }

  private:
    static void flush(Integer& number, std::uint64_t& pending, std::uint64_t& scale) {
        number = number * scale + pending;
        pending = 0;
        scale = 1;
    }

    std::string_view& text_;
    int base_;
};

const Value* int_literal(base::Arena& arena, std::string_view text) {
    int base = take_base(text);
    if (base == 10 && text.size() > 1 && text[0] == '0') base = 8;
    std::int64_t small = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), small, base);
    if (error == std::errc{} && end == text.data() + text.size()) return make_int64(arena, small);
    Integer number;
    const std::int64_t digits = DigitReader(text, base).read(number);
    if (digits == 0 || !text.empty()) return make_unknown(arena);
    return make_integer(arena, number);
}

/// 10^exponent to `precision` bits, by repeated squaring.
BigFloat power_of_ten(std::int64_t exponent, unsigned precision) {
    BigFloat result{1, 0, false};
    BigFloat square{5, 1, false};
    for (std::int64_t rest = exponent; rest > 0; rest >>= 1) {
        if ((rest & 1) != 0) result = multiply(result, square, precision);
        if (rest > 1) square = multiply(square, square, precision);
    }
    return result;
}

/// mantissa · 10^exponent when that may be far outside the range of fractions.
BigFloat scaled_by_ten(const Integer& mantissa, std::int64_t exponent) {
    constexpr unsigned kGuard = 64;  // bits beyond the result's, against the errors of the power
    const BigFloat power = power_of_ten(exponent < 0 ? -exponent : exponent, kPrecision + kGuard);
    const BigFloat digits{mantissa, 0, false};
    return exponent < 0 ? divide(digits, power) : multiply(digits, power);
}

Rational exact_decimal(const Integer& mantissa, std::int64_t exponent) {
    const auto count = static_cast<unsigned>(exponent < 0 ? -exponent : exponent);
    const Integer power = boost::multiprecision::pow(Integer(10), count);
    return exponent < 0 ? Rational(mantissa, power) : Rational(Integer(mantissa * power));
}

const Value* decimal_float(base::Arena& arena, const Integer& mantissa, std::int64_t exponent) {
    if (mantissa.is_zero()) return make_exact_ratio(arena, Rational(0));
    if (exponent > kMaxDecimalExponent) return make_unknown(arena);
    if (exponent < -kMaxDecimalExponent) return make_exact_ratio(arena, Rational(0));
    constexpr std::int64_t kExactExponent = 3000;  // 10^3000 needs 9966 bits, over twice the limit
    if (exponent > kExactExponent || exponent < -kExactExponent) {
        const BigFloat x = scaled_by_ten(mantissa, exponent);
        if (x.mantissa.is_zero()) return make_exact_ratio(arena, Rational(0));
        if (!is_small(x) || exponent < -2 * kExactExponent) return make_float(arena, x);
    }
    const Rational exact = exact_decimal(mantissa, exponent);
    const BigFloat x = to_big_float(exact);
    return is_small(x) ? make_exact_ratio(arena, exact) : make_float(arena, x);
}

const Value* binary_float(base::Arena& arena, const Integer& mantissa, std::int64_t exponent) {
    const BigFloat x = round_float(mantissa, exponent);
    if (!is_small(x)) return make_float(arena, x);
    return make_exact_ratio(arena, to_rational(BigFloat{mantissa, exponent, false}));
}

/// The exponent behind e or p, saturated; nothing when it is malformed.
std::optional<std::int64_t> take_exponent(std::string_view& text) {
    text.remove_prefix(1);
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    constexpr std::int64_t kSaturated = 4 * kMaxExponent;
    std::int64_t number = 0;
    bool any = false;
    for (; !text.empty() && (text[0] == '_' || digit_value(text[0]) < 10); text.remove_prefix(1)) {
        if (text[0] == '_') continue;
        any = true;
        number = std::min(kSaturated, number * 10 + digit_value(text[0]));
    }
    if (!any) return std::nullopt;
    return negative ? -number : number;
}

/// Any number as a Float: also those written as integers, for imaginary literals (where a leading
/// zero does not make them octal).
const Value* float_literal(base::Arena& arena, std::string_view text) {
    const int base = take_base(text);
    Integer mantissa;
    std::int64_t digits = DigitReader(text, base).read(mantissa);
    std::int64_t fraction = 0;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        fraction = DigitReader(text, base).read(mantissa);
        digits += fraction;
    }
    std::int64_t exponent = 0;
    const char letter = text.empty() ? '\0' : static_cast<char>(text[0] | 0x20);
    if (letter == (base == 16 ? 'p' : 'e')) {
        const auto given = take_exponent(text);
        if (!given) return make_unknown(arena);
        exponent = *given;
    }
    if (digits == 0 || !text.empty()) return make_unknown(arena);
    if (base == 10) return decimal_float(arena, mantissa, exponent - fraction);
    return binary_float(arena, mantissa, exponent - 4 * fraction);
}

}  // namespace

const Value* make_from_literal(base::Arena& arena, std::string_view text, ast::LitKind kind) {
    switch (kind) {
        case ast::LitKind::Int: return int_literal(arena, text);
        case ast::LitKind::Float: return float_literal(arena, text);
        case ast::LitKind::Imag: {
            if (!text.ends_with('i')) break;
            const Value* number = float_literal(arena, text.substr(0, text.size() - 1));
            return make_complex(arena, make_int64(arena, 0), number);
        }
        case ast::LitKind::Char: {
            const auto rune = unquote_rune(text);
            if (rune) return make_int64(arena, *rune);
            break;
        }
        case ast::LitKind::String: {
            const auto string = unquote_string(text);
            if (string) return make_string(arena, *string);
            break;
        }
    }
    return make_unknown(arena);
}

}  // namespace csp::constant
