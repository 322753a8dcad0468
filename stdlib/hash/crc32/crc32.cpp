#include <zlib.h>

#include <cstring>
#include <span>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/crc.h"

namespace csp::stdlib {

namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t update_ieee(std::uint32_t crc, Bytes data) {
    return static_cast<std::uint32_t>(crc32_z(crc, data.data(), data.size()));
}

#if defined(__x86_64__)
/// The processor has an instruction for this polynomial.
__attribute__((target("sse4.2"))) std::uint32_t update_castagnoli_sse42(std::uint32_t crc, std::string_view data) {
    std::uint64_t sum = ~crc;
    for (; data.size() >= 8; data.remove_prefix(8)) {
        unsigned long long word;
        std::memcpy(&word, data.data(), sizeof word);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    auto rest = static_cast<std::uint32_t>(sum);
    for (const char byte : data) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(byte));
    return ~rest;
}
#endif

/// func updateCastagnoli(crc uint32, table []uint32, data []byte) uint32
Status update_castagnoli(Call& call, const NativeEntry& entry) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        Slot* s = call.slots();
        Work work(call);
        auto crc = static_cast<std::uint32_t>(s[1]);
        in_pieces(work, bytes_at(s + 4), [&crc](std::string_view part) { crc = update_castagnoli_sse42(crc, part); });
        call.slots()[0] = crc;
        return Status::Ok;
    }
#endif
    return update_crc<std::uint32_t>(call, entry);
}

}  // namespace

void bind_hash_crc32(Package& package) {
    package.raw("fill", fill_crc_table<std::uint32_t>).raw("update", update_crc<std::uint32_t>).raw("updateCastagnoli", update_castagnoli);
    package.function("updateIEEE", [](Call& call, std::uint32_t crc, Bytes data) {
        Work work(call);
        in_pieces(work, data, [&crc](Bytes part) { crc = update_ieee(crc, part); });
        return crc;
    });
}

}  // namespace csp::stdlib
