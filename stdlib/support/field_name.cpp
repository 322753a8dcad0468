#include "stdlib/support/field_name.h"

#include <algorithm>
#include <array>

namespace csp::stdlib {

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

bool is_canonical(std::string_view name) {
    bool first = true;
    return std::all_of(name.begin(), name.end(), [&](char c) {
        const bool fits = (first ? upper(c) : lower(c)) == c;
        first = c == '-';
        return fits;
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

std::size_t head_end(std::string_view text, std::size_t from) {
    std::size_t at = from < 3 ? 0 : from - 3;  // what ends the head may have begun before
    while ((at = text.find('\n', at)) != std::string_view::npos) {
        ++at;
        const std::string_view rest = text.substr(at);
        if (rest.starts_with('\n')) return at + 1;
        if (rest.starts_with("\r\n")) return at + 2;
    }
    return at;
}

}  // namespace csp::stdlib
