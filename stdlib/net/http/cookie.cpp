// Which bytes cookies may have.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "stdlib/net/http/natives.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib::http {

namespace {

std::int64_t bad_cookie_byte(std::string_view text, bool path) {
    const auto bad = [path](char c) {
        return c < ' ' || c == 0x7f || c == ';' || (!path && (c == '"' || c == '\\'));
    };
    const auto at = std::find_if(text.begin(), text.end(), bad);
    return at == text.end() ? -1 : at - text.begin();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Labels of letters, digits and inner hyphens, and a letter somewhere: else it could be an address.
bool is_cookie_domain(std::string_view name) {
    if (name.empty() || name.size() > 255) return false;
    if (name.front() == '.') name.remove_prefix(1);
    bool letter = false;
    for (;;) {
        const std::size_t end = name.find('.');
        const std::string_view label = name.substr(0, end);
        const bool last = end == std::string_view::npos;
        if ((label.empty() && !last) || label.size() > 63) return false;
        if (!label.empty() && (label.front() == '-' || label.back() == '-')) return false;
        for (const char c : label) {
            letter = letter || is_letter(c);
            if (!is_letter(c) && !is_digit(c) && c != '-') return false;
        }
        if (last) return letter;
        name.remove_prefix(end + 1);
    }
}

}  // namespace

void add_cookies(Package& package) {
    package.function("badCookieByte", linear(bad_cookie_byte)).function("isCookieDomain", is_cookie_domain);
}

}  // namespace csp::stdlib::http
