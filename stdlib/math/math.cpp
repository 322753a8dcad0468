#include <bit>
#include <cmath>

#include "csp/package.hpp"


namespace csp::stdlib {

namespace {

/// The C library's cbrt for double may be off in the last place: cbrt(27) is not 3.
double cbrt_rounded(double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); }


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
double round_even(double x) { return std::nearbyint(x); }

}  // namespace

void bind_math(Package& package) {
    using F = double (*)(double);
    using F2 = double (*)(double, double);
    const std::pair<const char*, F> kUnary[] = {
        {"Sqrt", std::sqrt},   {"Abs", std::fabs},     {"Floor", std::floor}, {"Ceil", std::ceil},
        {"Trunc", std::trunc}, {"Round", std::round},  {"RoundToEven", round_even},
        {"Sin", std::sin},     {"Cos", std::cos},      {"Tan", std::tan},     {"Asin", std::asin},
        {"Acos", std::acos},   {"Atan", std::atan},    {"Sinh", std::sinh},   {"Cosh", std::cosh},
        {"Tanh", std::tanh},   {"Asinh", std::asinh},  {"Acosh", std::acosh}, {"Atanh", std::atanh},
        {"Exp", std::exp},     {"Exp2", std::exp2},    {"Expm1", std::expm1}, {"Log", std::log},
        {"Log2", std::log2},   {"Log10", std::log10},  {"Log1p", std::log1p}, {"Cbrt", cbrt_rounded},
        {"Gamma", std::tgamma}, {"Erf", std::erf},     {"Erfc", std::erfc},
    };
    for (const auto& [name, f] : kUnary) package.function(name, f);
    const std::pair<const char*, F2> kBinary[] = {
        {"Pow", std::pow},  {"Atan2", std::atan2}, {"Hypot", std::hypot}, {"Mod", std::fmod},
        {"Max", go_max},    {"Min", go_min},       {"Copysign", std::copysign},
        {"Remainder", std::remainder}, {"Nextafter", std::nextafter},
    };
    for (const auto& [name, f] : kBinary) package.function(name, f);
    package.function("FMA", [](double x, double y, double z) { return std::fma(x, y, z); });
    package.function("Pow10", [](std::int64_t n) { return std::pow(10.0, static_cast<double>(n)); });
    package.function("Float64bits", [](double f) { return std::bit_cast<std::uint64_t>(f); });
    package.function("Float64frombits", [](std::uint64_t b) { return std::bit_cast<double>(b); });
    package.function("Float32bits", [](float f) { return std::bit_cast<std::uint32_t>(f); });
    package.function("Float32frombits", [](std::uint32_t b) { return std::bit_cast<float>(b); });
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
