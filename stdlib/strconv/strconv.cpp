#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/fmt/printer.h"
#include "runtime/value/float_format.h"

namespace csp::stdlib {

namespace {

enum Code : std::int64_t { kFine, kSyntax, kRange };

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

bool underscores_fit(std::string_view s) {
    char before = '^';
    for (std::size_t i = 0; i < s.size(); ++i) {
        const char c = s[i];
        const bool digit = digit_of(c) < 36;
        if (c == '_') {
            if (before != '0') return false;
            before = '_';
        } else if (digit) {
            before = '0';
        } else {
            if (before == '_') return false;
            before = '!';
        }
    }
    return before != '_';
}

std::pair<std::uint64_t, std::int64_t> parse_uint(std::string_view s, std::int64_t base) {
    if (s.empty()) return {0, kSyntax};
    const std::string_view whole = s;
    bool underscores = false;
    if (base == 0) {
        base = 10;
        if (s[0] == '0') {
            const char second = s.size() >= 3 ? static_cast<char>(s[1] | 0x20) : '\0';
            if (second == 'b') base = 2, s.remove_prefix(2);
            else if (second == 'o') base = 8, s.remove_prefix(2);
            else if (second == 'x') base = 16, s.remove_prefix(2);
            else base = 8, s.remove_prefix(1);
        }
        underscores = true;
    }
    std::uint64_t n = 0;
    bool overflow = false;
    bool any = base == 8 && s.empty();
    bool has_underscore = false;
    for (const char c : s) {
        if (c == '_' && underscores) {
            has_underscore = true;
            continue;
        }
        const int d = digit_of(c);
        if (d >= base) return {0, kSyntax};
        any = true;
        std::uint64_t next;
        if (__builtin_mul_overflow(n, static_cast<std::uint64_t>(base), &next) ||
            __builtin_add_overflow(next, static_cast<std::uint64_t>(d), &next))
            overflow = true;
        n = next;
    }
    if (!any) return {0, whole == "0" ? kFine : kSyntax};
    if (has_underscore && !underscores_fit(whole)) return {0, kSyntax};
    if (overflow) return {~std::uint64_t{0}, kRange};
    return {n, kFine};
}

std::pair<double, std::int64_t> parse_float(std::string_view s, std::int64_t bits) {
    std::string text(s);
    if (s.find('_') != std::string_view::npos) {
        if (!underscores_fit(s)) return {0, kSyntax};
        std::erase(text, '_');
    }
    std::string lower;
    for (const char c : text) lower += static_cast<char>(std::tolower(c));
    std::string_view plain = lower;
    const bool negative = plain.starts_with('-');
    if (negative || plain.starts_with('+')) plain.remove_prefix(1);
    if (plain == "inf" || plain == "infinity") return {negative ? -HUGE_VAL : HUGE_VAL, kFine};
    if (plain == "nan") return {std::nan(""), kFine};
    // What strtod would accept but Go does not, or the other way round.
    bool digits = false;
    const bool hex = plain.starts_with("0x");
    std::size_t i = hex ? 2 : 0;
    bool point = false;
    for (; i < plain.size(); ++i) {
        const char c = plain[i];
        if (c == '.' && !point) {
            point = true;
        } else if ((c >= '0' && c <= '9') || (hex && c >= 'a' && c <= 'f')) {
            digits = true;
        } else {
            break;
        }
    }
    if (!digits) return {0, kSyntax};
    if (i < plain.size()) {
        if (plain[i] != (hex ? 'p' : 'e')) return {0, kSyntax};
        ++i;
        if (i < plain.size() && (plain[i] == '+' || plain[i] == '-')) ++i;
        if (i >= plain.size()) return {0, kSyntax};
        for (; i < plain.size(); ++i)
            if (plain[i] < '0' || plain[i] > '9') return {0, kSyntax};
    } else if (hex) {
        return {0, kSyntax};
    }
    const double value = bits == 32 ? static_cast<double>(std::strtof(text.c_str(), nullptr)) : std::strtod(text.c_str(), nullptr);
    if (std::isinf(value)) return {value, kRange};
    return {value, kFine};
}

std::pair<std::string, bool> unquote(std::string_view s) {
    if (s.size() < 2 || s.front() != s.back()) return {"", false};
    const char quote_char = s.front();
    s = s.substr(1, s.size() - 2);
    if (quote_char == '`') {
        if (s.find('`') != std::string_view::npos) return {"", false};
        std::string out;
        for (const char c : s)
            if (c != '\r') out += c;
        return {out, true};
    }
    if (quote_char != '"' && quote_char != '\'') return {"", false};
    std::string out;
    std::size_t runes = 0;
    for (std::size_t i = 0; i < s.size(); ++runes) {
        const char c = s[i];
        if (c == quote_char || c == '\n') return {"", false};
        if (c != '\\') {
            const auto r = runtime::decode_rune(s.substr(i));
            out += s.substr(i, static_cast<std::size_t>(r.size));
            i += static_cast<std::size_t>(r.size);
            continue;
        }
        if (++i >= s.size()) return {"", false};
        const char e = s[i++];
        int count = 0;
        int base = 16;
        switch (e) {
            case 'a': out += '\a'; continue;
            case 'b': out += '\b'; continue;
            case 'f': out += '\f'; continue;
            case 'n': out += '\n'; continue;
            case 'r': out += '\r'; continue;
            case 't': out += '\t'; continue;
            case 'v': out += '\v'; continue;
            case '\\': out += '\\'; continue;
            case 'x': count = 2; break;
            case 'u': count = 4; break;
            case 'U': count = 8; break;
            default:
                if (e == quote_char) {
                    out += e;
                    continue;
                }
                if (e < '0' || e > '7') return {"", false};
                count = 3;
                base = 8;
                --i;
        }
        std::uint64_t value = 0;
        for (int k = 0; k < count; ++k) {
            if (i >= s.size() || digit_of(s[i]) >= base) return {"", false};
            value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit_of(s[i++]));
        }
        if (e == 'x' || base == 8) {
            if (value > 255) return {"", false};
            out += static_cast<char>(value);
        } else {
            if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {"", false};
            char bytes[4];
            out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(static_cast<std::int32_t>(value), bytes)));
        }
    }
    if (quote_char == '\'' && runes != 1) return {"", false};
    return {out, true};
}

}  // namespace

void bind_strconv(Package& package) {
    package.function("formatInt", [](std::int64_t i, std::int64_t base) {
        const auto magnitude = i < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(i) : static_cast<std::uint64_t>(i);
        return runtime::format_integer(magnitude, i < 0, static_cast<int>(base));
    });
    package.function("formatUint", [](std::uint64_t i, std::int64_t base) { return runtime::format_integer(i, false, static_cast<int>(base)); });
    package.function("formatFloat", [](double f, std::int64_t format, std::int64_t precision, std::int64_t bits) {
        return runtime::format_float(f, static_cast<char>(format), static_cast<int>(precision), static_cast<int>(bits));
    });
    package.function("Quote", [](std::string_view s) { return quote(s, false); });
    package.function("QuoteToASCII", [](std::string_view s) { return quote(s, true); });
    package.function("QuoteRune", [](std::int32_t r) { return quote_rune(r, false); });
    package.function("unquote", unquote);
    package.function("parseUint", parse_uint);
    package.function("parseFloat", parse_float);
}

}  // namespace csp::stdlib
