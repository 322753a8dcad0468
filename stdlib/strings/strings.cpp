#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

std::int64_t position(std::size_t at) { return at == View::npos ? -1 : static_cast<std::int64_t>(at); }

std::string encode(std::int32_t r) {
    char bytes[4];
    return std::string(bytes, static_cast<std::size_t>(runtime::encode_rune(r, bytes)));
}

/// memmem takes linear time whatever the text is.
std::size_t find(View s, View sub, std::size_t from = 0) {
    if (from > s.size()) return View::npos;
    if (sub.empty()) return from;
    if (s.empty()) return View::npos;
    const void* at = memmem(s.data() + from, s.size() - from, sub.data(), sub.size());
    return at == nullptr ? View::npos : static_cast<std::size_t>(static_cast<const char*>(at) - s.data());
}

/// U+FFFD is also found in bytes that are not UTF-8; what is no code point is not found.
std::size_t find_rune(View s, std::int32_t r) {
    if (r >= 0 && r < 0x80) return s.find(static_cast<char>(r));
    if (r < 0 || r > 0x10FFFF || (r >= 0xD800 && r < 0xE000)) return View::npos;
    if (r != 0xFFFD) return find(s, encode(r));
    for (std::size_t i = 0; i < s.size();) {
        const auto decoded = runtime::decode_rune(s.substr(i));
        if (decoded.rune == r) return i;
        i += static_cast<std::size_t>(decoded.size);
    }
    return View::npos;
}

