#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <numbers>

#include "stdlib/math/elementary.h"
#include "stdlib/math/horner.h"

namespace csp::stdlib::elementary {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");
// ln 2 in two parts.
constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;

/// The same on processors with and without a fused multiply-add, but for the time.
[[gnu::always_inline]] inline double exp_finite(double x) {
    constexpr double kHigh = 0.69314718055966295651160180568695068359375,
                     kLow = 0.28235290563031577122588448175013436025525412068e-12;
    const double count = std::nearbyint(x * std::numbers::log2e);
    x = __builtin_fma(-count, kHigh, x);
    x = __builtin_fma(-count, kLow, x);
    x *= 0.0625;
    double sum = 2.4801587301587301587e-5;
    for (const double coefficient : {1.9841269841269841270e-4, 1.3888888888888888889e-3, 8.3333333333333333333e-3,
                                     4.1666666666666666667e-2, 1.6666666666666666667e-1, 0.5, 1.0})
        sum = __builtin_fma(sum, x, coefficient);
    // exp(16x) - 1 by squaring four times: (y + 1)^2 - 1 = y (y + 2).
    x *= sum;
    for (int i = 0; i < 3; ++i) x *= x + 2;
    x = __builtin_fma(x + 2, x, 1.0);
    const int exponent = static_cast<int>(count);
    if (exponent >= 1024) return kInf;
    return exponent < -1075 ? 0 : std::ldexp(x, exponent);
}

#if defined(__x86_64__)
__attribute__((target("fma"))) double exp_fused(double x) { return exp_finite(x); }
#endif

}  // namespace

double exp(double x) {
    if (std::isnan(x) || x == kInf) return x;
    if (x > 7.09782712893384e+02) return kInf;
    if (x < -800) return 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("fma")) return exp_fused(x);
#endif
    return exp_finite(x);
}

double exp2(double x) {
    if (std::isnan(x)) return x;
    if (x > 1.0239999999999999e+03) return kInf;
    if (x < -1.0740e+03) return 0;
    const int exponent = static_cast<int>(x > 0 ? x + 0.5 : x < 0 ? x - 0.5 : 0.0);
    const double rest = x - exponent;
    const double high = rest * kLn2High, low = -rest * kLn2Low;
    const double r = high - low, square = r * r;
    const double c = r - square * horner(square, 4.13813679705723846039e-08, -1.65339022054652515390e-06,
                                         6.61375632143793436117e-05, -2.77777777770155933842e-03,
                                         1.66666666666666657415e-01);
    const double y = 1 - ((low - (r * c) / (2 - c)) - high);
    return std::ldexp(y, exponent);
}

double log(double x) {
    if (x == 0) return -kInf;
    if (x < 0) return kNaN;
    if (!std::isfinite(x)) return x;
    int exponent = 0;
    double f = std::frexp(x, &exponent);
    if (f < std::numbers::sqrt2 / 2) {
        f *= 2;
        --exponent;
    }
    f -= 1;
    const double k = exponent;
    const double s = f / (2 + f), s2 = s * s, s4 = s2 * s2;
    const double odd = s2 * horner(s4, 1.479819860511658591e-01, 1.818357216161805012e-01, 2.857142874366239149e-01,
                                   6.666666666666735130e-01);
    const double even = s4 * horner(s4, 1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01);
    const double half = 0.5 * f * f;
    return k * kLn2High - ((half - (s * (half + (odd + even)) + k * kLn2Low)) - f);
}

