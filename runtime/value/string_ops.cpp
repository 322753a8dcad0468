#include "runtime/value/string_ops.h"

#include <cstring>

namespace csp::runtime {

bool make_string(Heap& heap, AllocCache& cache, std::string_view text, String& out) {
    out = {};
    if (text.empty()) return true;
    char* bytes = heap.allocate_bytes(cache, text.size());
    if (bytes == nullptr) return false;
    std::memcpy(bytes, text.data(), text.size());
    out = {bytes, static_cast<std::int64_t>(text.size())};
    return true;
}

bool concat(Heap& heap, AllocCache& cache, std::span<const String> parts, String& out) {
    std::size_t total = 0;
    const String* only = nullptr;
    int filled = 0;
    for (const String& part : parts) {
        if (part.size == 0) continue;
        total += static_cast<std::size_t>(part.size);
        only = &part;
        ++filled;
    }
    if (filled <= 1) {
        out = only == nullptr ? String{} : *only;
        return true;
    }
    char* bytes = heap.allocate_bytes(cache, total);
    if (bytes == nullptr) return false;
    char* at = bytes;
    for (const String& part : parts) {
        if (part.size == 0) continue;
        std::memcpy(at, part.data, static_cast<std::size_t>(part.size));
        at += part.size;
    }
    out = {bytes, static_cast<std::int64_t>(total)};
    return true;
}

int compare(const String& a, const String& b) { return a.view().compare(b.view()); }

DecodedRune decode_rune(std::string_view text) {
    if (text.empty()) return {0xFFFD, 0};
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto more = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned b0 = byte(0);
    if (b0 < 0x80) return {static_cast<std::int32_t>(b0), 1};
    if (b0 >= 0xC2 && b0 < 0xE0 && more(1))
        return {static_cast<std::int32_t>((b0 & 0x1F) << 6 | (byte(1) & 0x3F)), 2};
    if (b0 >= 0xE0 && b0 < 0xF0 && more(1) && more(2)) {
        const auto r =
            static_cast<std::int32_t>((b0 & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
        if (r >= 0x800 && (r < 0xD800 || r > 0xDFFF)) return {r, 3};
    }
    if (b0 >= 0xF0 && b0 < 0xF5 && more(1) && more(2) && more(3)) {
        const auto r = static_cast<std::int32_t>((b0 & 0x07) << 18 | (byte(1) & 0x3F) << 12 |
                                                 (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F));
        if (r >= 0x10000 && r <= 0x10FFFF) return {r, 4};
    }
    return {0xFFFD, 1};
}

int encode_rune(std::int32_t rune, char* to) {
    if (rune < 0 || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = 0xFFFD;
    const auto r = static_cast<std::uint32_t>(rune);
    if (r < 0x80) {
        to[0] = static_cast<char>(r);
        return 1;
    }
    if (r < 0x800) {
        to[0] = static_cast<char>(0xC0 | r >> 6);
        to[1] = static_cast<char>(0x80 | (r & 0x3F));
        return 2;
    }
    if (r < 0x10000) {
        to[0] = static_cast<char>(0xE0 | r >> 12);
        to[1] = static_cast<char>(0x80 | (r >> 6 & 0x3F));
        to[2] = static_cast<char>(0x80 | (r & 0x3F));
        return 3;
    }
    to[0] = static_cast<char>(0xF0 | r >> 18);
    to[1] = static_cast<char>(0x80 | (r >> 12 & 0x3F));
    to[2] = static_cast<char>(0x80 | (r >> 6 & 0x3F));
    to[3] = static_cast<char>(0x80 | (r & 0x3F));
    return 4;
}

bool string_from_rune(Heap& heap, AllocCache& cache, std::int64_t rune, String& out) {
    char bytes[4];
    const std::int32_t r = rune < 0 || rune > 0x10FFFF ? 0xFFFD : static_cast<std::int32_t>(rune);
    const int size = encode_rune(r, bytes);
    return make_string(heap, cache, {bytes, static_cast<std::size_t>(size)}, out);
}

bool string_from_bytes(Heap& heap, AllocCache& cache, const Slice& bytes, String& out) {
    return make_string(heap, cache, {static_cast<const char*>(bytes.data), bytes.size}, out);
}

bool string_from_runes(Heap& heap, AllocCache& cache, const Slice& runes, String& out) {
    const auto* from = static_cast<const std::int32_t*>(runes.data);
    std::size_t total = 0;
    char scratch[4];
    for (std::uint32_t i = 0; i < runes.size; ++i)
        total += static_cast<std::size_t>(encode_rune(from[i], scratch));
    out = {};
    if (total == 0) return true;
    // A racy writer may change the runes between the passes: never write past what was counted.
    char* bytes = heap.allocate_bytes(cache, total + 4);
    if (bytes == nullptr) return false;
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < runes.size && at < total; ++i)
        at += static_cast<std::size_t>(encode_rune(from[i], bytes + at));
    out = {bytes, static_cast<std::int64_t>(at < total ? at : total)};
    return true;
}

bool bytes_from_string(Heap& heap, AllocCache& cache, const String& text, const Type&, Slice& out) {
    const auto size = static_cast<std::size_t>(text.size);
    if (size > static_cast<std::size_t>(kMaxSliceLength)) return false;
    char* bytes = heap.allocate_bytes(cache, size);
    if (bytes == nullptr) return false;
    if (size > 0) std::memcpy(bytes, text.data, size);
    const auto capacity = static_cast<std::uint32_t>(size == 0 ? 0 : Heap::rounded_size(size, false));
    out = {bytes, static_cast<std::uint32_t>(size), capacity};
    return true;
}

bool runes_from_string(Heap& heap, AllocCache& cache, const String& text, const Type& elem, Slice& out) {
    std::size_t count = 0;
    for (std::string_view rest = text.view(); !rest.empty(); ++count)
        rest.remove_prefix(static_cast<std::size_t>(decode_rune(rest).size));
    auto* runes = static_cast<std::int32_t*>(heap.allocate_array(cache, elem, count));
    if (runes == nullptr) return false;
    std::size_t at = 0;
    for (std::string_view rest = text.view(); !rest.empty();) {
        const DecodedRune r = decode_rune(rest);
        runes[at++] = r.rune;
        rest.remove_prefix(static_cast<std::size_t>(r.size));
    }
    out = {runes, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(count)};
    return true;
}

}  // namespace csp::runtime
