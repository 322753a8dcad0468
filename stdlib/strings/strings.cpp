#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/search.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

std::int64_t position(std::size_t at) { return at == View::npos ? -1 : static_cast<std::int64_t>(at); }

std::string encode(std::int32_t r) {
    char bytes[4];
    return std::string(bytes, static_cast<std::size_t>(runtime::encode_rune(r, bytes)));
}

/// U+FFFD is also found in bytes that are not UTF-8; what is no code point is not found.
std::size_t find_rune(Work& work, View s, std::int32_t r) {
    if (r >= 0 && r < 0x80) return find(work, s, static_cast<char>(r));
    if (r < 0 || r > 0x10FFFF || (r >= 0xD800 && r < 0xE000)) return View::npos;
    if (r != 0xFFFD) return find(work, s, encode(r));
    for (std::size_t i = 0; i < s.size();) {
        const auto decoded = runtime::decode_rune(s.substr(i));
        if (decoded.rune == r) return i;
        i += static_cast<std::size_t>(decoded.size);
        if (!work.read(1)) break;
    }
    return View::npos;
}

std::int64_t count(Call& call, View s, View sep) {
    Work work(call);
    std::int64_t n = 0;
    if (sep.empty()) {
        for (; !s.empty() && work.read(1); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
        return n + 1;
    }
    for (std::size_t at = find(work, s, sep); at != View::npos && work.steps(1); at = find(work, s, sep, at + sep.size())) ++n;
    return n;
}

std::vector<Shared> split(Call& call, View s, View sep, std::int64_t n, bool keep) {
    Work work(call);
    std::vector<Shared> out;
    if (n == 0) return out;
    const auto add = [&](View part) {
        out.push_back({part});
        work.holds(2 * out.size() * sizeof(Shared));
        return work.steps(1);
    };
    const auto is_last = [&] { return n > 0 && static_cast<std::int64_t>(out.size()) == n - 1; };
    if (sep.empty()) {
        while (!s.empty()) {
            if (is_last()) {
                out.push_back({s});
                return out;
            }
            const auto size = static_cast<std::size_t>(runtime::decode_rune(s).size);
            if (!add(s.substr(0, size))) break;
            s.remove_prefix(size);
        }
        return out;
    }
    while (!is_last()) {
        const std::size_t at = find(work, s, sep);
        if (at == View::npos || !add(s.substr(0, at + (keep ? sep.size() : 0)))) break;
        s.remove_prefix(at + sep.size());
    }
    out.push_back({s});
    return out;
}

std::vector<Shared> fields(Call& call, View s) {
    Work work(call);
    std::vector<Shared> out;
    std::size_t start = View::npos;
    for (std::size_t i = 0; i < s.size();) {
        const auto first = static_cast<unsigned char>(s[i]);
        const auto r = first < 0x80 ? runtime::DecodedRune{first, 1} : runtime::decode_rune(s.substr(i));
        if (is_space(r.rune)) {
            if (start != View::npos) {
                out.push_back({s.substr(start, i - start)});
                work.holds(2 * out.size() * sizeof(Shared));
            }
            start = View::npos;
        } else if (start == View::npos) {
            start = i;
        }
        i += static_cast<std::size_t>(r.size);
        if (!work.read(1)) break;
    }
    if (start != View::npos) out.push_back({s.substr(start)});
    return out;
}

template <class Test>
View trim_left(Work& work, View s, Test test) {
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        if (!test(r.rune) || !work.read(static_cast<std::size_t>(r.size))) break;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return s;
}
template <class Test>
View trim_right(Work& work, View s, Test test) {
    while (!s.empty()) {
        std::size_t start = s.size() - 1;
        while (start > 0 && s.size() - start < 4 && (static_cast<unsigned char>(s[start]) & 0xC0) == 0x80) --start;
        auto r = runtime::decode_rune(s.substr(start));
        if (start + static_cast<std::size_t>(r.size) != s.size()) {
            start = s.size() - 1;
            r = {0xFFFD, 1};
        }
        if (!test(r.rune) || !work.read(2 * static_cast<std::size_t>(r.size))) break;
        s = s.substr(0, start);
    }
    return s;
}
template <class Test>
View trim(Work& work, View s, Test test) {
    return trim_right(work, trim_left(work, s, test), test);
}
auto in_set(Work& work, View cutset) {
    return [&work, cutset](std::int32_t r) { return find_rune(work, cutset, r) != View::npos; };
}

std::string replace(Call& call, View s, View from, View to, std::int64_t n) {
    Work work(call);
    std::string out;
    const auto append = [&](View text) {
        work.holds(2 * (out.size() + text.size()));
        out += text;
        return work.moved(text.size());
    };
    std::size_t at = 0;
    for (std::int64_t done = 0; n < 0 || done < n; ++done) {
        if (!work.steps(2)) return out;
        if (from.empty()) {
            if (done > 0) {
                if (at >= s.size()) break;
                const auto size = static_cast<std::size_t>(runtime::decode_rune(s.substr(at)).size);
                append(s.substr(at, size));
                at += size;
            }
            append(to);
            continue;
        }
        const std::size_t found = find(work, s, from, at);
        if (found == View::npos) break;
        append(s.substr(at, found - at));
        append(to);
        at = found + from.size();
    }
    append(s.substr(std::min(at, s.size())));
    return out;
}

bool same_fold(std::int32_t a, std::int32_t b) {
    if (a == b) return true;
    if ((a | b) < 0x80) return (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
    for (std::int32_t r = simple_fold(a); r != a; r = simple_fold(r))
        if (r == b) return true;
    return false;
}
bool equal_fold(Call& call, View a, View b) {
    Work work(call);
    while (!a.empty() && !b.empty()) {
        const auto x = runtime::decode_rune(a);
        const auto y = runtime::decode_rune(b);
        if (!same_fold(x.rune, y.rune) || !work.read(4)) return false;
        a.remove_prefix(static_cast<std::size_t>(x.size));
        b.remove_prefix(static_cast<std::size_t>(y.size));
    }
    return a.empty() && b.empty();
}

std::int64_t index_any(Call& call, View s, View chars) {
    Work work(call);
    for (std::size_t i = 0; i < s.size() && work.read(4);) {
        const auto r = runtime::decode_rune(s.substr(i));
        if (find_rune(work, chars, r.rune) != View::npos) return static_cast<std::int64_t>(i);
        i += static_cast<std::size_t>(r.size);
    }
    return -1;
}

std::int64_t last_index_any(Call& call, View s, View chars) {
    Work work(call);
    const View rest = trim_right(work, s, [&](std::int32_t r) { return find_rune(work, chars, r) == View::npos; });
    if (rest.empty()) return -1;
    // The last character of the rest is the one.
    const View before = trim_right(work, rest, [done = false](std::int32_t) mutable { return !std::exchange(done, true); });
    return static_cast<std::int64_t>(before.size());
}

/// Whether words begin after r.
bool separates(std::int32_t r) {
    if (r < 0x80) return !(r >= '0' && r <= '9') && !((r | 0x20) >= 'a' && (r | 0x20) <= 'z') && r != '_';
    return !is_letter(r) && !is_digit(r) && is_space(r);
}

std::string title(Call& call, View s) {
    return mapped<std::string>(call, s, [before = std::int32_t{' '}](View part) mutable {
        std::string out;
        while (!part.empty()) {
            const auto r = runtime::decode_rune(part);
            out += encode(separates(before) ? to_title(r.rune) : r.rune);
            before = r.rune;
            part.remove_prefix(static_cast<std::size_t>(r.size));
        }
        return out;
    });
}

std::string to_valid_utf8(Call& call, View s, View replacement) {
    Work work(call);
    std::string out;
    bool bad = false;
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        const bool wrong = r.rune == 0xFFFD && r.size == 1;
        const View next = !wrong ? s.substr(0, static_cast<std::size_t>(r.size)) : bad ? View() : replacement;
        work.holds(2 * (out.size() + next.size()));
        out += next;
        bad = wrong;
        s.remove_prefix(static_cast<std::size_t>(r.size));
        if (!work.steps(1) || !work.moved(next.size())) break;
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
    Work work(call);
    std::size_t done = std::min(text.size(), end);
    copy(work, bytes, text.substr(0, done));
    for (std::size_t more; done < end && !work.ended(); done += more) {
        more = std::min(done, end - done);
        copy(work, bytes + done, {bytes, more});
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
    Work work(call);
    for (std::uint32_t i = 0; i < elems.size && work.steps(1); ++i) total += element(parts + i * 2).size();
    char* bytes = call.allocate_bytes(total);
    if (bytes == nullptr) return Status::Panic;
    char* at = bytes;
    char* const end = bytes + total;
    for (std::uint32_t i = 0; i < elems.size && work.steps(2); ++i) {
        for (const View part : {i > 0 ? sep : View(), element(parts + i * 2)}) {
            const std::size_t size = std::min(part.size(), static_cast<std::size_t>(end - at));
            copy(work, at, part.substr(0, size));
            at += size;
        }
    }
    put(call.slots(), bytes, total);
    return Status::Ok;
}

/// The pairs of a Replacer, by the first byte of what they replace.
class Pairs {
  public:
    /// `strings`: `size` of them, which stay as they are.
    Pairs(Work& work, const Slot* strings, std::uint32_t size) : work_(work), next_(size / 2, -1) {
        std::array<std::int64_t, 256> last;
        first_.fill(-1);
        last.fill(-1);
        for (std::uint32_t i = 0; i + 1 < size && work_.steps(10); i += 2) {
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
        for (std::size_t i = 0; i <= s.size() && work_.steps(1);) {
            const std::int64_t pair = match(s.substr(i), after_empty);
            after_empty = false;
            if (pair < 0) {
                ++i;
                continue;
            }
            const View old = olds_[static_cast<std::size_t>(pair)], with = news_[static_cast<std::size_t>(pair)];
            work_.holds(2 * (out.size() + i - copied + with.size()));
            out += s.substr(copied, i - copied);
            out += with;
            work_.moved(i - copied + with.size());
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
            if ((empty >= 0 && empty < pair) || !work_.steps(1)) break;
            if (starts_with(work_, s, olds_[static_cast<std::size_t>(pair)])) return pair;
        }
        return empty;
    }

    Work& work_;
    std::vector<View> olds_, news_;
    std::vector<std::int64_t> next_;
    std::array<std::int64_t, 256> first_;
    std::int64_t empty_ = -1;
};

/// func replacePairs(s string, pairs []string) string
Status replace_pairs(Call& call, const NativeEntry&) {
    return guarded(call, [&] {
        const View s = text_at(call.slots() + 2);
        const runtime::Slice list = slice_at(call.slots() + 4);
        // A copy keeps them alive, whoever writes to the slice meanwhile.
        Slot* const strings = call.allocate_strings(list.size);
        if (strings == nullptr) return Status::Panic;
        runtime::copy_memory(strings, list.data, std::size_t{list.size} * sizeof(runtime::String), sizeof(runtime::String));
        Work work(call);
        std::string out;
        if (Pairs(work, strings, list.size).replace(s, out)) return call.put_string(call.slots(), out) ? Status::Ok : Status::Panic;
        put(call.slots(), s.data(), s.size());
        return Status::Ok;
    });
}

template <const CaseMap& map>
std::string in_case(Call& call, View s) {
    return mapped<std::string>(call, s, [](View part) { return map_text(part, map); });
}

}  // namespace

void bind_strings(Package& package) {
    package.raw("Join", join).raw("Repeat", repeat).raw("replacePairs", replace_pairs);
    package.function("Contains", [](Call& call, View s, View sub) {
        Work work(call);
        return find(work, s, sub) != View::npos;
    });
    package.function("ContainsRune", [](Call& call, View s, std::int32_t r) {
        Work work(call);
        return find_rune(work, s, r) != View::npos;
    });
    package.function("ContainsAny", [](Call& call, View s, View chars) { return index_any(call, s, chars) >= 0; });
    package.function("HasPrefix", [](Call& call, View s, View prefix) {
        Work work(call);
        return starts_with(work, s, prefix);
    });
    package.function("HasSuffix", [](Call& call, View s, View suffix) {
        Work work(call);
        return ends_with(work, s, suffix);
    });
    package.function("Index", [](Call& call, View s, View sub) {
        Work work(call);
        return position(find(work, s, sub));
    });
    package.function("LastIndex", [](Call& call, View s, View sub) {
        Work work(call);
        return position(find_last(work, s, sub));
    });
    package.function("IndexByte", [](Call& call, View s, std::uint8_t c) {
        Work work(call);
        return position(find(work, s, static_cast<char>(c)));
    });
    package.function("LastIndexByte", [](Call& call, View s, std::uint8_t c) {
        Work work(call);
        return position(find_last(work, s, static_cast<char>(c)));
    });
    package.function("IndexRune", [](Call& call, View s, std::int32_t r) {
        Work work(call);
        return position(find_rune(work, s, r));
    });
    package.function("IndexAny", index_any);
    package.function("LastIndexAny", last_index_any);
    package.function("ToValidUTF8", to_valid_utf8);
    package.function("Count", count);
    package.function("Compare", [](Call& call, View a, View b) {
        Work work(call);
        return std::int64_t{compare(work, a, b)};
    });
    package.function("EqualFold", equal_fold);
    package.function("Clone", [](View s) { return s; });
    package.function("Split", [](Call& call, View s, View sep) { return split(call, s, sep, -1, false); });
    package.function("splitN", [](Call& call, View s, View sep, std::int64_t n) { return split(call, s, sep, n, false); });
    package.function("SplitAfter", [](Call& call, View s, View sep) { return split(call, s, sep, -1, true); });
    package.function("splitAfterN", [](Call& call, View s, View sep, std::int64_t n) { return split(call, s, sep, n, true); });
    package.function("Fields", fields);
    package.function("TrimSpace", [](Call& call, View s) {
        Work work(call);
        return Shared{trim(work, s, is_space)};
    });
    package.function("Trim", [](Call& call, View s, View set) {
        Work work(call);
        return Shared{trim(work, s, in_set(work, set))};
    });
    package.function("TrimLeft", [](Call& call, View s, View set) {
        Work work(call);
        return Shared{trim_left(work, s, in_set(work, set))};
    });
    package.function("TrimRight", [](Call& call, View s, View set) {
        Work work(call);
        return Shared{trim_right(work, s, in_set(work, set))};
    });
    package.function("TrimPrefix", [](Call& call, View s, View p) {
        Work work(call);
        return Shared{starts_with(work, s, p) ? s.substr(p.size()) : s};
    });
    package.function("TrimSuffix", [](Call& call, View s, View p) {
        Work work(call);
        return Shared{ends_with(work, s, p) ? s.substr(0, s.size() - p.size()) : s};
    });
    package.function("ToUpper", in_case<kUpperCase>);
    package.function("ToLower", in_case<kLowerCase>);
    package.function("ToTitle", in_case<kTitleCase>);
    package.function("Title", title);
    package.function("Replace", replace);
    package.function("ReplaceAll", [](Call& call, View s, View from, View to) { return replace(call, s, from, to, -1); });
}

}  // namespace csp::stdlib