std::int64_t count(View s, View sep) {
    if (sep.empty()) {
        std::int64_t n = 1;
        for (; !s.empty(); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
        return n;
    }
    std::int64_t n = 0;
    for (std::size_t at = find(s, sep); at != View::npos; at = find(s, sep, at + sep.size())) ++n;
    return n;
}

std::vector<Shared> split(View s, View sep, std::int64_t n, bool keep) {
    std::vector<Shared> out;
    if (n == 0) return out;
    if (sep.empty()) {
        while (!s.empty()) {
            if (n > 0 && static_cast<std::int64_t>(out.size()) == n - 1) {
                out.push_back({s});
                return out;
            }
            const auto size = static_cast<std::size_t>(runtime::decode_rune(s).size);
            out.push_back({s.substr(0, size)});
            s.remove_prefix(size);
        }
        return out;
    }
    for (;;) {
        const std::size_t at = find(s, sep);
        if (at == View::npos || (n > 0 && static_cast<std::int64_t>(out.size()) == n - 1)) break;
        out.push_back({s.substr(0, at + (keep ? sep.size() : 0))});
        s.remove_prefix(at + sep.size());
    }
    out.push_back({s});
    return out;
}

std::vector<Shared> fields(View s) {
    std::vector<Shared> out;
    std::size_t start = View::npos;
    for (std::size_t i = 0; i < s.size();) {
        const auto first = static_cast<unsigned char>(s[i]);
        const auto r = first < 0x80 ? runtime::DecodedRune{first, 1} : runtime::decode_rune(s.substr(i));
        if (is_space(r.rune)) {
            if (start != View::npos) out.push_back({s.substr(start, i - start)});
            start = View::npos;
        } else if (start == View::npos) {
            start = i;
        }
        i += static_cast<std::size_t>(r.size);
    }
    if (start != View::npos) out.push_back({s.substr(start)});
    return out;
}

template <class Test>
View trim_left(View s, Test test) {
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        if (!test(r.rune)) break;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return s;
}
template <class Test>
View trim_right(View s, Test test) {
    while (!s.empty()) {
        std::size_t start = s.size() - 1;
        while (start > 0 && s.size() - start < 4 && (static_cast<unsigned char>(s[start]) & 0xC0) == 0x80) --start;
        auto r = runtime::decode_rune(s.substr(start));
        if (start + static_cast<std::size_t>(r.size) != s.size()) {
            start = s.size() - 1;
            r = {0xFFFD, 1};
        }
        if (!test(r.rune)) break;
        s = s.substr(0, start);
    }
    return s;
}
auto in_set(View cutset) {
    return [cutset](std::int32_t r) { return find_rune(cutset, r) != View::npos; };
}

std::string replace(View s, View from, View to, std::int64_t n) {
    std::string out;
    std::size_t at = 0;
    for (std::int64_t done = 0; n < 0 || done < n; ++done) {
        std::size_t found;
        if (from.empty()) {
            if (done > 0) {
                if (at >= s.size()) break;
                const auto size = static_cast<std::size_t>(runtime::decode_rune(s.substr(at)).size);
                out += s.substr(at, size);
                at += size;
            }
            out += to;
            continue;
        }
        found = find(s, from, at);
        if (found == View::npos) break;
        out += s.substr(at, found - at);
        out += to;
        at = found + from.size();
    }
    out += s.substr(std::min(at, s.size()));
    return out;
}

bool same_fold(std::int32_t a, std::int32_t b) {
    if (a == b) return true;
    if ((a | b) < 0x80) return (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
    for (std::int32_t r = simple_fold(a); r != a; r = simple_fold(r))
        if (r == b) return true;
    return false;
}
bool equal_fold(View a, View b) {
    while (!a.empty() && !b.empty()) {
        const auto x = runtime::decode_rune(a);
        const auto y = runtime::decode_rune(b);
        if (!same_fold(x.rune, y.rune)) return false;
        a.remove_prefix(static_cast<std::size_t>(x.size));
        b.remove_prefix(static_cast<std::size_t>(y.size));
    }
    return a.empty() && b.empty();
}

std::int64_t index_any(View s, View chars) {
    for (std::size_t i = 0; i < s.size();) {
        const auto r = runtime::decode_rune(s.substr(i));
        if (find_rune(chars, r.rune) != View::npos) return static_cast<std::int64_t>(i);
        i += static_cast<std::size_t>(r.size);
    }
    return -1;
}

std::int64_t last_index_any(View s, View chars) {
    const View rest = trim_right(s, [chars](std::int32_t r) { return find_rune(chars, r) == View::npos; });
    if (rest.empty()) return -1;
    // The last character of the rest is the one.
    const View before = trim_right(rest, [done = false](std::int32_t) mutable { return !std::exchange(done, true); });
    return static_cast<std::int64_t>(before.size());
}

/// Whether words begin after r.
bool separates(std::int32_t r) {
    if (r < 0x80) return !(r >= '0' && r <= '9') && !((r | 0x20) >= 'a' && (r | 0x20) <= 'z') && r != '_';
    return !is_letter(r) && !is_digit(r) && is_space(r);
}

std::string title(View s) {
    std::string out;
    std::int32_t before = ' ';
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        out += encode(separates(before) ? to_title(r.rune) : r.rune);
        before = r.rune;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return out;
}

std::string to_valid_utf8(View s, View replacement) {
    std::string out;
    bool bad = false;
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        const bool wrong = r.rune == 0xFFFD && r.size == 1;
        if (!wrong)
            out += s.substr(0, static_cast<std::size_t>(r.size));
        else if (!bad)
            out += replacement;
        bad = wrong;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return out;
}

void put(Slot* to, const char* text, std::size_t size) {
    to[0] = size == 0 ? 0 : reinterpret_cast<Slot>(text);
    to[1] = size;
}

Status repeat(Call& call, const NativeEntry&) {
    const View text = text_at(call.slots() + 2);
    const auto n = static_cast<std::int64_t>(call.slots()[4]);
    if (n < 0) return call.panic("strings: negative Repeat count");
    std::int64_t size;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(text.size()), n, &size)) return call.panic("strings: Repeat output length overflow");
    constexpr std::int64_t kMostMemory = std::int64_t{1} << 47;
    if (size > kMostMemory) return call.runtime_error("makeslice: len out of range");
    char* const bytes = call.allocate_bytes(static_cast<std::size_t>(size));
    if (bytes == nullptr) return Status::Panic;
    const auto end = static_cast<std::size_t>(size);
    std::size_t done = std::min(text.size(), end);
    if (done > 0) std::memcpy(bytes, text.data(), done);
    for (std::size_t more; done < end; done += more) {
        more = std::min(done, end - done);
        std::memcpy(bytes + done, bytes, more);
    }
    put(call.slots(), bytes, end);
    return Status::Ok;
}

