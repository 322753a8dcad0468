#include <algorithm>

#include "csp/package.hpp"
#include "stdlib/math/big/computation.h"

namespace csp::stdlib {

using namespace big;

namespace {

Status divided_by_zero(Call& call) { return call.panic("division by zero"); }

using Binary = void (*)(mpz_ptr, mpz_srcptr, mpz_srcptr);

/// func(xneg bool, x []Word, yneg bool, y []Word) (bool, []Word), of a result not longer than both together.
template <Binary f, bool kSum>
Status binary(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + kSlots), y(call.slots() + 2 * kSlots);
    const Room room(call, kSum ? x.size() + y.size() : std::max(x.size(), y.size()) + 1);
    if (room.failed()) return room.status();
    Integer z;
    const std::uint64_t cost = kSum ? product_cost(x.size(), y.size()) : sum_cost(x.size(), y.size());
    if (!compute(call, cost, z, x, y, f)) return Status::Ended;
    room.put(call.slots(), z);
    return Status::Ok;
}

void and_not(mpz_ptr z, mpz_srcptr x, mpz_srcptr y) {
    Integer inverted;
    mpz_com(inverted, y);
    mpz_and(z, x, inverted);
}

using Division = void (*)(mpz_ptr, mpz_ptr, mpz_srcptr, mpz_srcptr);

/// Euclid's: the remainder is not negative.
void divide_euclid(mpz_ptr q, mpz_ptr r, mpz_srcptr x, mpz_srcptr y) {
    if (mpz_sgn(y) > 0) mpz_fdiv_qr(q, r, x, y);
    else mpz_cdiv_qr(q, r, x, y);
}

/// func(xneg bool, x []Word, yneg bool, y []Word) (qneg bool, q []Word, rneg bool, r []Word)
template <Division f>
Status divide(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + 2 * kSlots), y(call.slots() + 3 * kSlots);
    if (y.size() == 0) return divided_by_zero(call);
    const Room q_room(call, x.size() + 1);
    if (q_room.failed()) return q_room.status();
    Integer q, r;
    if (!compute<2, 2>(call, quotient_cost(x.size() > y.size() ? x.size() - y.size() : 0, y.size()), {q, r}, {x, y},
                       [](const auto& out, const auto& in) { f(out[0], out[1], in[0], in[1]); }))
        return Status::Ended;
    q_room.put(call.slots(), q);
    const Room r_room(call, mpz_size(r));
    if (r_room.failed()) return r_room.status();
    r_room.put(call.slots() + kSlots, r);
    return Status::Ok;
}

/// func not(xneg bool, x []Word) (bool, []Word)
Status complement(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + kSlots);
    const Room room(call, x.size() + 1);
    if (room.failed()) return room.status();
    Integer z;
    if (!call.charge(sum_cost(x.size()))) return Status::Ended;
    mpz_com(z, x);
    room.put(call.slots(), z);
    return Status::Ok;
}

/// func lsh(xneg bool, x []Word, n uint) (bool, []Word)
Status shift_left(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + kSlots);
    const std::uint64_t n = call.slots()[2 * kSlots];
    const Room room(call, x.size() == 0 ? 0 : x.size() + n / GMP_NUMB_BITS + 1);
    if (room.failed()) return room.status();
    Integer z;
    if (x.size() > 0 && !compute<1, 1>(call, sum_cost(x.size(), n / GMP_NUMB_BITS), {z}, {x}, [n](const auto& out, const auto& in) { mpz_mul_2exp(out[0], in[0], n); }))
        return Status::Ended;
    room.put(call.slots(), z);
    return Status::Ok;
}

/// func rsh(xneg bool, x []Word, n uint) (bool, []Word): rounds down.
Status shift_right(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + kSlots);
    const Room room(call, x.size() + 1);
    if (room.failed()) return room.status();
    Integer z;
    if (!call.charge(sum_cost(x.size()))) return Status::Ended;
    mpz_fdiv_q_2exp(z, x, call.slots()[2 * kSlots]);
    room.put(call.slots(), z);
    return Status::Ok;
}

/// func setBit(xneg bool, x []Word, i int, b uint) (bool, []Word)
Status set_bit(Call& call, const NativeEntry&) {
    const Operand x(call.slots() + kSlots);
    const std::uint64_t i = call.slots()[2 * kSlots];
    const bool set = call.slots()[2 * kSlots + 1] != 0;
    // Beyond the number are bits of its sign.
    const bool grows = set != (x.sign() < 0);
    const Room room(call, std::max<std::size_t>(x.size(), grows ? i / GMP_NUMB_BITS : 0) + 2);
    if (room.failed()) return room.status();
    Integer z;
    const bool changes = grows || i / GMP_NUMB_BITS <= x.size();
    if (!compute<1, 1>(call, sum_cost(x.size(), changes ? i / GMP_NUMB_BITS : 0), {z}, {x}, [=](const auto& out, const auto& in) {
            mpz_set(out[0], in[0]);
            if (changes) (set ? mpz_setbit : mpz_clrbit)(out[0], i);
        }))
        return Status::Ended;
    room.put(call.slots(), z);
    return Status::Ok;
}

