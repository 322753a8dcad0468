#include <algorithm>
#include <string>
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

std::int64_t count(View s, View sep) {
    if (sep.empty()) {
        std::int64_t n = 1;
        for (; !s.empty(); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
        return n;
    }
    std::int64_t n = 0;
    for (std::size_t at = s.find(sep); at != View::npos; at = s.find(sep, at + sep.size())) ++n;
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
        const std::size_t at = s.find(sep);
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
    return [cutset](std::int32_t r) { return cutset.find(encode(r)) != View::npos; };
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
        found = s.find(from, at);
        if (found == View::npos) break;
        out += s.substr(at, found - at);
        out += to;
        at = found + from.size();
    }
    out += s.substr(std::min(at, s.size()));
    return out;
}

bool equal_fold(View a, View b) {
    while (!a.empty() && !b.empty()) {
        const auto x = runtime::decode_rune(a);
        const auto y = runtime::decode_rune(b);
        if (x.rune != y.rune && to_lower(x.rune) != to_lower(y.rune) && to_upper(x.rune) != to_upper(y.rune)) return false;
        a.remove_prefix(static_cast<std::size_t>(x.size));
        b.remove_prefix(static_cast<std::size_t>(y.size));
    }
    return a.empty() && b.empty();
}

std::int64_t index_any(View s, View chars) {
    for (std::size_t i = 0; i < s.size();) {
        const auto r = runtime::decode_rune(s.substr(i));
        if (chars.find(encode(r.rune)) != View::npos) return static_cast<std::int64_t>(i);
        i += static_cast<std::size_t>(r.size);
    }
    return -1;
}

Status repeat(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const View text = text_at(s + 2);
    const auto n = static_cast<std::int64_t>(s[4]);
    if (n < 0) return call.panic("strings: negative Repeat count");
    if (!text.empty() && static_cast<std::uint64_t>(n) > (std::uint64_t{1} << 46) / text.size())
        return call.panic("strings: Repeat output length overflow");
    char* bytes = call.allocate_bytes(text.size() * static_cast<std::size_t>(n));
    if (bytes == nullptr) return Status::Panic;
    for (std::int64_t i = 0; i < n; ++i) std::memcpy(bytes + static_cast<std::size_t>(i) * text.size(), text.data(), text.size());
    s = call.slots();
    s[1] = text.size() * static_cast<std::size_t>(n);
    s[0] = s[1] == 0 ? 0 : reinterpret_cast<Slot>(bytes);
    return Status::Ok;
}

Status join(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice elems = slice_at(s + 2);
    const View sep = text_at(s + 4);
    const auto* parts = static_cast<const Slot*>(elems.data);
    std::size_t total = elems.size == 0 ? 0 : sep.size() * (elems.size - 1);
    for (std::uint32_t i = 0; i < elems.size; ++i) total += parts[i * 2 + 1];
    char* bytes = call.allocate_bytes(total);
    if (bytes == nullptr) return Status::Panic;
    char* at = bytes;
    char* const end = bytes + total;
    for (std::uint32_t i = 0; i < elems.size; ++i) {
        for (const View part : {i > 0 ? sep : View(), text_at(parts + i * 2)}) {
            const std::size_t size = std::min(part.size(), static_cast<std::size_t>(end - at));
            if (size > 0) std::memcpy(at, part.data(), size);
            at += size;
        }
    }
    s[0] = total == 0 ? 0 : reinterpret_cast<Slot>(bytes);
    s[1] = total;
    return Status::Ok;
}

}  // namespace

void bind_strings(Package& package) {
    package.raw("Join", join).raw("Repeat", repeat);
    package.function("Contains", [](View s, View sub) { return s.find(sub) != View::npos; });
    package.function("ContainsRune", [](View s, std::int32_t r) { return s.find(encode(r)) != View::npos; });
    package.function("ContainsAny", [](View s, View chars) { return index_any(s, chars) >= 0; });
    package.function("HasPrefix", [](View s, View prefix) { return s.starts_with(prefix); });
    package.function("HasSuffix", [](View s, View suffix) { return s.ends_with(suffix); });
    package.function("Index", [](View s, View sub) { return position(s.find(sub)); });
    package.function("LastIndex", [](View s, View sub) { return position(s.rfind(sub)); });
    package.function("IndexByte", [](View s, std::uint8_t c) { return position(s.find(static_cast<char>(c))); });
    package.function("LastIndexByte", [](View s, std::uint8_t c) { return position(s.rfind(static_cast<char>(c))); });
    package.function("IndexRune", [](View s, std::int32_t r) { return position(s.find(encode(r))); });
    package.function("IndexAny", index_any);
    package.function("Count", count);
    package.function("Compare", [](View a, View b) { return std::int64_t{a < b ? -1 : a > b ? 1 : 0}; });
    package.function("EqualFold", equal_fold);
    package.function("Clone", [](View s) { return std::string(s); });
    package.function("Split", [](View s, View sep) { return split(s, sep, -1, false); });
    package.function("SplitN", [](View s, View sep, std::int64_t n) { return split(s, sep, n, false); });
    package.function("SplitAfter", [](View s, View sep) { return split(s, sep, -1, true); });
    package.function("SplitAfterN", [](View s, View sep, std::int64_t n) { return split(s, sep, n, true); });
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
    package.function("Title", [](View s) {
        std::string out;
        bool start = true;
        while (!s.empty()) {
            const auto r = runtime::decode_rune(s);
            out += encode(start ? to_upper(r.rune) : r.rune);
            start = !is_letter(r.rune) && !is_digit(r.rune) && r.rune != '_' && r.rune != '\'';
            s.remove_prefix(static_cast<std::size_t>(r.size));
        }
        return out;
    });
    package.function("Replace", replace);
    package.function("ReplaceAll", [](View s, View from, View to) { return replace(s, from, to, -1); });
}

}  // namespace csp::stdlib
