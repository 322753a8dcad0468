#include "stdlib/math/big/computation.h"

namespace csp::stdlib::big {

bool modular_power(Call& call, mpz_ptr z, mpz_srcptr x, mpz_srcptr y, mpz_srcptr m) {
    const std::uint64_t words = mpz_size(m), bits = mpz_sizeinbase(y, 2);
    const std::uint64_t step = quotient_cost(2 * words, words) / 2 + 8;  // a product and its remainder
    constexpr std::uint64_t kMostAtOnce = 200'000'000;                   // a second
    if (step < kMostAtOnce / bits)
        return compute<1, 3>(call, step * bits + quotient_cost(mpz_size(x), words), {z}, {x, y, m},
                             [](const auto& out, const auto& in) { mpz_powm(out[0], in[0], in[1], in[2]); });
    // Nobody waits for this to end: bit by bit, from the highest.
    Integer base, power;
    if (!compute(call, quotient_cost(mpz_size(x), words), base, x, m, [](mpz_ptr r, mpz_srcptr a, mpz_srcptr b) { mpz_mod(r, a, b); })) return false;
    mpz_set_ui(power, 1);
    mpz_mod(power, power, m);
    for (std::uint64_t bit = bits; bit-- > 0;) {
        const bool multiplies = mpz_tstbit(y, bit) != 0;
        const bool done = compute<1, 2>(call, 2 * step, {power}, {base, m}, [multiplies](const auto& out, const auto& in) {
            mpz_mul(out[0], out[0], out[0]);
            mpz_mod(out[0], out[0], in[1]);
            if (!multiplies) return;
            mpz_mul(out[0], out[0], in[0]);
            mpz_mod(out[0], out[0], in[1]);
        });
        if (!done) return false;
    }
    mpz_swap(z, power);
    return true;
}

}  // namespace csp::stdlib::big
