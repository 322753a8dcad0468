// Words in headers that are not ASCII: "=?charset?encoding?text?=" (RFC 2047).

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "runtime/value/string_ops.h"
#include "stdlib/mime/scanner.h"
#include "stdlib/support/base64.h"
#include "stdlib/support/computing.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::mime {

namespace {

using View = std::string_view;

/// How long the text of an encoded word may be.
constexpr std::size_t kMostText = 75 - View("=?UTF-8?q?" "?=").size();

void add_quoted(View text, std::string& to) {
    constexpr View kDigits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ')
            to += '_';
        else if (c > ' ' && c <= '~' && c != '=' && c != '?' && c != '_')
            to += c;
        else
            to.append({'=', kDigits[byte >> 4], kDigits[byte & 15]});
    }
}

/// func encodeWords(s, open string, inBase64, whole bool) string: `open` is what each word
/// begins with; whole: where characters end is not known, so that there is one word.
std::string encode_words(Call& call, View s, View open, bool in_base64, bool whole) {
    Work work(call);
    std::string out, text;
    while (!s.empty() && work.read(256)) {
        work.holds(2 * out.size());
        if (!out.empty()) out += ' ';
        text.clear();
        std::size_t size = 0;  // of s in this word
        while (size < s.size()) {
            if (whole && !work.read(4 * s.size())) break;
            const std::size_t next = whole ? s.size() - size : static_cast<std::size_t>(runtime::decode_rune(s.substr(size)).size);
            const std::size_t before = text.size();
            if (!in_base64) add_quoted(s.substr(size, next), text);
            const std::size_t length = in_base64 ? base64::encoded_length(size + next, '=') : text.size();
            if (!whole && size > 0 && length > kMostText) {
                text.resize(before);
                break;
            }
            size += next;
        }
        if (in_base64) {
            text.resize(base64::encoded_length(size, '='));
            base64::encode(work, base64::kStandard, '=', s.substr(0, size), text.data());
        }
        out.append(open).append(text).append("?=");
        s.remove_prefix(size);
    }
    return out;
}

// What encodedword.csp calls them.
enum Fault : std::int64_t { kNone, kNoWord, kBadDigit, kCorrupt, kForeign };

/// A decoded word, or what is wrong with one.
struct Word {
    std::string text;
    std::int64_t fault = kNone;
    std::int64_t where = 0;  ///< The digit, or where base64 is corrupt.
};

void unquote(Work& work, Scanner in, Word& to) {
    while (!in.empty() && work.read(2)) {
        const char c = in.take();
        if (c == '_') {
            to.text += ' ';
        } else if (c == '=') {
            if (in.rest().size() < 2) {
                to.fault = kNoWord;
                return;
            }
            const char high = in.take(), low = in.take();
            if (hex_digit(high) < 0 || hex_digit(low) < 0) {
                to.fault = kBadDigit;
                to.where = static_cast<unsigned char>(hex_digit(high) < 0 ? high : low);
                return;
            }
            to.text += static_cast<char>(hex_digit(high) << 4 | hex_digit(low));
        } else if ((c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t') {
            to.text += c;
        } else {
            to.fault = kNoWord;
            return;
        }
    }
}

void decode_base64(Work& work, View text, Word& to) {
    work.holds(text.size());
    to.text.resize(text.size() / 4 * 3 + 3);
    const base64::Decoded decoded = base64::decode(work, base64::kStandardValues, '=', false, text, to.text.data(), to.text.size());
    to.text.resize(decoded.n);
    if (decoded.bad < 0) return;
    to.fault = kCorrupt;
    to.where = decoded.bad;
}

/// A word's bytes, in whatever charset.
Word decode_content(Work& work, char encoding, View text) {
    Word word;
    if (encoding == 'b' || encoding == 'B')
        decode_base64(work, text, word);
    else if (encoding == 'q' || encoding == 'Q')
        unquote(work, Scanner(text), word);
    else
        word.fault = kNoWord;
    return word;
}

/// Whether a text is the other but for its case.
bool equal_fold(View text, View ascii) {
    for (const char c : ascii) {
        if (text.empty()) return false;
        const auto r = runtime::decode_rune(text);
        std::int32_t other = r.rune;
        while (other != c && (other = simple_fold(other)) != r.rune) {
        }
        if (other != c) return false;
        text.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return text.empty();
}

/// The bytes as UTF-8, if the charset is one of those that every mail may have.
void convert(Work& work, View charset, Word& word) {
    if (word.fault != kNone || equal_fold(charset, "utf-8")) return;
    const bool ascii = equal_fold(charset, "us-ascii");
    if (!ascii && !equal_fold(charset, "iso-8859-1")) {
        word.fault = kForeign;
        return;
    }
    std::string out;
    for (const char c : word.text) {
        if (!work.read(2)) return;
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80)
            out += c;
        else if (ascii)
            out += "\xEF\xBF\xBD";  // U+FFFD
        else
            out.append({static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))});
    }
    word.text = std::move(out);
}

/// func decodeWord(word string) (text, charset string, fault, where int)
std::tuple<std::string, std::string, std::int64_t, std::int64_t> decode_word(Call& call, View s) {
    Work work(call);
    work.read(s.size());
    Scanner in(s);
    View charset, encoding, text;
    const bool is_word = s.size() >= 8 && in.take("=?") && in.take_until("?", charset) && !charset.empty() && in.take_until("?", encoding) &&
                         encoding.size() == 1 && in.take_until("?", text) && in.rest() == "=";
    if (!is_word) return {"", "", kNoWord, 0};
    Word word = decode_content(work, encoding[0], text);
    convert(work, charset, word);
    return {word.text, std::string(charset), word.fault, word.where};
}

/// Takes "charset?encoding?text?=", before which "=?" was taken.
bool take_word(Scanner& in, View& charset, char& encoding, View& text) {
    if (!in.take_until("?", charset) || in.rest().size() < 4) return false;
    encoding = in.take();
    return in.take("?") && in.take_until("?=", text);
}

/// func decodeWords(header string, afterWord bool) (text, charset, content, rest string, foreign bool): up to a word in a
/// charset that is not known here.
std::tuple<std::string, std::string, std::string, Shared, bool> decode_words(Call& call, View header, bool after_word) {
    Work work(call);
    std::string out;
    View before, charset, text;
    char encoding = 0;
    for (Scanner in(header);;) {
        const Scanner start = in;
        work.holds(2 * out.size());
        if (!work.read(64)) return {out, "", "", Shared{}, false};
        if (!in.take_until("=?", before) || !take_word(in, charset, encoding, text)) {
            out += start.rest();
            return {out, "", "", Shared{}, false};
        }
        Word word = decode_content(work, encoding, text);
        const bool is_word = word.fault == kNone;
        if (!is_word)
            out += start.rest().substr(0, start.rest().size() - in.rest().size());
        else if (!after_word || before.find_first_not_of(" \t\r\n") != View::npos)
            out += before;
        after_word = is_word;
        if (!is_word) continue;
        convert(work, charset, word);
        if (word.fault == kForeign) return {out, std::string(charset), word.text, Shared{in.rest()}, true};
        out += word.text;
    }
}

}  // namespace

void add_words(Package& package) {
    package.function("needsEncoding", linear(needs_encoding))
        .function("encodeWords", encode_words)
        .function("decodeWord", decode_word)
        .function("decodeWords", decode_words);
}

}  // namespace csp::stdlib::mime
