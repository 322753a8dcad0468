#include "interpreter/constant/number.h"

#include <cmath>
#include <limits>

namespace csp::constant {

namespace mp = boost::multiprecision;

namespace {

/// |x| >> count; `sticky` becomes true when a one was shifted out.
Integer shift_out(const Integer& x, std::int64_t count, bool& sticky) {
    if (count <= 0) return x;
    if (!x.is_zero() && static_cast<std::int64_t>(mp::lsb(x)) < count) sticky = true;
    return x >> static_cast<unsigned long>(count);
}

}  // namespace

std::int64_t bits_of(const Integer& x) {
    if (x.is_zero()) return 0;
    return static_cast<std::int64_t>(mp::msb(x.sign() < 0 ? Integer(-x) : x)) + 1;
}

BigFloat round_float(const Integer& mantissa, std::int64_t exponent, bool sticky,
                     unsigned precision) {
    BigFloat out;
    if (mantissa.is_zero()) return out;
    const bool negative = mantissa.sign() < 0;
    Integer m = negative ? Integer(-mantissa) : mantissa;
    const std::int64_t excess = bits_of(m) - static_cast<std::int64_t>(precision);
    if (excess > 0) {
        const bool half = mp::bit_test(m, static_cast<unsigned>(excess - 1));
        bool below = sticky;
        shift_out(m, excess - 1, below);
        m >>= static_cast<unsigned long>(excess);
        exponent += excess;
        if (half && (below || mp::bit_test(m, 0))) ++m;
    }
    const auto zeros = mp::lsb(m);
    m >>= zeros;
    exponent += static_cast<std::int64_t>(zeros);
    const std::int64_t size = bits_of(m) + exponent;
    if (size < -kMaxExponent) return out;
    out.infinite = size > kMaxExponent;
    out.mantissa = negative ? Integer(-m) : m;
    out.exponent = out.infinite ? 0 : exponent;
    return out;
}

BigFloat add(const BigFloat& x, const BigFloat& y) {
    if (x.mantissa.is_zero()) return y;
    if (y.mantissa.is_zero()) return x;
    const BigFloat& high = magnitude(x) >= magnitude(y) ? x : y;
    const BigFloat& low = &high == &x ? y : x;
    // A summand this far below changes nothing but the direction of a tie, which one bit shows too.
    const std::int64_t gap = magnitude(high) - magnitude(low);
    if (gap > 2 * static_cast<std::int64_t>(kPrecision) + 4) {
        const auto room = static_cast<unsigned long>(2 * kPrecision);
        const Integer wide = (high.mantissa << room) + low.mantissa.sign();
        return round_float(wide, high.exponent - static_cast<std::int64_t>(room));
    }
    const std::int64_t exponent = std::min(x.exponent, y.exponent);
    const Integer a = x.mantissa << static_cast<unsigned long>(x.exponent - exponent);
    const Integer b = y.mantissa << static_cast<unsigned long>(y.exponent - exponent);
    return round_float(a + b, exponent);
}

BigFloat multiply(const BigFloat& x, const BigFloat& y, unsigned precision) {
    return round_float(x.mantissa * y.mantissa, x.exponent + y.exponent, false, precision);
}

BigFloat divide(const BigFloat& x, const BigFloat& y, unsigned precision) {
    const std::int64_t shift = std::max<std::int64_t>(
        0, static_cast<std::int64_t>(precision) + 2 + bits_of(y.mantissa) - bits_of(x.mantissa));
    const Integer numerator = x.mantissa << static_cast<unsigned long>(shift);
    Integer quotient;
    Integer remainder;
    mp::divide_qr(numerator, y.mantissa, quotient, remainder);
    return round_float(quotient, x.exponent - y.exponent - shift, !remainder.is_zero(), precision);
}

BigFloat negate(BigFloat x) {
    x.mantissa = -x.mantissa;
    return x;
}

BigFloat to_big_float(const Rational& x) {
    return divide({mp::numerator(x), 0, false}, {mp::denominator(x), 0, false});
}

int compare(const BigFloat& x, const BigFloat& y) {
    const int sign_x = x.mantissa.sign();
    const int sign_y = y.mantissa.sign();
    if (sign_x != sign_y || sign_x == 0) return sign_x - sign_y;
    const std::int64_t size_x = magnitude(x);
    const std::int64_t size_y = magnitude(y);
    if (size_x != size_y) return size_x > size_y ? sign_x : -sign_x;
    return add(x, negate(y)).mantissa.sign();
}

std::int64_t magnitude(const BigFloat& x) {
    return x.mantissa.is_zero() ? 0 : bits_of(x.mantissa) + x.exponent;
}

bool is_small(const BigFloat& x) {
    const std::int64_t size = magnitude(x);
    return !x.infinite && -kMaxFractionBits < size && size < kMaxFractionBits;
}

Rational to_rational(const BigFloat& x) {
    if (x.exponent >= 0) {
        return Rational(Integer(x.mantissa << static_cast<unsigned long>(x.exponent)));
    }
    return Rational(x.mantissa, Integer(Integer(1) << static_cast<unsigned long>(-x.exponent)));
}

double round_to(const Format& format, const Integer& numerator, const Integer& denominator) {
    if (numerator.is_zero()) return 0;
    const bool negative = numerator.sign() < 0;
    const Integer n = negative ? Integer(-numerator) : numerator;
    // A quotient of 62 or 63 bits fits a word and has bits to spare below every format's mantissa.
    const std::int64_t shift = 62 - (bits_of(n) - bits_of(denominator));
    Integer quotient;
    Integer remainder;
    if (shift >= 0) {
        mp::divide_qr(Integer(n << static_cast<unsigned long>(shift)), denominator, quotient,
                      remainder);
    } else {
        mp::divide_qr(n, Integer(denominator << static_cast<unsigned long>(-shift)), quotient,
                      remainder);
    }
    const auto word = static_cast<std::uint64_t>(quotient);
    const bool sticky = !remainder.is_zero();
    const auto top = static_cast<std::int64_t>(std::numeric_limits<std::uint64_t>::digits) -
                     __builtin_clzll(word) - 1 - shift;  // exponent of the leading bit
    const std::int64_t lowest = std::max<std::int64_t>(top, format.min_exponent) -
                                (format.mantissa_bits - 1);  // exponent of the last kept bit
    const std::int64_t drop = lowest + shift;
    if (drop > 64) return negative ? -0.0 : 0.0;
    const std::uint64_t kept = drop == 64 ? 0 : word >> drop;
    const std::uint64_t half = std::uint64_t{1} << (drop - 1);
    const std::uint64_t rest = drop == 64 ? word : word & ((half << 1) - 1);
    const bool up = rest > half || (rest == half && (sticky || (kept & 1) != 0));
    const double mantissa = static_cast<double>(kept + (up ? 1 : 0));
    double result = std::ldexp(mantissa, static_cast<int>(lowest));
    if (result >= std::ldexp(1.0, format.max_exponent) * 2 || top > format.max_exponent) {
        result = std::numeric_limits<double>::infinity();
    }
    return negative ? -result : result;
}

double round_to(const Format& format, const BigFloat& x) {
    const std::int64_t size = magnitude(x);
    const double side = x.mantissa.sign() < 0 ? -1 : 1;
    if (x.infinite || size > format.max_exponent + 2) {
        return side * std::numeric_limits<double>::infinity();
    }
    if (size < format.min_exponent - format.mantissa_bits - 2) return side * 0.0;
    if (x.exponent >= 0) {
        return round_to(format, Integer(x.mantissa << static_cast<unsigned long>(x.exponent)), 1);
    }
    return round_to(format, x.mantissa, Integer(1) << static_cast<unsigned long>(-x.exponent));
}

}  // namespace csp::constant
