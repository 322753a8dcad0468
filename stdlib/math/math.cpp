#include <algorithm>
#include <bit>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "csp/package.hpp"
#include "stdlib/math/elementary.h"

namespace csp::stdlib {

namespace {

/// Go: a NaN in either wins, then an infinity, then the sign of zeros.
double go_max(double x, double y) {
    if (std::isinf(x) && x > 0) return x;
    if (std::isinf(y) && y > 0) return y;
    if (std::isnan(x) || std::isnan(y)) return std::nan("");
    if (x == 0 && y == 0) return std::signbit(x) ? y : x;
    return x > y ? x : y;
}
double go_min(double x, double y) {
    if (std::isinf(x) && x < 0) return x;
    if (std::isinf(y) && y < 0) return y;
    if (std::isnan(x) || std::isnan(y)) return std::nan("");
    if (x == 0 && y == 0) return std::signbit(x) ? x : y;
    return x < y ? x : y;
}
/// Of equal numbers Go takes the first: they may be zeros.
template <class T>
T next_after(T x, T y) {
    return x == y ? x : std::nextafter(x, y);
}
double round_even(double x) { return std::nearbyint(x); }

/// Differs from the C library's at -Inf, which gives +Inf there, and in the sign at the poles.
std::pair<double, std::int64_t> log_gamma(double x) {
    if (x == -INFINITY) return {x, 1};
    int sign = 1;
    const double y = lgamma_r(x, &sign);
    const bool pole = x <= 0 && std::isinf(y);
    return {y, pole || std::isnan(x) ? 1 : sign};
}

std::int64_t integer_exponent(double x) {
    if (x == 0) return std::numeric_limits<std::int32_t>::min();
    if (!std::isfinite(x)) return std::numeric_limits<std::int32_t>::max();
    return std::ilogb(x);
}

/// A power of 10^32 times or divided by one of 10: rounded as Go does it.
double power_of_10(std::int64_t n) {
    static constexpr double kSmall[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
        1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
    static constexpr double kLarge[] = {
        1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
    static constexpr double kTiny[] = {
        1e-0, 1e-32, 1e-64, 1e-96, 1e-128, 1e-160, 1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
    if (n < -323) return 0;
    if (n > 308) return std::numeric_limits<double>::infinity();
    const auto size = static_cast<std::size_t>(std::abs(n));
    return n < 0 ? kTiny[size / 32] / kSmall[size % 32] : kLarge[size / 32] * kSmall[size % 32];
}

int order(std::int64_t n) { return static_cast<int>(std::clamp<std::int64_t>(n, -INT_MAX, INT_MAX)); }

double bessel_j(std::int64_t n, double x) {
    if (x == 0) return n == 0 ? 1 : 0;
    return std::isinf(x) ? 0 : jn(order(n), x);
}
double bessel_y(std::int64_t n, double x) {
    if (x < 0 || std::isnan(x)) return std::nan("");
    if (x == 0) return n < 0 && n % 2 != 0 ? INFINITY : -INFINITY;
    return std::isinf(x) ? 0 : yn(order(n), x);
}

}  // namespace

void bind_math(Package& package) {
    using F = double (*)(double);
    using F2 = double (*)(double, double);
    const std::pair<const char*, F> kUnary[] = {
        {"Sqrt", std::sqrt},   {"Abs", std::fabs},     {"Floor", std::floor}, {"Ceil", std::ceil},
        {"Trunc", std::trunc}, {"Round", std::round},  {"RoundToEven", round_even},
        {"Sin", elementary::sin},     {"Cos", elementary::cos},      {"Tan", elementary::tan},     {"Asin", elementary::asin},
        {"Acos", elementary::acos},   {"Atan", elementary::atan},    {"Sinh", elementary::sinh},   {"Cosh", elementary::cosh},
        {"Tanh", elementary::tanh},   {"Asinh", elementary::asinh},  {"Acosh", elementary::acosh}, {"Atanh", elementary::atanh},
        {"Exp", elementary::exp},     {"Exp2", elementary::exp2},    {"Expm1", std::expm1}, {"Log", elementary::log},
        {"Log2", elementary::log2},   {"Log10", elementary::log10},  {"Log1p", elementary::log1p}, {"Cbrt", elementary::cbrt},
        {"Gamma", elementary::gamma}, {"Erf", elementary::erf},     {"Erfc", elementary::erfc},
        {"Erfinv", elementary::erfinv}, {"Erfcinv", [](double x) { return elementary::erfinv(1 - x); }},
        {"Logb", std::logb},
    };
    for (const auto& [name, f] : kUnary) package.function(name, f);
    const std::pair<const char*, F2> kBinary[] = {
        {"Pow", elementary::pow},  {"Atan2", elementary::atan2}, {"Hypot", elementary::hypot}, {"Mod", std::fmod},
        {"Max", go_max},    {"Min", go_min},       {"Copysign", std::copysign},
        {"Remainder", std::remainder}, {"Nextafter", next_after<double>},
    };
    for (const auto& [name, f] : kBinary) package.function(name, f);
    package.function("FMA", [](double x, double y, double z) { return std::fma(x, y, z); });
    package.function("Pow10", power_of_10);
    package.function("Float64bits", [](double f) { return std::bit_cast<std::uint64_t>(f); });
    package.function("Float64frombits", [](std::uint64_t b) { return std::bit_cast<double>(b); });
    package.function("Float32bits", [](float f) { return std::bit_cast<std::uint32_t>(f); });
    package.function("Float32frombits", [](std::uint32_t b) { return std::bit_cast<float>(b); });
    package.function("Lgamma", log_gamma).function("Ilogb", integer_exponent);
    package.function("Nextafter32", next_after<float>);
    package.function("Jn", bessel_j).function("J0", [](double x) { return bessel_j(0, x); });
    package.function("J1", [](double x) { return bessel_j(1, x); });
    package.function("Yn", bessel_y).function("Y0", [](double x) { return bessel_y(0, x); });
    package.function("Y1", [](double x) { return bessel_y(1, x); });
    package.function("frexp", [](double f) {
        int exponent = 0;
        const double fraction = std::frexp(f, &exponent);
        return std::pair<double, std::int64_t>(fraction, exponent);
    });
    package.function("ldexp", [](double f, std::int64_t e) {
        return std::ldexp(f, static_cast<int>(std::max<std::int64_t>(-5000, std::min<std::int64_t>(5000, e))));
    });
}

}  // namespace csp::stdlib
