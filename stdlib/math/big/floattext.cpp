// Texts of big.Float. A number becomes an integer of some power of ten, its last place, and a rest: no more digits are made
// than are printed.

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "csp/package.hpp"
#include "stdlib/math/big/computation.h"
#include "stdlib/math/big/finite.h"
#include "stdlib/math/big/text.h"

namespace csp::stdlib {

using namespace big;

namespace {

/// What is left of a number below its last place: compared with half of a unit there.
enum class Rest { None, BelowHalf, Half, AboveHalf };

Rest rest_of(int to_half, bool any) {
    if (to_half != 0) return to_half > 0 ? Rest::AboveHalf : any ? Rest::BelowHalf : Rest::None;
    return Rest::Half;
}

/// The place 10^exponent, for numbers that are integers of 2^shift.
class Place {
  public:
    Place(Call& call, std::int64_t exponent, std::int64_t shift) : call_(call), exponent_(exponent), shift_(shift - exponent) {
        const auto n = static_cast<unsigned long>(std::abs(exponent));
        const std::uint64_t words = n / 27 + 1;
        if (!compute<1, 0>(call, product_cost(words, words), {power_}, {}, [n](const auto& out, const auto&) { mpz_ui_pow_ui(out[0], 5, n); })) {
            mpz_set_ui(power_, 1);
            return;
        }
        if (exponent > 0) mpz_mul_2exp(power_, power_, static_cast<mp_bitcnt_t>(std::max<std::int64_t>(-shift_, 0)));
    }
    /// How many bits the work with a number of so many bits takes at most.
    static std::uint64_t cost(std::int64_t exponent, std::int64_t shift, std::int64_t bits) {
        const std::int64_t power = std::abs(exponent) * 7 / 3 + 2;  // log2(5) bits each
        const std::int64_t number = bits + std::max<std::int64_t>(shift - exponent, 0);
        if (exponent <= 0) return static_cast<std::uint64_t>(number + power);
        return static_cast<std::uint64_t>(number + power + std::max<std::int64_t>(exponent - shift, 0));
    }

    /// q becomes n * 2^shift in units of this place.
    Rest divide(mpz_ptr q, mpz_srcptr n) const {
        if (exponent_ > 0) {
            Integer rest;
            mpz_mul_2exp(q, n, static_cast<mp_bitcnt_t>(std::max<std::int64_t>(shift_, 0)));
            if (!compute<2, 1>(call_, quotient_cost(mpz_size(q), mpz_size(power_)), {q, rest}, {power_},
                               [](const auto& out, const auto& in) { mpz_tdiv_qr(out[0], out[1], out[0], in[0]); }))
                return Rest::None;
            const bool any = rest.sign() != 0;
            mpz_mul_2exp(rest, rest, 1);
            return rest_of(mpz_cmp(rest, power_), any);
        }
        if (!compute(call_, product_cost(mpz_size(n), mpz_size(power_)), q, n, power_, [](mpz_ptr z, mpz_srcptr a, mpz_srcptr b) { mpz_mul(z, a, b); }))
            return Rest::None;
        if (shift_ >= 0) {
            mpz_mul_2exp(q, q, static_cast<mp_bitcnt_t>(shift_));
            return Rest::None;
        }
        const auto drop = static_cast<mp_bitcnt_t>(-shift_);
        const bool half = mpz_tstbit(q, drop - 1) != 0, more = mpz_scan1(q, 0) < drop - 1;
        mpz_tdiv_q_2exp(q, q, drop);
        return rest_of(half ? more : -1, more);
    }

  private:
    Call& call_;
    std::int64_t exponent_, shift_;
    mutable Integer power_;
};

void round_half_even(mpz_ptr q, Rest rest) {
    if (rest == Rest::AboveHalf || (rest == Rest::Half && mpz_odd_p(q))) mpz_add_ui(q, q, 1);
}

/// 0.digits * 10^point, the digits without zeros at either end; none for 0.
struct Decimal {
    std::string digits;
    std::int64_t point = 0;

