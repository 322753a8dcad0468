#include "stdlib/support/quote.h"

#include <cstdio>

#include "runtime/value/string_ops.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib {

namespace {

bool is_plain(std::int32_t r, Escape escape) {
    if (r < 0x80 || escape == Escape::NotPrintable) return is_print(r);
    return escape == Escape::NotGraphic && is_graphic(r);
}

void append_escaped(std::string& out, std::int32_t r, char quote_char, Escape escape) {
    char buffer[16];
    if (r == quote_char || r == '\\') {
        out += '\\';
        out += static_cast<char>(r);
        return;
    }
    if (is_plain(r, escape)) {
        out.append(buffer, static_cast<std::size_t>(runtime::encode_rune(r, buffer)));
        return;
    }
    switch (r) {
        case '\a': out += "\\a"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\v': out += "\\v"; return;
        default: break;
    }
    if (r < ' ' || r == 0x7F)
        std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(r));
    else if (r > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF))
        std::snprintf(buffer, sizeof buffer, "\\ufffd");
    else if (r < 0x10000)
        std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(r));
    else
        std::snprintf(buffer, sizeof buffer, "\\U%08x", static_cast<unsigned>(r));
    out += buffer;
}

}  // namespace

std::string quote(std::string_view text, Escape escape) {
    std::string out = "\"";
    while (!text.empty()) {
        const runtime::DecodedRune r = runtime::decode_rune(text);
        if (r.rune == 0xFFFD && r.size == 1) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned char>(text[0]));
            out += buffer;
        } else {
            append_escaped(out, r.rune, '"', escape);
        }
        text.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return out + "\"";
}

std::string quote_rune(std::int32_t rune, Escape escape) {
    std::string out = "'";
    append_escaped(out, rune < 0 || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF) ? 0xFFFD : rune, '\'', escape);
    return out + "'";
}

}  // namespace csp::stdlib
