#include <bit>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "csp/package.hpp"
#include "stdlib/math/elementary.h"

// Finite numbers by the formulas of the Cephes library, whose results differ from the C library's in the last place; what
// is not finite by the C library, which keeps the C standard's Annex G.

namespace csp::stdlib {

namespace {

using Complex = std::complex<double>;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool finite(Complex z) { return std::isfinite(z.real()) && std::isfinite(z.imag()); }

/// Without the C standard's rescue of infinities.
Complex product(Complex a, Complex b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// sinh and cosh with one exponential.
std::pair<double, double> sinh_cosh(double x) {
    if (std::fabs(x) <= 0.5) return {elementary::sinh(x), elementary::cosh(x)};
    double e = elementary::exp(x);
    const double inverse = 0.5 / e;
    e *= 0.5;
    return {e - inverse, e + inverse};
}

/// x less the nearest multiple of pi, which is subtracted in three parts, those that sine and cosine take, so that no digits
/// get lost.
double reduce(double x) {
    constexpr double kLarge = 1 << 30, kPi1 = 4 * 7.85398125648498535156e-1, kPi2 = 4 * 3.77489470793079817668e-8,
                     kPi3 = 4 * 2.69515142907905952645e-15;
    if (std::fabs(x) >= kLarge) return elementary::atan(elementary::tan(x));
    double t = x / std::numbers::pi;
    t = std::trunc(t + 0.5);
    return ((x - t * kPi1) - t * kPi2) - t * kPi3;
}

/// cosh(2y) - cos(2x) near its zeros, where the difference would cancel: its Taylor series.
double tangent_series(Complex z) {
    double x = reduce(std::fabs(2 * z.real())), y = std::fabs(2 * z.imag());
    x *= x;
    y *= y;
    double x2 = 1, y2 = 1, f = 1, rn = 0, d = 0;
    for (;;) {
        const auto step = [&](double sign) {
            f *= ++rn;
            f *= ++rn;
            x2 *= x;
            y2 *= y;
            const double t = (y2 + sign * x2) / f;
            d += t;
            return t;
        };
        step(1);
        const double t = step(-1);
        if (!(std::fabs(t / d) > std::numeric_limits<double>::epsilon() / 2)) return d;  // also for a NaN
    }
}

Complex square_root(Complex z) {
    double a = z.real(), b = z.imag();
    if (b == 0) {
        if (a == 0) return {0, b};
        if (a < 0) return {0, std::copysign(std::sqrt(-a), b)};
        return {std::sqrt(a), b};
    }
    if (!finite(z)) return std::sqrt(z);
    if (a == 0) {
        const double r = std::sqrt(0.5 * std::fabs(b));
        return {r, std::copysign(r, b)};
    }
    double scale;
    if (std::fabs(a) > 4 || std::fabs(b) > 4) {
        a *= 0.25;
        b *= 0.25;
        scale = 2;
    } else {
        a *= 0x1p54;
        b *= 0x1p54;
        scale = 0x1p-27;
    }
    double r = elementary::hypot(a, b), t;
    if (a > 0) {
        t = std::sqrt(0.5 * r + 0.5 * a);
        r = scale * std::fabs(0.5 * b / t);
        t *= scale;
    } else {
        r = std::sqrt(0.5 * r - 0.5 * a);
        t = scale * std::fabs(0.5 * b / r);
        r *= scale;
    }
    return {t, b < 0 ? -r : r};
}

Complex logarithm(Complex z) { return {elementary::log(elementary::hypot(z.real(), z.imag())), elementary::atan2(z.imag(), z.real())}; }

Complex exponential(Complex z) {
    if (!finite(z)) return std::exp(z);
    const double r = elementary::exp(z.real());
    return {r * elementary::cos(z.imag()), r * elementary::sin(z.imag())};
}

Complex power(Complex x, Complex y) {
    const double re = y.real(), im = y.imag();
    if (x == Complex{}) {
        if (re == 0) return 1;
        if (re < 0) return {kInf, im == 0 ? 0 : kInf};
        return 0;
    }
    const double modulus = elementary::hypot(x.real(), x.imag());
    if (modulus == 0) return 0;
    double r = elementary::pow(modulus, re);
    const double phase = elementary::atan2(x.imag(), x.real());
    double theta = re * phase;
    if (im != 0) {
        r *= elementary::exp(-im * phase);
        theta += im * elementary::log(modulus);
    }
    return {r * elementary::cos(theta), r * elementary::sin(theta)};
}

Complex sine(Complex z) {
    if (!finite(z)) return std::sin(z);
    const auto [sh, ch] = sinh_cosh(z.imag());
    return {elementary::sin(z.real()) * ch, elementary::cos(z.real()) * sh};
}
Complex cosine(Complex z) {
    if (!finite(z)) return std::cos(z);
    const auto [sh, ch] = sinh_cosh(z.imag());
    return {elementary::cos(z.real()) * ch, -elementary::sin(z.real()) * sh};
}
Complex hyperbolic_sine(Complex z) {
    if (!finite(z)) return std::sinh(z);
    const auto [sh, ch] = sinh_cosh(z.real());
    return {elementary::cos(z.imag()) * sh, elementary::sin(z.imag()) * ch};
}
Complex hyperbolic_cosine(Complex z) {
    if (!finite(z)) return std::cosh(z);
    const auto [sh, ch] = sinh_cosh(z.real());
    return {elementary::cos(z.imag()) * ch, elementary::sin(z.imag()) * sh};
}

Complex tangent(Complex z) {
    if (!finite(z)) return std::tan(z);
    double d = elementary::cos(2 * z.real()) + elementary::cosh(2 * z.imag());
    if (std::fabs(d) < 0.25) d = tangent_series(z);
    if (d == 0) return {kInf, kInf};
    return {elementary::sin(2 * z.real()) / d, elementary::sinh(2 * z.imag()) / d};
}
Complex hyperbolic_tangent(Complex z) {
    if (!finite(z)) return std::tanh(z);
    const double d = elementary::cosh(2 * z.real()) + elementary::cos(2 * z.imag());
    if (d == 0) return {kInf, kInf};
    return {elementary::sinh(2 * z.real()) / d, elementary::sin(2 * z.imag()) / d};
}
Complex cotangent(Complex z) {
    double d = elementary::cosh(2 * z.imag()) - elementary::cos(2 * z.real());
    if (std::fabs(d) < 0.25) d = tangent_series(z);
    if (d == 0) return {kInf, kInf};
    return {elementary::sin(2 * z.real()) / d, -elementary::sinh(2 * z.imag()) / d};
}

Complex arc_sine(Complex z) {
    if (z.imag() == 0 && std::fabs(z.real()) <= 1) return {elementary::asin(z.real()), z.imag()};
    if (z.real() == 0 && std::fabs(z.imag()) <= 1) return {z.real(), elementary::asinh(z.imag())};
    if (!finite(z)) return std::asin(z);
    const Complex square = product(z, z);
    const Complex root = square_root({1 - square.real(), -square.imag()});
    const Complex w = logarithm(Complex{-z.imag(), z.real()} + root);
    return {w.imag(), -w.real()};
}
Complex arc_cosine(Complex z) {
    if (!finite(z)) return std::acos(z);
    const Complex w = arc_sine(z);
    return {std::numbers::pi / 2 - w.real(), -w.imag()};
}
Complex arc_tangent(Complex z) {
    const double re = z.real(), im = z.imag();
    if (im == 0) return {elementary::atan(re), im};
    if (re == 0 && std::fabs(im) <= 1) return {re, elementary::atanh(im)};
    if (!finite(z)) return std::atan(z);
    const double square = re * re, a = 1 - square - im * im;
    if (a == 0) return {kNaN, kNaN};
    const double w = reduce(0.5 * elementary::atan2(2 * re, a));
    const double b = square + (im - 1) * (im - 1);
    if (b == 0) return {kNaN, kNaN};
    return {w, 0.25 * elementary::log((square + (im + 1) * (im + 1)) / b)};
}
Complex hyperbolic_arc_sine(Complex z) {
    if (z.imag() == 0 && std::fabs(z.real()) <= 1) return {elementary::asinh(z.real()), z.imag()};
    if (z.real() == 0 && std::fabs(z.imag()) <= 1) return {z.real(), elementary::asin(z.imag())};
    if (!finite(z)) return std::asinh(z);
    const Complex square = product(z, z);
    return logarithm(z + square_root({1 + square.real(), square.imag()}));
}
Complex hyperbolic_arc_cosine(Complex z) {
    if (z == Complex{}) return {0, std::copysign(std::numbers::pi / 2, z.imag())};
    const Complex w = arc_cosine(z);
    return w.imag() <= 0 ? Complex{-w.imag(), w.real()} : Complex{w.imag(), -w.real()};
}
Complex hyperbolic_arc_tangent(Complex z) {
    const Complex w = arc_tangent({-z.imag(), z.real()});
    return {w.imag(), -w.real()};
}

Complex complex_at(const Slot* s) { return {std::bit_cast<double>(s[0]), std::bit_cast<double>(s[1])}; }
void put(Slot* to, Complex z) {
    to[0] = std::bit_cast<Slot>(z.real());
    to[1] = std::bit_cast<Slot>(z.imag());
}

/// func(complex128) complex128
template <Complex f(Complex)>
Status unary(Call& call, const NativeEntry&) {
    put(call.slots(), f(complex_at(call.slots() + 2)));
    return Status::Ok;
}
/// func Pow(x, y complex128) complex128
Status pow(Call& call, const NativeEntry&) {
    put(call.slots(), power(complex_at(call.slots() + 2), complex_at(call.slots() + 4)));
    return Status::Ok;
}

}  // namespace

void bind_math_cmplx(Package& package) {
    package.raw("Sqrt", unary<square_root>)
        .raw("Exp", unary<exponential>)
        .raw("Log", unary<logarithm>)
        .raw("Pow", pow)
        .raw("Sin", unary<sine>)
        .raw("Cos", unary<cosine>)
        .raw("Tan", unary<tangent>)
        .raw("Cot", unary<cotangent>)
        .raw("Asin", unary<arc_sine>)
        .raw("Acos", unary<arc_cosine>)
        .raw("Atan", unary<arc_tangent>)
        .raw("Sinh", unary<hyperbolic_sine>)
        .raw("Cosh", unary<hyperbolic_cosine>)
        .raw("Tanh", unary<hyperbolic_tangent>)
        .raw("Asinh", unary<hyperbolic_arc_sine>)
        .raw("Acosh", unary<hyperbolic_arc_cosine>)
        .raw("Atanh", unary<hyperbolic_arc_tangent>);
}

}  // namespace csp::stdlib