/// func bit(xneg bool, x []Word, i int) uint
Status bit(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 1);
    if (!call.charge(sum_cost(x.size()))) return Status::Ended;
    s = call.slots();
    s[0] = static_cast<Slot>(mpz_tstbit(x, s[1 + kSlots]));
    return Status::Ok;
}

/// func cmp(xneg bool, x []Word, yneg bool, y []Word) int
Status compare(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 1), y(s + 1 + kSlots);
    if (!call.charge(sum_cost(x.size(), y.size()))) return Status::Ended;
    s = call.slots();
    const int order = mpz_cmp(x, y);
    s[0] = static_cast<Slot>(static_cast<std::int64_t>((order > 0) - (order < 0)));
    return Status::Ok;
}

/// func exp(xneg bool, x []Word, yneg bool, y []Word, m []Word) (bool, []Word), of y >= 0; without m the power itself.
Status power(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + kSlots), y(s + 2 * kSlots), m = Operand::of_words(s + 3 * kSlots);
    Integer z;
    if (m.size() > 0) {
        const Room room(call, m.size());
        if (room.failed()) return room.status();
        if (!modular_power(call, z, x, y, m)) return Status::Ended;
        room.put(call.slots(), z);
        return Status::Ok;
    }
    const bool trivial = x.bits() <= 1;  // 0, 1 or -1, to any power
    if (!trivial && (y.size() > 1 || mpz_get_ui(y) > kMaxWords * GMP_NUMB_BITS / x.bits())) return call.out_of_memory();
    const std::size_t words = trivial ? 1 : x.bits() * mpz_get_ui(y) / GMP_NUMB_BITS + 1;
    const Room room(call, words);
    if (room.failed()) return room.status();
    const unsigned long exponent = !trivial || y.size() == 0 ? mpz_get_ui(y) : mpz_odd_p(static_cast<mpz_srcptr>(y)) ? 1 : 2;
    if (!compute<1, 1>(call, product_cost(words, words), {z}, {x}, [exponent](const auto& out, const auto& in) { mpz_pow_ui(out[0], in[0], exponent); }))
        return Status::Ended;
    room.put(call.slots(), z);
    return Status::Ok;
}

/// func gcd(aneg bool, a []Word, bneg bool, b []Word) (zneg bool, z []Word, xneg bool, x []Word), with z = a*x + b*y
Status common_divisor(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand a(s + 2 * kSlots), b(s + 3 * kSlots);
    const Room z_room(call, std::max(a.size(), b.size()));
    if (z_room.failed()) return z_room.status();
    Integer z, x;
    if (!compute<2, 2>(call, recursive_cost(a.size() + b.size()), {z, x}, {a, b},
                       [](const auto& out, const auto& in) { mpz_gcdext(out[0], out[1], nullptr, in[0], in[1]); }))
        return Status::Ended;
    s = call.slots();
    z_room.put(s, z);
    const Room x_room(call, mpz_size(x));
    if (x_room.failed()) return x_room.status();
    x_room.put(s + kSlots, x);
    return Status::Ok;
}

/// func invert(xneg bool, x []Word, n []Word) (zneg bool, z []Word, ok bool), of n != 0
Status invert(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + kSlots + 1), n = Operand::of_words(s + 2 * kSlots + 1);
    if (n.size() == 0) return divided_by_zero(call);
    const Room room(call, n.size());
    if (room.failed()) return room.status();
    Integer z, exists_word;
    if (!compute<2, 2>(call, recursive_cost(x.size() + n.size()), {z, exists_word}, {x, n},
                       [](const auto& out, const auto& in) { mpz_set_ui(out[1], mpz_invert(out[0], in[0], in[1]) != 0); }))
        return Status::Ended;
    s = call.slots();
    const bool exists = exists_word.sign() != 0;
    room.put(s, z);
    s[kSlots] = exists;
    return Status::Ok;
}

