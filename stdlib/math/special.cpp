#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

#include "stdlib/math/elementary.h"
#include "stdlib/math/horner.h"

namespace csp::stdlib::elementary {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

// FreeBSD's rational functions for four ranges of the error function.
double near_top(double x) {
    return horner(x, -2.37630166566501626084e-05, -5.77027029648944159157e-03, -2.84817495755985104766e-02,
                  -3.25042107247001499370e-01, 1.28379167095512558561e-01);
}
double near_bottom(double x) {
    return horner(x, -3.96022827877536812320e-06, 1.32494738004321644526e-04, 5.08130628187576562776e-03,
                  6.50222499887672944485e-02, 3.97917223959155352819e-01, 1.0);
}
double middle_top(double x) {
    return horner(x, -2.16637559486879084300e-03, 3.54783043256182359371e-02, -1.10894694282396677476e-01,
                  3.18346619901161753674e-01, -3.72207876035701323847e-01, 4.14856118683748331666e-01,
                  -2.36211856075265944077e-03);
}
double middle_bottom(double x) {
    return horner(x, 1.19844998467991074170e-02, 1.36370839120290507362e-02, 1.26171219808761642112e-01,
                  7.18286544141962662868e-02, 5.40397917702171048937e-01, 1.06420880400844228286e-01, 1.0);
}
double far_top(double x) {
    return horner(x, -9.81432934416914548592e+00, -8.12874355063065934246e+01, -1.84605092906711035994e+02,
                  -1.62396669462573470355e+02, -6.23753324503260060396e+01, -1.05586262253232909814e+01,
                  -6.93858572707181764372e-01, -9.86494403484714822705e-03);
}
double far_bottom(double x) {
    return horner(x, -6.04244152148580987438e-02, 6.57024977031928170135e+00, 1.08635005541779435134e+02,
                  4.29008140027567833386e+02, 6.45387271733267880336e+02, 4.34565877475229228821e+02,
                  1.37657754143519042600e+02, 1.96512716674392571292e+01, 1.0);
}
double farther_top(double x) {
    return horner(x, -4.83519191608651397019e+02, -1.02509513161107724954e+03, -6.37566443368389627722e+02,
                  -1.60636384855821916062e+02, -1.77579549177547519889e+01, -7.99283237680523006574e-01,
                  -9.86494292470009928597e-03);
}
double farther_bottom(double x) {
    return horner(x, -2.24409524465858183362e+01, 4.74528541206955367215e+02, 2.55305040643316442583e+03,
                  3.19985821950859553908e+03, 1.53672958608443695994e+03, 3.25792512996573918826e+02,
                  3.03380607434824582924e+01, 1.0);
}

constexpr double kNear = 0.84375, kMiddle = 1.25;
constexpr double kMiddleValue = 8.45062911510467529297e-01;  // of the error function at 1

/// x * erfc(x) for x >= kMiddle.
double tail(double x) {
    const double s = 1 / (x * x);
    const double quotient = x < 1 / 0.35 ? far_top(s) / far_bottom(s) : farther_top(s) / farther_bottom(s);
    // x with few bits, whose square is exact.
    const double z = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0xffffffff00000000);
    return exp(-z * z - 0.5625) * exp((z - x) * (z + x) + quotient);
}

}  // namespace

double erf(double x) {
    if (std::isnan(x)) return kNaN;
    const double magnitude = std::fabs(x);
    double y;
    if (magnitude < kNear) {
        constexpr double kSlope = 1.28379167095512586316e-01;  // at 0, less 1
        if (magnitude < 2.848094538889218e-306) y = 0.125 * (8.0 * magnitude + 8 * kSlope * magnitude);
        else if (magnitude < 0x1p-28) y = magnitude + kSlope * magnitude;
        else y = magnitude + magnitude * (near_top(magnitude * magnitude) / near_bottom(magnitude * magnitude));
    } else if (magnitude < kMiddle) {
        y = kMiddleValue + middle_top(magnitude - 1) / middle_bottom(magnitude - 1);
    } else {
        y = magnitude >= 6 ? 1 : 1 - tail(magnitude) / magnitude;
    }
    return std::copysign(y, x);
}

double erfc(double x) {
    if (std::isnan(x)) return kNaN;
    const bool negative = x < 0;
    x = std::fabs(x);
    if (x < kNear) {
        double y = x;
        if (x >= 0x1p-56) {
            const double quotient = near_top(x * x) / near_bottom(x * x);
            y = x < 0.25 ? x + x * quotient : 0.5 + (x * quotient + (x - 0.5));
        }
        return negative ? 1 + y : 1 - y;
    }
    if (x < kMiddle) {
        const double quotient = middle_top(x - 1) / middle_bottom(x - 1);
        return negative ? 1 + kMiddleValue + quotient : 1 - kMiddleValue - quotient;
    }
    if (x >= 28 || (negative && x > 6)) return negative ? 2 : 0;
    const double y = tail(x) / x;
    return negative ? 2 - y : y;
}

