// Conversions between representations, and to the machine's floating-point numbers.

#include "interpreter/constant/number.h"

namespace csp::constant {

namespace mp = boost::multiprecision;

namespace {

double nearest(const Format& format, const Value* value) {
    switch (value->rep) {
        case Rep::Int64:
        case Rep::Big: return round_to(format, to_integer(value), 1);
        case Rep::Ratio: {
            const Rational ratio = to_rational(value);
            return round_to(format, mp::numerator(ratio), mp::denominator(ratio));
        }
        case Rep::Float: return round_to(format, to_big_float(value));
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::String:
        case Rep::Complex: return 0;
    }
    return 0;
}

/// x as an integer when it is one, or was one before rounding errors in its last four bits.
const Value* integer_of(base::Arena& arena, const BigFloat& x) {
    if (!is_small(x)) return make_unknown(arena);
    if (x.exponent >= 0) {
        return make_integer(arena, x.mantissa << static_cast<unsigned long>(x.exponent));
    }
    constexpr std::int64_t kSlack = 4;
    const std::int64_t excess = bits_of(x.mantissa) - (kPrecision - kSlack);
    if (excess <= 0) return make_unknown(arena);
    const bool negative = x.mantissa.sign() < 0;
    const Integer all = negative ? Integer(-x.mantissa) : x.mantissa;
    const Integer down = all >> static_cast<unsigned long>(excess);
    for (const Integer& candidate : {down, Integer(down + 1)}) {
        const BigFloat t = round_float(negative ? Integer(-candidate) : candidate,
                                       x.exponent + excess);
        if (t.exponent >= 0) {
            return make_integer(arena, t.mantissa << static_cast<unsigned long>(t.exponent));
        }
    }
    return make_unknown(arena);
}

}  // namespace

double float64_value(const Value* value) { return nearest(kFloat64, value); }

float float32_value(const Value* value) { return static_cast<float>(nearest(kFloat32, value)); }

const Value* real(base::Arena& arena, const Value* value) {
    if (value->rep == Rep::Complex) return value->x;
    return value->rep >= Rep::Int64 ? value : make_unknown(arena);
}

const Value* imag(base::Arena& arena, const Value* value) {
    if (value->rep == Rep::Complex) return value->y;
    return value->rep >= Rep::Int64 ? make_int64(arena, 0) : make_unknown(arena);
}

const Value* make_imag(base::Arena& arena, const Value* x) {
    if (x->rep < Rep::Int64 || x->rep == Rep::Complex) return make_unknown(arena);
    return make_complex(arena, make_int64(arena, 0), x);
}

const Value* to_int(base::Arena& arena, const Value* value) {
    switch (value->rep) {
        case Rep::Int64:
        case Rep::Big: return value;
        case Rep::Ratio: {
            const Rational ratio = to_rational(value);
            if (mp::denominator(ratio) != 1) return make_unknown(arena);
            return make_integer(arena, mp::numerator(ratio));
        }
        case Rep::Float: return integer_of(arena, to_big_float(value));
        case Rep::Complex: {
            const Value* re = to_float(arena, value);
            return re->rep == Rep::Unknown ? re : to_int(arena, re);
        }
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::String: return make_unknown(arena);
    }
    return make_unknown(arena);
}

const Value* to_float(base::Arena& arena, const Value* value) {
    switch (value->rep) {
        case Rep::Int64:
        case Rep::Big: return make_ratio(arena, to_rational(value));
        case Rep::Ratio:
        case Rep::Float: return value;
        case Rep::Complex:
            return sign(value->y) == 0 ? to_float(arena, value->x) : make_unknown(arena);
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::String: return make_unknown(arena);
    }
    return make_unknown(arena);
}

const Value* to_complex(base::Arena& arena, const Value* value) {
    if (value->rep == Rep::Complex) return value;
    if (value->rep < Rep::Int64) return make_unknown(arena);
    return make_complex(arena, value, make_int64(arena, 0));
}

}  // namespace csp::constant
