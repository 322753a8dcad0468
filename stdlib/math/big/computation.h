#pragma once

// Computations on numbers of any size: charged before they begin, by what GMP takes for so many words, and done beside the
// workers where that may be long.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "stdlib/math/big/number.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib::big {

// ---- In steps of five nanoseconds, of n words and m. ----

inline std::uint64_t sum_cost(std::uint64_t n, std::uint64_t m = 0) { return (n + m) / 4; }
inline std::uint64_t product_cost(std::uint64_t n, std::uint64_t m) {
    const std::uint64_t both = n + m;
    return std::min(n * m / 8, both * static_cast<std::uint64_t>(std::bit_width(both)));
}
/// Of quotients, remainders and square roots.
inline std::uint64_t quotient_cost(std::uint64_t n, std::uint64_t m) { return 3 * product_cost(n, m) + sum_cost(n, m); }
/// Of what halves its numbers again and again: digits, greatest common divisors.
inline std::uint64_t recursive_cost(std::uint64_t n) {
    return 2 * product_cost(n, n) * std::max<std::uint64_t>(static_cast<std::uint64_t>(std::bit_width(n | 16)) - 4, 1) + 4 * n;
}

/// More than this is not done on a worker: two milliseconds.
inline constexpr std::uint64_t kLongCost = 400'000;

/// Calls `body` with the numbers, which must not refer to anything else. False: the run is being ended.
template <std::size_t kOut, std::size_t kIn, class Body>
[[nodiscard]] bool compute(Call& call, std::uint64_t cost, const std::array<mpz_ptr, kOut>& out, const std::array<mpz_srcptr, kIn>& in, Body body) {
    constexpr std::uint64_t kFew = 256;
    if (cost >= kFew && !call.charge(cost)) return false;
    if (cost < kLongCost) {
        body(out, in);
        return true;
    }
    struct State {
        std::array<Integer, kOut> out;
        std::array<Integer, kIn> in;
    };
    const auto state = std::make_shared<State>();
    for (std::size_t i = 0; i < kOut; ++i) mpz_set(state->out[i], out[i]);
    for (std::size_t i = 0; i < kIn; ++i) mpz_set(state->in[i], in[i]);
    const bool done = compute_beside(call, [state, body] {
        std::array<mpz_ptr, kOut> results;
        std::array<mpz_srcptr, kIn> operands;
        for (std::size_t i = 0; i < kOut; ++i) results[i] = state->out[i];
        for (std::size_t i = 0; i < kIn; ++i) operands[i] = state->in[i];
        body(results, operands);
    });
    if (!done) return false;
    for (std::size_t i = 0; i < kOut; ++i) mpz_swap(out[i], state->out[i]);
    return true;
}

template <class Body>
[[nodiscard]] bool compute(Call& call, std::uint64_t cost, mpz_ptr z, mpz_srcptr x, mpz_srcptr y, Body body) {
    return compute<1, 2>(call, cost, {z}, {x, y}, [body](const auto& out, const auto& in) { body(out[0], in[0], in[1]); });
}

/// z becomes x to the power of y, of y >= 0, modulo m. False: the run is being ended.
[[nodiscard]] bool modular_power(Call& call, mpz_ptr z, mpz_srcptr x, mpz_srcptr y, mpz_srcptr m);

}  // namespace csp::stdlib::big
