#include <algorithm>
#include <bit>
#include <climits>
#include <cmath>
#include <limits>
#include <numbers>

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

/// A polynomial by Horner's rule, the constant term first.
template <std::size_t N>
double polynomial(const double (&coefficients)[N], double x) {
    double sum = coefficients[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

/// Algorithm AS 241 (Wichura 1988), with the coefficients scaled from the normal distribution's quantile to the inverse of the error function.
double erf_inverse(double x) {
    constexpr double kNearTop[] = {1.1975323115670912564578e0, 4.7072688112383978012285e1,
        6.9706266534389598238465e2, 4.8548868893843886794648e3, 1.6235862515167575384252e4,
        2.3782041382114385731252e4, 1.1819493347062294404278e4, 8.8709406962545514830200e2};
    constexpr double kNearBottom[] = {1.0000000000000000000e0, 4.2313330701600911252e1, 6.8718700749205790830e2,
        5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
        5.2264952788528545610e3};
    constexpr double kMiddleTop[] = {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr double kMiddleBottom[] = {1.4142135623730950488016887e0, 2.9036514445419946173133295e0,
        2.3707661626024532365971225e0, 9.7547832001787427186894837e-1, 2.0945065210512749128288442e-1,
        2.1494160384252876777097297e-2, 7.7441459065157709165577218e-4, 1.4859850019840355905497876e-9};
    constexpr double kFarTop[] = {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr double kFarBottom[] = {1.414213562373095048801689e0, 8.482908416595164588112026e-1,
        1.936480946950659106176712e-1, 2.103693768272068968719679e-2, 1.112800997078859844711555e-3,
        2.611088405080593625138020e-5, 2.010321207683943062279931e-7, 2.891024605872965461538222e-15};
    if (!(std::fabs(x) < 1)) return std::fabs(x) == 1 ? std::copysign(INFINITY, x) : std::nan("");
    const double magnitude = std::fabs(x);
    double y;
    if (magnitude <= 0.85) {
        const double r = 0.180625 - 0.25 * magnitude * magnitude;
        y = magnitude * polynomial(kNearTop, r) / polynomial(kNearBottom, r);
    } else {
        double r = std::sqrt(std::numbers::ln2 - elementary::log(1 - magnitude));
        if (r <= 5) {
            r -= 1.6;
            y = polynomial(kMiddleTop, r) / polynomial(kMiddleBottom, r);
        } else {
            r -= 5;
            y = polynomial(kFarTop, r) / polynomial(kFarBottom, r);
        }
    }
    return std::copysign(y, x);
}

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
        {"Log2", elementary::log2},   {"Log10", elementary::log10},  {"Log1p", std::log1p}, {"Cbrt", elementary::cbrt},
        {"Gamma", elementary::gamma}, {"Erf", elementary::erf},     {"Erfc", elementary::erfc},
        {"Erfinv", erf_inverse}, {"Erfcinv", [](double x) { return erf_inverse(1 - x); }},
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
    package.function("Pow10", [](std::int64_t n) { return std::pow(10.0, static_cast<double>(n)); });
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
