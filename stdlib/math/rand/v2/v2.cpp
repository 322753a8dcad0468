#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

__extension__ using Wide = unsigned __int128;

/// PCG (O'Neill, 2014) with 128 bits of state and the output function DXSM.
std::tuple<std::uint64_t, std::uint64_t, std::uint64_t> next_pcg(std::uint64_t hi, std::uint64_t lo) {
    constexpr Wide kMultiplier = Wide{2549297995355413924} << 64 | 4865540595714422341;
    constexpr Wide kIncrement = Wide{6364136223846793005} << 64 | 1442695040888963407;
    const Wide state = (Wide{hi} << 64 | lo) * kMultiplier + kIncrement;
    hi = static_cast<std::uint64_t>(state >> 64);
    lo = static_cast<std::uint64_t>(state);
    std::uint64_t result = hi;
    result ^= result >> 32;
    result *= 0xda942042e4dd58b5;
    result ^= result >> 48;
    return {hi, lo, result * (lo | 1)};
}

void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d) {
    d = std::rotl(d ^ (a += b), 16);
    b = std::rotl(b ^ (c += d), 12);
    d = std::rotl(d ^ (a += b), 8);
    b = std::rotl(b ^ (c += d), 7);
}

/// func chacha8(seed, block []uint64, counter uint32): four blocks of ChaCha with 8 rounds from one key (C2SP's
/// chacha8rand), word by word beside each other.
Status chacha8(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const runtime::Slice seed = slice_at(s), block = slice_at(s + 2);
    if (seed.size < 4 || block.size < 32) return call.panic("rand: no state of a source");
    std::array<std::uint32_t, 8> key;
    std::memcpy(key.data(), seed.data, sizeof key);
    std::array<std::uint32_t, 64> out;
    for (std::uint32_t lane = 0; lane < 4; ++lane) {
        std::array<std::uint32_t, 16> x{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
        std::copy(key.begin(), key.end(), x.begin() + 4);
        x[12] = static_cast<std::uint32_t>(s[4]) + lane;
        for (int round = 0; round < 8; round += 2) {
            for (std::size_t i = 0; i < 4; ++i) quarter_round(x[i], x[4 + i], x[8 + i], x[12 + i]);
            for (std::size_t i = 0; i < 4; ++i)
                quarter_round(x[i], x[4 + (i + 1) % 4], x[8 + (i + 2) % 4], x[12 + (i + 3) % 4]);
        }
        // Only the key is secret: adding the rest would hide nothing.
        for (std::size_t i = 0; i < 8; ++i) x[4 + i] += key[i];
        for (std::size_t i = 0; i < 16; ++i) out[i * 4 + lane] = x[i];
    }
    std::memcpy(block.data, out.data(), sizeof out);
    return Status::Ok;
}

/// func copyNumbers(p []byte, numbers []uint64) int
Status copy_numbers(Call& call, const NativeEntry&) {
    static_assert(std::endian::native == std::endian::little);
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 1), from = slice_at(s + 3);
    const std::size_t count = std::min(to.size / sizeof(std::uint64_t), std::size_t{from.size});
    if (count > 0) std::memmove(to.data, from.data, count * sizeof(std::uint64_t));
    s[0] = count;
    return Status::Ok;
}

}  // namespace

void bind_math_rand_v2(Package& package) {
    package.raw("chacha8", chacha8).raw("copyNumbers", copy_numbers).function("nextPCG", next_pcg);
}

}  // namespace csp::stdlib
