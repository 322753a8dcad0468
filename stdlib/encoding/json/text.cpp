#include "stdlib/encoding/json/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "runtime/value/string_ops.h"
#include "stdlib/encoding/json/scanner.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::json {

namespace {

constexpr std::size_t kAtOnce = 1 << 14;

/// More of a text has been read and of `out` been made.
bool worked(Work* work, std::size_t bytes, const std::string& out) {
    if (work == nullptr) return true;
    work->holds(2 * out.size());
    return work->read(bytes);
}

constexpr std::string_view kHex = "0123456789abcdef";

void append_escape(std::string& out, unsigned char c) {
    out += "\\u00";
    out += kHex[c >> 4];
    out += kHex[c & 15];
}

/// Whether a byte stands for itself in a string.
constexpr std::array<bool, 256> plain_bytes(bool html) {
    std::array<bool, 256> plain{};
    for (std::size_t c = ' '; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\' && !(html && (c == '<' || c == '>' || c == '&'));
    plain[0x7F] = true;
    return plain;
}
constexpr std::array<bool, 256> kPlain = plain_bytes(false), kPlainHtml = plain_bytes(true);

/// Whether one of the line ends that JavaScript's strings cannot hold stands at `at`.
bool is_separator(std::string_view text, std::size_t at) {
    return text.size() - at >= 3 && text[at] == '\xE2' && text[at + 1] == '\x80' && (static_cast<unsigned char>(text[at + 2]) & ~1U) == 0xA8;
}

void append_separator(std::string& out, std::string_view text, std::size_t at) {
    out += "\\u202";
    out += kHex[static_cast<unsigned char>(text[at + 2]) & 15];
}

/// Escapes what stands at `at`, if HTML or JavaScript would take it for its own, and returns its size; 0: it would not.
std::size_t append_html_escape(std::string& out, std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '<' || c == '>' || c == '&') {
        append_escape(out, c);
        return 1;
    }
    if (!is_separator(text, at)) return 0;
    append_separator(out, text, at);
    return 3;
}

}  // namespace

void append_string(std::string& out, std::string_view text, bool html, Work* work) {
    const std::array<bool, 256>& plain = html ? kPlainHtml : kPlain;
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        const std::size_t most = std::min(text.size(), i + kAtOnce);
        while (end < most && plain[static_cast<unsigned char>(text[end])]) ++end;
        out += text.substr(i, end - i);
        if (!worked(work, end - i + 4, out)) return;
        i = end;
        if (i == text.size()) break;
        if (i == most) continue;
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            switch (c) {
                case '"': out += "\\\""; break;
                case '\\': out += "\\\\"; break;
                case '\b': out += "\\b"; break;
                case '\f': out += "\\f"; break;
                case '\n': out += "\\n"; break;
                case '\r': out += "\\r"; break;
                case '\t': out += "\\t"; break;
                default: append_escape(out, c);
            }
            ++i;
            continue;
        }
        const runtime::DecodedRune rune = runtime::decode_rune(text.substr(i));
        const auto size = static_cast<std::size_t>(rune.size);
        if (rune.rune == 0xFFFD && size == 1) {
            out += "\\ufffd";
        } else if (is_separator(text, i)) {
            append_separator(out, text, i);
        } else {
            out += text.substr(i, size);
        }
        i += size;
    }
    out += '"';
}

bool append_number(std::string& out, double value, bool single) {
    if (!std::isfinite(value)) return false;
    char buffer[32];
    const auto end = single ? std::to_chars(buffer, std::end(buffer), static_cast<float>(value), std::chars_format::scientific).ptr
                            : std::to_chars(buffer, std::end(buffer), value, std::chars_format::scientific).ptr;
    std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    if (text.front() == '-') {
        out += '-';
        text.remove_prefix(1);
    }
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, 1));
    if (e > 1) digits += text.substr(2, e - 2);
    int exponent = 0;
    std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
    const double size = std::abs(single ? static_cast<double>(static_cast<float>(value)) : value);
    const bool small = single ? static_cast<float>(size) < 1e-6F : size < 1e-6;
    const bool large = single ? static_cast<float>(size) >= 1e21F : size >= 1e21;
    if (size != 0 && (small || large)) {
        out += digits[0];
        if (digits.size() > 1) out.append(".").append(digits, 1);
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
        return true;
    }
    if (exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
        return true;
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) {
        out.append(digits).append(whole - digits.size(), '0');
    } else {
        out.append(digits, 0, whole).append(".").append(digits, whole);
    }
    return true;
}

namespace {

/// The code unit behind "\u"; -1: there is none.
std::int32_t code_unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
    std::int32_t unit = 0;
    for (const char c : text.substr(2, 4)) unit = unit << 4 | hex_digit(c);
    return unit;
}

