#include "stdlib/math/big/finite.h"

namespace csp::stdlib::big {

namespace {

bool rounds_up(Slot mode, bool negative, bool half, bool more, bool odd) {
    switch (mode) {
        case kNearestEven: return half && (more || odd);
        case kNearestAway: return half;
        case kAwayFromZero: return true;
        case kToNegative: return negative;
        case kToPositive: return !negative;
        default: return false;
    }
}

}  // namespace

int round_to(mpz_ptr z, std::int64_t& shift, bool more, const Rounding& to) {
    const std::uint64_t bits = mpz_sizeinbase(z, 2);
    if (mpz_sgn(z) == 0 || bits <= to.precision) return 0;
    const bool negative = mpz_sgn(z) < 0;
    const mp_bitcnt_t drop = bits - to.precision;
    mpz_abs(z, z);
    const bool half = mpz_tstbit(z, drop - 1) != 0;
    more = more || mpz_scan1(z, 0) < drop - 1;
    mpz_tdiv_q_2exp(z, z, drop);
    const bool up = (half || more) && rounds_up(to.mode, negative, half, more, mpz_tstbit(z, 0) != 0);
    if (up) mpz_add_ui(z, z, 1);
    if (negative) mpz_neg(z, z);
    shift += static_cast<std::int64_t>(drop);
    if (!half && !more) return 0;
    return up != negative ? 1 : -1;
}

Status put_rounded(Call& call, mpz_ptr z, std::int64_t shift, bool more, const Rounding& to) {
    Slot* s = call.slots();
    const int order = round_to(z, shift, more, to);
    s[0] = mpz_sgn(z) < 0;
    s[1] = s[2] = s[3] = s[4] = 0;
    if (mpz_sgn(z) == 0) return Status::Ok;
    s[3] = static_cast<Slot>(shift + static_cast<std::int64_t>(mpz_sizeinbase(z, 2)));
    s[4] = static_cast<Slot>(static_cast<std::int64_t>(order));
    // Bits to the top of the highest word, no zero words at the bottom.
    mpz_tdiv_q_2exp(z, z, mpz_scan1(z, 0));
    mpz_mul_2exp(z, z, (GMP_NUMB_BITS - mpz_sizeinbase(z, 2) % GMP_NUMB_BITS) % GMP_NUMB_BITS);
    const Room room(call, mpz_size(z));
    if (room.failed()) return room.status();
    room.put_words(s + 1, mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

}  // namespace csp::stdlib::big
