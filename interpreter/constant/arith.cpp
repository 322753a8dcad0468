// Operators on constants. An operation that the language does not define on its operands gives an
// Unknown, never an assertion: the checker has reported it already or will.

#include <algorithm>

#include "interpreter/constant/number.h"

namespace csp::constant {

namespace mp = boost::multiprecision;
using ast::Op;

namespace {

/// The result when it can be had without big numbers; else null.
const Value* int64_op(base::Arena& arena, std::int64_t a, Op op, std::int64_t b,
                      bool integer_division) {
    std::int64_t c = 0;
    switch (op) {
        case Op::Add:
            if (__builtin_add_overflow(a, b, &c)) return nullptr;
            break;
        case Op::Sub:
            if (__builtin_sub_overflow(a, b, &c)) return nullptr;
            break;
        case Op::Mul:
            if (__builtin_mul_overflow(a, b, &c)) return nullptr;
            break;
        case Op::And: c = a & b; break;
        case Op::Or: c = a | b; break;
        case Op::Xor: c = a ^ b; break;
        case Op::AndNot: c = a & ~b; break;
        case Op::Quo:
            if (!integer_division || b == 0 || b == -1) return nullptr;
            c = a / b;
            break;
        case Op::Rem:
            if (b == 0 || b == -1) return nullptr;
            c = a % b;
            break;
        default: return nullptr;
    }
    return make_int64(arena, c);
}

const Value* integer_op(base::Arena& arena, const Integer& a, Op op, const Integer& b,
                        bool integer_division) {
    switch (op) {
        case Op::Add: return make_integer(arena, a + b);
        case Op::Sub: return make_integer(arena, a - b);
        case Op::Mul: return make_integer(arena, a * b);
        case Op::And: return make_integer(arena, a & b);
        case Op::Or: return make_integer(arena, a | b);
        case Op::Xor: return make_integer(arena, a ^ b);
        case Op::AndNot: return make_integer(arena, a & ~b);
        case Op::Quo:
            if (b.is_zero()) break;
            if (integer_division) return make_integer(arena, a / b);
            return make_ratio(arena, Rational(a) / Rational(b));
        case Op::Rem:
            if (b.is_zero()) break;
            return make_integer(arena, a % b);
        default: break;
    }
    return make_unknown(arena);
}

const Value* ratio_op(base::Arena& arena, const Rational& a, Op op, const Rational& b) {
    switch (op) {
        case Op::Add: return make_ratio(arena, a + b);
        case Op::Sub: return make_ratio(arena, a - b);
        case Op::Mul: return make_ratio(arena, a * b);
        case Op::Quo:
            if (b.is_zero()) break;
            return make_ratio(arena, a / b);
        default: break;
    }
    return make_unknown(arena);
}

const Value* float_op(base::Arena& arena, const BigFloat& a, Op op, const BigFloat& b) {
    switch (op) {
        case Op::Add: return make_float(arena, add(a, b));
        case Op::Sub: return make_float(arena, add(a, negate(b)));
        case Op::Mul: return make_float(arena, multiply(a, b));
        case Op::Quo:
            if (b.mantissa.is_zero()) break;
            return make_float(arena, divide(a, b));
        default: break;
    }
    return make_unknown(arena);
}

const Value* complex_op(base::Arena& arena, const Value* x, Op op, const Value* y) {
    const auto plus = [&](auto* p, auto* q) { return binary(arena, p, Op::Add, q, false); };
    const auto minus = [&](auto* p, auto* q) { return binary(arena, p, Op::Sub, q, false); };
    const auto times = [&](auto* p, auto* q) { return binary(arena, p, Op::Mul, q, false); };
    const auto over = [&](auto* p, auto* q) { return binary(arena, p, Op::Quo, q, false); };
    const Value *a = real(arena, x), *b = imag(arena, x);
    const Value *c = real(arena, y), *d = imag(arena, y);
    switch (op) {
        case Op::Add: return make_complex(arena, plus(a, c), plus(b, d));
        case Op::Sub: return make_complex(arena, minus(a, c), minus(b, d));
        case Op::Mul:
            return make_complex(arena, minus(times(a, c), times(b, d)),
                                plus(times(b, c), times(a, d)));
        case Op::Quo: {
            const Value* norm = plus(times(c, c), times(d, d));
            return make_complex(arena, over(plus(times(a, c), times(b, d)), norm),
                                over(minus(times(b, c), times(a, d)), norm));
        }
        default: return make_unknown(arena);
    }
}

const Value* bool_op(base::Arena& arena, bool x, Op op, bool y) {
    if (op == Op::LAnd) return make_bool(arena, x && y);
    if (op == Op::LOr) return make_bool(arena, x || y);
    return make_unknown(arena);
}

const Value* negated(base::Arena& arena, const Value* value) {
    switch (value->rep) {
        case Rep::Int64:
        case Rep::Big: return make_integer(arena, -to_integer(value));
        case Rep::Ratio: return make_exact_ratio(arena, -to_rational(value));
        case Rep::Float: return make_float(arena, negate(to_big_float(value)));
        case Rep::Complex:
            return make_complex(arena, negated(arena, value->x), negated(arena, value->y));
        case Rep::Unknown:
        case Rep::Bool:
        case Rep::String: break;
    }
    return make_unknown(arena);
}

const Value* inverted(base::Arena& arena, const Value* value, unsigned width) {
    if (kind(value) != Kind::Int) return make_unknown(arena);
    Integer out = -to_integer(value) - 1;
    // The complement of an unsigned number is negative; only its low `width` bits are meant.
    if (width > 0 && out.sign() < 0) out += Integer(1) << width;
    return make_integer(arena, out);
}

bool holds(int order, Op op) {
    switch (op) {
        case Op::Eq: return order == 0;
        case Op::Ne: return order != 0;
        case Op::Lt: return order < 0;
        case Op::Le: return order <= 0;
        case Op::Gt: return order > 0;
        case Op::Ge: return order >= 0;
        default: return false;
    }
}

bool same_complex(const Value* x, const Value* y) {
    base::Arena scratch;
    return compare(real(scratch, x), Op::Eq, real(scratch, y)) &&
           compare(imag(scratch, x), Op::Eq, imag(scratch, y));
}

/// Whether both are numbers, or both of one other kind.
bool match(const Value* x, const Value* y) {
    if (x->rep == Rep::Unknown || y->rep == Rep::Unknown) return false;
    return x->rep == y->rep || (x->rep >= Rep::Int64 && y->rep >= Rep::Int64);
}

}  // namespace

const Value* unary(base::Arena& arena, Op op, const Value* value, unsigned width) {
    switch (op) {
        case Op::Add: return value->rep >= Rep::Int64 ? value : make_unknown(arena);
        case Op::Sub: return negated(arena, value);
        case Op::Xor: return inverted(arena, value, width);
        case Op::Not:
            return value->rep == Rep::Bool ? make_bool(arena, !value->boolean)
                                           : make_unknown(arena);
        default: return make_unknown(arena);
    }
}

const Value* binary(base::Arena& arena, const Value* x, Op op, const Value* y,
                    bool integer_division) {
    if (!match(x, y)) return make_unknown(arena);
    switch (std::max(x->rep, y->rep)) {
        case Rep::Bool: return bool_op(arena, x->boolean, op, y->boolean);
        case Rep::String: return op == Op::Add ? concatenate(arena, x, y) : make_unknown(arena);
        case Rep::Int64:
            if (auto* fast = int64_op(arena, x->small, op, y->small, integer_division)) return fast;
            [[fallthrough]];
        case Rep::Big:
            return integer_op(arena, to_integer(x), op, to_integer(y), integer_division);
        case Rep::Ratio: return ratio_op(arena, to_rational(x), op, to_rational(y));
        case Rep::Float: return float_op(arena, to_big_float(x), op, to_big_float(y));
        case Rep::Complex: return complex_op(arena, x, op, y);
        case Rep::Unknown: break;
    }
    return make_unknown(arena);
}

const Value* shift(base::Arena& arena, const Value* x, Op op, unsigned bits) {
    if (kind(x) != Kind::Int) return make_unknown(arena);
    if (bits == 0) return x;
    const Integer number = to_integer(x);
    if (op == Op::Shl) return make_integer(arena, number << bits);
    // Towards negative infinity, as an arithmetic shift of the two's complement does.
    if (number.sign() >= 0) return make_integer(arena, number >> bits);
    return make_integer(arena, -((-number - 1) >> bits) - 1);
}

bool compare(const Value* x, Op op, const Value* y) {
    if (!match(x, y)) return false;
    switch (std::max(x->rep, y->rep)) {
        case Rep::Bool: return op == Op::Eq ? x->boolean == y->boolean
                                            : op == Op::Ne && x->boolean != y->boolean;
        case Rep::String: return holds(string_value(x).compare(string_value(y)), op);
        case Rep::Int64: return holds((x->small > y->small) - (x->small < y->small), op);
        case Rep::Big: return holds(to_integer(x).compare(to_integer(y)), op);
        case Rep::Ratio: return holds(to_rational(x).compare(to_rational(y)), op);
        case Rep::Float: return holds(compare(to_big_float(x), to_big_float(y)), op);
        case Rep::Complex:
            return op == Op::Eq ? same_complex(x, y) : op == Op::Ne && !same_complex(x, y);
        case Rep::Unknown: break;
    }
    return false;
}

}  // namespace csp::constant
