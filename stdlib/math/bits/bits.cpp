#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "csp/package.hpp"

namespace csp::stdlib {

namespace {

template <class T>
T reverse_bytes(T x) {
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(x);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(x);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(x);
    return x;
}

template <class T>
T reverse(T x) {
    std::uint64_t bits = x;
    const auto swap = [&](unsigned by, std::uint64_t low) { bits = (bits & low) << by | (bits >> by & low); };
    swap(1, 0x5555555555555555);
    swap(2, 0x3333333333333333);
    swap(4, 0x0f0f0f0f0f0f0f0f);
    return reverse_bytes(static_cast<T>(bits));
}

template <class T>
void bind_width(Package& package, const std::string& suffix) {
    package.function("LeadingZeros" + suffix, [](T x) -> std::int64_t { return std::countl_zero(x); })
        .function("TrailingZeros" + suffix, [](T x) -> std::int64_t { return std::countr_zero(x); })
        .function("OnesCount" + suffix, [](T x) -> std::int64_t { return std::popcount(x); })
        .function("Len" + suffix, [](T x) -> std::int64_t { return std::bit_width(x); })
        .function("Reverse" + suffix, reverse<T>);
    if constexpr (sizeof(T) > 1) package.function("ReverseBytes" + suffix, reverse_bytes<T>);
}

__extension__ using Wide = unsigned __int128;

std::pair<std::uint64_t, std::uint64_t> multiply(std::uint64_t x, std::uint64_t y) {
    const Wide product = Wide{x} * y;
    return {static_cast<std::uint64_t>(product >> 64), static_cast<std::uint64_t>(product)};
}

/// func Div(hi, lo, y T) (quo, rem T)
template <class T>
Status divide(Call& call, const NativeEntry&) {
    constexpr int kBits = std::numeric_limits<T>::digits;
    Slot* s = call.slots();
    const T hi = static_cast<T>(s[2]), lo = static_cast<T>(s[3]), y = static_cast<T>(s[4]);
    if (y == 0) return call.runtime_error("integer divide by zero");
    if (y <= hi) return call.runtime_error("integer overflow");
    const Wide x = Wide{hi} << kBits | lo;
    s[0] = static_cast<Slot>(x / y);
    s[1] = static_cast<Slot>(x % y);
    return Status::Ok;
}

/// func Rem(hi, lo, y T) T
template <class T>
Status remainder(Call& call, const NativeEntry&) {
    constexpr int kBits = std::numeric_limits<T>::digits;
    Slot* s = call.slots();
    const T hi = static_cast<T>(s[1]), lo = static_cast<T>(s[2]), y = static_cast<T>(s[3]);
    if (y == 0) return call.runtime_error("integer divide by zero");
    s[0] = static_cast<Slot>((Wide{hi} << kBits | lo) % y);
    return Status::Ok;
}

}  // namespace

void bind_math_bits(Package& package) {
    bind_width<std::uint64_t>(package, "");
    bind_width<std::uint8_t>(package, "8");
    bind_width<std::uint16_t>(package, "16");
    bind_width<std::uint32_t>(package, "32");
    bind_width<std::uint64_t>(package, "64");
    package.function("Mul", multiply).function("Mul64", multiply);
    package.raw("Div", divide<std::uint64_t>).raw("Div64", divide<std::uint64_t>).raw("Div32", divide<std::uint32_t>);
    package.raw("Rem", remainder<std::uint64_t>)
        .raw("Rem64", remainder<std::uint64_t>)
        .raw("Rem32", remainder<std::uint32_t>);
}

}  // namespace csp::stdlib