void append_rune(std::string& out, std::int32_t rune) {
    char bytes[4];
    out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(rune, bytes)));
}

}  // namespace

std::string unquote(std::string_view literal, Work* work) {
    std::string_view text = literal.substr(1, literal.size() - 2);
    std::string out;
    if (work != nullptr) work->holds(text.size());
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size() && (work == nullptr || work->read(4));) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\\' && i + 1 < text.size()) {
            switch (text[i + 1]) {
                case 'b': out += '\b'; break;
                case 'f': out += '\f'; break;
                case 'n': out += '\n'; break;
                case 'r': out += '\r'; break;
                case 't': out += '\t'; break;
                case 'u': {
                    std::int32_t rune = code_unit(text.substr(i));
                    i += 4;
                    if (rune >= 0xD800 && rune < 0xE000) {
                        const std::int32_t low = code_unit(text.substr(std::min(i + 2, text.size())));
                        if (rune < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
                            rune = 0x10000 + ((rune - 0xD800) << 10) + (low - 0xDC00);
                            i += 6;
                        } else {
                            rune = 0xFFFD;
                        }
                    }
                    append_rune(out, rune);
                    break;
                }
                default: out += text[i + 1];
            }
            i += 2;
        } else if (c < 0x80) {
            out += text[i++];
        } else {
            const runtime::DecodedRune rune = runtime::decode_rune(text.substr(i));
            append_rune(out, rune.rune);
            i += static_cast<std::size_t>(rune.size);
        }
    }
    return out;
}

std::string_view meaning(std::string_view literal, std::string& buffer, Work* work) {
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    bool simple = true;
    for (std::size_t at = 0; simple && at < inside.size(); at += kAtOnce) {
        const std::string_view part = inside.substr(at, kAtOnce);
        simple = std::all_of(part.begin(), part.end(), [](char c) { return c != '\\' && static_cast<unsigned char>(c) < 0x80; });
        if (work != nullptr && !work->read(part.size())) break;
    }
    if (simple) return inside;
    buffer = unquote(literal, work);
    return buffer;
}

bool is_number(std::string_view text, Work* work) {
    if (text.empty() || !(text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) return false;
    std::int64_t offset = 0;
    return !is_space(static_cast<unsigned char>(text.back())) && check(text, offset, work).empty();
}

void append_compact(std::string& out, std::string_view text, bool html, Work* work) {
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (!worked(work, 1, out)) return;
        if (!in_string && is_space(c)) continue;
        if (const std::size_t escaped = html ? append_html_escape(out, text, i) : 0; escaped > 0) {
            i += escaped - 1;
            continue;
        }
        out += text[i];
        if (c == '"') in_string = !in_string;
        else if (c == '\\' && in_string && i + 1 < text.size()) out += text[++i];
    }
}

void append_indented(std::string& out, std::string_view text, std::string_view prefix, std::string_view indent, Work& work) {
    std::size_t depth = 0;
    const auto new_line = [&] {
        out += '\n';
        out += prefix;
        for (std::size_t i = 0; i < depth && worked(&work, indent.size(), out); ++i) out += indent;
        work.read(prefix.size());
    };
    bool pending = false;  // an empty object or array takes no lines
    Scanner scanner;
    for (const char c : text) {
        if (!worked(&work, 4, out)) return;
        const Scanner::Event event = scanner.step(static_cast<unsigned char>(c));
        if (event == Scanner::Event::Space || event == Scanner::Event::End) continue;
        if (pending && event != Scanner::Event::EndObject && event != Scanner::Event::EndArray) {
            pending = false;
            ++depth;
            new_line();
        }
        switch (event) {
            case Scanner::Event::BeginObject:
            case Scanner::Event::BeginArray:
                pending = true;
                out += c;
                break;
            case Scanner::Event::MemberEnd:
            case Scanner::Event::ElementEnd:
                out += c;
                new_line();
                break;
            case Scanner::Event::Colon:
                out += ": ";
                break;
            case Scanner::Event::EndObject:
            case Scanner::Event::EndArray:
                if (pending) {
                    pending = false;
                } else {
                    --depth;
                    new_line();
                }
                out += c;
                break;
            default: out += c;
        }
    }
}

void append_html_escaped(std::string& out, std::string_view text, Work& work) {
    for (std::size_t i = 0; i < text.size() && worked(&work, 2, out);) {
        if (const std::size_t escaped = append_html_escape(out, text, i); escaped > 0) i += escaped;
        else out += text[i++];
    }
}

}  // namespace csp::stdlib::json