    Decimal() = default;
    Decimal(std::string text, std::int64_t place) : digits(std::move(text)) {
        point = static_cast<std::int64_t>(digits.size()) + place;
        trim();
    }
    void trim() {
        digits.resize(digits.find_last_not_of('0') + 1);
        if (digits.empty()) point = 0;
    }
    /// Adds 1 in the last place.
    void increment() {
        digits.resize(digits.find_last_not_of('9') + 1);
        if (!digits.empty()) {
            ++digits.back();
            return;
        }
        digits = "1";
        ++point;
    }
};

/// The text of one number.
class FloatText {
  public:
    /// func ftext(neg bool, mant []Word, exp int, bits uint, format byte, prec int) string, of 0 if there is no mantissa
    explicit FloatText(Call& call)
        : call_(call), slots_(call.slots()), x_(slots_ + 2), bits_(std::max<std::int64_t>(static_cast<std::uint32_t>(slots_[6]), 1)),
          format_(static_cast<char>(slots_[7])), precision_(static_cast<std::int64_t>(slots_[8])), sign_((slots_[2] & 1) != 0 ? "-" : "") {
        mpz_abs(number_, x_.integer());
        if (is_zero()) return;
        const mp_bitcnt_t zeros = mpz_scan1(number_, 0);
        mpz_tdiv_q_2exp(number_, number_, zeros);
        shift_ = x_.shift() + static_cast<std::int64_t>(zeros);
    }

    Status put() {
        switch (format_) {
            case 'b': return put_binary();
            case 'p': return put_hex_fraction();
            case 'x': return put_hex();
            case 'f': return put_fixed();
            case 'g':
            case 'G': return put_general();
            default: return put_exponential();
        }
    }

  private:
    // Beyond this all digits that a number can have are known.
    static constexpr std::int64_t kMostPlaces = std::int64_t{1} << 40;

    bool is_zero() const { return number_.sign() == 0; }
    std::int64_t size() const { return static_cast<std::int64_t>(number_.bits()); }
    Status put(std::initializer_list<Piece> pieces) { return put_pieces(call_, slots_, pieces); }

    /// The number in units of 10^place, rounded. Its digits end at or before 2^shift as a decimal number.
    Status digits_to(std::int64_t place) {
        place = std::max(place, std::min<std::int64_t>(shift_, 0));
        if (const Status status = reserve(call_, Place::cost(place, shift_, size())); status != Status::Ok) return status;
        Integer q;
        round_half_even(q, Place(call_, place, shift_).divide(q, number_));
        decimal_ = Decimal(q.sign() == 0 ? "" : digits_of(call_, q, 10), place);
        return Status::Ok;
    }

    /// An exponent of 10 not above that of 2^n, nor more than 1 below.
    static std::int64_t decimal_exponent(std::int64_t n) {
        return static_cast<std::int64_t>(std::floor(static_cast<double>(n) * (std::numbers::ln2 / std::numbers::ln10) - 1e-6));
    }

    /// n significant digits.
    Status significant(std::int64_t n) {
        if (is_zero()) return Status::Ok;
        // One place more than is wanted at first, if the exponent turns out as guessed; rounded from there exactly.
        const std::int64_t guess = decimal_exponent(size() + shift_ - 1);
        const std::int64_t place = std::max(guess - (n - 1), std::min<std::int64_t>(shift_, 0));
        if (const Status status = reserve(call_, Place::cost(place, shift_, size())); status != Status::Ok) return status;
        Integer q;
        const Rest rest = Place(call_, place, shift_).divide(q, number_);
        std::string text = digits_of(call_, q, 10);
        if (call_.ended()) return Status::Ended;
        if (static_cast<std::int64_t>(text.size()) <= n) {
            round_half_even(q, rest);
            decimal_ = Decimal(digits_of(call_, q, 10), place);
            return Status::Ok;
        }
        const unsigned long last = mpz_tdiv_q_ui(q, q, 10);
        const bool any = rest != Rest::None;
        round_half_even(q, rest_of(last > 5 || (last == 5 && any) ? 1 : last < 5 ? -1 : 0, last > 0 || any));
        decimal_ = Decimal(digits_of(call_, q, 10), place + 1);
        return Status::Ok;
    }

