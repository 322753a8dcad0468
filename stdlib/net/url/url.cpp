#include <array>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// Where a text stands in a URL; the numbers are those of escape.csp.
enum Part : unsigned { kPath, kSegment, kHost, kZone, kUser, kQuery, kFragment };

/// For each byte the parts that it may stand in unescaped, as bits.
constexpr std::array<std::uint8_t, 256> plain_bytes() {
    constexpr auto in = [](auto... part) { return static_cast<std::uint8_t>((0u | ... | (1u << part))); };
    std::array<std::uint8_t, 256> plain{};
    const auto add = [&](std::string_view bytes, std::uint8_t parts) {
        for (const char c : bytes) plain[static_cast<unsigned char>(c)] |= parts;
    };
    add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~", 0x7f);
    add("!$&'()*+,;=:[]<>\"", in(kHost, kZone));
    add("$&+,/:;=@", in(kPath, kFragment));
    add("?!()*", in(kFragment));
    add("$&+:=@", in(kSegment));
    add("$&+,;=", in(kUser));
    return plain;
}
constexpr std::array<std::uint8_t, 256> kPlain = plain_bytes();
constexpr char kDigits[] = "0123456789ABCDEF";

bool plain(char c, std::uint64_t part) { return kPlain[static_cast<unsigned char>(c)] >> (part & 7) & 1; }

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void share(Slot* to, std::string_view text) {
    to[0] = text.empty() ? 0 : reinterpret_cast<Slot>(text.data());
    to[1] = text.size();
}

/// func escape(s string, part int) string
Status escape(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view text = text_at(s + 2);
    const std::uint64_t part = s[4];
    std::size_t special = 0, spaces = 0;
    for (const char c : text)
        if (!plain(c, part)) ++(c == ' ' && part == kQuery ? spaces : special);
    if (special + spaces == 0) {
        share(s, text);
        return Status::Ok;
    }
    const std::size_t size = text.size() + 2 * special;
    char* const bytes = call.allocate_bytes(size);
    if (bytes == nullptr) return Status::Panic;
    char* to = bytes;
    for (const char c : text) {
        if (plain(c, part)) {
            *to++ = c;
        } else if (c == ' ' && part == kQuery) {
            *to++ = '+';
        } else {
            *to++ = '%';
            *to++ = kDigits[static_cast<unsigned char>(c) >> 4];
            *to++ = kDigits[static_cast<unsigned char>(c) & 15];
        }
    }
    share(call.slots(), {bytes, size});
    return Status::Ok;
}

enum Fault : Slot { kNone, kBadEscape, kBadHost };

/// What is wrong with `text`, and in `bad` its place; counts the escapes and the pluses that mean spaces.
Fault check(std::string_view text, std::uint64_t part, std::string_view& bad, std::size_t& escapes, std::size_t& pluses) {
    const bool host = part == kHost || part == kZone;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            const std::string_view triple = text.substr(i, 3);
            bad = triple;
            if (triple.size() < 3 || digit_value(triple[1]) < 0 || digit_value(triple[2]) < 0) return kBadEscape;
            const int value = digit_value(triple[1]) << 4 | digit_value(triple[2]);
            // A host has escapes for what is not ASCII only; a zone for that, and to write in hex what needs none.
            if (part == kHost && value < 0x80 && triple != "%25") return kBadEscape;
            if (part == kZone && triple != "%25" && value != ' ' && !plain(static_cast<char>(value), kHost)) return kBadEscape;
            ++escapes;
            i += 2;
        } else if (c == '+' && part == kQuery) {
            ++pluses;
        } else if (host && static_cast<unsigned char>(c) < 0x80 && !plain(c, part)) {
            bad = text.substr(i, 1);
            return kBadHost;
        }
    }
    return kNone;
}

/// func unescape(s string, part int) (text string, fault int)
Status unescape(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view text = text_at(s + 3);
    const std::uint64_t part = s[5];
    std::string_view bad;
    std::size_t escapes = 0, pluses = 0;
    const Fault fault = check(text, part, bad, escapes, pluses);
    s[2] = fault;
    if (fault != kNone || escapes + pluses == 0) {
        share(s, fault != kNone ? bad : text);
        return Status::Ok;
    }
    const std::size_t size = text.size() - 2 * escapes;
    char* const bytes = call.allocate_bytes(size);
    if (bytes == nullptr) return Status::Panic;
    char* to = bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            *to++ = static_cast<char>(digit_value(text[i + 1]) << 4 | digit_value(text[i + 2]));
            i += 2;
        } else {
            *to++ = text[i] == '+' && part == kQuery ? ' ' : text[i];
        }
    }
    share(call.slots(), {bytes, size});
    return Status::Ok;
}

/// Whether `text` may be the escaped form of that part: also what escape() would escape but browsers do not.
bool escaped(std::string_view text, std::int64_t part) {
    for (const char c : text)
        if (!plain(c, static_cast<std::uint64_t>(part)) && (c == '\0' || std::strchr("!$&'()*+,;=:@[]%", c) == nullptr)) return false;
    return true;
}

bool has_control(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return true;
    return false;
}

bool is_userinfo(std::string_view text) {
    for (const char c : text)
        if (!plain(c, kUser) && (c == '\0' || std::strchr("!'()*:%@", c) == nullptr)) return false;
    return true;
}

}  // namespace

void bind_net_url(Package& package) {
    package.raw("escape", escape).raw("unescape", unescape);
    package.function("escaped", escaped).function("hasControl", has_control).function("isUserinfo", is_userinfo);
}

}  // namespace csp::stdlib