/// A string of an array in script memory, where others may be writing.
View element(const Slot* at) {
    Slot pair[2];
    runtime::copy_pair(pair, at);
    return text_at(pair);
}

Status join(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice elems = slice_at(s + 2);
    const View sep = text_at(s + 4);
    const auto* parts = static_cast<const Slot*>(elems.data);
    std::size_t total = elems.size == 0 ? 0 : sep.size() * (elems.size - 1);
    for (std::uint32_t i = 0; i < elems.size; ++i) total += element(parts + i * 2).size();
    char* bytes = call.allocate_bytes(total);
    if (bytes == nullptr) return Status::Panic;
    char* at = bytes;
    char* const end = bytes + total;
    for (std::uint32_t i = 0; i < elems.size; ++i) {
        for (const View part : {i > 0 ? sep : View(), element(parts + i * 2)}) {
            const std::size_t size = std::min(part.size(), static_cast<std::size_t>(end - at));
            if (size > 0) std::memcpy(at, part.data(), size);
            at += size;
        }
    }
    put(call.slots(), bytes, total);
    return Status::Ok;
}

/// The pairs of a Replacer, by the first byte of what they replace.
class Pairs {
  public:
    explicit Pairs(const runtime::Slice& list) : next_(list.size / 2, -1) {
        const auto* strings = static_cast<const Slot*>(list.data);
        std::array<std::int64_t, 256> last;
        first_.fill(-1);
        last.fill(-1);
        for (std::uint32_t i = 0; i + 1 < list.size; i += 2) {
            const auto pair = static_cast<std::int64_t>(olds_.size());
            olds_.push_back(element(strings + i * 2));
            news_.push_back(element(strings + i * 2 + 2));
            if (olds_.back().empty()) {
                if (empty_ < 0) empty_ = pair;
                continue;
            }
            const auto byte = static_cast<unsigned char>(olds_.back()[0]);
            (last[byte] < 0 ? first_[byte] : next_[static_cast<std::size_t>(last[byte])]) = pair;
            last[byte] = pair;
        }
    }

    /// False: nothing is replaced.
    bool replace(View s, std::string& out) const {
        std::size_t copied = 0;
        bool any = false, after_empty = false;
        for (std::size_t i = 0; i <= s.size();) {
            const std::int64_t pair = match(s.substr(i), after_empty);
            after_empty = false;
            if (pair < 0) {
                ++i;
                continue;
            }
            const View old = olds_[static_cast<std::size_t>(pair)];
            out += s.substr(copied, i - copied);
            out += news_[static_cast<std::size_t>(pair)];
            i += old.size();
            copied = i;
            any = true;
            after_empty = old.empty();
        }
        out += s.substr(copied);
        return any;
    }

  private:
    /// The first pair whose old string `s` begins with; -1: none. The empty one does not match twice at a place.
    std::int64_t match(View s, bool after_empty) const {
        const std::int64_t empty = after_empty ? -1 : empty_;
        if (s.empty()) return empty;
        for (std::int64_t pair = first_[static_cast<unsigned char>(s[0])]; pair >= 0; pair = next_[static_cast<std::size_t>(pair)]) {
            if (empty >= 0 && empty < pair) break;
            if (s.starts_with(olds_[static_cast<std::size_t>(pair)])) return pair;
        }
        return empty;
    }