    /// As few digits as lie between the borders to the two neighbours: half a unit of the last bit below and above. A border
    /// itself is read back as the number if that is even.
    Status shortest() {
        if (is_zero()) return Status::Ok;
        const std::int64_t grow = bits_ + 1 - size(), shift = shift_ - grow;
        const std::int64_t place = decimal_exponent(shift) - 1;  // ten units here are less than the distance of a border
        if (const Status status = reserve(call_, Place::cost(place, shift, bits_ + 2)); status != Status::Ok) return status;
        Integer n;
        if (grow >= 0) mpz_mul_2exp(n, number_, static_cast<mp_bitcnt_t>(grow));
        else mpz_tdiv_q_2exp(n, number_, static_cast<mp_bitcnt_t>(-grow));
        const bool inclusive = mpz_tstbit(n, 1) == 0;
        const Place unit(call_, place, shift);
        Integer border, q;
        mpz_sub_ui(border, n, 1);
        const bool below_ends = unit.divide(q, border) == Rest::None;
        std::string below = digits_of(call_, q, 10);
        mpz_add_ui(border, n, 1);
        const bool above_ends = unit.divide(q, border) == Rest::None;
        const std::string above = digits_of(call_, q, 10);
        const bool rest = unit.divide(q, n) != Rest::None;
        std::string text = digits_of(call_, q, 10);
        if (call_.ended()) return Status::Ended;
        const std::size_t first = above.size() - text.size();
        text.insert(0, first, '0');
        below.insert(0, above.size() - below.size(), '0');

        // Where cutting the digits off leaves a number above the lower border.
        std::size_t down = differ(text, below);
        if (inclusive && below_ends) down = std::min(down, below.find_last_not_of('0'));
        // Where rounding them up leaves one below the upper border. Not ever, as in Go, if the first digits that differ make
        // it the border itself, and that does not count.
        std::size_t up = differ(text, above);
        const bool above_is_longer = !above_ends || above.find_last_not_of('0') != up;
        if (up < text.size())
            up = inclusive || above[up] - text[up] > 1 || above_is_longer ? std::max(up, first) : text.size();

        const std::size_t last = std::min({down, up, text.size() - 2});
        const bool nearer_up = rounds_up(text, last, rest);
        const auto behind = static_cast<std::int64_t>(text.size() - 1 - last);
        text.resize(last + 1);
        Decimal d;
        d.digits = text.substr(first);
        d.point = static_cast<std::int64_t>(d.digits.size()) + behind + place;
        if (up == last && (down != last || nearer_up)) d.increment();
        d.trim();
        decimal_ = std::move(d);
        return Status::Ok;
    }

    static std::size_t differ(const std::string& a, const std::string& b) {
        return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
    }
    /// Whether what follows digit `last` rounds it up.
    static bool rounds_up(const std::string& text, std::size_t last, bool rest) {
        const char next = text[last + 1];
        if (next != '5') return next > '5';
        return rest || text.find_first_not_of('0', last + 2) != std::string::npos || (text[last] - '0') % 2 != 0;
    }

    /// The digits, all that matter or so many as `precision` tells; then it tells how many there are behind the first.
    Status put_exponential() {
        const std::int64_t behind = std::min(precision_, kMostPlaces);
        if (const Status status = precision_ < 0 ? shortest() : significant(behind + 1); status != Status::Ok) return status;
        if (call_.ended()) return Status::Ended;
        return put_exponential(format_, precision_ < 0 ? static_cast<std::int64_t>(decimal_.digits.size()) - 1 : precision_);
    }
    Status put_exponential(char letter, std::int64_t behind) {
        const std::string_view digits = decimal_.digits.empty() ? "0" : std::string_view(decimal_.digits);
        const std::string tail = letter + exponent(decimal_.digits.empty() ? 0 : decimal_.point - 1);
        if (behind <= 0) return put({sign_, digits.substr(0, 1), tail});
        const std::uint64_t zeros = static_cast<std::uint64_t>(behind) - (digits.size() - 1);
        return put({sign_, digits.substr(0, 1), ".", {digits.substr(1), zeros}, tail});
    }

