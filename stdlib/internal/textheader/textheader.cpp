// Names and fields of headers. Fields are parsed in a copy in the script's heap, of which names and values are parts.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/field_name.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

View trimmed(View line) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    return line;
}

void put(Slot* to, View text) {
    to[0] = text.empty() ? 0 : reinterpret_cast<Slot>(text.data());
    to[1] = text.size();
}

/// A copy in the script's heap; null: a panic is under way.
char* copied(Call& call, View text) {
    char* const copy = call.allocate_bytes(text.size());
    if (copy != nullptr) std::copy(text.begin(), text.end(), copy);
    return copy;
}

/// func Canonical(name string) string
Status canonical(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const View name = text_at(s + 2);
    if (!Work(call).steps(name.size())) return Status::Ended;
    s[0] = s[2];
    s[1] = s[3];
    if (is_canonical(name) || !is_token(name)) return Status::Ok;
    char* const copy = copied(call, name);
    if (copy == nullptr) return Status::Panic;
    canonicalize(copy, name.size());
    call.slots()[0] = reinterpret_cast<Slot>(copy);
    return Status::Ok;
}

/// Whether a name has spaces, and else only what names may have: it stays as it is.
bool is_spaced(View name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](const char& c) { return c == ' ' || is_token({&c, 1}); });
}

struct Field {
    View name;
    View value;
};

/// Divides a line, with the name in canonical form in place. False: it is no field.
bool divide(char* text, std::size_t size, Field& field) {
    const View line(text, size);
    const std::size_t colon = line.find(':');
    if (colon == View::npos) return false;
    field.name = line.substr(0, colon);
    field.value = line.substr(colon + 1);
    const bool named = canonicalize(text, colon) || is_spaced(field.name);
    if (!named || !is_field_value(field.value)) return false;
    field.value.remove_prefix(std::min(field.value.find_first_not_of(" \t"), field.value.size()));
    return true;
}

/// func field(line []byte) (name, value string, ok bool)
Status field(Call& call, const NativeEntry&) {
    const View line = bytes_at(call.slots() + 5);
    if (!Work(call).steps(line.size())) return Status::Ended;
    char* const text = copied(call, line);
    if (text == nullptr) return Status::Panic;
    Slot* s = call.slots();
    Field divided;
    const bool ok = divide(text, line.size(), divided);
    put(s, ok ? divided.name : View(text, line.size()));
    put(s + 2, ok ? divided.value : View());
    s[4] = ok;
    return Status::Ok;
}

/// Takes fields from a text, over which it writes.
class Fields {
  public:
    Fields(char* text, std::size_t size) : at_(text), end_(text + size) {}
    const char* at() const { return at_; }

    /// Takes the empty line that ends a header.
    bool take_end() {
        const std::size_t size = View(at_, left()).starts_with('\n') ? 1 : View(at_, left()).starts_with("\r\n") ? 2 : 0;
        at_ += size;
        return size > 0;
    }
    /// Takes a field of up to `room` bytes. False: it is too long, or wrong, or it is not known yet where it ends; it is not
    /// taken then.
    bool take(Field& field, std::size_t room) {
        char* next = at_;
        View line;
        if (!take_line(next, line) || line.find(':') == View::npos) return false;
        char* const begin = at_ + (trimmed(line).data() - at_);
        char* to = begin + trimmed(line).size();
        while (next < end_ && is_blank(*next)) {
            if (!take_line(next, line)) return false;
            line = trimmed(line);
            *to++ = ' ';
            std::memmove(to, line.data(), line.size());
            to += line.size();
        }
        if (next == end_ || static_cast<std::size_t>(next - at_) > room) return false;
        if (!divide(begin, static_cast<std::size_t>(to - begin), field)) return false;
        at_ = next;
        return true;
    }

  private:
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    bool take_line(char*& at, View& line) const {
        auto* const newline = static_cast<char*>(std::memchr(at, '\n', static_cast<std::size_t>(end_ - at)));
        if (newline == nullptr) return false;
        line = {at, static_cast<std::size_t>(newline - at)};
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = newline + 1;
        return true;
    }

    char* at_;
    char* end_;
};

/// How much of what is buffered may be whole fields, and the byte after them that tells so.
std::size_t extent(View buffered) {
    const std::size_t end = head_end(buffered, 0);
    if (end != View::npos) return end;
    const std::size_t newline = buffered.rfind('\n');
    return newline == View::npos ? 0 : std::min(newline + 2, buffered.size());
}

/// func fields(buffered []byte, most, room, overhead int64) (texts []string, used int, ended bool)
Status fields(Call& call, const NativeEntry&) {
    enum : std::size_t { kTexts, kUsed = 2, kEnded, kBuffered, kMost = 6, kRoom, kOverhead };
    Slot* s = call.slots();
    const View buffered = bytes_at(s + kBuffered);
    auto most = static_cast<std::int64_t>(s[kMost]), room = static_cast<std::int64_t>(s[kRoom]);
    const auto overhead = static_cast<std::int64_t>(s[kOverhead]);
    if (!Work(call).steps(2 * buffered.size())) return Status::Ended;
    std::fill(s, s + kBuffered, 0);
    const std::size_t size = extent(buffered);
    if (size == 0) return Status::Ok;
    char* const text = copied(call, buffered.substr(0, size));
    if (text == nullptr) return Status::Panic;
    call.slots()[kTexts] = reinterpret_cast<Slot>(text);  // keeps it

    Fields source(text, size);
    std::vector<Field> taken;
    bool ended = source.take_end();
    for (Field next; !ended && most > 0 && room > overhead; --most, ended = source.take_end()) {
        const char* const begin = source.at();
        if (!source.take(next, static_cast<std::size_t>(room - overhead))) break;
        room -= overhead + (source.at() - begin);
        taken.push_back(next);
    }
    Slot* to = call.allocate_strings(taken.size() * 2);
    if (to == nullptr) return Status::Panic;
    const Slot count = taken.size() * 2;
    s = call.slots();
    s[kTexts] = reinterpret_cast<Slot>(to);
    s[kTexts + 1] = count | count << 32;
    s[kUsed] = static_cast<Slot>(source.at() - text);
    s[kEnded] = ended;
    for (const Field& each : taken) {
        put(to, each.name);
        put(to + 2, each.value);
        to += 4;
    }
    return Status::Ok;
}

}  // namespace

void bind_internal_textheader(Package& package) {
    package.raw("Canonical", canonical).raw("field", field).raw("fields", guarded<fields>);
}

}  // namespace csp::stdlib