    std::vector<View> olds_, news_;
    std::vector<std::int64_t> next_;
    std::array<std::int64_t, 256> first_;
    std::int64_t empty_ = -1;
};

/// func replacePairs(s string, pairs []string) string
Status replace_pairs(Call& call, const NativeEntry&) {
    const View s = text_at(call.slots() + 2);
    return guarded(call, [&] {
        std::string out;
        if (!Pairs(slice_at(call.slots() + 4)).replace(s, out)) {
            put(call.slots(), s.data(), s.size());
            return Status::Ok;
        }
        return call.put_string(call.slots(), out) ? Status::Ok : Status::Panic;
    });
}

}  // namespace

void bind_strings(Package& package) {
    package.raw("Join", join).raw("Repeat", repeat).raw("replacePairs", replace_pairs);
    package.function("Contains", [](View s, View sub) { return find(s, sub) != View::npos; });
    package.function("ContainsRune", [](View s, std::int32_t r) { return find_rune(s, r) != View::npos; });
    package.function("ContainsAny", [](View s, View chars) { return index_any(s, chars) >= 0; });
    package.function("HasPrefix", [](View s, View prefix) { return s.starts_with(prefix); });
    package.function("HasSuffix", [](View s, View suffix) { return s.ends_with(suffix); });
    package.function("Index", [](View s, View sub) { return position(find(s, sub)); });
    package.function("LastIndex", [](View s, View sub) { return position(s.rfind(sub)); });
    package.function("IndexByte", [](View s, std::uint8_t c) { return position(s.find(static_cast<char>(c))); });
    package.function("LastIndexByte", [](View s, std::uint8_t c) { return position(s.rfind(static_cast<char>(c))); });
    package.function("IndexRune", [](View s, std::int32_t r) { return position(find_rune(s, r)); });
    package.function("IndexAny", index_any);
    package.function("LastIndexAny", last_index_any);
    package.function("ToValidUTF8", to_valid_utf8);
    package.function("Count", count);
    package.function("Compare", [](View a, View b) { return std::int64_t{a < b ? -1 : a > b ? 1 : 0}; });
    package.function("EqualFold", equal_fold);
    package.function("Clone", [](View s) { return std::string(s); });
    package.function("Split", [](View s, View sep) { return split(s, sep, -1, false); });
    package.function("splitN", [](View s, View sep, std::int64_t n) { return split(s, sep, n, false); });
    package.function("SplitAfter", [](View s, View sep) { return split(s, sep, -1, true); });
    package.function("splitAfterN", [](View s, View sep, std::int64_t n) { return split(s, sep, n, true); });
    package.function("Fields", fields);
    package.function("TrimSpace", [](View s) { return Shared{trim_right(trim_left(s, is_space), is_space)}; });
    package.function("Trim", [](View s, View set) { return Shared{trim_right(trim_left(s, in_set(set)), in_set(set))}; });
    package.function("TrimLeft", [](View s, View set) { return Shared{trim_left(s, in_set(set))}; });
    package.function("TrimRight", [](View s, View set) { return Shared{trim_right(s, in_set(set))}; });
    package.function("TrimPrefix", [](View s, View p) { return Shared{s.starts_with(p) ? s.substr(p.size()) : s}; });
    package.function("TrimSuffix", [](View s, View p) { return Shared{s.ends_with(p) ? s.substr(0, s.size() - p.size()) : s}; });
    package.function("ToUpper", [](View s) { return map_text(s, kUpperCase); });
    package.function("ToLower", [](View s) { return map_text(s, kLowerCase); });
    package.function("ToTitle", [](View s) { return map_text(s, kTitleCase); });
    package.function("Title", title);
    package.function("Replace", replace);
    package.function("ReplaceAll", [](View s, View from, View to) { return replace(s, from, to, -1); });
}

}  // namespace csp::stdlib
