// The natives of package net/url: escaping (RFC 3986, section 2).

#include <cstdint>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/hex.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

// The parts of a URL, which escape.csp calls the same.
enum class Part : std::uint8_t { Path, Segment, Host, Zone, User, Query, Fragment };

constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_alphanumeric(unsigned char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether a byte cannot stand for itself in a part.
bool must_escape(unsigned char c, Part part) {
    if (is_alphanumeric(c)) return false;
    const auto one_of = [c](std::string_view set) { return set.find(static_cast<char>(c)) != std::string_view::npos; };
    if (part == Part::Host || part == Part::Zone) {
        if (one_of("!$&'()*+,;=:[]<>\"")) return false;
    }
    if (one_of("-_.~")) return false;
    if (one_of("$&+,/:;=?@")) {
        switch (part) {
            case Part::Path: return c == '?';
            case Part::Segment: return one_of("/;,?");
            case Part::User: return one_of("@/?:");
            case Part::Query: return true;
            case Part::Fragment: return false;
            case Part::Host:
            case Part::Zone: break;
        }
    }
    return part != Part::Fragment || !one_of("!()*");
}

Part part_of(Slot slot) { return static_cast<Part>(slot); }

/// func escape(text string, part int) string
Status escape(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view text = text_at(s + 2);
    const Part part = part_of(s[4]);
    std::size_t escapes = 0;
    bool spaces = false;
    Work work(call);
    for (const char c : text) {
        if (!work.read(4)) return Status::Ended;
        if (!must_escape(static_cast<unsigned char>(c), part)) continue;
        if (c == ' ' && part == Part::Query) spaces = true;
        else ++escapes;
    }
    s[0] = s[2];
    s[1] = s[3];
    if (escapes == 0 && !spaces) return Status::Ok;
    const std::size_t size = text.size() + 2 * escapes;
    char* out = call.allocate_bytes(size);
    if (out == nullptr) return Status::Panic;
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(out);
    s[1] = size;
    for (const char c : text) {
        if (!work.read(4)) return Status::Ended;
        const auto byte = static_cast<unsigned char>(c);
        if (!must_escape(byte, part)) {
            *out++ = c;
        } else if (c == ' ' && part == Part::Query) {
            *out++ = '+';
        } else {
            *out++ = '%';
            *out++ = kHex[byte >> 4];
            *out++ = kHex[byte & 15];
        }
    }
    return Status::Ok;
}

// What unescape answers when it fails.
enum Problem : Slot { kNone, kBadEscape, kBadHost };

/// What is wrong with the escapes; `at` and `size` are of the place.
Problem check(Work& work, std::string_view text, Part part, std::size_t& at, std::size_t& size, std::size_t& escapes, bool& plus) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        at = i;
        if (!work.read(4)) return kNone;
        if (text[i] == '%') {
            const std::string_view digits = text.substr(i + 1, 2);
            size = digits.size() + 1;
            if (digits.size() < 2 || hex_digit(digits[0]) < 0 || hex_digit(digits[1]) < 0) return kBadEscape;
            const int byte = hex_digit(digits[0]) << 4 | hex_digit(digits[1]);
            // Only bytes beyond ASCII are escaped in a host; "%25" begins the zone of an IPv6 address.
            if (part == Part::Host && byte < 0x80 && digits != "25") return kBadEscape;
            if (part == Part::Zone && digits != "25" && byte != ' ' && must_escape(static_cast<unsigned char>(byte), Part::Host)) return kBadEscape;
            ++escapes;
            i += 2;
        } else if (text[i] == '+') {
            plus = part == Part::Query || plus;
        } else {
            const auto byte = static_cast<unsigned char>(text[i]);
            size = 1;
            if ((part == Part::Host || part == Part::Zone) && byte < 0x80 && must_escape(byte, part)) return kBadHost;
        }
    }
    return kNone;
}

/// func unescape(text string, part int) (plain string, problem, at, size int)
Status unescape(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view text = text_at(s + 5);
    const Part part = part_of(s[7]);
    std::size_t at = 0, size = 0, escapes = 0;
    bool plus = false;
    Work work(call);
    const Problem problem = check(work, text, part, at, size, escapes, plus);
    s = call.slots();
    s[0] = s[1] = 0;
    s[2] = problem;
    s[3] = at;
    s[4] = size;
    if (problem != kNone) return Status::Ok;
    s[0] = s[5];
    s[1] = s[6];
    if (escapes == 0 && !plus) return Status::Ok;
    const std::size_t length = text.size() - 2 * escapes;
    char* out = call.allocate_bytes(length);
    if (out == nullptr) return Status::Panic;
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(out);
    s[1] = length;
    for (std::size_t i = 0; i < text.size() && work.read(2); ++i) {
        if (text[i] == '%') {
            *out++ = static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
            i += 2;
        } else {
            *out++ = text[i] == '+' && part == Part::Query ? ' ' : text[i];
        }
    }
    return Status::Ok;
}

/// Whether text is what escaping may have made of a part: nothing in it must be escaped any more.
bool is_escaped(Call& call, std::string_view text, std::int64_t part) {
    Work work(call);
    for (const char c : text) {
        if (!work.read(4)) return false;
        const auto byte = static_cast<unsigned char>(c);
        if (std::string_view("!$&'()*+,;=:@").find(c) != std::string_view::npos) continue;
        if (c == '[' || c == ']' || c == '%') continue;
        if (must_escape(byte, part_of(static_cast<Slot>(part)))) return false;
    }
    return true;
}

}  // namespace

void bind_net_url(Package& package) {
    package.raw("escape", escape).raw("unescape", unescape).function("isEscaped", is_escaped);
}

}  // namespace csp::stdlib