/// func sqrt(x []Word) []Word
Status square_root(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x = Operand::of_words(s + 2);
    const Room room(call, x.size() / 2 + 1);
    if (room.failed()) return room.status();
    Integer z;
    if (!compute<1, 1>(call, quotient_cost(x.size() / 2, x.size() / 2), {z}, {x}, [](const auto& out, const auto& in) { mpz_sqrt(out[0], in[0]); }))
        return Status::Ended;
    room.put_words(call.slots(), mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

/// func jacobi(xneg bool, x []Word, yneg bool, y []Word) int, of y odd
Status jacobi(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 1), y(s + 1 + kSlots);
    Integer symbol;
    if (mpz_odd_p(static_cast<mpz_srcptr>(y)) &&
        !compute(call, recursive_cost(x.size() + y.size()), symbol, x, y, [](mpz_ptr z, mpz_srcptr a, mpz_srcptr b) { mpz_set_si(z, mpz_jacobi(a, b)); }))
        return Status::Ended;
    call.slots()[0] = static_cast<Slot>(static_cast<std::int64_t>(mpz_get_si(symbol)));
    return Status::Ok;
}

/// So many of Miller and Rabin's tests, for numbers that are too large for GMP's, which nothing interrupts.
constexpr std::uint64_t kFewTests = 8;
Status passes_tests(Call& call, const Operand& x, std::uint64_t tests) {
    Integer before, odd, base, power;
    mpz_sub_ui(before, x, 1);
    const mp_bitcnt_t twos = mpz_scan1(before, 0);
    mpz_tdiv_q_2exp(odd, before, twos);
    mpz_set_ui(base, 1);
    for (; tests > 0; --tests) {
        mpz_nextprime(base, base);
        if (!modular_power(call, power, base, odd, x)) return Status::Ended;
        bool passed = mpz_cmp_ui(static_cast<mpz_ptr>(power), 1) == 0 || mpz_cmp(power, before) == 0;
        for (mp_bitcnt_t i = 1; i < twos && !passed; ++i) {
            if (!compute(call, quotient_cost(2 * x.size(), x.size()), power, power, x, [](mpz_ptr z, mpz_srcptr a, mpz_srcptr m) {
                    mpz_mul(z, a, a);
                    mpz_mod(z, z, m);
                }))
                return Status::Ended;
            passed = mpz_cmp(power, before) == 0;
        }
        if (!passed) return Status::Ok;
    }
    call.slots()[0] = 1;
    return Status::Ok;
}

/// func probablyPrime(x []Word, n int) bool: n rounds of Miller and Rabin's test after the one of Baillie, Pomerance, Selfridge and
/// Wagstaff.
Status probably_prime(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x = Operand::of_words(s + 1);
    constexpr int kFirstTests = 24;
    constexpr unsigned long kSmallPrimes = 16294579238595022365UL;  // the product of 3 to 53
    const std::uint64_t rounds = std::min<std::uint64_t>(s[3], 1 << 20);
    const bool small_factor = x.size() > 1 && (mpz_even_p(static_cast<mpz_srcptr>(x)) || mpz_gcd_ui(nullptr, x, kSmallPrimes) != 1);
    s[0] = 0;
    if (small_factor) return call.charge(sum_cost(x.size())) ? Status::Ok : Status::Ended;
    const std::uint64_t power = (quotient_cost(2 * x.size(), x.size()) / 2 + 8) * x.bits();
    constexpr std::uint64_t kMostAtOnce = 200'000'000;
    if (power > kMostAtOnce) return passes_tests(call, x, rounds + kFewTests);
    const auto test = [&](int tests, std::uint64_t cost) {
        Integer answer;
        if (!compute<1, 1>(call, cost, {answer}, {x}, [tests](const auto& out, const auto& in) { mpz_set_si(out[0], mpz_probab_prime_p(in[0], tests)); }))
            return false;
        call.slots()[0] = answer.sign() != 0;
        return true;
    };
    if (!test(kFirstTests, 2 * power)) return Status::Ended;
    // Each round begins with the first test again.
    for (std::uint64_t left = rounds, some = 0; left > 0 && call.slots()[0] != 0; left -= some) {
        some = std::clamp<std::uint64_t>(kMostAtOnce / (power + 1), 1, left);
        if (!test(kFirstTests + static_cast<int>(some), (2 + some) * power)) return Status::Ended;
    }
    return Status::Ok;
}

}  // namespace

void bind_big_arithmetic(Package& package) {
    package.raw("add", guarded<binary<mpz_add, false>>)
        .raw("sub", guarded<binary<mpz_sub, false>>)
        .raw("mul", guarded<binary<mpz_mul, true>>)
        .raw("and", guarded<binary<mpz_and, false>>)
        .raw("or", guarded<binary<mpz_ior, false>>)
        .raw("xor", guarded<binary<mpz_xor, false>>)
        .raw("andNot", guarded<binary<and_not, false>>)
        .raw("quoRem", guarded<divide<mpz_tdiv_qr>>)
        .raw("divMod", guarded<divide<divide_euclid>>)
        .raw("not", guarded<complement>)
        .raw("lsh", guarded<shift_left>)
        .raw("rsh", guarded<shift_right>)
        .raw("setBit", guarded<set_bit>)
        .raw("bit", guarded<bit>)
        .raw("cmp", guarded<compare>)
        .raw("exp", guarded<power>)
        .raw("gcd", guarded<common_divisor>)
        .raw("invert", guarded<invert>)
        .raw("sqrt", guarded<square_root>)
        .raw("jacobi", guarded<jacobi>)
        .raw("probablyPrime", guarded<probably_prime>);
}

}  // namespace csp::stdlib
