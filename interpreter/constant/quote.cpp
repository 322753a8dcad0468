#include "interpreter/constant/quote.h"

#include <cstddef>

namespace csp::constant {

namespace {

constexpr std::int32_t kBadRune = -1;

struct Decoded {
    std::int32_t rune = kBadRune;
    std::size_t size = 1;  ///< Bytes read.
};

/// The first UTF-8 sequence of `text`. Source: Unicode standard, table 3-7.
Decoded decode_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return {static_cast<std::int32_t>(first), 1};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (first < 0xC2 || first > 0xF4) return {};
    std::uint32_t rune = first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        rune = rune << 6 | (byte(i) & 0x3F);
    }
    if (rune < kLeast[size] || rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000)) return {};
    return {static_cast<std::int32_t>(rune), size};
}

void append_utf8(std::string& out, std::uint32_t rune) {
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80 | ((rune >> shift) & 0x3F));
    };
    if (rune < 0x80) {
        out += static_cast<char>(rune);
    } else if (rune < 0x800) {
        out += static_cast<char>(0xC0 | rune >> 6);
        tail(0);
    } else if (rune < 0x10000) {
        out += static_cast<char>(0xE0 | rune >> 12);
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | rune >> 18);
        tail(12), tail(6), tail(0);
    }
}

/// Roughly Go's unicode.IsPrint: blanks other than ' ', controls, format characters, surrogates and
/// private use do not print. Unassigned code points count as printing, which only messages notice.
bool prints(std::int32_t rune) {
    struct Range {
        std::int32_t low, high;
    };
    constexpr Range kSilent[] = {{0, 0x1F},         {0x7F, 0xA0},     {0xAD, 0xAD},
                                 {0x2000, 0x200F},  {0x2028, 0x202F}, {0x205F, 0x206F},
                                 {0x3000, 0x3000},  {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF},
                                 {0xFFF0, 0xFFFB},  {0xFFFE, 0xFFFF}, {0xE0000, 0x10FFFF}};
    for (const Range& range : kSilent) {
        if (rune >= range.low && rune <= range.high) return false;
    }
    return true;
}

void append_hex(std::string& out, std::uint32_t number, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out += "0123456789abcdef"[(number >> shift) & 15];
    }
}

void append_escaped(std::string& out, std::int32_t rune) {
    constexpr std::string_view kNamed = "abfnrtv";
    constexpr std::string_view kCodes = "\a\b\f\n\r\t\v";
    if (rune == '"' || rune == '\\') {
        out += '\\';
        out += static_cast<char>(rune);
    } else if (prints(rune)) {
        append_utf8(out, static_cast<std::uint32_t>(rune));
    } else if (const auto at = rune < 0x80 ? kCodes.find(static_cast<char>(rune))
                                           : std::string_view::npos;
               at != std::string_view::npos) {
        out += '\\';
        out += kNamed[at];
    } else if (rune < 0x80) {
        out += "\\x";
        append_hex(out, static_cast<std::uint32_t>(rune), 2);
    } else {
        out += rune < 0x10000 ? "\\u" : "\\U";
        append_hex(out, static_cast<std::uint32_t>(rune), rune < 0x10000 ? 4 : 8);
    }
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

/// One character of a literal, after which `rest` begins behind it.
struct Element {
    std::uint32_t rune;
    bool is_byte;  ///< \x and octal escapes stand for a byte, not a code point.
};

std::optional<Element> number_escape(std::string_view& rest, int base, std::size_t digits) {
    if (rest.size() < digits) return std::nullopt;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int digit = digit_value(rest[i]);
        if (digit >= base) return std::nullopt;
        number = number * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    }
    rest.remove_prefix(digits);
    const bool is_byte = digits < 4;
    const bool surrogate = number >= 0xD800 && number < 0xE000;
    if (is_byte ? number > 0xFF : number > 0x10FFFF || surrogate) return std::nullopt;
    return Element{number, is_byte};
}

/// What follows a backslash. Source: Go spec, "Rune literals".
std::optional<Element> escape(std::string_view& rest, char quote_char) {
    if (rest.empty()) return std::nullopt;
    const char c = rest.front();
    if (c >= '0' && c <= '7') return number_escape(rest, 8, 3);
    rest.remove_prefix(1);
    switch (c) {
        case 'x': return number_escape(rest, 16, 2);
        case 'u': return number_escape(rest, 16, 4);
        case 'U': return number_escape(rest, 16, 8);
        case 'a': return Element{'\a', false};
        case 'b': return Element{'\b', false};
        case 'f': return Element{'\f', false};
        case 'n': return Element{'\n', false};
        case 'r': return Element{'\r', false};
        case 't': return Element{'\t', false};
        case 'v': return Element{'\v', false};
        case '\\': return Element{'\\', false};
        default: break;
    }
    if (c != quote_char) return std::nullopt;
    return Element{static_cast<std::uint32_t>(c), false};
}

std::optional<Element> next_element(std::string_view& rest, char quote_char) {
    if (rest.front() == quote_char || rest.front() == '\n') return std::nullopt;
    if (rest.front() == '\\') {
        rest.remove_prefix(1);
        return escape(rest, quote_char);
    }
    const Decoded decoded = decode_utf8(rest);
    if (decoded.rune == kBadRune) return std::nullopt;
    rest.remove_prefix(decoded.size);
    return Element{static_cast<std::uint32_t>(decoded.rune), false};
}

bool enclosed(std::string_view literal, char by) {
    return literal.size() >= 2 && literal.front() == by && literal.back() == by;
}

}  // namespace

std::string quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const Decoded decoded = decode_utf8(text);
        if (decoded.rune == kBadRune) {
            out += "\\x";
            append_hex(out, static_cast<unsigned char>(text[0]), 2);
        } else {
            append_escaped(out, decoded.rune);
        }
        text.remove_prefix(decoded.size);
    }
    return out + '"';
}

std::optional<std::string> unquote_string(std::string_view literal) {
    std::string out;
    if (enclosed(literal, '`')) {
        // Carriage returns are discarded from a raw string.
        for (const char c : literal.substr(1, literal.size() - 2)) {
            if (c != '\r') out += c;
        }
        return out;
    }
    if (!enclosed(literal, '"')) return std::nullopt;
    std::string_view rest = literal.substr(1, literal.size() - 2);
    while (!rest.empty()) {
        const auto element = next_element(rest, '"');
        if (!element) return std::nullopt;
        if (element->is_byte) {
            out += static_cast<char>(element->rune);
        } else {
            append_utf8(out, element->rune);
        }
    }
    return out;
}

std::optional<std::int32_t> unquote_rune(std::string_view literal) {
    if (literal.size() < 3 || !enclosed(literal, '\'')) return std::nullopt;
    std::string_view rest = literal.substr(1, literal.size() - 2);
    const auto element = next_element(rest, '\'');
    if (!element || !rest.empty()) return std::nullopt;
    return static_cast<std::int32_t>(element->rune);
}

}  // namespace csp::constant
