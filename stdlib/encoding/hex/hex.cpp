#include <algorithm>
#include <array>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::uint8_t kBad = 0xff;

constexpr std::array<std::uint8_t, 256> digit_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kBad);
    for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
    return values;
}
constexpr std::array<std::uint8_t, 256> kValues = digit_values();

void write_digits(Call& call, char* to, std::string_view from) {
    Work work(call);
    for (const char c : from) {
        if (!work.read(2)) return;
        const auto byte = static_cast<unsigned char>(c);
        *to++ = kDigits[byte >> 4];
        *to++ = kDigits[byte & 15];
    }
}

/// func encode(dst, src []byte)
Status encode(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const runtime::Slice dst = slice_at(s);
    const std::string_view src = bytes_at(s + 2);
    write_digits(call, static_cast<char*>(dst.data), src.substr(0, dst.size / 2));
    if (dst.size % 2 == 1 && dst.size / 2 < src.size())
        static_cast<char*>(dst.data)[dst.size - 1] = kDigits[static_cast<unsigned char>(src[dst.size / 2]) >> 4];
    return Status::Ok;
}

/// func EncodeToString(src []byte) string
Status encode_to_string(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view src = bytes_at(s + 2);
    s[0] = s[1] = 0;
    if (src.empty()) return Status::Ok;
    char* text = call.allocate_bytes(src.size() * 2);
    if (text == nullptr) return Status::Panic;
    write_digits(call, text, src);
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(text);
    s[1] = src.size() * 2;
    return Status::Ok;
}

/// func decode(dst, src []byte) (n, bad int, full bool)
Status decode(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice dst = slice_at(s + 3);
    auto* const to = static_cast<std::uint8_t*>(dst.data);
    const std::string_view src = bytes_at(s + 5);
    const auto value = [&](std::size_t at) { return kValues[static_cast<unsigned char>(src[at])]; };
    std::size_t n = 0;
    std::int64_t bad = -1;
    bool full = false;
    Work work(call);
    for (; n < src.size() / 2 && work.read(2); ++n) {
        const std::uint8_t high = value(2 * n), low = value(2 * n + 1);
        if ((high | low) == kBad) {
            bad = static_cast<std::int64_t>(high == kBad ? 2 * n : 2 * n + 1);
            break;
        }
        if (n == dst.size) {
            full = true;
            break;
        }
        to[n] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (bad < 0 && !full && src.size() % 2 == 1 && value(src.size() - 1) == kBad)
        bad = static_cast<std::int64_t>(src.size() - 1);
    s = call.slots();
    s[0] = n;
    s[1] = static_cast<Slot>(bad);
    s[2] = full;
    return Status::Ok;
}

/// func dump(right []byte, used, at int, data []byte) string
Status dump(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice right = slice_at(s + 2);
    std::uint64_t used = s[4] % 16, at = s[5];
    const std::string_view data = bytes_at(s + 6);
    if (right.size < 16) return call.panic("encoding/hex: no line");
    auto* const line = static_cast<char*>(right.data);
    // How many bytes of data are byte k of a line.
    const auto count = [&](std::uint64_t k) { return (used + data.size() + 15 - k) / 16 - (used + 15 - k) / 16; };
    const std::size_t size = data.size() * 3 + count(0) * 10 + count(7) + count(15) * 20;
    s[0] = s[1] = 0;
    if (size == 0) return Status::Ok;
    char* const text = call.allocate_bytes(size);
    if (text == nullptr) return Status::Panic;
    char* to = text;
    const auto put = [&](std::string_view part) { to = std::copy(part.begin(), part.end(), to); };
    Work work(call);
    for (const char c : data) {
        if (!work.read(8)) return Status::Ended;
        const auto byte = static_cast<unsigned char>(c);
        if (used == 0) {
            for (int shift = 28; shift >= 0; shift -= 4) *to++ = kDigits[at >> shift & 15];
            put("  ");
        }
        *to++ = kDigits[byte >> 4];
        *to++ = kDigits[byte & 15];
        *to++ = ' ';
        line[used] = byte < 32 || byte > 126 ? '.' : c;
        if (used == 7) *to++ = ' ';
        if (used == 15) {
            put(" |");
            put({line, 16});
            put("|\n");
        }
        used = (used + 1) % 16;
        ++at;
    }
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(text);
    s[1] = size;
    return Status::Ok;
}

}  // namespace

void bind_encoding_hex(Package& package) {
    package.raw("encode", encode)
        .raw("EncodeToString", encode_to_string)
        .raw("decode", decode)
        .raw("dump", dump);
}

}  // namespace csp::stdlib
