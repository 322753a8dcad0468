#include <algorithm>
#include <cstring>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/field_name.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

void put(Slot* to, const char* text, std::size_t size) {
    to[0] = size == 0 ? 0 : reinterpret_cast<Slot>(text);
    to[1] = size;
}

/// func Canonical(name string) string
Status canonical(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view name = text_at(s + 2);
    s[0] = s[2];
    s[1] = s[3];
    if (is_canonical(name) || !is_token(name)) return Status::Ok;
    char* const copy = call.allocate_bytes(name.size());
    if (copy == nullptr) return Status::Panic;
    std::copy(name.begin(), name.end(), copy);
    canonicalize(copy, name.size());
    call.slots()[0] = reinterpret_cast<Slot>(copy);
    return Status::Ok;
}

/// Whether a name has spaces, and else only what names may have: it stays as it is.
bool is_spaced(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](const char& c) { return c == ' ' || is_token({&c, 1}); });
}

/// func split(line []byte) (name, value string, ok bool)
Status split(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view shared = bytes_at(s + 5);
    s[0] = s[1] = s[2] = s[3] = s[4] = 0;
    // One copy holds both, and nobody else writes into it while it is looked at.
    char* const bytes = call.allocate_bytes(shared.size());
    if (bytes == nullptr) return Status::Panic;
    std::copy(shared.begin(), shared.end(), bytes);
    const std::string_view line(bytes, shared.size());
    s = call.slots();
    put(s, bytes, line.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Status::Ok;
    const bool named = canonicalize(bytes, colon) || is_spaced(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    if (!named || !is_field_value(value)) return Status::Ok;
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    put(s, bytes, colon);
    put(s + 2, value.data(), value.size());
    s[4] = 1;
    return Status::Ok;
}

}  // namespace

void bind_internal_textheader(Package& package) { package.raw("Canonical", canonical).raw("split", split); }

}  // namespace csp::stdlib
