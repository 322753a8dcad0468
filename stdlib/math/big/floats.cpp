#include <algorithm>

#include "csp/package.hpp"
#include "stdlib/math/big/computation.h"
#include "stdlib/math/big/finite.h"

namespace csp::stdlib {

using namespace big;

namespace {

std::uint64_t words_of(const Finite& x) { return static_cast<std::uint64_t>(x.bits()) / GMP_NUMB_BITS + 1; }

/// func fround(xneg bool, x []Word, xexp int, prec uint, mode RoundingMode) (neg bool, mant []Word, exp, acc int)
Status round(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s);
    const Rounding to(s + Finite::kFiniteSlots);
    Integer z;
    if (!call.charge(sum_cost(words_of(x)))) return Status::Ended;
    mpz_set(z, x.integer());
    return put_rounded(call, z, x.shift(), false, to);
}

/// func fadd(xneg bool, x []Word, xexp int, yneg bool, y []Word, yexp int, prec uint, mode RoundingMode) (neg bool, mant []Word, exp, acc int)
Status add(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s), y(s + Finite::kFiniteSlots);
    const Rounding to(s + 2 * Finite::kFiniteSlots);
    if (x.sign() == 0 || y.sign() == 0) return call.panic("big: not a finite number");
    const bool x_first = x.exponent() >= y.exponent();
    const Finite& large = x_first ? x : y;
    const Finite& small = x_first ? y : x;
    const std::int64_t precision = static_cast<std::int64_t>(to.precision);
    if (const Status status = reserve(call, static_cast<std::uint64_t>(std::max(precision, large.bits()) + small.bits())); status != Status::Ok)
        return status;
    // What is far behind all digits that matter only tells that there is more, in its direction.
    const std::int64_t end = large.exponent() - std::max(precision, large.bits()) - 4;
    Integer z, t;
    const std::uint64_t all = to.precision + static_cast<std::uint64_t>(x.bits() + y.bits());
    if (!call.charge(sum_cost(all / GMP_NUMB_BITS))) return Status::Ended;
    std::int64_t shift;
    if (small.exponent() < end) {
        shift = end - 2;
        mpz_set_si(t, small.sign());
    } else {
        shift = std::min(large.shift(), small.shift());
        mpz_mul_2exp(t, small.integer(), static_cast<mp_bitcnt_t>(small.shift() - shift));
    }
    shift = std::min(shift, large.shift());
    mpz_mul_2exp(z, large.integer(), static_cast<mp_bitcnt_t>(large.shift() - shift));
    mpz_add(z, z, t);
    return put_rounded(call, z, shift, false, to);
}

/// func fmul: as fadd
Status multiply(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s), y(s + Finite::kFiniteSlots);
    const Rounding to(s + 2 * Finite::kFiniteSlots);
    if (const Status status = reserve(call, static_cast<std::uint64_t>(x.bits() + y.bits())); status != Status::Ok) return status;
    Integer z;
    if (!compute(call, product_cost(words_of(x), words_of(y)), z, x.integer(), y.integer(), [](mpz_ptr r, mpz_srcptr a, mpz_srcptr b) { mpz_mul(r, a, b); }))
        return Status::Ended;
    return put_rounded(call, z, x.shift() + y.shift(), false, to);
}

/// func fquo: as fadd
Status divide(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s), y(s + Finite::kFiniteSlots);
    const Rounding to(s + 2 * Finite::kFiniteSlots);
    if (y.sign() == 0) return call.panic("division by zero");
    if (const Status status = reserve(call, to.precision + static_cast<std::uint64_t>(y.bits())); status != Status::Ok) return status;
    const std::int64_t more_bits = std::max<std::int64_t>(static_cast<std::int64_t>(to.precision) + 2 + y.bits() - x.bits(), 0);
    Integer z, rest;
    const std::uint64_t digits = to.precision / GMP_NUMB_BITS + 1;
    if (!compute<2, 2>(call, quotient_cost(digits, words_of(y)) + sum_cost(words_of(x)), {z, rest}, {x.integer(), y.integer()},
                       [more_bits](const auto& out, const auto& in) {
                           mpz_mul_2exp(out[0], in[0], static_cast<mp_bitcnt_t>(more_bits));
                           mpz_tdiv_qr(out[0], out[1], out[0], in[1]);
                       }))
        return Status::Ended;
    return put_rounded(call, z, x.shift() - y.shift() - more_bits, rest.sign() != 0, to);
}

/// func fsqrt(xneg bool, x []Word, xexp int, prec uint, mode RoundingMode) (neg bool, mant []Word, exp, acc int)
Status square_root(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s);
    const Rounding to(s + Finite::kFiniteSlots);
    if (x.sign() < 0) return call.panic("square root of negative number");
    if (const Status status = reserve(call, 2 * to.precision); status != Status::Ok) return status;
    std::int64_t more_bits = std::max<std::int64_t>(2 * (static_cast<std::int64_t>(to.precision) + 2) - x.bits(), 0);
    if ((x.shift() - more_bits) % 2 != 0) ++more_bits;
    Integer z, rest;
    const std::uint64_t digits = to.precision / GMP_NUMB_BITS + words_of(x) + 1;
    if (!compute<2, 1>(call, quotient_cost(digits, digits), {z, rest}, {x.integer()}, [more_bits](const auto& out, const auto& in) {
            mpz_mul_2exp(out[0], in[0], static_cast<mp_bitcnt_t>(more_bits));
            mpz_sqrtrem(out[0], out[1], out[0]);
        }))
        return Status::Ended;
    return put_rounded(call, z, (x.shift() - more_bits) / 2, rest.sign() != 0, to);
}

/// func fcmp(x []Word, xexp int, y []Word, yexp int) int: of what is finite and not 0, without signs
Status compare(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto x_exponent = static_cast<std::int64_t>(s[3]), y_exponent = static_cast<std::int64_t>(s[6]);
    int order = (x_exponent > y_exponent) - (x_exponent < y_exponent);
    if (order == 0) {
        if (!call.charge(sum_cost(slice_at(s + 1).size, slice_at(s + 4).size))) return Status::Ended;
        s = call.slots();
        Words x(slice_at(s + 1)), y(slice_at(s + 4));
        // From the top: the mantissas need not have the same size.
        for (std::size_t i = 0; order == 0 && i < std::max(x.size(), y.size()); ++i) {
            const mp_limb_t a = i < x.size() ? x.data()[x.size() - 1 - i] : 0;
            const mp_limb_t b = i < y.size() ? y.data()[y.size() - 1 - i] : 0;
            order = (a > b) - (a < b);
        }
    }
    s[0] = static_cast<Slot>(static_cast<std::int64_t>(order));
    return Status::Ok;
}

}  // namespace

void bind_big_floats(Package& package) {
    package.raw("fround", guarded<round>)
        .raw("fadd", guarded<add>)
        .raw("fmul", guarded<multiply>)
        .raw("fquo", guarded<divide>)
        .raw("fsqrt", guarded<square_root>)
        .raw("fcmp", guarded<compare>);
}

}  // namespace csp::stdlib
