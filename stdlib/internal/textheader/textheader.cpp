#include <array>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// The bytes that a name may have (RFC 9110, "token").
constexpr std::array<bool, 256> token_bytes() {
    std::array<bool, 256> token{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        token[static_cast<unsigned char>(c)] = true;
    return token;
}
constexpr std::array<bool, 256> kToken = token_bytes();

enum class Name { Invalid, Spaced, Other, Canonical };

char cased(char c, bool upper) {
    if (upper && c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c;
}

Name classify(std::string_view name) {
    bool spaced = false, canonical = true, upper = true;
    for (const char c : name) {
        if (c == ' ')
            spaced = true;
        else if (!kToken[static_cast<unsigned char>(c)])
            return Name::Invalid;
        canonical = canonical && cased(c, upper) == c;
        upper = c == '-';
    }
    return name.empty() ? Name::Invalid : spaced ? Name::Spaced : canonical ? Name::Canonical : Name::Other;
}

void put(Slot* to, const char* text, std::size_t size) {
    to[0] = size == 0 ? 0 : reinterpret_cast<Slot>(text);
    to[1] = size;
}

void write_canonical(char* to, std::string_view name) {
    bool upper = true;
    for (const char c : name) {
        *to++ = cased(c, upper);
        upper = c == '-';
    }
}

/// func Canonical(name string) string
Status canonical(Call& call, const NativeEntry&) {
    const std::string_view name = text_at(call.slots() + 2);
    if (classify(name) != Name::Other) {
        put(call.slots(), name.data(), name.size());
        return Status::Ok;
    }
    char* const bytes = call.allocate_bytes(name.size());
    if (bytes == nullptr) return Status::Panic;
    write_canonical(bytes, name);
    put(call.slots(), bytes, name.size());
    return Status::Ok;
}

bool is_value(std::string_view value) {
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < ' ' && c != '\t') || byte == 0x7f) return false;
    }
    return true;
}

/// func split(line []byte) (name, value string, ok bool)
Status split(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view shared = bytes_at(s + 5);
    s[0] = s[1] = s[2] = s[3] = s[4] = 0;
    // One copy holds both, and nobody else writes into it while it is looked at.
    char* const bytes = call.allocate_bytes(shared.size());
    if (bytes == nullptr) return Status::Panic;
    if (!shared.empty()) std::memcpy(bytes, shared.data(), shared.size());
    const std::string_view line(bytes, shared.size());
    s = call.slots();
    put(s, bytes, line.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Status::Ok;
    const Name kind = classify(line.substr(0, colon));
    if (kind == Name::Other) write_canonical(bytes, line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    if (kind == Name::Invalid || !is_value(value)) return Status::Ok;
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    put(s, bytes, colon);
    put(s + 2, value.data(), value.size());
    s[4] = 1;
    return Status::Ok;
}

}  // namespace

void bind_internal_textheader(Package& package) { package.raw("Canonical", canonical).raw("split", split); }

}  // namespace csp::stdlib
