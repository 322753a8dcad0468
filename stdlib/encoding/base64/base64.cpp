#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/base64.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

constexpr std::string_view kForUrls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr base64::Values kUrlValues = base64::values_of(kForUrls);

bool wrong_alphabet(std::string_view alphabet) { return alphabet.size() != 64; }

/// func encode(alphabet string, pad rune, dst, src []byte)
Status encode(Call& call, const NativeEntry&) {
    Work work(call);
    const Slot* s = call.slots();
    const std::string_view alphabet = text_at(s);
    const auto pad = static_cast<std::int64_t>(s[2]);
    const runtime::Slice dst = slice_at(s + 3);
    std::string_view src = bytes_at(s + 5);
    if (wrong_alphabet(alphabet)) return call.runtime_error("invalid memory address or nil pointer dereference");
    if (base64::encoded_length(src.size(), pad) > dst.size) {
        // The whole groups that fit, then a part of the next.
        auto* const to = static_cast<char*>(dst.data);
        const std::size_t groups = dst.size / 4;
        base64::encode(work, alphabet, pad, src.substr(0, groups * 3), to);
        char last[4];
        base64::encode(work, alphabet, pad, src.substr(groups * 3, 3), last);
        if (dst.size % 4 != 0) std::memcpy(to + groups * 4, last, dst.size % 4);
        return Status::Ok;
    }
    base64::encode(work, alphabet, pad, src, static_cast<char*>(dst.data));
    return Status::Ok;
}

/// func encodeToString(alphabet string, pad rune, src []byte) string
Status encode_to_string(Call& call, const NativeEntry&) {
    Work work(call);
    Slot* s = call.slots();
    const std::string_view alphabet = text_at(s + 2);
    const auto pad = static_cast<std::int64_t>(s[4]);
    const std::string_view src = bytes_at(s + 5);
    if (wrong_alphabet(alphabet)) return call.runtime_error("invalid memory address or nil pointer dereference");
    s[0] = s[1] = 0;
    if (src.empty()) return Status::Ok;
    const std::size_t size = base64::encoded_length(src.size(), pad);
    char* const text = call.allocate_bytes(size);
    if (text == nullptr) return Status::Panic;
    base64::encode(work, alphabet, pad, src, text);
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(text);
    s[1] = size;
    return Status::Ok;
}

/// func decode(alphabet string, pad rune, strict bool, dst, src []byte) (n, bad, missing int)
Status decode(Call& call, const NativeEntry&) {
    Work work(call);
    Slot* s = call.slots();
    const std::string_view alphabet = text_at(s + 3);
    const bool standard = alphabet == base64::kStandard, for_urls = alphabet == kForUrls;
    const base64::Values own = standard || for_urls ? base64::Values{} : base64::values_of(alphabet.substr(0, 64));
    const runtime::Slice dst = slice_at(s + 7);
    const base64::Decoded decoded = base64::decode(work, standard ? base64::kStandardValues : for_urls ? kUrlValues : own, static_cast<std::int64_t>(s[5]),
                                                   s[6] != 0, bytes_at(s + 9), dst.data, dst.size);
    s = call.slots();
    s[0] = decoded.n;
    s[1] = static_cast<Slot>(decoded.bad);
    s[2] = static_cast<Slot>(decoded.missing);
    return Status::Ok;
}

}  // namespace

void bind_encoding_base64(Package& package) {
    package.raw("encode", encode).raw("encodeToString", encode_to_string).raw("decode", decode);
}

}  // namespace csp::stdlib