    Status put_fixed() {
        const std::int64_t behind = std::min(precision_, kMostPlaces);
        if (const Status status = precision_ < 0 ? shortest() : digits_to(-behind); status != Status::Ok) return status;
        if (call_.ended()) return Status::Ended;
        return put_fixed(precision_ < 0 ? fraction_digits() : precision_);
    }
    std::int64_t fraction_digits() const {
        return std::max<std::int64_t>(static_cast<std::int64_t>(decimal_.digits.size()) - decimal_.point, 0);
    }
    Status put_fixed(std::int64_t behind) {
        const std::string_view digits = decimal_.digits;
        const auto before = static_cast<std::size_t>(std::max<std::int64_t>(decimal_.point, 0));
        const std::string_view whole = digits.substr(0, before), fraction = digits.substr(whole.size());
        const std::uint64_t whole_zeros = before == 0 ? 1 : before - whole.size();
        if (behind == 0) return put({sign_, {whole, whole_zeros}});
        // Zeros between the point and the first digit, and behind the last one.
        const std::uint64_t leading = static_cast<std::uint64_t>(std::max<std::int64_t>(-decimal_.point, 0));
        const auto all = static_cast<std::uint64_t>(behind);
        if (fraction.empty()) return put({sign_, {whole, whole_zeros}, {".", all}});
        return put({sign_, {whole, whole_zeros}, {".", leading}, {fraction, all - leading - fraction.size()}});
    }

    Status put_general() {
        const std::int64_t most = std::clamp<std::int64_t>(precision_, 1, kMostPlaces);
        if (const Status status = precision_ < 0 ? shortest() : significant(most); status != Status::Ok) return status;
        if (call_.ended()) return Status::Ended;
        const std::int64_t leading = decimal_.digits.empty() ? -1 : decimal_.point - 1;
        if (leading < -4 || leading >= (precision_ < 0 ? 6 : most))
            return put_exponential(format_ == 'g' ? 'e' : 'E', static_cast<std::int64_t>(decimal_.digits.size()) - 1);
        return put_fixed(fraction_digits());
    }

    /// A sign and at least two digits.
    static std::string exponent(std::int64_t n) {
        const std::string digits = std::to_string(std::abs(n));
        return (n < 0 ? "-" : "+") + std::string(digits.size() < 2 ? 1 : 0, '0') + digits;
    }
    static std::string signed_text(std::int64_t n) { return (n < 0 ? "" : "+") + std::to_string(n); }

    /// Brings the number to n bits.
    Status align(std::int64_t n) {
        const std::int64_t grow = n - size();
        if (const Status status = reserve(call_, static_cast<std::uint64_t>(std::max(n, size()))); status != Status::Ok) return status;
        if (grow >= 0) mpz_mul_2exp(number_, number_, static_cast<mp_bitcnt_t>(grow));
        else mpz_tdiv_q_2exp(number_, number_, static_cast<mp_bitcnt_t>(-grow));
        return Status::Ok;
    }

    Status put_binary() {
        if (is_zero()) return put({sign_, "0"});
        if (const Status status = align(bits_); status != Status::Ok) return status;
        return put({sign_, digits_of(call_, number_, 10), "p", signed_text(x_.exponent() - bits_)});
    }
    Status put_hex_fraction() {
        if (is_zero()) return put({sign_, "0"});
        if (const Status status = align((size() + 3) / 4 * 4); status != Status::Ok) return status;
        return put({sign_, "0x.", digits_of(call_, number_, 16), "p", signed_text(x_.exponent())});
    }
    /// Of a number that is rounded already.
    Status put_hex() {
        std::string digits = "0";
        if (!is_zero()) {
            if (const Status status = align(1 + (size() - 1 + 3) / 4 * 4); status != Status::Ok) return status;
            digits = digits_of(call_, number_, 16);
        }
        const std::string tail = "p" + exponent(is_zero() ? 0 : x_.exponent() - 1);
        const std::string_view fraction = std::string_view(digits).substr(1);
        const std::uint64_t zeros = precision_ < 0 ? 0 : static_cast<std::uint64_t>(precision_) - fraction.size();
        if (fraction.empty() && zeros == 0) return put({sign_, "0x", digits, tail});
        return put({sign_, "0x", digits.substr(0, 1), ".", {fraction, zeros}, tail});
    }

    Call& call_;
    Slot* slots_;
    Finite x_;
    std::int64_t bits_;  // the number's precision
    char format_;
    std::int64_t precision_;  // of the text
    std::string_view sign_;
    Integer number_;  // odd, and
    std::int64_t shift_ = 0;  // times 2^shift the number without its sign
    Decimal decimal_;
};

Status ftext(Call& call, const NativeEntry&) { return FloatText(call).put(); }

}  // namespace

void bind_big_float_text(Package& package) { package.raw("ftext", guarded<ftext>); }

}  // namespace csp::stdlib
