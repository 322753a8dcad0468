#include "runtime/value/string_ops.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

/// The escapes that are one letter.
std::int32_t simple_escape(char c) {
    constexpr View kLetters = "abfnrtv\\";
    constexpr View kValues = "\a\b\f\n\r\t\v\\";
    const std::size_t at = kLetters.find(c);
    return at == View::npos ? -1 : kValues[at];
}

/// An escape of digits, `at` the first: \x \u \U, or \ and three octal ones.
Unquoted numeric_escape(View s, std::size_t at, int count, int base) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + static_cast<std::size_t>(count); ++i) {
        const int digit = i < s.size() ? hex_digit(s[i]) : -1;
        if (digit < 0 || digit >= base) return {};
        value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
    }
    const bool byte = count <= 3;
    if (byte ? value > 255 : value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
    return {static_cast<std::int32_t>(value), !byte, at + static_cast<std::size_t>(count)};
}

}  // namespace

Unquoted unquote_character(View s, char quote) {
    if (s.empty()) return {};
    const char c = s[0];
    if (c == quote && (quote == '\'' || quote == '"')) return {};
    if (static_cast<unsigned char>(c) >= 0x80) {
        const auto r = runtime::decode_rune(s);
        return {r.rune, true, static_cast<std::size_t>(r.size)};
    }
    if (c != '\\') return {c, false, 1};
    if (s.size() < 2) return {};
    const char e = s[1];
    if (const std::int32_t value = simple_escape(e); value >= 0) return {value, false, 2};
    switch (e) {
        case 'x': return numeric_escape(s, 2, 2, 16);
        case 'u': return numeric_escape(s, 2, 4, 16);
        case 'U': return numeric_escape(s, 2, 8, 16);
        case '\'':
        case '"': return e == quote ? Unquoted{e, false, 2} : Unquoted{};
        default: return e >= '0' && e <= '7' ? numeric_escape(s, 1, 3, 8) : Unquoted{};
    }
}

std::size_t unquote_prefix(View s, std::string& out, Work* work) {
    const auto worked = [work](std::size_t bytes) { return work == nullptr || work->read(bytes); };
    if (s.size() < 2) return 0;
    const char quote = s[0];
    if (quote == '`') {
        for (std::size_t at = 1; at < s.size() && worked(1); ++at) {
            if (s[at] == '`') return at + 1;
            if (s[at] != '\r') out += s[at];
        }
        return 0;
    }
    if (quote != '"' && quote != '\'') return 0;
    for (std::size_t at = 1, count = 0; at < s.size(); ++count) {
        if (s[at] == quote) return at + 1;
        if (s[at] == '\n' || (quote == '\'' && count == 1)) return 0;
        const Unquoted c = unquote_character(s.substr(at), quote);
        if (c.size == 0) return 0;
        if (c.multibyte) {
            char bytes[4];
            out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(c.value, bytes)));
        } else {
            out += static_cast<char>(c.value);
        }
        at += c.size;
        if (!worked(4 * c.size)) break;
    }
    return 0;
}

}  // namespace csp::stdlib
