// The natives of package net/http: names and values of fields.

#include <algorithm>
#include <array>
#include <string>

#include "stdlib/net/http/natives.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace http {

namespace {

constexpr std::array<bool, 256> token_characters() {
    std::array<bool, 256> set{};
    for (int c = '0'; c <= '9'; ++c) set[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) set[static_cast<std::size_t>(c)] = set[static_cast<std::size_t>(c - 'a' + 'A')] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) set[static_cast<std::size_t>(c)] = true;
    return set;
}
constexpr std::array<bool, 256> kToken = token_characters();

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= ' ' && byte != 0x7F);
    });
}

bool canonicalize(char* name, std::size_t size) {
    if (!is_token({name, size})) return false;
    bool first = true;
    for (std::size_t i = 0; i < size; ++i) {
        name[i] = first ? upper(name[i]) : lower(name[i]);
        first = name[i] == '-';
    }
    return true;
}

namespace {

/// func canonicalKey(name string) string
Status canonical_key(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view name = text_at(s + 2);
    bool first = true;
    const bool already = std::all_of(name.begin(), name.end(), [&](char c) {
        const bool fits = (first ? upper(c) : lower(c)) == c;
        first = c == '-';
        return fits;
    });
    s[0] = s[2];
    s[1] = s[3];
    if (already || !is_token(name)) return Status::Ok;
    char* const copy = call.allocate_bytes(name.size());
    if (copy == nullptr) return Status::Panic;
    std::copy(name.begin(), name.end(), copy);
    canonicalize(copy, name.size());
    s[0] = reinterpret_cast<Slot>(copy);
    return Status::Ok;
}

}  // namespace

}  // namespace http

void bind_net_http(Package& package) {
    package.raw("canonicalKey", http::canonical_key).function("isToken", http::is_token).function("isFieldValue", http::is_field_value);
    http::add_parsing(package);
    http::add_formatting(package);
    http::add_cookies(package);
    http::add_sniffing(package);
}

}  // namespace csp::stdlib
