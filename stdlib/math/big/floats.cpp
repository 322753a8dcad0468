// Floating-point numbers as integers with an exponent: every operation makes an exact number, or one with enough digits
// and a note that others follow, and rounds it once. MPFR has not all of Go's rounding modes.

#include <algorithm>
#include <string>

#include "csp/package.hpp"
#include "stdlib/math/big/number.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// Go's RoundingMode.
enum Mode : Slot { kNearestEven, kNearestAway, kToZero, kAwayFromZero, kToNegative, kToPositive };

/// A finite number that is not 0: integer * 2^shift. In slots: neg bool, mant []Word, exp int, with the mantissa's highest
/// bit set and the value 0.mant * 2^exp.
class Finite {
  public:
    static constexpr std::size_t kFiniteSlots = kSlots + 1;
    explicit Finite(const Slot* s) : integer_(s), exponent_(static_cast<std::int32_t>(s[kSlots])) {}

    mpz_srcptr integer() const { return integer_; }
    std::int64_t bits() const { return static_cast<std::int64_t>(integer_.bits()); }
    std::int64_t shift() const { return exponent_ - bits(); }
    std::int64_t exponent() const { return exponent_; }
    int sign() const { return integer_.sign(); }

  private:
    Operand integer_;
    std::int64_t exponent_;
};

struct Rounding {
    std::uint64_t precision;  ///< In bits, at least 1.
    Slot mode;
    explicit Rounding(const Slot* s) : precision(std::max<std::uint64_t>(s[0] & 0xffffffff, 1)), mode(s[1]) {}
};

bool rounds_up(Slot mode, bool negative, bool half, bool more, bool odd) {
    switch (mode) {
        case kNearestEven: return half && (more || odd);
        case kNearestAway: return half;
        case kAwayFromZero: return true;
        case kToNegative: return negative;
        case kToPositive: return !negative;
        default: return false;
    }
}

/// Puts z * 2^shift, with more digits behind it if `more`, into the result's slots: neg bool, mant []Word, exp, accuracy int.
Status put_rounded(Call& call, mpz_ptr z, std::int64_t shift, bool more, const Rounding& to) {
    Slot* s = call.slots();
    const bool negative = mpz_sgn(z) < 0;
    s[0] = negative;
    s[1] = s[2] = s[3] = s[4] = 0;
    if (mpz_sgn(z) == 0) return Status::Ok;
    mpz_abs(z, z);
    const std::uint64_t bits = mpz_sizeinbase(z, 2);
    if (bits > to.precision) {
        const mp_bitcnt_t drop = bits - to.precision;
        const bool half = mpz_tstbit(z, drop - 1) != 0;
        more = more || mpz_scan1(z, 0) < drop - 1;
        mpz_tdiv_q_2exp(z, z, drop);
        shift += static_cast<std::int64_t>(drop);
        if (half || more) {
            const bool up = rounds_up(to.mode, negative, half, more, mpz_tstbit(z, 0) != 0);
            if (up) mpz_add_ui(z, z, 1);
            s[4] = up != negative ? 1 : static_cast<Slot>(-1);
        }
    }
    s[3] = static_cast<Slot>(shift + static_cast<std::int64_t>(mpz_sizeinbase(z, 2)));
    // Bits to the top of the highest word, no zero words at the bottom.
    mpz_tdiv_q_2exp(z, z, mpz_scan1(z, 0));
    mpz_mul_2exp(z, z, (GMP_NUMB_BITS - mpz_sizeinbase(z, 2) % GMP_NUMB_BITS) % GMP_NUMB_BITS);
    const Room room(call, mpz_size(z));
    if (room.failed()) return room.status();
    room.put_words(s + 1, mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

constexpr std::size_t kResult = kSlots + 2;

/// An allocation of what the result may need, before GMP allocates as much: see number.h.
Status reserve(Call& call, std::uint64_t bits) { return Room(call, bits / GMP_NUMB_BITS + 2).status(); }

/// func fround(xneg bool, x []Word, xexp int, prec uint, mode RoundingMode) (neg bool, mant []Word, exp, acc int)
Status round(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Finite x(s);
    const Rounding to(s + Finite::kFiniteSlots);
    Integer z;
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
    mpz_mul(z, x.integer(), y.integer());
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
    mpz_mul_2exp(z, x.integer(), static_cast<mp_bitcnt_t>(more_bits));
    mpz_tdiv_qr(z, rest, z, y.integer());
    return put_rounded(call, z, x.shift() - y.shift() - more_bits, mpz_sgn(static_cast<mpz_srcptr>(rest)) != 0, to);
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
    mpz_mul_2exp(z, x.integer(), static_cast<mp_bitcnt_t>(more_bits));
    mpz_sqrtrem(z, rest, z);
    return put_rounded(call, z, (x.shift() - more_bits) / 2, mpz_sgn(static_cast<mpz_srcptr>(rest)) != 0, to);
}

/// func fcmp(x []Word, xexp int, y []Word, yexp int) int: of what is finite and not 0, without signs
Status compare(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto x_exponent = static_cast<std::int64_t>(s[3]), y_exponent = static_cast<std::int64_t>(s[6]);
    int order = (x_exponent > y_exponent) - (x_exponent < y_exponent);
    if (order == 0) {
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

/// func decimal(x []Word, shift int) (digits string, exp int): x * 2^shift as 0.digits * 10^exp, without zeros at the end
Status decimal(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x = Operand::of_words(s + 3);
    std::int64_t shift = static_cast<std::int64_t>(s[5]);
    s[0] = s[1] = s[2] = 0;
    if (x.size() == 0) return Status::Ok;
    const mp_bitcnt_t zeros = mpz_scan1(x, 0);
    shift += static_cast<std::int64_t>(zeros);
    const std::uint64_t moves = static_cast<std::uint64_t>(shift < 0 ? -shift : shift);
    // Digits of 5^n, of log2(5) bits each, or a shifted number: either at most three bits a place.
    const std::uint64_t size = x.bits() + (shift < 0 ? 3 * moves : moves);
    const Room room(call, size / GMP_NUMB_BITS + 2);
    if (room.failed()) return room.status();
    Integer z;
    mpz_tdiv_q_2exp(z, x, zeros);
    if (shift >= 0) {
        mpz_mul_2exp(z, z, moves);
    } else {
        Integer power;
        mpz_ui_pow_ui(power, 5, moves);
        mpz_mul(z, z, power);
    }
    char* const text = call.allocate_bytes(mpz_sizeinbase(z, 10) + 2);
    if (text == nullptr) return Status::Panic;
    mpz_get_str(text, 10, z);
    std::size_t length = std::strlen(text);
    const std::int64_t exponent = static_cast<std::int64_t>(length) + std::min<std::int64_t>(shift, 0);
    while (length > 0 && text[length - 1] == '0') --length;
    s[0] = reinterpret_cast<Slot>(text);
    s[1] = length;
    s[2] = static_cast<Slot>(exponent);
    return Status::Ok;
}

}  // namespace

void bind_big_floats(Package& package) {
    package.raw("fround", guarded<round>)
        .raw("fadd", guarded<add>)
        .raw("fmul", guarded<multiply>)
        .raw("fquo", guarded<divide>)
        .raw("fsqrt", guarded<square_root>)
        .raw("fcmp", guarded<compare>)
        .raw("decimal", guarded<decimal>);
}

}  // namespace csp::stdlib
