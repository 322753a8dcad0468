#include <string>
#include <tuple>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

template <Escape escape>
std::string quoted(Call& call, View s) {
    if (part_end(s, 0) == s.size()) {
        Work(call).read(4 * s.size());
        return quote(s, escape);
    }
    std::string out = mapped<std::string>(call, s, [](View part) {
        const std::string in_quotes = quote(part, escape);
        return in_quotes.substr(1, in_quotes.size() - 2);
    });
    return "\"" + out + "\"";
}

std::pair<std::string, bool> unquote(Call& call, View s) {
    Work work(call);
    std::string out;
    const std::size_t size = unquote_prefix(s, out, &work);
    if (size == 0 || size != s.size()) return {"", false};
    return {out, true};
}

bool can_backquote(Call& call, View s) {
    Work work(call);
    while (!s.empty() && work.read(1)) {
        const auto r = runtime::decode_rune(s);
        if (r.size == 1 ? (r.rune < ' ' && r.rune != '\t') || r.rune == '`' || r.rune == 0x7F || r.rune == 0xFFFD : r.rune == 0xFEFF)
            return false;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return true;
}

}  // namespace

void bind_strconv_quoted(Package& package) {
    package.function("Quote", quoted<Escape::NotPrintable>)
        .function("QuoteToASCII", quoted<Escape::NotAscii>)
        .function("QuoteToGraphic", quoted<Escape::NotGraphic>)
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
        .function("quotedPrefix", [](Call& call, View s) {
            Work work(call);
            std::string unused;
            return static_cast<std::int64_t>(unquote_prefix(s, unused, &work));
        });
}

}  // namespace csp::stdlib