double log1p(double x) {
    if (x == -1) return -kInf;
    if (!(x > -1)) return kNaN;
    if (x == kInf) return x;
    const double magnitude = std::fabs(x);
    int k = 1;
    double f = x, correction = 0;
    bool exact_power = false;  // f is so near to 0 that a short series does
    if (magnitude < 4.142135623730950488017e-01) {  // sqrt(2) - 1
        if (magnitude < 0x1p-54) return x;
        if (magnitude < 0x1p-29) return x - x * x * 0.5;
        if (x > -2.928932188134524755992e-01) k = 0;  // sqrt(2)/2 - 1
    }
    if (k != 0) {
        // 1 + x = 2^k * (1 + f), and what the sum lost.
        const double u = magnitude < 0x1p53 ? 1 + x : x;
        std::uint64_t bits = std::bit_cast<std::uint64_t>(u);
        k = static_cast<int>(bits >> 52) - 1023;
        if (magnitude < 0x1p53) correction = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
        bits &= (std::uint64_t{1} << 52) - 1;
        exact_power = bits == 0;
        if (bits < 0x0006a09e667f3bcd) {  // the mantissa of sqrt(2)
            bits |= 0x3ff0000000000000;
        } else {
            ++k;
            bits |= 0x3fe0000000000000;
        }
        f = std::bit_cast<double>(bits) - 1;
    }
    const double half = 0.5 * f * f, count = k;
    if (exact_power) {
        if (k == 0) return 0;
        return count * kLn2High + (correction + count * kLn2Low);
    }
    const double s = f / (2 + f), square = s * s;
    const double r = square * horner(square, 1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
                                     2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
                                     6.666666666666735130e-01);
    if (k == 0) return f - (half - s * (half + r));
    return count * kLn2High - ((half - (s * (half + r) + (count * kLn2Low + correction))) - f);
}

double log10(double x) { return log(x) * std::numbers::log10e; }

double log2(double x) {
    int exponent = 0;
    const double fraction = std::frexp(x, &exponent);
    if (fraction == 0.5) return exponent - 1;
    if (!std::isfinite(x)) exponent = 0;
    return log(fraction) * std::numbers::log2e + exponent;
}

namespace {

/// mantissa * 2^exponent: a number whose powers do not overflow.
struct Scaled {
    double mantissa;
    std::int64_t exponent;

    static Scaled of(double x) {
        int exponent = 0;
        const double mantissa = std::frexp(x, &exponent);
        return {mantissa, exponent};
    }
    Scaled& operator*=(Scaled by) {
        mantissa *= by.mantissa;
        exponent += by.exponent;
        return *this;
    }
    /// Of the product of two mantissas of at least a half.
    void normalize() {
        if (mantissa >= 0.5) return;
        mantissa *= 2;
        --exponent;
    }
    double value() const { return std::ldexp(mantissa, static_cast<int>(exponent)); }
};

}  // namespace

double pow(double x, double y) {
    if (y == 1) return x;
    if (y == 0.5 && x != 0) return x == -kInf ? kInf : std::sqrt(x);
    if (y == -0.5 && x != 0) return x == -kInf ? 0 : 1 / std::sqrt(x);
    const bool special = x == 0 || x == 1 || y == 0 || !std::isfinite(x) || !std::isfinite(y) || std::fabs(y) >= 0x1p63;
    if (special || (x < 0 && y != std::trunc(y))) return std::pow(x, y);
    // x to the power of n, the nearest integer, times its power of the rest, at most a half.
    double n = std::floor(std::fabs(y));
    if (std::fabs(y) - n > 0.5) n += 1;
    const double rest = std::fabs(y) - n;
    Scaled result{rest == 0 ? 1 : exp(rest * log(x)), 0}, square = Scaled::of(x);
    for (auto i = static_cast<std::uint64_t>(n); i != 0; i >>= 1) {
        constexpr std::int64_t kFar = 1 << 12;  // neither a double nor the inverse of one
        if (std::abs(square.exponent) > kFar) return std::copysign((square.exponent > 0) == (y > 0) ? kInf : 0, result.mantissa);
        if (i & 1) result *= square;
        square *= square;
        square.normalize();
    }
    return y < 0 ? std::ldexp(1 / result.mantissa, static_cast<int>(-result.exponent)) : result.value();
}

