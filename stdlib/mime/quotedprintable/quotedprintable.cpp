// Quoted-printable text (RFC 2045, section 6.7): lines decoded where there is room for them, and encoded into a buffer whose
// last line may still be changed.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/hex.h"
#include "stdlib/support/search.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

constexpr View kBlanks = " \t";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// What quotedprintable.csp calls them.
enum Fault : Slot { kNone, kAfterEquals, kUnescaped, kBadDigit, kShortEscape };

/// A line that is decoded.
struct Line {
    Fault fault = kNone;
    View after_equals;  ///< Of a soft break that is none.
    char bad = 0;

    /// The decoded text is put at `to`, which has room for as much as `line`, and may be `line` itself. Returns its size.
    std::size_t decode(Work& work, char* to, View line, bool is_last) {
        work.read(line.size());
        const std::size_t size = line.find_last_not_of(" \t\r\n") + 1;
        View text = line.substr(0, size), end = line.substr(size);
        end.remove_prefix(std::min(end.find_first_not_of(kBlanks), end.size()));
        if (text.ends_with('=')) {
            text.remove_suffix(1);
            const bool breaks = end.starts_with('\n') || end.starts_with("\r\n") || (is_last && end.empty() && !text.empty());
            if (!breaks) {
                fault = kAfterEquals;
                after_equals = end;
            }
            end = {};
        } else {
            end = end.ends_with("\r\n") ? View("\r\n") : end.ends_with('\n') ? View("\n") : View();
        }
        char* const behind = decode_text(work, to, text);
        if (fault != kNone && fault != kAfterEquals) return static_cast<std::size_t>(behind - to);
        std::copy(end.begin(), end.end(), behind);
        return static_cast<std::size_t>(behind - to) + end.size();
    }

  private:
    /// Up to something wrong.
    char* decode_text(Work& work, char* to, View text) {
        for (std::size_t i = 0; i < text.size() && work.read(2); ++i) {
            char c = text[i];
            const View rest = text.substr(i + 1);
            if (c == '=') {
                const int high = rest.size() < 2 ? -1 : hex_digit(rest[0]), low = rest.size() < 2 ? -1 : hex_digit(rest[1]);
                if (high >= 0 && low >= 0) {
                    c = static_cast<char>(high << 4 | low);
                    i += 2;
                } else if (rest.empty() || rest[0] == '\r' || rest[0] == '\n') {
                    fault = rest.size() < 2 ? kShortEscape : kBadDigit;
                    if (rest.size() >= 2) bad = rest[0];
                    return to;
                }
            } else if ((static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r') || c == 0x7f) {
                fault = kUnescaped;
                bad = c;
                return to;
            }
            *to++ = c;
        }
        return to;
    }
};

/// func decodeLines(to, from []byte) (n, used int): the lines that are whole, have room and nothing wrong.
Status decode_lines(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 2);
    View rest = bytes_at(s + 4);
    std::size_t n = 0, used = 0;
    Work work(call);
    for (;;) {
        const std::size_t newline = find(work, rest, '\n');
        if (!work.steps(4)) break;
        if (newline == View::npos || newline + 1 > to.size - n) break;
        Line line;
        const std::size_t size = line.decode(work, static_cast<char*>(to.data) + n, rest.substr(0, newline + 1), false);
        if (line.fault != kNone) break;
        n += size;
        used += newline + 1;
        rest.remove_prefix(newline + 1);
    }
    s = call.slots();
    s[0] = n;
    s[1] = used;
    return Status::Ok;
}

/// func decodeLine(line []byte, last bool) (n, fault int, bad byte, end int): in place; end: how long is what follows the
/// equals sign.
Status decode_line(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice text = slice_at(s + 4);
    Line line;
    Work work(call);
    const bool last = (s[6] & 1) != 0;
    const std::size_t size = line.decode(work, static_cast<char*>(text.data), bytes_at(s + 4), last);
    s = call.slots();
    s[0] = size;
    s[1] = line.fault;
    s[2] = static_cast<unsigned char>(line.bad);
    s[3] = line.after_equals.size();
    return Status::Ok;
}

/// Encodes into a buffer.
class Encoder {
  public:
    static constexpr std::size_t kColumns = 76;
    static constexpr std::size_t kMost = 9;  ///< What one byte may add: a blank in hexadecimal, and breaks.

    Encoder(char* to, std::size_t n, std::size_t start, bool after_return) : to_(to), n_(n), start_(start), after_return_(after_return) {}
    std::size_t size() const { return n_; }
    std::size_t start() const { return start_; }
    bool after_return() const { return after_return_; }

    void put(char c, bool binary) {
        if (!binary && (c == '\n' || c == '\r')) {
            if (c != '\n' || !after_return_) end_line();
            after_return_ = c == '\r';
        } else if ((c >= ' ' && c <= '~' && c != '=') || c == '\t') {
            put({&c, 1});
            after_return_ = false;
        } else {
            quote(c);  // the line's end may be between a return and a newline then, as in Go
        }
    }
    /// Encodes a blank at the line's end, where it could get lost.
    void quote_blank() {
        if (n_ > start_ && is_blank(to_[n_ - 1])) quote(to_[--n_]);
    }

  private:
    void append(View text) {
        std::memcpy(to_ + n_, text.data(), text.size());
        n_ += text.size();
    }
    /// What must stay together.
    void put(View text) {
        if (n_ - start_ + text.size() >= kColumns) {
            append("=\r\n");
            start_ = n_;
        }
        append(text);
    }
    void quote(char c) {
        constexpr View kDigits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        const char text[] = {'=', kDigits[byte >> 4], kDigits[byte & 15]};
        put({text, 3});
    }
    void end_line() {
        quote_blank();
        append("\r\n");
        start_ = n_;
    }

    char* to_;
    std::size_t n_;
    std::size_t start_;
    bool after_return_;
};

/// func encode(to, from []byte, n, flags int) (newN, start, used, newFlags int): after the n bytes of a line that to has.
/// from == nil: that line is the last.
Status encode(Call& call, const NativeEntry&) {
    enum : std::size_t { kN, kStart, kUsed, kNewFlags, kTo, kFrom = 6, kOld = 8, kFlags };
    enum : Slot { kBinary = 1, kAfterReturn = 2 };
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + kTo);
    const View from = bytes_at(s + kFrom);
    const Slot flags = s[kFlags];
    if (s[kOld] > to.size) return call.runtime_error("slice bounds out of range");
    Encoder out(static_cast<char*>(to.data), s[kOld], 0, (flags & kAfterReturn) != 0);
    std::size_t used = 0;
    if (from.data() == nullptr && to.size - out.size() >= Encoder::kMost) out.quote_blank();
    Work work(call);
    while (used < from.size() && work.read(4) && to.size - out.size() >= Encoder::kMost) out.put(from[used++], (flags & kBinary) != 0);
    s = call.slots();
    s[kN] = out.size();
    s[kStart] = out.start();
    s[kUsed] = used;
    s[kNewFlags] = (flags & kBinary) | (out.after_return() ? Slot{kAfterReturn} : 0);
    return Status::Ok;
}

}  // namespace

void bind_mime_quotedprintable(Package& package) {
    package.raw("decodeLines", decode_lines).raw("decodeLine", decode_line).raw("encode", encode);
}

}  // namespace csp::stdlib
