#include <string>
#include <tuple>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

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
            const Unquoted c = unquote_character(s, static_cast<char>(quote));
            return std::tuple(c.value, c.multibyte, static_cast<std::int64_t>(c.size));
        })
        .function("quotedPrefix", [](View s) {
            std::string unused;
            return static_cast<std::int64_t>(unquote_prefix(s, unused));
        });
}

}  // namespace csp::stdlib