namespace {

// The rational functions of algorithm AS 241 (Wichura 1988), scaled from the normal distribution's quantile to the inverse of
// the error function.
double inverse_near_top(double x) {
    return horner(x, 8.8709406962545514830200e2, 1.1819493347062294404278e4, 2.3782041382114385731252e4,
                  1.6235862515167575384252e4, 4.8548868893843886794648e3, 6.9706266534389598238465e2,
                  4.7072688112383978012285e1, 1.1975323115670912564578e0);
}
double inverse_near_bottom(double x) {
    return horner(x, 5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
                  2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1,
                  1.0000000000000000000e0);
}
double inverse_middle_top(double x) {
    return horner(x, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                  1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
                  4.63033784615654529590e0, 1.42343711074968357734e0);
}
double inverse_middle_bottom(double x) {
    return horner(x, 1.4859850019840355905497876e-9, 7.7441459065157709165577218e-4, 2.1494160384252876777097297e-2,
                  2.0945065210512749128288442e-1, 9.7547832001787427186894837e-1, 2.3707661626024532365971225e0,
                  2.9036514445419946173133295e0, 1.4142135623730950488016887e0);
}
double inverse_far_top(double x) {
    return horner(x, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                  2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
                  5.46378491116411436990e0, 6.65790464350110377720e0);
}
double inverse_far_bottom(double x) {
    return horner(x, 2.891024605872965461538222e-15, 2.010321207683943062279931e-7, 2.611088405080593625138020e-5,
                  1.112800997078859844711555e-3, 2.103693768272068968719679e-2, 1.936480946950659106176712e-1,
                  8.482908416595164588112026e-1, 1.414213562373095048801689e0);
}

}  // namespace

double erfinv(double x) {
    const double magnitude = std::fabs(x);
    if (!(magnitude < 1)) return magnitude == 1 ? std::copysign(kInf, x) : kNaN;
    double y;
    if (magnitude <= 0.85) {
        const double r = 0.180625 - 0.25 * magnitude * magnitude;
        y = magnitude * inverse_near_top(r) / inverse_near_bottom(r);
    } else {
        double r = std::sqrt(std::numbers::ln2 - log(1 - magnitude));
        if (r <= 5) {
            r -= 1.6;
            y = inverse_middle_top(r) / inverse_middle_bottom(r);
        } else {
            r -= 5;
            y = inverse_far_top(r) / inverse_far_bottom(r);
        }
    }
    return std::copysign(y, x);
}

namespace {

/// Stirling's formula in two factors, either of which is finite where the product is.
std::pair<double, double> stirling(double x) {
    if (x > 200) return {kInf, 1};
    constexpr double kRootTwoPi = 2.506628274631000502417, kSafe = 143.01608;
    double w = 1 / x;
    w = 1 + w * horner(w, 7.87311395793093628397e-04, -2.29549961613378126380e-04, -2.68132617805781232825e-03,
                       3.47222221605458667310e-03, 8.33333333333482257126e-02);
    const double e = exp(x);
    if (x > kSafe) {
        const double half = pow(x, 0.5 * x - 0.25);
        return {half, kRootTwoPi * w * (half / e)};
    }
    return {pow(x, x - 0.5) / e, kRootTwoPi * w * 1.0};
}

/// Of |x| > 33, by reflection if x is negative.
double gamma_large(double x) {
    if (x > 0) {
        const auto [a, b] = stirling(x);
        return a * b;
    }
    const double q = std::fabs(x);
    double p = std::floor(q);
    // Beyond 2^63 all are even; Go takes them as odd, but they are integers, which never come here.
    const double sign = std::fmod(p, 2) == 0 ? -1 : 1;
    double z = q - p;
    if (z > 0.5) z = q - (p + 1);
    z = q * sin(std::numbers::pi * z);
    if (z == 0) return sign * kInf;
    const auto [a, b] = stirling(q);
    z = std::fabs(z);
    const double d = z * a * b;
    return sign * (std::isinf(d) ? std::numbers::pi / z / a / b : std::numbers::pi / d);
}

}  // namespace

double gamma(double x) {
    if (std::isnan(x) || x == -kInf || (x < 0 && x == std::trunc(x))) return kNaN;
    if (x == kInf) return x;
    if (x == 0) return std::copysign(kInf, x);
    if (std::fabs(x) > 33) return gamma_large(x);
    // Brought into [2, 3).
    double z = 1;
    while (x >= 3) {
        x -= 1;
        z *= x;
    }
    while (x < 2) {
        if (std::fabs(x) < 1e-09) return x == 0 ? kInf : z / ((1 + std::numbers::egamma * x) * x);
        z /= x;
        x += 1;
    }
    if (x == 2) return z;
    x -= 2;
    const double p = horner(x, 1.60119522476751861407e-04, 1.19135147006586384913e-03, 1.04213797561761569935e-02,
                            4.76367800457137231464e-02, 2.07448227648435975150e-01, 4.94214826801497100753e-01,
                            9.99999999999999996796e-01);
    const double q = horner(x, -2.31581873324120129819e-05, 5.39605580493303397842e-04, -4.45641913851797240494e-03,
                            1.18139785222060435552e-02, 3.58236398605498653373e-02, -2.34591795718243348568e-01,
                            7.14304917030273074085e-02, 1.00000000000000000320e+00);
    return z * p / q;
}

}  // namespace csp::stdlib::elementary
