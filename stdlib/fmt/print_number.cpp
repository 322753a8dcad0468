// Numbers under the verbs for integers, floats and complex numbers.

#include <cctype>
#include <cstdio>
#include <utility>

#include "runtime/value/float_format.h"
#include "runtime/value/string_ops.h"
#include "stdlib/fmt/printer.h"
#include "stdlib/support/quote.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib {

void Printer::format_integer(std::uint64_t magnitude, bool negative, int base, char32_t verb, bool upper) {
    std::string digits = runtime::format_integer(magnitude, false, base);
    if (upper)
        for (char& c : digits) c = static_cast<char>(std::toupper(c));
    int precision = 0;
    const bool zero_pad = f_.zero && !f_.minus;
    if (f_.has_precision) {
        precision = f_.precision;
        if (precision == 0 && magnitude == 0) {
            const bool zero = std::exchange(f_.zero, false);
            pad("");
            f_.zero = zero;
            return;
        }
    } else if (zero_pad && f_.has_width) {
        precision = f_.width;
        if (negative || f_.plus || f_.space) --precision;
    }
    if (static_cast<int>(digits.size()) < precision) digits.insert(0, static_cast<std::size_t>(precision) - digits.size(), '0');
    if (f_.sharp) {
        if (base == 2) digits = "0b" + digits;
        if (base == 8 && digits[0] != '0') digits = "0" + digits;
        if (base == 16) digits = (upper ? "0X" : "0x") + digits;
    }
    if (verb == 'O') digits = "0o" + digits;
    if (negative)
        digits = "-" + digits;
    else if (f_.plus)
        digits = "+" + digits;
    else if (f_.space)
        digits = " " + digits;
    const bool zero = std::exchange(f_.zero, false);
    pad(digits);
    f_.zero = zero;
}

void Printer::unicode(std::uint64_t code) {
    char text[32];
    const int precision = f_.has_precision && f_.precision > 4 ? f_.precision : 4;
    std::snprintf(text, sizeof text, "U+%0*llX", precision, static_cast<unsigned long long>(code));
    std::string out(text);
    const auto rune = static_cast<std::int32_t>(code);
    if (f_.sharp && code <= 0x10FFFF && is_print(rune)) {
        char bytes[4];
        out.append(" '").append(bytes, static_cast<std::size_t>(runtime::encode_rune(rune, bytes))).append("'");
    }
    const bool zero = std::exchange(f_.zero, false);
    pad(out);
    f_.zero = zero;
}

void Printer::integer(std::uint64_t magnitude, bool negative, bool is_signed_kind, char32_t verb, const Value& v) {
    const std::uint64_t raw = negative ? std::uint64_t{0} - magnitude : magnitude;
    switch (verb) {
        case 'v':
            if (f_.sharp_v && !is_signed_kind) {
                const bool sharp = std::exchange(f_.sharp, true);
                format_integer(magnitude, negative, 16, verb, false);
                f_.sharp = sharp;
            } else {
                format_integer(magnitude, negative, 10, verb, false);
            }
            break;
        case 'd': format_integer(magnitude, negative, 10, verb, false); break;
        case 'b': format_integer(magnitude, negative, 2, verb, false); break;
        case 'o':
        case 'O': format_integer(magnitude, negative, 8, verb, false); break;
        case 'x': format_integer(magnitude, negative, 16, verb, false); break;
        case 'X': format_integer(magnitude, negative, 16, verb, true); break;
        case 'c': {
            const bool zero = f_.zero;
            pad(utf8(raw > 0x10FFFF ? 0xFFFD : static_cast<char32_t>(raw)));
            f_.zero = zero;
            break;
        }
        case 'q': pad(quote_rune(raw > 0x10FFFF ? 0xFFFD : static_cast<std::int32_t>(raw), f_.plus ? Escape::NotAscii : Escape::NotPrintable)); break;
        case 'U': unicode(raw); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::format_float(double d, int bits, char format, int precision) {
    if (f_.has_precision) precision = f_.precision;
    std::string text = runtime::format_float(d, format, precision, bits);
    if (text[0] != '-' && text[0] != '+') text.insert(0, "+");
    if (f_.space && text[0] == '+' && !f_.plus) text[0] = ' ';
    if (text[1] == 'I' || text[1] == 'N') {
        const bool zero = std::exchange(f_.zero, false);
        if (text[1] == 'N' && !f_.space && !f_.plus) text.erase(0, 1);
        else if (!f_.plus && text[0] == '+') text.erase(0, 1), text.insert(0, "+");
        pad(text);
        f_.zero = zero;
        return;
    }
    if (f_.sharp && format != 'b') {
        // %#g keeps trailing zeros; all keep the point.
        int digits = 0;
        switch (format) {
            case 'v':
            case 'g':
            case 'G': digits = precision < 0 ? 6 : precision; break;
            default: break;
        }
        std::size_t e = text.find_first_of(format == 'x' || format == 'X' ? "pP" : "eE");
        std::string tail = e == std::string::npos ? "" : text.substr(e);
        if (e != std::string::npos) text.resize(e);
        bool point = text.find('.') != std::string::npos;
        bool nonzero = false;
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] == '.') continue;
            if (text[i] != '0') nonzero = true;
            if (nonzero) --digits;
        }
        if (!point) {
            if (text.size() == 2 && text[1] == '0') --digits;
            text += '.';
        }
        while (digits-- > 0) text += '0';
        text += tail;
    }
    if (f_.plus || text[0] != '+') {
        if (f_.zero && !f_.minus && f_.has_width && static_cast<std::size_t>(f_.width) > text.size()) {
            out_ += text[0];
            const int width = std::exchange(f_.width, f_.width - 1);
            pad(std::string_view(text).substr(1));
            f_.width = width;
            return;
        }
        pad(text);
        return;
    }
    pad(std::string_view(text).substr(1));
}

void Printer::floating(double d, int bits, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v': format_float(d, bits, 'g', -1); break;
        case 'b':
        case 'g':
        case 'G':
        case 'x':
        case 'X': format_float(d, bits, static_cast<char>(verb), -1); break;
        case 'f':
        case 'e':
        case 'E': format_float(d, bits, static_cast<char>(verb), 6); break;
        case 'F': format_float(d, bits, 'f', 6); break;
        default: bad_verb(v, verb); break;
    }
}

void Printer::complex(double re, double im, int bits, char32_t verb, const Value& v) {
    switch (verb) {
        case 'v': case 'b': case 'g': case 'G': case 'x': case 'X': case 'f': case 'F': case 'e': case 'E': {
            const bool plus = f_.plus;
            out_ += "(";
            floating(re, bits / 2, verb, v);
            f_.plus = true;
            floating(im, bits / 2, verb, v);
            out_ += "i)";
            f_.plus = plus;
            break;
        }
        default: bad_verb(v, verb); break;
    }
}

}  // namespace csp::stdlib
