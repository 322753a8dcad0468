// Dotted texts: lines before one with nothing but a dot, with a further dot before each that begins with one (RFC 5321, 4.5.2).

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

/// Bytes to write, of which the rest is room.
struct Output {
    char* at;
    std::size_t room;

    void put(char c) {
        *at++ = c;
        --room;
    }
    /// As much of the text as there is room for.
    std::size_t put(View text) {
        const std::size_t size = std::min(text.size(), room);
        std::memmove(at, text.data(), size);
        at += size;
        room -= size;
        return size;
    }
};

Output output_at(const Slot* s) { return {reinterpret_cast<char*>(s[0]), static_cast<std::uint32_t>(s[1])}; }

/// What comes before the next line's end, or a part of one.
View run(View whole) {
    constexpr std::size_t kMost = 1 << 14;
    const View text = whole.substr(0, kMost);
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; });
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// What is left of a dotted text that is being read.
struct Dotted {
    View rest;
    bool begins;  ///< A line begins.
    bool ended = false;

    /// Puts the next character or run. False: the text has ended, or what it goes on with has to be known first.
    bool step(Output& to) {
        if (begins && rest.starts_with('.') && !take_dot()) return false;
        if (rest.starts_with("\r\n")) {
            rest.remove_prefix(1);
            begins = false;
        } else if (rest == "\r") {
            return false;
        }
        const View text = rest[0] == '\n' || rest[0] == '\r' ? rest.substr(0, 1) : run(rest);
        // A newline alone at a line's beginning does not begin another.
        begins = text == "\n" && !begins;
        rest.remove_prefix(to.put(text));
        return true;
    }

  private:
    bool take_dot() {
        if (rest == "." || rest == ".\r") return false;
        const bool last = rest.starts_with(".\n") || rest.starts_with(".\r\n");
        rest.remove_prefix(last ? rest.find('\n') + 1 : 1);
        begins = false;
        ended = last;
        return !last;
    }
};

/// func undot(to, from []byte, begins bool) (n, used int, stillBegins, ended bool)
Status undot(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    Output to = output_at(s + 4);
    const View from = bytes_at(s + 6);
    const char* const start = to.at;
    Dotted text{from, (s[8] & 1) != 0};
    Work work(call);
    for (std::size_t left = from.size(); to.room > 0 && !text.rest.empty() && text.step(to); left = text.rest.size())
        if (!work.read(left - text.rest.size() + 8)) break;
    s = call.slots();
    s[0] = static_cast<Slot>(to.at - start);
    s[1] = from.size() - text.rest.size();
    s[2] = text.begins;
    s[3] = text.ended;
    return Status::Ok;
}

// What textproto.csp calls them: what was written last.
enum State : Slot { kNothing, kLine, kText, kReturn, kExtraDot, kExtraReturn };

/// Writes a byte; it is used up, unless another had to come before it.
bool dot_byte(char c, State& state, Output& to) {
    const bool begins = state == kNothing || state == kLine;
    const bool awaited = state == kReturn || state == kExtraReturn;
    if ((begins && c == '.') || (c == '\n' && !awaited)) {
        state = begins && c == '.' ? kExtraDot : kExtraReturn;
        to.put(c == '.' ? '.' : '\r');
        return false;
    }
    to.put(c);
    state = c == '\n' ? kLine : c == '\r' && state != kReturn ? kReturn : kText;
    return true;
}

/// func dot(to, from []byte, state int) (n, used, newState int)
Status dot(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    Output to = output_at(s + 3);
    const View from = bytes_at(s + 5);
    View rest = from;
    auto state = static_cast<State>(s[7]);
    const char* const start = to.at;
    Work work(call);
    while (to.room > 0 && !rest.empty()) {
        const std::size_t left = rest.size();
        if (state == kText) rest.remove_prefix(to.put(run(rest)));
        if (to.room > 0 && !rest.empty() && dot_byte(rest[0], state, to)) rest.remove_prefix(1);
        if (!work.read(left - rest.size() + 8)) break;
    }
    s = call.slots();
    s[0] = static_cast<Slot>(to.at - start);
    s[1] = from.size() - rest.size();
    s[2] = state;
    return Status::Ok;
}

}  // namespace

void bind_net_textproto(Package& package) { package.raw("undot", undot).raw("dot", dot); }

}  // namespace csp::stdlib
