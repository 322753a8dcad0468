// Strings, byte slices and pointers under their verbs.

#include <cstdio>
#include <utility>

#include "runtime/value/float_format.h"
#include "stdlib/fmt/printer.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/search.h"

namespace csp::stdlib {

using runtime::Kind;

void Printer::quoted(std::string_view s) {
    const std::string_view cut = truncated(s);
    const bool raw = f_.sharp && find(work_, cut, '`') == std::string::npos && find(work_, cut, '\n') == std::string::npos;
    std::string text;
    in_parts(work_, cut, [&](std::string_view part) {
        work_.holds(2 * text.size());
        if (raw) {
            text += part;
            return;
        }
        const std::string in_quotes = quote(part, f_.plus ? Escape::NotAscii : Escape::NotPrintable);
        text.append(in_quotes, 1, in_quotes.size() - 2);
    });
    const char mark = raw ? '`' : '"';
    pad(mark + text + mark);
}

void Printer::hex_string(std::string_view s, bool upper) {
    if (f_.has_precision && static_cast<std::size_t>(f_.precision) < s.size()) s = s.substr(0, static_cast<std::size_t>(f_.precision));
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const std::string prefix = upper ? "0X" : "0x";
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (f_.space && i > 0) out += ' ';
        if (f_.sharp && (f_.space || i == 0)) out += prefix;
        out += digits[static_cast<unsigned char>(s[i]) >> 4];
        out += digits[static_cast<unsigned char>(s[i]) & 15];
        work_.holds(2 * out.size());
        if (!work_.read(4)) break;
    }
    const bool zero = std::exchange(f_.zero, false);
    pad(out);
    f_.zero = zero;
}

void Printer::string(std::string_view s, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v':
            if (f_.sharp_v)
                quoted(s);
            else
                pad(truncated(s));
            break;
        case 's': pad(truncated(s)); break;
        case 'x': hex_string(s, false); break;
        case 'X': hex_string(s, true); break;
        case 'q': quoted(s); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::bytes(std::string_view s, char32_t verb, const Value& v, std::string_view type) {
    switch (verb) {
        case 'v':
        case 'd':
            if (f_.sharp_v) {
                out_ += type;
                if (v.type->kind == Kind::Slice && v.as<runtime::Slice>().data == nullptr) {
                    out_ += "(nil)";
                    return;
                }
                out_ += "{";
                for (std::size_t i = 0; i < s.size() && worked(); ++i) {
                    char text[8];
                    std::snprintf(text, sizeof text, "%s0x%x", i > 0 ? ", " : "", static_cast<unsigned char>(s[i]));
                    out_ += text;
                }
                out_ += "}";
            } else {
                out_ += "[";
                for (std::size_t i = 0; i < s.size() && worked(); ++i) {
                    if (i > 0) out_ += " ";
                    format_integer(static_cast<unsigned char>(s[i]), false, 10, 'd', false);
                }
                out_ += "]";
            }
            break;
        default: string(s, verb, v); break;
    }
}

void Printer::pointer(const Value& v, std::uint64_t address, char32_t verb) {
    switch (verb) {
        case 'v':
            if (f_.sharp_v) {
                out_ += "(" + std::string(v.type->string) + ")(";
                if (address == 0)
                    out_ += "nil";
                else
                    out_ += "0x" + runtime::format_integer(address, false, 16);
                out_ += ")";
            } else if (address == 0) {
                pad("<nil>");
            } else {
                const bool sharp = f_.sharp;
                f_.sharp = !sharp;
                format_integer(address, false, 16, 'x', false);
                f_.sharp = sharp;
            }
            break;
        case 'p': {
            const bool sharp = f_.sharp;
            f_.sharp = !sharp;
            format_integer(address, false, 16, 'x', false);
            f_.sharp = sharp;
            break;
        }
        case 'b': case 'o': case 'd': case 'x': case 'X': integer(address, false, false, verb, v); break;
        default: bad_verb(v, verb); break;
    }
}

}  // namespace csp::stdlib
