#pragma once

// Division by a constant as multiplication: Warren, "Hacker's Delight", 2nd edition, section 10-1.

#include <cstdint>

namespace csp::native {

struct SignedDivision {
    std::int64_t multiplier;
    std::uint32_t shift;
};

/// For |divisor| >= 2: quotient = high half of n * multiplier (plus n when divisor > 0 > multiplier, minus n when
/// divisor < 0 < multiplier) >> shift, plus 1 when that is negative.
inline SignedDivision signed_division(std::int64_t divisor) {
    constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
    const std::uint64_t magnitude = divisor < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(divisor) : static_cast<std::uint64_t>(divisor);
    const std::uint64_t t = kTop + (static_cast<std::uint64_t>(divisor) >> 63);
    const std::uint64_t anc = t - 1 - t % magnitude;
    std::uint32_t p = 63;
    std::uint64_t q1 = kTop / anc;
    std::uint64_t r1 = kTop - q1 * anc;
    std::uint64_t q2 = kTop / magnitude;
    std::uint64_t r2 = kTop - q2 * magnitude;
    std::uint64_t delta;
    do {
        ++p;
        q1 *= 2;
        r1 *= 2;
        if (r1 >= anc) {
            ++q1;
            r1 -= anc;
        }
        q2 *= 2;
        r2 *= 2;
        if (r2 >= magnitude) {
            ++q2;
            r2 -= magnitude;
        }
        delta = magnitude - r2;
    } while (q1 < delta || (q1 == delta && r1 == 0));
    const auto multiplier = static_cast<std::int64_t>(q2 + 1);
    return {divisor < 0 ? -multiplier : multiplier, p - 64};
}

}  // namespace csp::native
