#include <string>
#include <tuple>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/fmt/printer.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

/// One character of a quoted text, or what an escape stands for.
struct Character {
    std::int32_t value = 0;
    bool multibyte = false;  ///< More than a byte in UTF-8.
    std::size_t size = 0;    ///< In the quoted text; 0: it is wrong.
};

/// The escapes that are one letter.
std::int32_t simple_escape(char c) {
    constexpr View kLetters = "abfnrtv\\";
    constexpr View kValues = "\a\b\f\n\r\t\v\\";
    const std::size_t at = kLetters.find(c);
    return at == View::npos ? -1 : kValues[at];
}

/// An escape of digits, `at` the first: \x \u \U, or \ and three octal ones.
Character numeric_escape(View s, std::size_t at, int count, int base) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + static_cast<std::size_t>(count); ++i) {
        if (i >= s.size() || digit_of(s[i]) >= base) return {};
        value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit_of(s[i]));
    }
    const bool byte = count <= 3;
    if (byte ? value > 255 : value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
    return {static_cast<std::int32_t>(value), !byte, at + static_cast<std::size_t>(count)};
}

Character unquote_character(View s, char quote) {
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
        case '"': return e == quote ? Character{e, false, 2} : Character{};
        default: return e >= '0' && e <= '7' ? numeric_escape(s, 1, 3, 8) : Character{};
    }
}

/// The length of the quoted text that `s` begins with, and what it stands for; 0: there is none.
std::size_t unquote_prefix(View s, std::string& out) {
    if (s.size() < 2) return 0;
    const char quote = s[0];
    if (quote == '`') {
        const std::size_t end = s.find('`', 1);
        if (end == View::npos) return 0;
        for (const char c : s.substr(1, end - 1))
            if (c != '\r') out += c;
        return end + 1;
    }
    if (quote != '"' && quote != '\'') return 0;
    for (std::size_t at = 1, count = 0; at < s.size(); ++count) {
        if (s[at] == quote) return at + 1;
        if (s[at] == '\n' || (quote == '\'' && count == 1)) return 0;
        const Character c = unquote_character(s.substr(at), quote);
        if (c.size == 0) return 0;
        if (c.multibyte) {
            char bytes[4];
            out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(c.value, bytes)));
        } else {
            out += static_cast<char>(c.value);
        }
        at += c.size;
    }
    return 0;
}

std::pair<std::string, bool> unquote(View s) {
    std::string out;
    const std::size_t size = unquote_prefix(s, out);
    if (size == 0 || size != s.size()) return {"", false};
    return {out, true};
}

bool can_backquote(View s) {
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        if (r.size == 1 ? (r.rune < ' ' && r.rune != '\t') || r.rune == '`' || r.rune == 0x7F || r.rune == 0xFFFD : r.rune == 0xFEFF)
            return false;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return true;
}

}  // namespace

void bind_strconv_quoted(Package& package) {
    package.function("Quote", [](View s) { return quote(s, Escape::NotPrintable); })
        .function("QuoteToASCII", [](View s) { return quote(s, Escape::NotAscii); })
        .function("QuoteToGraphic", [](View s) { return quote(s, Escape::NotGraphic); })
        .function("QuoteRune", [](std::int32_t r) { return quote_rune(r, Escape::NotPrintable); })
        .function("QuoteRuneToASCII", [](std::int32_t r) { return quote_rune(r, Escape::NotAscii); })
        .function("QuoteRuneToGraphic", [](std::int32_t r) { return quote_rune(r, Escape::NotGraphic); })
        .function("IsPrint", is_print)
        .function("IsGraphic", is_graphic)
        .function("CanBackquote", can_backquote)
        .function("unquote", unquote)
        .function("unquoteChar", [](View s, std::uint8_t quote) {
            const Character c = unquote_character(s, static_cast<char>(quote));
            return std::tuple(c.value, c.multibyte, static_cast<std::int64_t>(c.size));
        })
        .function("quotedPrefix", [](View s) {
            std::string unused;
            return static_cast<std::int64_t>(unquote_prefix(s, unused));
        });
}

}  // namespace csp::stdlib
