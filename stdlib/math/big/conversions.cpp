#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "csp/package.hpp"
#include "stdlib/math/big/text.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// func text(xneg bool, x []Word, base int) string
Status text(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 2);
    const auto base = static_cast<std::int64_t>(s[2 + kSlots]);
    if (base < 2 || base > kMaxBase) return call.panic("invalid base");
    std::string digits = digits_of(call, x, static_cast<int>(base));
    if (base > 36) std::transform(digits.begin(), digits.end(), digits.begin(), other_case);
    return call.put_string(call.slots(), digits) ? Status::Ok : Status::Panic;
}

std::size_t byte_count(const Operand& x) { return (x.bits() + 7) / 8; }

/// func bytes(x []Word, buf []byte) bool: writes x to the end of buf, zeros before it; false if it does not fit.
Status bytes(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x = Operand::of_words(s + 1);
    const runtime::Slice buffer = slice_at(s + 3);
    const std::size_t size = byte_count(x);
    if (!call.charge(sum_cost(x.size(), buffer.size / sizeof(mp_limb_t)))) return Status::Ended;
    s = call.slots();
    s[0] = size <= buffer.size;
    if (s[0] == 0) return Status::Ok;
    auto* const to = static_cast<char*>(buffer.data);
    if (buffer.size > size) std::memset(to, 0, buffer.size - size);
    if (size > 0) mpz_export(to + (buffer.size - size), nullptr, 1, 1, 1, 0, x);
    return Status::Ok;
}

/// func setBytes(b []byte) []Word
Status set_bytes(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (!call.charge(bytes_at(s + 2).size() / 16)) return Status::Ended;
    s = call.slots();
    const std::string from(bytes_at(s + 2));
    const Room room(call, from.size() / sizeof(mp_limb_t) + 1);
    if (room.failed()) return room.status();
    Integer z;
    mpz_import(z, from.size(), 1, 1, 1, 0, from.data());
    room.put_words(s, mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

/// func toFloat64(xneg bool, x []Word) (f float64, accuracy int): the nearest one, and how it compares with x
Status to_float64(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand x(s + 2);
    if (!call.charge(sum_cost(x.size()))) return Status::Ended;
    s = call.slots();
    double f = 0;
    if (x.size() > 0) {
        // The first 64 bits, the last one set if there are others behind it: the conversion rounds as it should.
        const std::size_t bits = x.bits();
        Integer top;
        if (bits > 64) {
            mpz_tdiv_q_2exp(top, x, bits - 64);
            const bool rest = mpz_scan1(x, 0) < bits - 64;
            f = static_cast<double>(mpz_get_ui(top) | (rest ? 1 : 0));
            f = std::ldexp(f, static_cast<int>(std::min<std::size_t>(bits - 64, 4000)));
        } else {
            f = static_cast<double>(mpz_get_ui(x));
        }
        if (x.sign() < 0) f = -f;
    }
    const int order = std::isinf(f) ? (f > 0 ? -1 : 1) : mpz_cmp_d(x, f);
    s[0] = std::bit_cast<Slot>(f);
    s[1] = static_cast<Slot>(static_cast<std::int64_t>((order < 0) - (order > 0)));
    return Status::Ok;
}

/// func quotient(aneg bool, a, b []Word, bits, least int) (f float64, exact bool): the float nearest to a/b that has `bits`
/// bits, of which the last is at least 2 to the power of `least`.
Status quotient(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Operand a(s + 2), b = Operand::of_words(s + 5);
    const auto precision = static_cast<std::int64_t>(s[7]), least = static_cast<std::int64_t>(s[8]);
    if (b.size() == 0) return call.panic("division by zero");
    if (!call.charge(sum_cost(a.size(), b.size()) + quotient_cost(a.size(), b.size()) / 4)) return Status::Ended;
    s = call.slots();
    s[0] = std::bit_cast<Slot>(0.0);
    s[1] = 1;
    if (a.size() == 0) return Status::Ok;
    // A quotient of 66 or 67 bits, and whether there is more behind it.
    const std::int64_t shift = 66 - (static_cast<std::int64_t>(a.bits()) - static_cast<std::int64_t>(b.bits()));
    Integer scaled, q, rest;
    if (shift > 0) {
        mpz_mul_2exp(scaled, a, static_cast<mp_bitcnt_t>(shift));
        mpz_tdiv_qr(q, rest, scaled, b);
    } else {
        mpz_mul_2exp(scaled, b, static_cast<mp_bitcnt_t>(-shift));
        mpz_tdiv_qr(q, rest, a, scaled);
    }
    mpz_abs(q, q);
    const auto bits = static_cast<std::int64_t>(mpz_sizeinbase(q, 2));
    const std::int64_t unit = std::max(bits - shift - precision, least);  // exponent of the result's last bit
    const std::int64_t drop = std::min<std::int64_t>(unit + shift, bits + 2);
    const auto dropped = static_cast<mp_bitcnt_t>(drop);
    Integer mantissa;
    mpz_tdiv_q_2exp(mantissa, q, dropped);
    const bool half = mpz_tstbit(q, dropped - 1) != 0;
    const bool more = rest.sign() != 0 || mpz_scan1(q, 0) < dropped - 1;
    if (half && (more || mpz_tstbit(mantissa, 0) != 0)) mpz_add_ui(mantissa, mantissa, 1);
    const double f = std::ldexp(static_cast<double>(mpz_get_ui(mantissa)), static_cast<int>(std::min<std::int64_t>(unit, 4000)));
    s[0] = std::bit_cast<Slot>(a.sign() < 0 ? -f : f);
    s[1] = !half && !more && !std::isinf(f);
    return Status::Ok;
}

}  // namespace

void bind_big_conversions(Package& package) {
    package.raw("text", guarded<text>)
        .raw("bytes", guarded<bytes>)
        .raw("setBytes", guarded<set_bytes>)
        .raw("quotient", guarded<quotient>)
        .raw("toFloat64", guarded<to_float64>);
}

}  // namespace csp::stdlib
