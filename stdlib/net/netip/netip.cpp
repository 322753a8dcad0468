#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>

#include "csp/package.hpp"
#include "stdlib/support/computing.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

/// What is wrong with an address, and the rest of the text from where it is.
struct Fault {
    const char* message = nullptr;
    View at;
};

constexpr std::uint64_t kMapped = 0xFFFFull << 32;

/// Four decimal fields without leading zeros.
Fault parse_v4(View s, std::uint32_t& out) {
    std::uint32_t field = 0;
    int dots = 0;
    int digits = 0;
    out = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '.') {
            if (digits == 0 || i + 1 == s.size()) return {"IPv4 field must have at least one digit", s.substr(i)};
            if (dots == 3) return {"IPv4 address too long", {}};
            out = out << 8 | field;
            ++dots;
            field = 0;
            digits = 0;
            continue;
        }
        if (s[i] < '0' || s[i] > '9') return {"unexpected character", s.substr(i)};
        if (digits == 1 && field == 0) return {"IPv4 field has octet with leading zero", {}};
        field = field * 10 + static_cast<std::uint32_t>(s[i] - '0');
        if (field > 255) return {"IPv4 field has value >255", {}};
        ++digits;
    }
    if (dots < 3) return {"IPv4 address too short", {}};
    out = out << 8 | field;
    return {};
}

/// The groups of an IPv6 address while it is read.
struct Groups {
    std::array<std::uint16_t, 8> values{};
    std::size_t count = 0;
    int gap = -1;  ///< Before which group "::" stands.
};

/// The digits of one group at the beginning of `s`.
Fault parse_group(View s, std::size_t& length, std::uint16_t& value) {
    std::uint32_t group = 0;
    length = 0;
    for (; length < s.size(); ++length) {
        const int digit = hex_digit(s[length]);
        if (digit < 0) break;
        if (length == 4) return {"each group must have 4 or less digits", s};
        group = group << 4 | static_cast<std::uint32_t>(digit);
    }
    if (length == 0) return {"each colon-separated field must have at least one digit", s};
    value = static_cast<std::uint16_t>(group);
    return {};
}

/// A dotted IPv4 address as the last two groups.
Fault parse_embedded(View s, Groups& groups) {
    if (groups.gap < 0 && groups.count != 6)
        return {"embedded IPv4 address must replace the final 2 fields of the address", s};
    if (groups.count + 2 > 8) return {"too many hex fields to fit an embedded IPv4 at the end of the address", s};
    std::uint32_t v4 = 0;
    const Fault fault = parse_v4(s, v4);
    if (fault.message != nullptr) return fault;
    groups.values[groups.count++] = static_cast<std::uint16_t>(v4 >> 16);
    groups.values[groups.count++] = static_cast<std::uint16_t>(v4);
    return {};
}

Fault parse_groups(View s, Groups& groups) {
    if (s.starts_with("::")) {
        groups.gap = 0;
        s.remove_prefix(2);
        if (s.empty()) return {};
    }
    while (groups.count < 8) {
        std::size_t length = 0;
        std::uint16_t value = 0;
        const Fault fault = parse_group(s, length, value);
        if (fault.message != nullptr) return fault;
        if (length < s.size() && s[length] == '.') return parse_embedded(s, groups);
        groups.values[groups.count++] = value;
        s.remove_prefix(length);
        if (s.empty()) return {};
        if (s[0] != ':') return {"unexpected character, want colon", s};
        if (s.size() == 1) return {"colon must be followed by more characters", s};
        s.remove_prefix(1);
        if (s[0] != ':') continue;
        if (groups.gap >= 0) return {"multiple :: in address", s};
        groups.gap = static_cast<int>(groups.count);
        s.remove_prefix(1);
        if (s.empty()) return {};
    }
    return s.empty() ? Fault{} : Fault{"trailing garbage after address", s};
}

