#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

/// A name, with its semicolon where it needs one, and the one or two characters it stands for.
struct Entity {
    View name;
    std::int32_t first, second;
};

#include "html_entities.inc"

constexpr std::size_t kLongestWithoutSemicolon = 6;

const Entity* entity(View name) {
    const auto* at = std::lower_bound(std::begin(kEntities), std::end(kEntities), name, [](const Entity& e, View n) { return e.name < n; });
    return at != std::end(kEntities) && at->name == name ? at : nullptr;
}

void append(std::string& out, std::int32_t r) {
    char bytes[4];
    out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(r, bytes)));
}
void append(std::string& out, const Entity& e) {
    append(out, e.first);
    if (e.second != 0) append(out, e.second);
}

/// Numbers from 0x80 to 0x9F mean what they do in the code page 1252.
constexpr std::int32_t kCodePage1252[] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

int digit_of(char c, bool hex) {
    if (c >= '0' && c <= '9') return c - '0';
    if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
    return -1;
}

/// Of the reference that `s` begins with: writes what it stands for and returns its length; 0: it is none.
std::size_t numeric(Work& work, View s, std::string& out) {
    if (s.size() <= 3) return 0;
    const bool hex = s[2] == 'x' || s[2] == 'X';
    const std::size_t start = hex ? 3 : 2;
    std::size_t i = start;
    std::uint32_t value = 0;
    for (int digit; i < s.size() && work.read(1) && (digit = digit_of(s[i], hex)) >= 0; ++i)
        value = value * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    const bool closed = i < s.size() && s[i] == ';';
    if (i + (closed ? 1 : 0) <= 3) return 0;
    auto r = static_cast<std::int32_t>(value);
    if (r >= 0x80 && r <= 0x9F) r = kCodePage1252[r - 0x80];
    if (r == 0 || r > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF)) r = 0xFFFD;
    append(out, r);
    return i + (closed ? 1 : 0);
}

std::size_t named(Work& work, View s, std::string& out) {
    std::size_t i = 1;
    while (i < s.size() && (digit_of(s[i], false) >= 0 || ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z')) && work.read(1)) ++i;
    if (i < s.size() && s[i] == ';') ++i;
    const View name = s.substr(1, i - 1);
    if (name.empty()) return 0;
    if (const Entity* e = entity(name)) {
        append(out, *e);
        return i;
    }
    // Some old ones need no semicolon, whatever follows them.
    for (std::size_t size = std::min(name.size() - 1, kLongestWithoutSemicolon); size > 1; --size) {
        if (const Entity* e = entity(name.substr(0, size))) {
            append(out, *e);
            return size + 1;
        }
    }
    out += s.substr(0, i);
    return i;
}

void put(Slot* to, View text) {
    to[0] = text.empty() ? 0 : reinterpret_cast<Slot>(text.data());
    to[1] = text.size();
}

/// A native of a function from string to string; what `change` leaves as it is is not copied.
template <class Change>
Status changed(Call& call, const char* triggers, Change change) {
    const View s = text_at(call.slots() + 2);
    Work work(call);
    bool same = true;
    constexpr std::size_t kAtOnce = 1 << 14;
    for (std::size_t at = 0; same && at < s.size(); at += kAtOnce) {
        const View part = s.substr(at, kAtOnce);
        same = part.find_first_of(triggers) == View::npos;
        if (!work.read(part.size())) return Status::Ended;
    }
    if (same) {
        put(call.slots(), s);
        return Status::Ok;
    }
    return guarded(call, [&] {
        std::string out;
        change(work, s, out);
        return call.put_string(call.slots(), out) ? Status::Ok : Status::Panic;
    });
}

Status escape_string(Call& call, const NativeEntry&) {
    return changed(call, "&<>\"'", [](Work& work, View s, std::string& out) {
        for (const char c : s) {
            work.holds(2 * out.size());
            if (!work.read(1)) return;
            switch (c) {
                case '&': out += "&amp;"; break;
                case '<': out += "&lt;"; break;
                case '>': out += "&gt;"; break;
                case '"': out += "&#34;"; break;
                case '\'': out += "&#39;"; break;
                default: out += c;
            }
        }
    });
}

Status unescape_string(Call& call, const NativeEntry&) {
    return changed(call, "&", [](Work& work, View s, std::string& out) {
        constexpr std::size_t kMost = 1 << 14;  // at once
        while (!s.empty()) {
            const std::size_t at = std::min({s.substr(0, kMost).find('&'), s.size(), kMost});
            work.holds(2 * out.size());
            if (!work.read(at + 16)) return;
            out += s.substr(0, at);
            s.remove_prefix(at);
            if (s.empty()) break;
            if (s[0] != '&') continue;
            std::size_t size = s.size() > 1 && s[1] == '#' ? numeric(work, s, out) : named(work, s, out);
            if (size == 0) {
                out += '&';
                size = 1;
            }
            s.remove_prefix(size);
        }
    });
}

}  // namespace

void bind_html(Package& package) { package.raw("EscapeString", escape_string).raw("UnescapeString", unescape_string); }

}  // namespace csp::stdlib
