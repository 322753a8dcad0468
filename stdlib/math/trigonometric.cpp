#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "stdlib/math/elementary.h"
#include "stdlib/math/horner.h"

namespace csp::stdlib::elementary {

namespace {

constexpr double kPi = std::numbers::pi;
const double kNaN = std::nan("");

/// An angle as an even number of octants and a rest in [-pi/4, pi/4].
struct Angle {
    std::uint64_t octant;
    double rest;
};

/// From here on, the short reduction would lose digits.
constexpr double kHuge = 1 << 29;

/// The binary digits of 4/pi, as many as the largest float needs.
constexpr std::uint64_t kDigits[] = {
    0x0000000000000001, 0x45f306dc9c882a53, 0xf84eafa3ea69bb81, 0xb6c52b3278872083, 0xfca2c757bd778ac3,
    0x6e48dc74849ba5c0, 0x0c925dd413a32439, 0xfc3bd63962534e7d, 0xd1046bea5d768909, 0xd338e04d68befc82,
    0x7323ac7306a673e9, 0x3908bf177bf25076, 0x3ff12fffbc0b301f, 0xde5e2316b414da3e, 0xda6cfd9e4f96136e,
    0x9e8c7ecd3cbfd45a, 0xea4f758fd7cbe2f6, 0x7a0e73ef14a525d4, 0xd7f6bf623f1aba10, 0xac06608df8f6d757,
};

__extension__ using Wide = unsigned __int128;

/// The highest 64 bits of two words after a shift by less than 64.
std::uint64_t shifted(std::uint64_t high, std::uint64_t low, unsigned by) { return high << by | low >> 1 >> (63 - by); }

/// 64 digits of 4/pi from bit `from` on.
std::uint64_t digits_from(unsigned from) { return shifted(kDigits[from / 64], kDigits[from / 64 + 1], from % 64); }

/// Payne and Hanek's reduction: x times the digits of 4/pi that matter, which is octants with 125 bits behind the point.
Angle reduce_huge(double x) {
    constexpr int kMantissa = 52, kBias = 1023;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const std::uint64_t mantissa = (bits & ((std::uint64_t{1} << kMantissa) - 1)) | std::uint64_t{1} << kMantissa;
    const auto from = static_cast<unsigned>(bits >> kMantissa) - (kBias + kMantissa - 61);
    const Wide turn = (Wide{digits_from(from)} * mantissa << 64) + Wide{digits_from(from + 64)} * mantissa +
                      (Wide{digits_from(from + 128)} * mantissa >> 64);
    auto octant = static_cast<std::uint64_t>(turn >> 125);
    // The first 53 digits that are not 0 behind the point. Behind the 61st Go goes on with the whole low word.
    const auto high = static_cast<std::uint64_t>(turn >> 61), low = static_cast<std::uint64_t>(turn);
    const int zeros = std::countl_zero(high) & 63;
    const auto digits = static_cast<std::int64_t>(shifted(high, low, static_cast<unsigned>(zeros)) >> 11);
    const double unit = std::bit_cast<double>(static_cast<std::uint64_t>(kBias - kMantissa - 1 - zeros) << kMantissa);
    double rest = static_cast<double>(digits) * unit;
    if (octant & 1) {
        octant = (octant + 1) & 7;
        rest -= 1;
    }
    return {octant, rest * (kPi / 4)};
}

/// Of x >= 0, not infinite.
Angle reduce(double x) {
    if (x >= kHuge) return reduce_huge(x);
    constexpr double kHigh = 7.85398125648498535156e-1, kMiddle = 3.77489470793079817668e-8,
                     kLow = 2.69515142907905952645e-15;  // pi/4 in three parts
    auto octant = static_cast<std::uint64_t>(x * (4 / kPi));
    octant += octant & 1;
    const auto count = static_cast<double>(octant);
    return {octant & 7, ((x - count * kHigh) - count * kMiddle) - count * kLow};
}

double sine_series(double z) {
    const double square = z * z;
    return z + z * square *
                   horner(square, 1.58962301576546568060e-10, -2.50507477628578072866e-8, 2.75573136213857245213e-6,
                          -1.98412698295895385996e-4, 8.33333333332211858878e-3, -1.66666666666666307295e-1);
}
double cosine_series(double z) {
    const double square = z * z;
    return 1.0 - 0.5 * square +
           square * square *
               horner(square, -1.13585365213876817300e-11, 2.08757008419747316778e-9, -2.75573141792967388112e-7,
                      2.48015872888517045348e-5, -1.38888888888730564116e-3, 4.16666666666665929218e-2);
}

}  // namespace

double sin(double x) {
    if (x == 0 || std::isnan(x)) return x;
    if (std::isinf(x)) return kNaN;
    auto [octant, rest] = reduce(std::fabs(x));
    const bool negative = (x < 0) != (octant > 3);
    octant &= 3;
    const double y = octant == 1 || octant == 2 ? cosine_series(rest) : sine_series(rest);
    return negative ? -y : y;
}

double cos(double x) {
    if (!std::isfinite(x)) return kNaN;
    auto [octant, rest] = reduce(std::fabs(x));
    const bool upper = octant > 3;
    octant &= 3;
    const double y = octant == 1 || octant == 2 ? sine_series(rest) : cosine_series(rest);
    return upper != (octant > 1) ? -y : y;
}

double tan(double x) {
    if (x == 0 || std::isnan(x)) return x;
    if (std::isinf(x)) return kNaN;
    const auto [octant, rest] = reduce(std::fabs(x));
    const double square = rest * rest;
    double y = rest;
    if (square > 1e-14)
        y = rest + rest * (square *
                           horner(square, -1.30936939181383777646e4, 1.15351664838587416140e6, -1.79565251976484877988e7) /
                           horner(square, 1.0, 1.36812963470692954678e4, -1.32089234440210967447e6,
                                  2.50083801823357915839e7, -5.38695755929454629881e7));
    if (octant & 2) y = -1 / y;
    return x < 0 ? -y : y;
}

namespace {

/// In [0, 0.66].
double atan_series(double x) {
    double z = x * x;
    z = z *
        horner(z, -8.750608600031904122785e-01, -1.615753718733365076637e+01, -7.500855792314704667340e+01,
               -1.228866684490136173410e+02, -6.485021904942025371773e+01) /
        horner(z, 1.0, 2.485846490142306297962e+01, 1.650270098316988542046e+02, 4.328810604912902668951e+02,
               4.853903996359136964868e+02, 1.945506571482613964425e+02);
    return x * z + x;
}

double atan_positive(double x) {
    constexpr double kMore = 6.123233995736765886130e-17;  // of pi/2 behind the double
    constexpr double kTan3Pi8 = 2.41421356237309504880;
    if (x <= 0.66) return atan_series(x);
    if (x > kTan3Pi8) return kPi / 2 - atan_series(1 / x) + kMore;
    return kPi / 4 + atan_series((x - 1) / (x + 1)) + 0.5 * kMore;
}

}  // namespace

double atan(double x) {
    if (x == 0) return x;
    return x > 0 ? atan_positive(x) : -atan_positive(-x);
}

double asin(double x) {
    if (x == 0) return x;
    const double magnitude = std::fabs(x);
    if (!(magnitude <= 1)) return kNaN;
    double y = std::sqrt(1 - magnitude * magnitude);
    y = magnitude > 0.7 ? kPi / 2 - atan_positive(y / magnitude) : atan_positive(magnitude / y);
    return x < 0 ? -y : y;
}

double acos(double x) { return kPi / 2 - asin(x); }

double atan2(double y, double x) {
    // Exact quotients of pi in the special cases.
    if (std::isnan(y) || std::isnan(x) || y == 0 || x == 0 || std::isinf(x) || std::isinf(y)) return std::atan2(y, x);
    const double q = atan(y / x);
    if (x < 0) return q <= 0 ? q + kPi : q - kPi;
    return q;
}

}  // namespace csp::stdlib::elementary
