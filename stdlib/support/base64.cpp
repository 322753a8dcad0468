#include "stdlib/support/base64.h"

namespace csp::stdlib::base64 {

std::size_t encoded_length(std::size_t n, std::int64_t pad) {
    return pad == kNoPadding ? n / 3 * 4 + (n % 3 * 8 + 5) / 6 : (n + 2) / 3 * 4;
}

namespace {

void encode_part(std::string_view alphabet, std::int64_t pad, std::string_view src, char* to) {
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

/// Decodes groups of four characters, and says where and why it stops.
class Decoder {
  public:
    Decoder(Work& work, const Values& values, std::int64_t pad, bool strict, void* to, std::size_t room, std::string_view src)
        : work_(work), values_(values), pad_(pad), strict_(strict), src_(src), to_(static_cast<std::uint8_t*>(to)), room_(room) {}

    void run() {
        while (result_.bad < 0 && result_.missing < 0 && at_ < src_.size()) {
            const std::size_t before = at_;
            whole_groups();
            if (!work_.read(at_ - before + 4)) return;
            if (at_ < src_.size()) group();
        }
    }

    const Decoded& result() const { return result_; }

  private:
    std::uint8_t value(std::size_t at) const { return values_[static_cast<unsigned char>(src_[at])]; }
    void skip_newlines() {
        while (at_ < src_.size() && (src_[at_] == '\n' || src_[at_] == '\r') && work_.read(1)) ++at_;
    }
    void fail(std::size_t at) { result_.bad = static_cast<std::int64_t>(at); }

    /// Nothing but characters of the alphabet.
    void whole_groups() {
        constexpr std::size_t kAtOnce = 1 << 14;
        const std::size_t end = at_ + kAtOnce;
        while (at_ < end && src_.size() - at_ >= 4 && room_ - result_.n >= 3) {
            const std::uint32_t a = value(at_), b = value(at_ + 1), c = value(at_ + 2), d = value(at_ + 3);
            if (((a | b | c | d) & 0xc0) != 0) return;
            const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
            to_[result_.n] = static_cast<std::uint8_t>(bits >> 16);
            to_[result_.n + 1] = static_cast<std::uint8_t>(bits >> 8);
            to_[result_.n + 2] = static_cast<std::uint8_t>(bits);
            at_ += 4;
            result_.n += 3;
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
            } else if (!work_.read(1)) {
                return;
            }
        }
        if (put(bits, chars)) result_.bad = behind;
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
            if (result_.n + i >= room_) {
                result_.missing = static_cast<std::int64_t>(i);
                return false;
            }
            to_[result_.n + i] = static_cast<std::uint8_t>(bits >> (16 - 8 * i));
            const bool last = i + 1 == bytes;
            if (strict_ && last && bytes < 3 && (bits & ((1u << (24 - 8 * bytes)) - 1)) != 0) {
                fail(at_ - (bytes == 2 ? 1 : 2));
                return false;
            }
        }
        result_.n += bytes;
        return true;
    }

    Work& work_;
    const Values& values_;
    std::int64_t pad_;
    bool strict_;
    std::string_view src_;
    std::uint8_t* to_;
    std::size_t room_;
    std::size_t at_ = 0;
    Decoded result_;
};

}  // namespace

bool encode(Work& work, std::string_view alphabet, std::int64_t pad, std::string_view src, char* to) {
    constexpr std::size_t kAtOnce = 3 << 14;
    for (; src.size() > kAtOnce; to += kAtOnce / 3 * 4) {
        encode_part(alphabet, pad, src.substr(0, kAtOnce), to);
        if (!work.read(kAtOnce)) return false;
        src.remove_prefix(kAtOnce);
    }
    encode_part(alphabet, pad, src, to);
    return work.read(src.size());
}

Decoded decode(Work& work, const Values& values, std::int64_t pad, bool strict, std::string_view src, void* to, std::size_t room) {
    Decoder decoder(work, values, pad, strict, to, room, src);
    decoder.run();
    return decoder.result();
}

}  // namespace csp::stdlib::base64