double cbrt(double x) {
    if (x == 0 || !std::isfinite(x)) return x;
    const double magnitude = std::fabs(x);
    const auto third = [](double of, std::uint64_t bias) {
        return std::bit_cast<double>(std::bit_cast<std::uint64_t>(of) / 3 + (bias << 32));
    };
    double t = magnitude < std::numeric_limits<double>::min() ? third(0x1p54 * magnitude, 696219795)
                                                              : third(magnitude, 715094163);
    // To 23 bits by a rational function, cut off, and once by Newton.
    double r = t * t / magnitude;
    double s = 5.42857142857142815906e-01 + r * t;
    t *= 3.57142857142857150787e-01 + 1.60714285714285720630e+00 / (s + 1.41428571428571436819e+00 + -7.05306122448979611050e-01 / s);
    t = std::bit_cast<double>((std::bit_cast<std::uint64_t>(t) & (std::uint64_t{0xFFFFFFFFC} << 28)) + (std::uint64_t{1} << 30));
    s = t * t;
    r = magnitude / s;
    r = (r - t) / (t + t + r);
    t = t + t * r;
    return x < 0 ? -t : t;
}

double hypot(double x, double y) {
    if (std::isinf(x) || std::isinf(y)) return kInf;
    if (std::isnan(x) || std::isnan(y)) return kNaN;
    x = std::fabs(x);
    y = std::fabs(y);
    if (x < y) std::swap(x, y);
    if (x == 0) return 0;
    const double q = y / x;
    return x * std::sqrt(1 + q * q);
}

double sinh(double x) {
    const double magnitude = std::fabs(x);
    double y;
    if (magnitude > 21) {
        y = exp(magnitude) * 0.5;
    } else if (magnitude > 0.5) {
        const double e = exp(magnitude);
        y = (e - 1 / e) * 0.5;
    } else {
        const double square = magnitude * magnitude;
        y = horner(square, -0.2630563213397497062819489e+2, -0.2894211355989563807284660366e+4,
                   -0.8991272022039509355398013511e+5, -0.6307673640497716991184787251e+6) *
            magnitude;
        y = y / horner(square, 1.0, -0.173678953558233699533450911e+3, 0.1521517378790019070696485176e+5,
                       -0.6307673640497716991212077277e+6);
    }
    return std::copysign(y, x);
}

double cosh(double x) {
    x = std::fabs(x);
    const double e = exp(x);
    return x > 21 ? e * 0.5 : (e + 1 / e) * 0.5;
}

double tanh(double x) {
    const double magnitude = std::fabs(x);
    if (magnitude > 0.5 * 8.8029691931113054295988e+01) return x < 0 ? -1 : 1;
    if (magnitude >= 0.625) {
        const double y = 1 - 2 / (exp(2 * magnitude) + 1);
        return x < 0 ? -y : y;
    }
    if (x == 0) return x;
    const double s = x * x;
    return x + x * s * horner(s, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3) /
                   horner(s, 1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3);
}

double asinh(double x) {
    if (!std::isfinite(x)) return x;
    const double magnitude = std::fabs(x);
    double y;
    if (magnitude > 0x1p28) y = log(magnitude) + std::numbers::ln2;
    else if (magnitude > 2) y = log(2 * magnitude + 1 / (std::sqrt(magnitude * magnitude + 1) + magnitude));
    else if (magnitude < 0x1p-28) y = magnitude;
    else y = log1p(magnitude + magnitude * magnitude / (1 + std::sqrt(1 + magnitude * magnitude)));
    return std::copysign(y, x);
}

double acosh(double x) {
    if (!(x >= 1)) return kNaN;
    if (x == 1) return 0;
    if (x >= 0x1p28) return log(x) + std::numbers::ln2;
    if (x > 2) return log(2 * x - 1 / (x + std::sqrt(x * x - 1)));
    const double t = x - 1;
    return log1p(t + std::sqrt(2 * t + t * t));
}

double atanh(double x) {
    if (!(std::fabs(x) <= 1)) return kNaN;
    const double magnitude = std::fabs(x);
    double y;
    if (magnitude == 1) y = kInf;
    else if (magnitude < 0x1p-28) y = magnitude;
    else if (magnitude < 0.5) y = 0.5 * log1p(2 * magnitude + 2 * magnitude * magnitude / (1 - magnitude));
    else y = 0.5 * log1p(2 * magnitude / (1 - magnitude));
    return std::copysign(y, x);
}

}  // namespace csp::stdlib::elementary
