#pragma once

// The arithmetic below constant values: big integers, rationals and 512-bit floats. Private to this
// folder, which alone includes Boost.Multiprecision (2.9 s of compile time a file).
//
// A Value is trivially destructible because arena objects are never destroyed: it holds only words
// that lie in the arena too. Boost's numbers exist only while an operation runs.

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <span>
#include <string_view>

#include "interpreter/constant/value.h"

namespace csp::constant {

using Integer = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;

/// Mantissa bits of a big float; the specification demands 256, Go's compiler has 512.
constexpr unsigned kPrecision = 512;
/// Fractions with components below so many bits stay exact; larger ones become big floats.
constexpr std::int64_t kMaxFractionBits = 4096;
/// Beyond this binary exponent a float is infinite (and below its negative, zero), as in math/big.
constexpr std::int64_t kMaxExponent = (std::int64_t{1} << 31) - 1;

/// mantissa · 2^exponent, with an odd mantissa of at most `kPrecision` bits; zero is 0 · 2^0.
struct BigFloat {
    Integer mantissa;
    std::int64_t exponent = 0;
    bool infinite = false;
};

/// Bits of the absolute value; 0 for zero.
std::int64_t bits_of(const Integer& x);

/// The nearest BigFloat (ties to even) of mantissa · 2^exponent, keeping `precision` bits.
/// `sticky` tells that the true value lies a little beyond the mantissa's last bit.
BigFloat round_float(const Integer& mantissa, std::int64_t exponent, bool sticky = false,
                     unsigned precision = kPrecision);
BigFloat add(const BigFloat& x, const BigFloat& y);
BigFloat multiply(const BigFloat& x, const BigFloat& y, unsigned precision = kPrecision);
BigFloat divide(const BigFloat& x, const BigFloat& y, unsigned precision = kPrecision);
BigFloat negate(BigFloat x);
BigFloat to_big_float(const Rational& x);
int compare(const BigFloat& x, const BigFloat& y);
/// The exponent e of x = m · 2^e with 0.5 ≤ |m| < 1; 0 for zero.
std::int64_t magnitude(const BigFloat& x);
bool is_small(const BigFloat& x);
/// Exact; only for small floats.
Rational to_rational(const BigFloat& x);

/// A binary floating-point format: bits of the mantissa and exponent of the smallest normal number.
struct Format {
    int mantissa_bits;
    int min_exponent;
    int max_exponent;
};
constexpr Format kFloat64{53, -1022, 1023};
constexpr Format kFloat32{24, -126, 127};

/// numerator / denominator, rounded to the nearest number of `format`, ties to even.
double round_to(const Format& format, const Integer& numerator, const Integer& denominator);
double round_to(const Format& format, const BigFloat& x);

enum class Rep : std::uint8_t { Unknown, Bool, String, Int64, Big, Ratio, Float, Complex };

/// An integer as it is stored: 64-bit words, least significant first, in the arena.
struct Words {
    std::span<const std::uint64_t> words;
    bool negative = false;
};

/// One constant. Which members count, `rep` says. The order of Rep is the order of promotion.
class Value {
  public:
    Rep rep = Rep::Unknown;
    bool boolean = false;
    std::int64_t small = 0;  ///< Int64; the exponent of a Float.
    Words number;            ///< Big; numerator of a Ratio; mantissa of a Float.
    Words denominator;       ///< Of a Ratio.
    const Value* x = nullptr;  ///< Real part, or the left half of a concatenation.
    const Value* y = nullptr;  ///< Imaginary part, or the right half of a concatenation.
    // A concatenation is joined when it is first read, so that a chain of n parts costs n copies.
    mutable std::string_view text;
    mutable bool joined = true;
    base::Arena* arena = nullptr;
    std::size_t length = 0;  ///< Bytes of the text.
};

Integer to_integer(const Value* value);    ///< Of an Int64 or Big.
Rational to_rational(const Value* value);  ///< Of an Int64, Big or Ratio.
BigFloat to_big_float(const Value* value);  ///< Of any real value.

const Value* make_integer(base::Arena&, const Integer& x);
const Value* make_ratio(base::Arena&, const Rational& x);  ///< A Float when it is too large.
const Value* make_exact_ratio(base::Arena&, const Rational& x);
const Value* make_float(base::Arena&, const BigFloat& x);
const Value* make_complex(base::Arena&, const Value* re, const Value* im);
const Value* concatenate(base::Arena&, const Value* x, const Value* y);

}  // namespace csp::constant
