#include <array>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

constexpr std::uint8_t kBad = 0xff;
constexpr std::int64_t kNoPadding = -1;
using Values = std::array<std::uint8_t, 256>;

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kForUrls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr Values values_of(std::string_view alphabet) {
    Values values{};
    values.fill(kBad);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlValues = values_of(kForUrls);

std::size_t encoded_length(std::size_t n, std::int64_t pad) {
    return pad == kNoPadding ? n / 3 * 4 + (n % 3 * 8 + 5) / 6 : (n + 2) / 3 * 4;
}

void encode_all(std::string_view alphabet, std::int64_t pad, std::string_view src, char* to) {
    const char* const chars = alphabet.data();
    const auto* from = reinterpret_cast<const unsigned char*>(src.data());
    const auto* const groups_end = from + src.size() / 3 * 3;
    for (; from != groups_end; from += 3, to += 4) {
        const std::uint32_t bits = static_cast<std::uint32_t>(from[0]) << 16 | static_cast<std::uint32_t>(from[1]) << 8 | from[2];
        to[0] = chars[bits >> 18];
        to[1] = chars[bits >> 12 & 63];
        to[2] = chars[bits >> 6 & 63];
        to[3] = chars[bits & 63];
    }
    const std::size_t rest = src.size() % 3;
    if (rest == 0) return;
    std::uint32_t bits = static_cast<std::uint32_t>(from[0]) << 16;
    if (rest == 2) bits |= static_cast<std::uint32_t>(from[1]) << 8;
    *to++ = chars[bits >> 18];
    *to++ = chars[bits >> 12 & 63];
    if (rest == 2) *to++ = chars[bits >> 6 & 63];
    if (pad == kNoPadding) return;
    if (rest == 1) *to++ = static_cast<char>(pad);
    *to = static_cast<char>(pad);
}

bool wrong_alphabet(std::string_view alphabet) { return alphabet.size() != 64; }

/// func encode(alphabet string, pad rune, dst, src []byte)
Status encode(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const std::string_view alphabet = text_at(s);
    const auto pad = static_cast<std::int64_t>(s[2]);
    const runtime::Slice dst = slice_at(s + 3);
    std::string_view src = bytes_at(s + 5);
    if (wrong_alphabet(alphabet)) return call.runtime_error("invalid memory address or nil pointer dereference");
    if (encoded_length(src.size(), pad) > dst.size) {
        // The whole groups that fit, then a part of the next.
        auto* const to = static_cast<char*>(dst.data);
        const std::size_t groups = dst.size / 4;
        encode_all(alphabet, pad, src.substr(0, groups * 3), to);
        char last[4];
        encode_all(alphabet, pad, src.substr(groups * 3, 3), last);
        if (dst.size % 4 != 0) std::memcpy(to + groups * 4, last, dst.size % 4);
        return Status::Ok;
    }
    encode_all(alphabet, pad, src, static_cast<char*>(dst.data));
    return Status::Ok;
}

/// func encodeToString(alphabet string, pad rune, src []byte) string
Status encode_to_string(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view alphabet = text_at(s + 2);
    const auto pad = static_cast<std::int64_t>(s[4]);
    const std::string_view src = bytes_at(s + 5);
    if (wrong_alphabet(alphabet)) return call.runtime_error("invalid memory address or nil pointer dereference");
    s[0] = s[1] = 0;
    if (src.empty()) return Status::Ok;
    const std::size_t size = encoded_length(src.size(), pad);
    char* const text = call.allocate_bytes(size);
    if (text == nullptr) return Status::Panic;
    encode_all(alphabet, pad, src, text);
    s[0] = reinterpret_cast<Slot>(text);
    s[1] = size;
    return Status::Ok;
}

/// Decodes groups of four characters, and says where and why it stops.
class Decoder {
  public:
    Decoder(const Values& values, std::int64_t pad, bool strict, const runtime::Slice& dst, std::string_view src)
        : values_(values), pad_(pad), strict_(strict), src_(src), to_(static_cast<std::uint8_t*>(dst.data)),
          room_(dst.size) {}

    void run() {
        while (bad < 0 && missing < 0 && at_ < src_.size()) {
            whole_groups();
            if (at_ < src_.size()) group();
        }
    }

    std::size_t n = 0;
    std::int64_t bad = -1;
    std::int64_t missing = -1;

  private:
    std::uint8_t value(std::size_t at) const { return values_[static_cast<unsigned char>(src_[at])]; }
    void skip_newlines() {
        while (at_ < src_.size() && (src_[at_] == '\n' || src_[at_] == '\r')) ++at_;
    }
    void fail(std::size_t at) { bad = static_cast<std::int64_t>(at); }

    /// Nothing but characters of the alphabet.
    void whole_groups() {
        while (src_.size() - at_ >= 4 && room_ - n >= 3) {
            const std::uint32_t a = value(at_), b = value(at_ + 1), c = value(at_ + 2), d = value(at_ + 3);
            if (((a | b | c | d) & 0xc0) != 0) return;
            const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
            to_[n] = static_cast<std::uint8_t>(bits >> 16);
            to_[n + 1] = static_cast<std::uint8_t>(bits >> 8);
            to_[n + 2] = static_cast<std::uint8_t>(bits);
            at_ += 4;
            n += 3;
        }
    }

    /// One group, with whatever may be in it or end it.
    void group() {
        std::uint32_t bits = 0;
        std::size_t chars = 0;
        std::int64_t behind = -1;  // garbage
        while (chars < 4) {
            if (at_ == src_.size()) {
                if (chars == 0) return;
                if (chars == 1 || pad_ != kNoPadding) return fail(at_ - chars);
                break;
            }
            const char c = src_[at_++];
            const std::uint8_t v = values_[static_cast<unsigned char>(c)];
            if (v != kBad) {
                bits |= static_cast<std::uint32_t>(v) << (18 - 6 * chars++);
            } else if (c != '\n' && c != '\r') {
                if (!is_padding(c) || chars < 2) return fail(at_ - 1);
                if (chars == 2 && !second_padding()) return;
                skip_newlines();
                if (at_ < src_.size()) behind = static_cast<std::int64_t>(at_);
                break;
            }
        }
        if (put(bits, chars)) bad = behind;
    }

    bool is_padding(char c) const { return static_cast<unsigned char>(c) == pad_; }

    bool second_padding() {
        skip_newlines();
        if (at_ == src_.size() || !is_padding(src_[at_])) {
            fail(at_ == src_.size() ? at_ : at_ - 1);
            return false;
        }
        ++at_;
        return true;
    }

    /// False: no room, or bits that must be zero are not.
    bool put(std::uint32_t bits, std::size_t chars) {
        const std::size_t bytes = chars - 1;
        // From the last byte of the group on.
        for (std::size_t i = bytes; i-- > 0;) {
            if (n + i >= room_) {
                missing = static_cast<std::int64_t>(i);
                return false;
            }
            to_[n + i] = static_cast<std::uint8_t>(bits >> (16 - 8 * i));
            const bool last = i + 1 == bytes;
            if (strict_ && last && bytes < 3 && (bits & ((1u << (24 - 8 * bytes)) - 1)) != 0) {
                fail(at_ - (bytes == 2 ? 1 : 2));
                return false;
            }
        }
        n += bytes;
        return true;
    }

    const Values& values_;
    std::int64_t pad_;
    bool strict_;
    std::string_view src_;
    std::uint8_t* to_;
    std::size_t room_;
    std::size_t at_ = 0;
};

/// func decode(alphabet string, pad rune, strict bool, dst, src []byte) (n, bad, missing int)
Status decode(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view alphabet = text_at(s + 3);
    const bool standard = alphabet == kStandard, for_urls = alphabet == kForUrls;
    const Values own = standard || for_urls ? Values{} : values_of(alphabet.substr(0, 64));
    Decoder decoder(standard ? kStandardValues : for_urls ? kUrlValues : own, static_cast<std::int64_t>(s[5]),
                    s[6] != 0, slice_at(s + 7), bytes_at(s + 9));
    decoder.run();
    s[0] = decoder.n;
    s[1] = static_cast<Slot>(decoder.bad);
    s[2] = static_cast<Slot>(decoder.missing);
    return Status::Ok;
}

}  // namespace

void bind_encoding_base64(Package& package) {
    package.raw("encode", encode).raw("encodeToString", encode_to_string).raw("decode", decode);
}

}  // namespace csp::stdlib
