#include <cmath>
#include <complex>
#include <cstring>
#include <string_view>

#include "interpreter/vm/slow.h"

namespace csp::vm::slow {

namespace {

double real_at(const Slot* slot) {
    double d;
    std::memcpy(&d, slot, sizeof d);
    return d;
}

/// Division as Go does it: infinities and NaNs by the rules of C99's Annex G.
std::complex<double> divide(std::complex<double> n, std::complex<double> m) {
    const bool n_nan = std::isnan(n.real()) || std::isnan(n.imag());
    const bool m_nan = std::isnan(m.real()) || std::isnan(m.imag());
    const bool n_inf = std::isinf(n.real()) || std::isinf(n.imag());
    const bool m_inf = std::isinf(m.real()) || std::isinf(m.imag());
    const double nan = std::nan("");
    if (!n_nan && !m_nan && !n_inf && !m_inf && m == std::complex<double>(0, 0)) {
        if (n == std::complex<double>(0, 0)) return {nan, nan};
        const double inf = HUGE_VAL;
        const double a = n.real() == 0 ? nan : std::copysign(inf, n.real());
        const double b = n.imag() == 0 ? nan : std::copysign(inf, n.imag());
        return {a, b};
    }
    // Smith's method.
    const double a = n.real(), b = n.imag(), c = m.real(), d = m.imag();
    double e, f;
    if (std::fabs(c) >= std::fabs(d)) {
        const double ratio = d / c;
        const double denominator = c + ratio * d;
        e = (a + b * ratio) / denominator;
        f = (b - a * ratio) / denominator;
    } else {
        const double ratio = c / d;
        const double denominator = d + ratio * c;
        e = (a * ratio + b) / denominator;
        f = (b * ratio - a) / denominator;
    }
    if (std::isnan(e) && std::isnan(f)) {
        const auto sign_of_inf = [](double x) { return std::copysign(std::isinf(x) ? 1.0 : 0.0, x); };
        if (n_inf && std::isfinite(c) && std::isfinite(d)) {
            const double x = sign_of_inf(a), y = sign_of_inf(b);
            e = HUGE_VAL * (x * c + y * d);
            f = HUGE_VAL * (y * c - x * d);
        } else if (m_inf && std::isfinite(a) && std::isfinite(b)) {
            const double x = sign_of_inf(c), y = sign_of_inf(d);
            e = 0 * (a * x + b * y);
            f = 0 * (b * x - a * y);
        }
    }
    return {e, f};
}

}  // namespace

void complex_arithmetic(const Instruction* at, Slot* fp) {
    const std::complex<double> b(real_at(fp + at->b), real_at(fp + at->b + 1));
    double r, i;
    if (at->op == bytecode::Opcode::NegC128) {
        r = -b.real();
        i = -b.imag();
    } else {
        const std::complex<double> c(real_at(fp + at->c), real_at(fp + at->c + 1));
        switch (at->op) {
            case bytecode::Opcode::AddC128:
                r = b.real() + c.real();
                i = b.imag() + c.imag();
                break;
            case bytecode::Opcode::SubC128:
                r = b.real() - c.real();
                i = b.imag() - c.imag();
                break;
            case bytecode::Opcode::MulC128:
                r = b.real() * c.real() - b.imag() * c.imag();
                i = b.real() * c.imag() + b.imag() * c.real();
                break;
            default: {
                const std::complex<double> q = divide(b, c);
                r = q.real();
                i = q.imag();
            }
        }
    }
    std::memcpy(fp + at->a, &r, sizeof r);
    std::memcpy(fp + at->a + 1, &i, sizeof i);
}

Slot to_int64(double x) {
    // Out of range: what x86-64's conversion gives, as Go on that machine.
    if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0)) return Slot{1} << 63;
    return static_cast<Slot>(static_cast<std::int64_t>(x));
}

Slot to_uint64(double x) {
    if (x >= 9223372036854775808.0) {
        if (x >= 18446744073709551616.0) return Slot{1} << 63;
        return static_cast<Slot>(static_cast<std::int64_t>(x - 9223372036854775808.0)) ^ (Slot{1} << 63);
    }
    return to_int64(x);
}

int compare_strings(const Slot* a, const Slot* b) {
    const std::string_view x(reinterpret_cast<const char*>(a[0]), a[1]);
    const std::string_view y(reinterpret_cast<const char*>(b[0]), b[1]);
    return x.compare(y);
}

}  // namespace csp::vm::slow
