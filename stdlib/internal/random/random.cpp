// The ziggurat method for the normal and the exponential distribution, with Go's numbers of strips, so that the same bits
// give the same numbers; and rejection-inversion for Zipf's.

#include <array>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/math/elementary.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// The density is covered by N strips of the same area, the lowest with the tail.
template <std::size_t N>
struct Strips {
    std::array<std::uint32_t, N> inside;  ///< Random bits below this are a point below the density for certain.
    std::array<float, N> width;           ///< By random bit.
    std::array<float, N> density;         ///< At the strip's right end.
};

/// `area` of a strip, `edge` where the tail begins, `scale` of the random bits.
template <std::size_t N, class Density, class Inverse>
Strips<N> make_strips(double area, double edge, double scale, const Density& density, const Inverse& inverse) {
    Strips<N> strips;
    const double base = area / density(edge);
    strips.inside[0] = static_cast<std::uint32_t>(edge / base * scale);
    strips.inside[1] = 0;
    strips.width[0] = static_cast<float>(base / scale);
    strips.width[N - 1] = static_cast<float>(edge / scale);
    strips.density[0] = 1;
    strips.density[N - 1] = static_cast<float>(density(edge));
    for (std::size_t i = N - 2; i >= 1; --i) {
        const double next = inverse(area / edge + density(edge));
        strips.inside[i + 1] = static_cast<std::uint32_t>(next / edge * scale);
        edge = next;
        strips.density[i] = static_cast<float>(density(edge));
        strips.width[i] = static_cast<float>(edge / scale);
    }
    return strips;
}

const Strips<128>& normal_strips() {
    static const Strips<128> strips = make_strips<128>(
        9.91256303526217e-3, 3.442619855899, 0x1p31, [](double x) { return std::exp(-0.5 * x * x); },
        [](double y) { return std::sqrt(-2 * std::log(y)); });
    return strips;
}
const Strips<256>& exponential_strips() {
    static const Strips<256> strips = make_strips<256>(
        3.949659822581572e-3, 7.69711747013104972, 0x1p32, [](double x) { return std::exp(-x); },
        [](double y) { return -std::log(y); });
    return strips;
}

/// Whether a point between the densities of a strip's two ends, at height u of one, is below `density`.
template <std::size_t N>
bool is_below(const Strips<N>& strips, std::uint64_t strip, double u, double density) {
    const std::size_t i = strip % N;
    if (i == 0) return false;
    const float height = strips.density[i] + static_cast<float>(u) * (strips.density[i - 1] - strips.density[i]);
    return height < static_cast<float>(density);
}

/// The integral of (v + x)^-s, and where it has a value.
struct ZipfIntegral {
    double s, v;
    double at(double x) const { return elementary::exp((1 - s) * elementary::log(v + x)) * (1 / (1 - s)); }
    double inverse(double y) const { return elementary::exp(1 / (1 - s) * elementary::log((1 - s) * y)) - v; }
};

std::tuple<double, double, double> zipf_range(double s, double v, double most) {
    const ZipfIntegral integral{s, v};
    const double last = integral.at(most + 0.5);
    const double first = integral.at(0.5) - elementary::exp(-s * elementary::log(v));
    const double sure = 1 - integral.inverse(integral.at(1.5) - elementary::exp(-s * elementary::log(v + 1)));
    return {last, first - last, sure};
}

std::pair<double, bool> zipf_at(double s, double v, double sure, double value) {
    const ZipfIntegral integral{s, v};
    const double x = integral.inverse(value), k = std::floor(x + 0.5);
    return {k, k - x <= sure || value >= integral.at(k + 0.5) - elementary::exp(-s * elementary::log(k + v))};
}

}  // namespace

void bind_internal_random(Package& package) {
    package
        .function("Normal", [](std::uint32_t bits, std::uint32_t strip) {
            const auto number = static_cast<std::int32_t>(bits);
            const std::uint32_t size = number < 0 ? 0U - bits : bits;
            return std::pair(number * static_cast<double>(normal_strips().width[strip % 128]), size < normal_strips().inside[strip % 128]);
        })
        .function("Exponential", [](std::uint32_t bits, std::uint32_t strip) {
            return std::pair(bits * static_cast<double>(exponential_strips().width[strip % 256]), bits < exponential_strips().inside[strip % 256]);
        })
        .function("normalBelow", [](std::uint32_t strip, double u, double x) {
            return is_below(normal_strips(), strip, u, std::exp(-0.5 * x * x));
        })
        .function("exponentialBelow", [](std::uint32_t strip, double u, double x) {
            return is_below(exponential_strips(), strip, u, std::exp(-x));
        })
        .function("zipfRange", zipf_range)
        .function("zipfAt", zipf_at)
        .raw("Bits", [](Call& call, const NativeEntry&) {
            call.slots()[0] = goroutine(call).worker->random();
            return Status::Ok;
        });
}

}  // namespace csp::stdlib
