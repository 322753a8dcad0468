#include "stdlib/math/rand/ziggurat.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

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

}  // namespace

void bind_random_distributions(Package& package) {
    package
        .function("normal", [](std::int32_t bits, std::uint64_t strip) {
            const std::size_t i = strip % 128;
            const std::uint32_t size = bits < 0 ? 0U - static_cast<std::uint32_t>(bits) : static_cast<std::uint32_t>(bits);
            return std::pair(bits * static_cast<double>(normal_strips().width[i]), size < normal_strips().inside[i]);
        })
        .function("normalBelow", [](std::uint64_t strip, double u, double x) {
            return is_below(normal_strips(), strip, u, std::exp(-0.5 * x * x));
        })
        .function("exponential", [](std::uint32_t bits, std::uint64_t strip) {
            const std::size_t i = strip % 256;
            return std::pair(bits * static_cast<double>(exponential_strips().width[i]), bits < exponential_strips().inside[i]);
        })
        .function("exponentialBelow", [](std::uint64_t strip, double u, double x) {
            return is_below(exponential_strips(), strip, u, std::exp(-x));
        })
        .raw("random", [](Call& call, const NativeEntry&) {
            call.slots()[0] = goroutine(call).worker->random();
            return Status::Ok;
        });
}

}  // namespace csp::stdlib
