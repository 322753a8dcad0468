#include <algorithm>

#include "csp/package.hpp"
#include "stdlib/math/big/finite.h"
#include "stdlib/math/big/text.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// func decimalPlaces(b []Word) (twos, fives int, others bool): which powers of 2 and 5 are factors of b, and whether there is more
Status decimal_places(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand b = Operand::of_words(s + 3);
    s[0] = s[1] = s[2] = 0;
    if (b.size() == 0) return Status::Ok;
    const Room room(call, b.size());
    if (room.failed()) return room.status();
    Integer rest, five;
    mpz_set_ui(five, 5);
    if (!call.charge(recursive_cost(b.size()))) return Status::Ended;
    s = call.slots();
    s[0] = mpz_scan1(b, 0);
    mpz_tdiv_q_2exp(rest, b, s[0]);
    Integer fives;
    if (!compute<2, 1>(call, recursive_cost(b.size()), {rest, fives}, {five},
                       [](const auto& out, const auto& in) { mpz_set_ui(out[1], mpz_remove(out[0], out[0], in[0])); }))
        return Status::Ended;
    s = call.slots();
    s[1] = mpz_get_ui(fives);
    s[2] = mpz_cmp_ui(static_cast<mpz_ptr>(rest), 1) != 0;
    return Status::Ok;
}

/// func fixed(neg bool, a, b []Word, prec int) string: a/b with prec digits behind the point, halves rounded up
Status fixed(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand a(s + 2), b = Operand::of_words(s + 5);
    const std::uint64_t behind = static_cast<std::uint64_t>(std::max<std::int64_t>(static_cast<std::int64_t>(s[7]), 0));
    if (b.size() == 0) return call.panic("division by zero");
    if (behind > kMaxWords) return call.out_of_memory();
    if (const Status status = reserve(call, 2 * (a.bits() + b.bits() + behind * 7 / 2)); status != Status::Ok) return status;
    // (2a * 10^behind + b) / 2b
    Integer q;
    const std::size_t scaled = a.size() + behind / 19 + 1;
    const std::uint64_t cost = 2 * product_cost(scaled, scaled) + quotient_cost(scaled, b.size());
    if (!compute(call, cost, q, a, b, [behind](mpz_ptr z, mpz_srcptr x, mpz_srcptr y) {
            Integer half;
            mpz_ui_pow_ui(z, 10, behind);
            mpz_mul(z, z, x);
            mpz_abs(z, z);
            mpz_mul_2exp(z, z, 1);
            mpz_add(z, z, y);
            mpz_mul_2exp(half, y, 1);
            mpz_tdiv_q(z, z, half);
        }))
        return Status::Ended;
    std::string digits = digits_of(call, q, 10);
    if (call.ended()) return Status::Ended;
    s = call.slots();
    const std::string_view sign = a.sign() < 0 ? "-" : "";
    if (behind == 0) return put_pieces(call, s, {sign, digits});
    if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
    const std::string_view all = digits;
    const std::size_t point = digits.size() - behind;
    return put_pieces(call, s, {sign, all.substr(0, point), ".", all.substr(point)});
}

}  // namespace

void bind_big_fractions(Package& package) {
    package.raw("decimalPlaces", guarded<decimal_places>).raw("fixed", guarded<fixed>);
}

}  // namespace csp::stdlib