Fault parse_v6(View s, std::uint64_t& hi, std::uint64_t& lo) {
    Groups groups;
    const Fault fault = parse_groups(s, groups);
    if (fault.message != nullptr) return fault;
    if (groups.count < 8 && groups.gap < 0) return {"address string too short", {}};
    if (groups.count == 8 && groups.gap >= 0) return {"the :: must expand to at least one field of zeros", {}};
    std::array<std::uint16_t, 8> all{};
    const auto before = groups.gap < 0 ? groups.count : static_cast<std::size_t>(groups.gap);
    for (std::size_t i = 0; i < groups.count; ++i) all[i < before ? i : 8 - groups.count + i] = groups.values[i];
    hi = lo = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        hi = hi << 16 | all[i];
        lo = lo << 16 | all[i + 4];
    }
    return {};
}

/// hi, lo, family (0: failed), zone, message, where.
using Parsed = std::tuple<std::uint64_t, std::uint64_t, std::uint8_t, Shared, std::string, Shared>;

Parsed failed(const Fault& fault) { return {0, 0, std::uint8_t{0}, Shared{}, fault.message, Shared{fault.at}}; }

Parsed parse(View s) {
    const std::size_t at = s.find_first_of(".:%");
    if (at == View::npos) return failed({"unable to parse IP", {}});
    if (s[at] == '%') return failed({"missing IPv6 address", {}});
    if (s[at] == '.') {
        std::uint32_t v4 = 0;
        const Fault fault = parse_v4(s, v4);
        if (fault.message != nullptr) return failed(fault);
        return {0, kMapped | v4, std::uint8_t{4}, Shared{}, std::string(), Shared{}};
    }
    const std::size_t percent = s.find('%');
    const View zone = percent == View::npos ? View() : s.substr(percent + 1);
    if (percent != View::npos && zone.empty()) return failed({"zone must be a non-empty string", {}});
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    const Fault fault = parse_v6(s.substr(0, percent), hi, lo);
    if (fault.message != nullptr) return failed(fault);
    return {hi, lo, std::uint8_t{6}, Shared{zone}, std::string(), Shared{}};
}

void append_v4(std::string& out, std::uint64_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += std::to_string(v >> shift & 0xFF);
        if (shift > 0) out += '.';
    }
}

/// The longest run of at least two zero groups, the first of several (RFC 5952, section 4.2): its begin and end.
std::pair<int, int> longest_zeros(const std::array<unsigned, 8>& groups) {
    std::pair<int, int> best{8, 8};
    int longest = 1;
    for (int i = 0; i < 8;) {
        int end = i;
        while (end < 8 && groups[static_cast<std::size_t>(end)] == 0) ++end;
        if (end - i > longest) {
            longest = end - i;
            best = {i, end};
        }
        i = end + 1;
    }
    return best;
}

void append_v6(std::string& out, std::uint64_t hi, std::uint64_t lo, bool expanded) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = (i < 4 ? hi : lo) >> (48 - 16 * (i % 4)) & 0xFFFF;
    const auto [begin, end] = expanded ? std::pair{8, 8} : longest_zeros(groups);
    char digits[8];
    for (int i = 0; i < 8; ++i) {
        if (i == begin) {
            out += "::";
            i = end;
            if (i >= 8) break;
        } else if (i > 0) {
            out += ':';
        }
        std::snprintf(digits, sizeof digits, expanded ? "%04x" : "%x", groups[static_cast<std::size_t>(i)]);
        out += digits;
    }
}

std::string text(std::uint64_t hi, std::uint64_t lo, std::uint8_t family, View zone, bool expanded) {
    std::string out;
    if (family == 4) {
        append_v4(out, lo);
        return out;
    }
    if (!expanded && hi == 0 && lo >> 32 == 0xFFFF) {
        out = "::ffff:";
        append_v4(out, lo);
    } else {
        append_v6(out, hi, lo, expanded);
    }
    if (!zone.empty()) (out += '%') += zone;
    return out;
}

}  // namespace

void bind_net_netip(Package& package) {
    package.function("parse", linear(parse));
    package.function("text", linear(text));
}

}  // namespace csp::stdlib
