// Division by multiplication against the processor's own.

#include "interpreter/native/divide.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace csp::native {
namespace {

std::int64_t quotient(std::int64_t n, std::int64_t divisor) {
    const SignedDivision by = signed_division(divisor);
    const auto high = static_cast<std::int64_t>((static_cast<__int128>(n) * by.multiplier) >> 64);
    auto q = static_cast<std::uint64_t>(high);
    if (divisor > 0 && by.multiplier < 0) q += static_cast<std::uint64_t>(n);
    if (divisor < 0 && by.multiplier > 0) q -= static_cast<std::uint64_t>(n);
    const std::int64_t shifted = static_cast<std::int64_t>(q) >> by.shift;
    return shifted + (shifted < 0 ? 1 : 0);
}

TEST(Divide, IsRightForEveryDivisorOfSixteenBits) {
    std::mt19937_64 random(1);
    std::vector<std::int64_t> numerators{0, 1, -1, 2, -2, 99, -99, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1};
    for (int i = 0; i < 20; ++i) numerators.push_back(static_cast<std::int64_t>(random() >> (i * 3)));
    for (std::int64_t divisor = INT16_MIN; divisor <= INT16_MAX; ++divisor) {
        if (divisor > -2 && divisor < 2) continue;
        for (const std::int64_t n : numerators) {
            ASSERT_EQ(quotient(n, divisor), n / divisor) << n << " / " << divisor;
            ASSERT_EQ(quotient(-(n + 1), divisor), -(n + 1) / divisor) << -(n + 1) << " / " << divisor;
        }
        // Multiples, and their neighbours.
        for (const std::int64_t k : {std::int64_t{1}, std::int64_t{12345}, INT64_MAX / divisor})
            for (const std::int64_t by : {-1, 0, 1}) {
                const std::int64_t n = k * divisor + (k * divisor > 0 ? -by : by);
                ASSERT_EQ(quotient(n, divisor), n / divisor) << n << " / " << divisor;
            }
    }
}

}  // namespace
}  // namespace csp::native
