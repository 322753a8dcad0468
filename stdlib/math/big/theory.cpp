// Roots modulo primes, and products of many numbers.

#include <bit>
#include <cmath>

#include "csp/package.hpp"
#include "stdlib/math/big/computation.h"
#include "stdlib/math/big/finite.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// Of p = 5 modulo 8, by Atkin's formula: with a = (2x)^((p-5)/8) it is x*a*(2x*a*a - 1).
bool root_by_atkin(Call& call, mpz_ptr root, mpz_srcptr x, mpz_srcptr p) {
    Integer doubled, a, e;
    mpz_mul_2exp(doubled, x, 1);
    mpz_tdiv_q_2exp(e, p, 3);
    if (!modular_power(call, a, doubled, e, p)) return false;
    mpz_mul(root, a, a);
    mpz_mod(root, root, p);
    mpz_mul(root, root, doubled);
    mpz_sub_ui(root, root, 1);
    mpz_mul(root, root, a);
    mpz_mod(root, root, p);
    mpz_mul(root, root, x);
    mpz_mod(root, root, p);
    return true;
}

/// As Tonelli and Shanks do it: with p = s * 2^e + 1, x^((s+1)/2) is a root of x times b = x^s, whose order is a power of 2.
/// Bit by bit, b becomes 1 by powers of g = n^s, of the largest such order, and the root is multiplied by their roots.
bool root_by_tonelli(Call& call, mpz_ptr root, mpz_srcptr x, mpz_srcptr p) {
    Integer s, n, g, b, power;
    mpz_sub_ui(s, p, 1);
    const mp_bitcnt_t e = mpz_scan1(s, 0);
    mpz_tdiv_q_2exp(s, s, e);
    for (mpz_set_ui(n, 2); mpz_jacobi(n, p) != -1;) {
        if (!call.charge(quotient_cost(mpz_size(p), 1) + 8)) return false;
        mpz_add_ui(n, n, 1);
    }
    if (!modular_power(call, g, n, s, p) || !modular_power(call, b, x, s, p)) return false;
    mpz_add_ui(s, s, 1);
    mpz_tdiv_q_2exp(s, s, 1);
    if (!modular_power(call, root, x, s, p)) return false;
    const std::uint64_t step = quotient_cost(2 * mpz_size(p), mpz_size(p)) + 8;
    for (mp_bitcnt_t left = e - 1; left > 0; --left) {
        // b's order is at most 2^left, and g's twice that.
        mpz_set(power, b);
        for (mp_bitcnt_t i = 1; i < left; ++i) {
            if (!call.charge(step)) return false;
            mpz_mul(power, power, power);
            mpz_mod(power, power, p);
        }
        if (!call.charge(2 * step)) return false;
        const bool whole = mpz_cmp_ui(static_cast<mpz_ptr>(power), 1) != 0;
        if (whole) {
            mpz_mul(root, root, g);
            mpz_mod(root, root, p);
        }
        mpz_mul(g, g, g);
        mpz_mod(g, g, p);
        if (whole) {
            mpz_mul(b, b, g);
            mpz_mod(b, b, p);
        }
    }
    return true;
}

/// func modSqrt(xneg bool, x, p []Word) []Word: of a square modulo p, an odd prime. Of what is no prime: anything.
Status modular_root(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 2), p = Operand::of_words(s + 2 + kSlots);
    s[0] = s[1] = 0;
    if (p.size() == 0 || mpz_even_p(static_cast<mpz_srcptr>(p)) || !call.charge(quotient_cost(p.size(), p.size())) || mpz_perfect_square_p(p)) return Status::Ok;
    s = call.slots();
    const Room room(call, p.size());
    if (room.failed()) return room.status();
    Integer reduced, root;
    if (!compute(call, quotient_cost(x.size(), p.size()), reduced, x, p, [](mpz_ptr z, mpz_srcptr a, mpz_srcptr b) { mpz_mod(z, a, b); })) return Status::Ended;
    const bool done = (mpz_get_ui(p) & 7) == 5 ? root_by_atkin(call, root, reduced, p) : root_by_tonelli(call, root, reduced, p);
    if (!done) return Status::Ended;
    room.put_words(call.slots(), mpz_limbs_read(root), mpz_size(root));
    return Status::Ok;
}

/// The product of first to last: of halves that have about the same size.
void multiply_range(mpz_ptr z, unsigned long first, unsigned long last) {
    constexpr unsigned long kFew = 16;
    if (last - first < kFew) {
        mpz_set_ui(z, first);
        while (first < last) mpz_mul_ui(z, z, ++first);
        return;
    }
    const unsigned long middle = first + (last - first) / 2;
    Integer upper;
    multiply_range(z, first, middle);
    multiply_range(upper, middle + 1, last);
    mpz_mul(z, z, upper);
}

/// Room for `factors` of so many bits each, whose product is under way.
Status reserve_product(Call& call, std::uint64_t factors, double bits) {
    const double all = static_cast<double>(factors) * bits;
    if (all > static_cast<double>(kMaxWords) * GMP_NUMB_BITS) return call.out_of_memory();
    return reserve(call, static_cast<std::uint64_t>(all) + GMP_NUMB_BITS);
}

Status put_product(Call& call, mpz_srcptr z) {
    const Room room(call, mpz_size(z));
    if (room.failed()) return room.status();
    room.put_words(call.slots(), mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

/// func product(first, last uint) []Word, of first <= last
Status product(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const std::uint64_t first = s[2], last = s[3];
    if (first > last) return call.panic("big: no product");
    if (const Status status = reserve_product(call, last - first + 1, std::bit_width(last)); status != Status::Ok) return status;
    Integer z;
    const std::uint64_t factors = last - first + 1, words = factors * static_cast<std::uint64_t>(std::bit_width(last)) / GMP_NUMB_BITS + 1;
    if (!compute<1, 0>(call, recursive_cost(words / 2) + factors, {z}, {}, [=](const auto& out, const auto&) { multiply_range(out[0], first, last); }))
        return Status::Ended;
    return put_product(call, z);
}

/// func binomial(n, k uint) []Word, of 0 < k <= n/2
Status binomial(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const std::uint64_t n = s[2], k = s[3];
    if (k == 0 || k > n / 2) return call.panic("big: no binomial coefficient");
    // It is less than (e*n/k)^k.
    const double bits = std::log2(static_cast<double>(n) / static_cast<double>(k)) + 1.4427;
    if (const Status status = reserve_product(call, k, bits); status != Status::Ok) return status;
    Integer z;
    const auto words = static_cast<std::uint64_t>(static_cast<double>(k) * bits / GMP_NUMB_BITS) + 1;
    if (!compute<1, 0>(call, 2 * recursive_cost(words) + 2 * k, {z}, {}, [=](const auto& out, const auto&) { mpz_bin_uiui(out[0], n, k); }))
        return Status::Ended;
    return put_product(call, z);
}

}  // namespace

void bind_big_theory(Package& package) {
    package.raw("modSqrt", guarded<modular_root>).raw("product", guarded<product>).raw("binomial", guarded<binomial>);
}

}  // namespace csp::stdlib
