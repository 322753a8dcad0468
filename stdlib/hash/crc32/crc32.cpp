#include <zlib.h>

#include <array>
#include <cstring>
#include <span>

#include "csp/package.hpp"
#include "stdlib/support/crc.h"

namespace csp::stdlib {

namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t update_ieee(std::uint32_t crc, Bytes data) {
    return static_cast<std::uint32_t>(crc32_z(crc, data.data(), data.size()));
}

constexpr std::array<std::uint32_t, 256> castagnoli_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        table[i] = i;
        for (int bit = 0; bit < 8; ++bit) table[i] = table[i] & 1 ? table[i] >> 1 ^ 0x82f63b78 : table[i] >> 1;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> kCastagnoli = castagnoli_table();

#if defined(__x86_64__)
/// The processor has an instruction for this polynomial.
__attribute__((target("sse4.2"))) std::uint32_t update_castagnoli_sse42(std::uint32_t crc, Bytes data) {
    std::uint64_t sum = ~crc;
    for (; data.size() >= 8; data = data.subspan(8)) {
        unsigned long long word;
        std::memcpy(&word, data.data(), sizeof word);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    auto rest = static_cast<std::uint32_t>(sum);
    for (const std::uint8_t byte : data) rest = __builtin_ia32_crc32qi(rest, byte);
    return ~rest;
}
#endif

std::uint32_t update_castagnoli(std::uint32_t crc, Bytes data) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return update_castagnoli_sse42(crc, data);
#endif
    crc = ~crc;
    for (const std::uint8_t byte : data) crc = kCastagnoli[(crc ^ byte) & 0xff] ^ crc >> 8;
    return ~crc;
}

}  // namespace

void bind_hash_crc32(Package& package) {
    package.raw("fill", fill_crc_table<std::uint32_t>).raw("update", update_crc<std::uint32_t>);
    package.function("updateIEEE", [](std::uint32_t crc, Bytes data) { return data.empty() ? crc : update_ieee(crc, data); })
        .function("updateCastagnoli", update_castagnoli);
}

}  // namespace csp::stdlib
