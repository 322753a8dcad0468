#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

// The additive lagged Fibonacci generator of Plan 9 and Go: y[n] = y[n-607] + y[n-273] mod 2^64.
constexpr std::size_t kLength = 607, kTap = 273;
using Vector = std::array<std::uint64_t, kLength>;

/// Lehmer's generator with the multiplier 48271.
std::uint64_t lehmer(std::uint64_t& x) { return x = x * 48271 % 0x7fffffff; }

/// A vector from Lehmer's generator, three numbers a word.
Vector lehmer_vector(std::uint64_t x, int high, int middle) {
    for (int i = 0; i < 20; ++i) lehmer(x);
    Vector vector;
    for (auto& word : vector) {
        word = lehmer(x) << high;
        word ^= lehmer(x) << middle;
        word ^= lehmer(x);
    }
    return vector;
}

/// Where y[m] is in the vector: the generator goes through it downwards from the middle.
std::size_t place(std::uint64_t m) {
    return static_cast<std::size_t>((kLength - kTap + kLength - m % kLength) % kLength);
}

/// The square of a polynomial modulo x^607 - x^334 - 1, of which powers of x tell how y goes on.
Vector square(const Vector& a) {
    std::array<std::uint64_t, 2 * kLength - 1> wide{};
    for (std::size_t i = 0; i < kLength; ++i)
        for (std::size_t k = i + 1; k < kLength; ++k) wide[i + k] += a[i] * a[k];
    for (auto& coefficient : wide) coefficient *= 2;
    for (std::size_t i = 0; i < kLength; ++i) wide[2 * i] += a[i] * a[i];
    for (std::size_t i = 2 * kLength - 2; i >= kLength; --i) {
        wide[i - kLength] += wide[i];
        wide[i - kTap] += wide[i];
    }
    Vector result;
    std::copy_n(wide.begin(), kLength, result.begin());
    return result;
}

/// What seeds are mixed with: the generator's vector after 7.8e12 numbers, to which this jumps in some milliseconds.
Vector mixing_vector() {
    constexpr std::uint64_t kSteps = 7'800'000'000'000;
    // x to the power of kSteps, by squaring from its first nine bits on, which are below 607.
    int bit = 64 - __builtin_clzll(kSteps) - 9;
    Vector power{};
    power[kSteps >> bit] = 1;
    while (--bit >= 0) {
        power = square(power);
        if (kSteps >> bit & 1) {
            const std::uint64_t top = power[kLength - 1];
            for (std::size_t i = kLength - 1; i > 0; --i) power[i] = power[i - 1];
            power[0] = top;
            power[kLength - kTap] += top;
        }
    }
    // y[n] for n from -606 on.
    const Vector first = lehmer_vector(1, 20, 10);
    std::array<std::uint64_t, 2 * kLength> y{};
    for (std::size_t i = 0; i < kLength; ++i) y[i] = first[place(i + 1)];
    for (std::size_t i = kLength; i < y.size(); ++i) y[i] = y[i - kLength] + y[i - kTap];
    Vector mixing{};
    for (std::size_t k = 0; k < kLength; ++k) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < kLength; ++i) sum += power[i] * y[i + k];
        mixing[place(kSteps + k + 1)] = sum;
    }
    return mixing;
}

/// A source's state in the script's memory: the vector, then the places of tap and feed.
constexpr std::size_t kState = kLength + 2;

std::uint64_t* state_at(const Slot* s) {
    const runtime::Slice state = slice_at(s);
    return state.size >= kState ? static_cast<std::uint64_t*>(state.data) : nullptr;
}

/// func seed(state []uint64, seed int64)
Status seed(Call& call, const NativeEntry&) {
    std::uint64_t* const state = state_at(call.slots());
    if (state == nullptr) return call.panic("rand: no state of a source");
    static const Vector mixing = mixing_vector();
    std::int64_t x = static_cast<std::int64_t>(call.slots()[2]) % 0x7fffffff;
    if (x < 0) x += 0x7fffffff;
    if (x == 0) x = 89482311;
    const Vector vector = lehmer_vector(static_cast<std::uint64_t>(x), 40, 20);
    for (std::size_t i = 0; i < kLength; ++i) state[i] = vector[i] ^ mixing[i];
    state[kLength] = 0;
    state[kLength + 1] = kLength - kTap;
    return Status::Ok;
}

std::uint64_t advance(std::uint64_t* state) {
    // A goroutine that races may have left any numbers here.
    const std::size_t tap = (state[kLength] % kLength + kLength - 1) % kLength;
    const std::size_t feed = (state[kLength + 1] % kLength + kLength - 1) % kLength;
    state[kLength] = tap;
    state[kLength + 1] = feed;
    return state[feed] += state[tap];
}

/// func next(state []uint64) uint64
Status next(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    std::uint64_t* const state = state_at(s + 1);
    if (state == nullptr) return call.panic("rand: no state of a source");
    s[0] = advance(state);
    return Status::Ok;
}

constexpr std::size_t kBytes = 7;  // that Read takes from each number

/// Of at most eight bytes.
void put_low(unsigned char* to, std::uint64_t x, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<unsigned char>(x >> 8 * i);
}

/// func wholeNumbers(state []uint64, p []byte) int
Status whole_numbers(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    std::uint64_t* const state = state_at(s + 1);
    if (state == nullptr) return call.panic("rand: no state of a source");
    const runtime::Slice to = slice_at(s + 3);
    const std::size_t size = to.size / kBytes * kBytes;
    Work work(call);
    for (std::size_t i = 0; i < size && work.read(2 * kBytes); i += kBytes) put_low(static_cast<unsigned char*>(to.data) + i, advance(state), kBytes);
    call.slots()[0] = size;
    return Status::Ok;
}

/// func lowBytes(p []byte, x int64, most int) int
Status low_bytes(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 1);
    const std::size_t size = std::min({std::size_t{to.size}, std::size_t{s[4]}, sizeof s[3]});
    put_low(static_cast<unsigned char*>(to.data), s[3], size);
    s[0] = size;
    return Status::Ok;
}

}  // namespace

void bind_math_rand(Package& package) {
    package.raw("seed", seed).raw("next", next).raw("wholeNumbers", whole_numbers).raw("lowBytes", low_bytes);
}

}  // namespace csp::stdlib
