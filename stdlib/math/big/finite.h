#pragma once

// Floating-point numbers as integers with an exponent: every operation makes an exact number, or one with enough digits
// and a note that others follow, and rounds it once. MPFR has not all of Go's rounding modes.

#include <algorithm>
#include <cstdint>

#include "stdlib/math/big/number.h"

namespace csp::stdlib::big {

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

/// In slots: prec uint, mode RoundingMode.
struct Rounding {
    std::uint64_t precision;  ///< In bits, at least 1.
    Slot mode;
    Rounding(std::uint64_t bits, Slot m) : precision(std::max<std::uint64_t>(bits, 1)), mode(m) {}
    explicit Rounding(const Slot* s) : Rounding(s[0] & 0xffffffff, s[1]) {}
};

/// Rounds z * 2^shift, with more digits behind it if `more`, and returns how the result compares with that: -1, 0 or 1.
int round_to(mpz_ptr z, std::int64_t& shift, bool more, const Rounding& to);

/// Rounds that and puts it into the result's slots: neg bool, mant []Word, exp, accuracy int.
Status put_rounded(Call& call, mpz_ptr z, std::int64_t shift, bool more, const Rounding& to);

/// The slots of such a result.
inline constexpr std::size_t kResult = kSlots + 2;

/// An allocation of what the result may need, before GMP allocates as much: see number.h.
inline Status reserve(Call& call, std::uint64_t bits) { return Room(call, bits / GMP_NUMB_BITS + 2).status(); }

}  // namespace csp::stdlib::big
