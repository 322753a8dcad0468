#include "interpreter/constant/value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "interpreter/constant/number.h"

namespace csp::constant {

namespace mp = boost::multiprecision;

namespace {

Words store(base::Arena& arena, const Integer& x) {
    std::vector<std::uint64_t> words;
    const bool negative = x.sign() < 0;
    mp::export_bits(negative ? Integer(-x) : x, std::back_inserter(words), 64, false);
    return {arena.copy(words), negative};
}

Integer load(const Words& number) {
    Integer out;
    mp::import_bits(out, number.words.begin(), number.words.end(), 64, false);
    return number.negative ? Integer(-out) : out;
}

Value* make(base::Arena& arena, Rep rep) {
    auto* value = arena.make<Value>();
    value->rep = rep;
    return value;
}

/// Writes the parts of a concatenation from the right: a loop for the usual chain a + b + c.
void join(const Value* value, char* end) {
    while (true) {
        if (value->joined) {
            std::copy(value->text.begin(), value->text.end(), end - value->text.size());
            return;
        }
        join(value->y, end);
        end -= value->y->length;
        value = value->x;
    }
}

}  // namespace

Kind kind(const Value* value) {
    switch (value->rep) {
        case Rep::Unknown: return Kind::Unknown;
        case Rep::Bool: return Kind::Bool;
        case Rep::String: return Kind::String;
        case Rep::Int64:
        case Rep::Big: return Kind::Int;
        case Rep::Ratio:
        case Rep::Float: return Kind::Float;
        case Rep::Complex: return Kind::Complex;
    }
    return Kind::Unknown;
}

const Value* make_unknown(base::Arena& arena) { return make(arena, Rep::Unknown); }

const Value* make_bool(base::Arena& arena, bool boolean) {
    Value* value = make(arena, Rep::Bool);
    value->boolean = boolean;
    return value;
}

const Value* make_string(base::Arena& arena, std::string_view text) {
    Value* value = make(arena, Rep::String);
    value->text = arena.copy(text);
    value->length = text.size();
    return value;
}

const Value* make_int64(base::Arena& arena, std::int64_t number) {
    Value* value = make(arena, Rep::Int64);
    value->small = number;
    return value;
}

const Value* make_uint64(base::Arena& arena, std::uint64_t number) {
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return make_int64(arena, static_cast<std::int64_t>(number));
    }
    return make_integer(arena, Integer(number));
}

const Value* make_float64(base::Arena& arena, double number) {
    if (!std::isfinite(number)) return make_unknown(arena);
    int exponent = 0;
    const double fraction = std::frexp(number, &exponent);
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
    return make_exact_ratio(arena, to_rational(round_float(Integer(mantissa), exponent - 53)));
}

const Value* make_integer(base::Arena& arena, const Integer& x) {
    if (bits_of(x) <= 63) return make_int64(arena, static_cast<std::int64_t>(x));
    if (x == Integer(std::numeric_limits<std::int64_t>::min())) {
        return make_int64(arena, std::numeric_limits<std::int64_t>::min());
    }
    Value* value = make(arena, Rep::Big);
    value->number = store(arena, x);
    return value;
}

const Value* make_exact_ratio(base::Arena& arena, const Rational& x) {
    Value* value = make(arena, Rep::Ratio);
    value->number = store(arena, mp::numerator(x));
    value->denominator = store(arena, mp::denominator(x));
    return value;
}

const Value* make_ratio(base::Arena& arena, const Rational& x) {
    const bool fits = bits_of(mp::numerator(x)) < kMaxFractionBits &&
                      bits_of(mp::denominator(x)) < kMaxFractionBits;
    return fits ? make_exact_ratio(arena, x) : make_float(arena, to_big_float(x));
}

const Value* make_float(base::Arena& arena, const BigFloat& x) {
    if (x.infinite) return make_unknown(arena);
    Value* value = make(arena, Rep::Float);
    value->number = store(arena, x.mantissa);
    value->small = x.exponent;
    return value;
}

const Value* make_complex(base::Arena& arena, const Value* re, const Value* im) {
    if (re->rep == Rep::Unknown || im->rep == Rep::Unknown) return make_unknown(arena);
    Value* value = make(arena, Rep::Complex);
    value->x = re;
    value->y = im;
    return value;
}

const Value* concatenate(base::Arena& arena, const Value* x, const Value* y) {
    Value* value = make(arena, Rep::String);
    value->x = x;
    value->y = y;
    value->joined = false;
    value->arena = &arena;
    value->length = x->length + y->length;
    return value;
}

bool bool_value(const Value* value) { return value->boolean; }

std::string_view string_value(const Value* value) {
    if (!value->joined) {
        auto* bytes = static_cast<char*>(value->arena->allocate(value->length + 1, 1));
        join(value, bytes + value->length);
        value->text = {bytes, value->length};
        value->joined = true;
    }
    return value->text;
}

std::optional<std::int64_t> int64_value(const Value* value) {
    if (value->rep != Rep::Int64) return std::nullopt;
    return value->small;
}

std::optional<std::uint64_t> uint64_value(const Value* value) {
    if (value->rep == Rep::Int64 && value->small >= 0) {
        return static_cast<std::uint64_t>(value->small);
    }
    if (value->rep != Rep::Big || value->number.negative) return std::nullopt;
    if (value->number.words.size() != 1) return std::nullopt;
    return value->number.words[0];
}

Integer to_integer(const Value* value) {
    if (value->rep == Rep::Int64) return Integer(value->small);
    return load(value->number);
}

Rational to_rational(const Value* value) {
    if (value->rep != Rep::Ratio) return Rational(to_integer(value));
    return Rational(load(value->number), load(value->denominator));
}

BigFloat to_big_float(const Value* value) {
    if (value->rep == Rep::Float) return {load(value->number), value->small, false};
    if (value->rep == Rep::Ratio) return to_big_float(to_rational(value));
    return round_float(to_integer(value), 0);
}

int sign(const Value* value) {
    switch (value->rep) {
        case Rep::Int64: return (value->small > 0) - (value->small < 0);
        case Rep::Big:
        case Rep::Ratio:
        case Rep::Float:
            if (value->number.words.empty() ||
                (value->number.words.size() == 1 && value->number.words[0] == 0)) {
                return 0;
            }
            return value->number.negative ? -1 : 1;
        case Rep::Complex: return sign(value->x) | sign(value->y);
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::String: return 1;
    }
    return 1;
}

std::size_t bit_length(const Value* value) {
    if (value->rep != Rep::Int64 && value->rep != Rep::Big) return 0;
    return static_cast<std::size_t>(bits_of(to_integer(value)));
}

}  // namespace csp::constant
