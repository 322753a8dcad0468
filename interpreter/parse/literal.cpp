#include "interpreter/parse/literal.h"

#include <cstdio>
#include <cwctype>

namespace csp::parse {

Letter any_rune(std::string_view text) {
    if (text.empty()) return {};
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const unsigned b0 = byte(0);
    if (b0 < 0x80) return {b0, 1};
    const auto more = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    if (b0 >= 0xC2 && b0 < 0xE0 && more(1)) return {(b0 & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if (b0 >= 0xE0 && b0 < 0xF0 && more(1) && more(2)) {
        const std::uint32_t r = (b0 & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        if (r >= 0x800 && (r < 0xD800 || r > 0xDFFF)) return {r, 3};
    }
    if (b0 >= 0xF0 && b0 < 0xF5 && more(1) && more(2) && more(3)) {
        const std::uint32_t r =
            (b0 & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        if (r >= 0x10000 && r <= 0x10FFFF) return {r, 4};
    }
    return {0xFFFD, 1};
}

namespace {
/// Letters and digits beyond ASCII: everything but what Unicode sets aside for punctuation, symbols,
/// spaces and control, by blocks.
bool is_word_rune(std::uint32_t r) {
    if (r < 0xAA) return false;
    if (r == 0xAA || r == 0xB5 || r == 0xBA) return true;
    if (r < 0xC0 || r == 0xD7 || r == 0xF7) return false;
    if (r >= 0x2000 && r <= 0x2BFF) {  // punctuation, currency, arrows, mathematics, boxes
        return r == 0x2071 || r == 0x207F || (r >= 0x2090 && r <= 0x209C) || (r >= 0x2100 && r <= 0x214F) ||
               (r >= 0x2160 && r <= 0x2188);
    }
    if (r >= 0x3000 && r <= 0x3004) return false;
    if (r >= 0x3008 && r <= 0x3020) return false;
    if (r >= 0xD800 && r <= 0xF8FF) return false;  // surrogates, private use
    if (r >= 0xFE00 && r <= 0xFE6F) return false;
    if (r >= 0xFF01 && r <= 0xFF20 && !(r >= 0xFF10 && r <= 0xFF19)) return false;
    if (r == 0xFFFD || r == 0xFEFF) return false;
    if (r >= 0x1F000 && r <= 0x1FAFF) return false;  // emoji and other pictures
    return true;
}
bool is_unicode_digit(std::uint32_t r) {
    return (r >= 0x660 && r <= 0x669) || (r >= 0x6F0 && r <= 0x6F9) || (r >= 0x966 && r <= 0x96F) ||
           (r >= 0xFF10 && r <= 0xFF19);
}
}  // namespace

Letter unicode_letter(std::string_view text) {
    const Letter l = any_rune(text);
    return is_word_rune(l.rune) && !is_unicode_digit(l.rune) ? l : Letter{};
}

Letter unicode_letter_or_digit(std::string_view text) {
    const Letter l = any_rune(text);
    return is_word_rune(l.rune) ? l : Letter{};
}

std::string describe_rune(std::uint32_t rune) {
    char head[16];
    std::snprintf(head, sizeof head, "U+%04X", rune);
    std::string out(head);
    if (rune >= 0x20 && rune != 0x7F) {
        out += " '";
        if (rune < 0x80) {
            out += static_cast<char>(rune);
        } else if (rune < 0x800) {
            out += static_cast<char>(0xC0 | rune >> 6);
            out += static_cast<char>(0x80 | (rune & 0x3F));
        } else if (rune < 0x10000) {
            out += static_cast<char>(0xE0 | rune >> 12);
            out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
            out += static_cast<char>(0x80 | (rune & 0x3F));
        } else {
            out += static_cast<char>(0xF0 | rune >> 18);
            out += static_cast<char>(0x80 | (rune >> 12 & 0x3F));
            out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
            out += static_cast<char>(0x80 | (rune & 0x3F));
        }
        out += "'";
    }
    return out;
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int digit_value(char c) { return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; }

class NumberScanner {
  public:
    explicit NumberScanner(std::string_view text) : text_(text) {}

    Scanned run() {
        int base = 10;
        const char* name = "decimal";
        bool legacy_octal = false;
        if (peek() == '0' && peek() != '\0') {
            const char second = static_cast<char>(peek(1) | 0x20);
            if (second == 'x' || second == 'b' || second == 'o') {
                base = second == 'x' ? 16 : second == 'b' ? 2 : 8;
                name = second == 'x' ? "hexadecimal" : second == 'b' ? "binary" : "octal";
                at_ = 2;
            } else {
                legacy_octal = true;
            }
        }
        const std::size_t digits_start = at_;
        bool any = digits(base == 16);
        if (peek() == '.') {
            out_.kind = ast::LitKind::Float;
            if (base == 2 || base == 8) fail(std::string("invalid radix point in ") + name + " literal", at_);
            ++at_;
            any = digits(base == 16) || any;
        }
        if (!any) fail(std::string(name) + " literal has no digits", at_);
        const char e = static_cast<char>(peek() | 0x20);
        if ((e == 'e' && base == 10) || e == 'p') {
            if (e == 'p' && base != 16)
                fail(std::string("'") + peek() + "' exponent requires hexadecimal mantissa", at_);
            out_.kind = ast::LitKind::Float;
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!digits(false)) fail("exponent has no digits", at_);
        } else if (base == 16 && out_.kind == ast::LitKind::Float) {
            fail("hexadecimal mantissa requires a 'p' exponent", 0);
        }
        const bool imaginary = peek() == 'i';
        if (out_.kind == ast::LitKind::Int && base <= 8)
            check_digits(digits_start, at_, base, name);
        else if (out_.kind == ast::LitKind::Int && legacy_octal && !imaginary)
            check_digits(0, at_, 8, "octal");
        check_separators();
        if (imaginary) {
            out_.kind = ast::LitKind::Imag;
            ++at_;
        }
        out_.size = at_;
        return out_;
    }

  private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void fail(std::string message, std::size_t at) {
        if (!out_.error.empty()) return;
        out_.error = std::move(message);
        out_.error_at = at;
    }
    bool digits(bool hex) {
        bool any = false;
        while (peek() == '_' || (hex ? is_hex(peek()) : is_digit(peek()))) {
            any = any || peek() != '_';
            ++at_;
        }
        return any;
    }
    void check_digits(std::size_t from, std::size_t to, int base, const char* name) {
        for (std::size_t i = from; i < to; ++i)
            if (text_[i] != '_' && digit_value(text_[i]) >= base) {
                fail(std::string("invalid digit '") + text_[i] + "' in " + name + " literal", i);
                return;
            }
    }
    void check_separators() {
        const std::string_view number = text_.substr(0, at_);
        for (std::size_t i = 0; i < number.size(); ++i) {
            if (number[i] != '_') continue;
            const bool after = i > 0 && (is_hex(number[i - 1]) || (i == 2 && number[0] == '0') ||
                                         (i == 1 && number[0] == '0'));
            const bool before = i + 1 < number.size() && is_hex(number[i + 1]);
            const bool prefix = i > 0 && (number[i - 1] == 'x' || number[i - 1] == 'X' ||
                                          number[i - 1] == 'o' || number[i - 1] == 'O');
            if ((!after && !prefix) || !before) {
                fail("'_' must separate successive digits", i);
                return;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Scanned out_;
};

/// One escape sequence behind the backslash at `at`; its bytes, or 0 with an error.
std::size_t scan_escape(std::string_view text, std::size_t at, char quote, Scanned& out) {
    const auto fail = [&](const char* message, std::size_t where) {
        if (out.error.empty()) {
            out.error = message;
            out.error_at = where;
        }
        return std::size_t{2};
    };
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    std::size_t digits = 0;
    int base = 16;
    std::uint32_t most = 0x10FFFF;
    switch (c) {
        case 'a': case 'b': case 'f': case 'n': case 'r': case 't': case 'v': case '\\': return 2;
        case 'x': digits = 2; most = 255; break;
        case 'u': digits = 4; break;
        case 'U': digits = 8; break;
        default:
            if (c == quote) return 2;
            if (c >= '0' && c <= '7') {
                digits = 3;
                base = 8;
                most = 255;
                break;
            }
            if (c == '\0' || c == '\n') return fail("escape is not terminated", at);
            return fail("unknown escape", at);
    }
    const std::size_t first = base == 8 ? at + 1 : at + 2;
    std::uint64_t value = 0;
    for (std::size_t i = first; i < first + digits; ++i) {
        const char d = i < text.size() ? text[i] : '\0';
        if (!is_hex(d) || digit_value(d) >= base) {
            const std::string shown = d == '\0' || d == '\n' ? "end of line" : std::string("character ") + "'" + d + "'";
            if (out.error.empty()) {
                out.error = "invalid " + shown + " in " + (base == 8 ? "octal" : "hexadecimal") + " escape";
                out.error_at = i;
            }
            return i - at;
        }
        value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit_value(d));
    }
    if (value > most || (most > 255 && value >= 0xD800 && value <= 0xDFFF))
        fail(base == 8 ? "octal escape value > 255" : "escape is invalid Unicode code point", at);
    return first + digits - at;
}

}  // namespace

Scanned scan_number(std::string_view text) { return NumberScanner(text).run(); }

Scanned scan_quoted(std::string_view text) {
    Scanned out;
    const char quote = text[0];
    out.kind = quote == '\'' ? ast::LitKind::Char : ast::LitKind::String;
    std::size_t at = 1;
    std::size_t runes = 0;
    const auto fail = [&](const char* message, std::size_t where) {
        if (!out.error.empty()) return;
        out.error = message;
        out.error_at = where;
    };
    for (;;) {
        if (at >= text.size()) {
            fail(quote == '\'' ? "rune literal not terminated" : "string not terminated", 0);
            break;
        }
        const char c = text[at];
        if (c == quote) {
            ++at;
            if (quote == '\'' && runes == 0) fail("empty rune literal or unescaped ' in rune literal", 0);
            if (quote == '\'' && runes > 1) fail("more than one character in rune literal", 0);
            break;
        }
        if (c == '\n' && quote != '`') {
            fail(quote == '\'' ? "newline in rune literal" : "newline in string", at);
            break;
        }
        ++runes;
        if (c == '\\' && quote != '`') {
            at += scan_escape(text, at, quote, out);
        } else {
            const Letter l = any_rune(text.substr(at));
            if (l.rune == 0xFFFD && l.size == 1) fail("invalid UTF-8 encoding", at);
            at += l.size;
        }
    }
    out.size = std::min(at, text.size());
    return out;
}

}  // namespace csp::parse
