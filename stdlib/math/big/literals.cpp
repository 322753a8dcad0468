// The digits of literals, and decimal ones as Floats.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/math/big/computation.h"
#include "stdlib/math/big/finite.h"
#include "stdlib/math/big/text.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// Beyond base 36 Go counts a to z before A to Z.
int digit_value(char c, int base) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + (base <= 36 ? 10 : 36);
    return kMaxBase;
}

/// As in package big's script.
enum class Fault { None, NoDigits, Separator };

/// A base's prefix.
struct Prefix {
    int base = 10;
    std::size_t size = 0;
};

/// With a point, 0 alone is none.
Prefix prefix_of(std::string_view s, bool point) {
    if (s.size() < 2 || s[0] != '0') return {};
    switch (s[1]) {
        case 'b': case 'B': return {2, 2};
        case 'o': case 'O': return {8, 2};
        case 'x': case 'X': return {16, 2};
        default: return point ? Prefix{} : Prefix{8, 1};
    }
}

/// Whether each underscore stands between two digits, or between the prefix and one.
bool separates(std::string_view run, bool prefixed) {
    for (std::size_t i = run.find('_'); i != std::string_view::npos; i = run.find('_', i + 1)) {
        const bool left = i == 0 ? prefixed : run[i - 1] != '_' && run[i - 1] != '.';
        const bool right = i + 1 < run.size() && run[i + 1] != '_' && run[i + 1] != '.';
        if (!left || !right) return false;
    }
    return true;
}

/// func mantissa(s string, base int, point bool) (abs []Word, usedBase, fraction, end int, fault int): the digits at the
/// beginning of s, how many of them are behind a point, and where they end. Base 0 goes by the prefix and allows underscores.
Status mantissa(Call& call, const NativeEntry&) {
    constexpr std::size_t kResults = 6;
    Slot* s = call.slots();
    const std::string_view text = text_at(s + kResults);
    const bool any_base = s[kResults + 2] == 0, point = (s[kResults + 3] & 1) != 0;
    Prefix prefix{static_cast<int>(s[kResults + 2]), 0};
    if (any_base) prefix = prefix_of(text, point);
    const int base = prefix.base;
    if (base < 2 || base > kMaxBase) return call.panic("invalid base");

    std::string digits;
    std::size_t end = prefix.size, fraction_from = std::string::npos;
    Work work(call);
    for (; end < text.size() && work.read(4); ++end) {
        const char c = text[end];
        if (c == '.' && point && fraction_from == std::string::npos) fraction_from = digits.size();
        else if (digit_value(c, base) < base) digits += c;
        else if (c != '_' || !any_base) break;
    }
    const bool zero_alone = prefix.size == 1;  // the prefix 0 is a number by itself
    Fault fault = Fault::None;
    if (digits.empty() && !zero_alone) fault = Fault::NoDigits;
    else if (any_base && !separates(text.substr(prefix.size, end - prefix.size), prefix.size > 0)) fault = Fault::Separator;

    if (work.ended()) return Status::Ended;
    s = call.slots();
    std::fill_n(s, kResults, 0);
    s[2] = static_cast<Slot>(base);
    s[3] = fraction_from == std::string::npos ? 0 : digits.size() - fraction_from;
    s[4] = end;
    s[5] = static_cast<Slot>(fault);
    if (digits.empty()) return Status::Ok;
    const Room room(call, static_cast<std::size_t>(std::log2(base) * static_cast<double>(digits.size()) / GMP_NUMB_BITS) + 2);
    if (room.failed()) return room.status();
    if (base > 36) std::transform(digits.begin(), digits.end(), digits.begin(), other_case);
    const std::uint64_t words = digits.size() * static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(base))) / GMP_NUMB_BITS + 1;
    Integer z;
    if (const std::uint64_t cost = recursive_cost(words); cost < kLongCost) {
        if (!work.steps(cost)) return Status::Ended;
        mpz_set_str(z, digits.c_str(), base);
    } else if (!call.charge(cost) || !compute<1, 0>(call, kLongCost, {z}, {}, [digits, base](const auto& out, const auto&) { mpz_set_str(out[0], digits.c_str(), base); })) {
        return Status::Ended;
    }
    room.put_words(call.slots(), mpz_limbs_read(z), mpz_size(z));
    return Status::Ok;
}

/// A positive integer times 2^shift, to the nearest number of so many bits after each step.
class Approximate {
  public:
    Approximate(unsigned long value, std::uint64_t precision) : to_(precision, kNearestEven) { mpz_set_ui(z_, value); }
    void multiply(Approximate& by) {
        mpz_mul(z_, z_, by.z_);
        shift_ += by.shift_;
        round_to(z_, shift_, false, to_);
    }
    mpz_ptr integer() { return z_; }
    std::int64_t shift() const { return shift_; }
    std::int64_t bits() const { return static_cast<std::int64_t>(z_.bits()); }

  private:
    Integer z_;
    std::int64_t shift_ = 0;
    Rounding to_;
};

/// func fpow5(neg bool, m []Word, exp2, exp5 int, prec uint, mode RoundingMode) (neg bool, mant []Word, exp, acc int):
/// m * 2^exp2 * 5^exp5 by a power of 5 that has 64 bits more than the result: Go rounds both, and so it is here.
Status scale_by_5(Call& call, const NativeEntry&) {
    const Slot* s = call.slots() + kResult;
    const Operand m(s);
    const auto exp2 = static_cast<std::int64_t>(s[kSlots]), exp5 = static_cast<std::int64_t>(s[kSlots + 1]);
    const Rounding to(s + kSlots + 2);
    if (m.size() == 0) return call.panic("big: not a finite number");
    constexpr std::uint64_t kMore = 64;
    const auto bits = static_cast<std::int64_t>(m.bits());
    if (const Status status = reserve(call, 4 * (to.precision + 2 * kMore) + 2 * m.bits()); status != Status::Ok) return status;

    // The largest power in one word, then one by squaring.
    constexpr std::uint64_t kInWord = 27;
    std::uint64_t n = static_cast<std::uint64_t>(std::abs(exp5));
    unsigned long first = 1;
    for (std::uint64_t i = std::min(n, kInWord); i > 0; --i) first *= 5;
    Approximate power(first, to.precision + kMore), square(5, to.precision + 2 * kMore);
    const std::uint64_t digits = (to.precision + 2 * kMore) / GMP_NUMB_BITS + 1;
    for (n -= std::min(n, kInWord); n > 0; n >>= 1) {
        if (!call.charge(2 * product_cost(digits, digits))) return Status::Ended;
        if (n & 1) power.multiply(square);
        if (n > 1) square.multiply(square);
    }

    if (!call.charge(quotient_cost(digits + m.size(), digits))) return Status::Ended;
    Integer z, rest;
    if (exp5 >= 0) {
        mpz_mul(z, m, power.integer());
        return put_rounded(call, z, exp2 + power.shift(), false, to);
    }
    const std::int64_t more_bits = std::max<std::int64_t>(static_cast<std::int64_t>(to.precision) + 2 + power.bits() - bits, 0);
    mpz_mul_2exp(z, m, static_cast<mp_bitcnt_t>(more_bits));
    mpz_tdiv_qr(z, rest, z, power.integer());
    return put_rounded(call, z, exp2 - power.shift() - more_bits, rest.sign() != 0, to);
}

}  // namespace

void bind_big_literals(Package& package) { package.raw("mantissa", guarded<mantissa>).raw("fpow5", guarded<scale_by_5>); }

}  // namespace csp::stdlib
