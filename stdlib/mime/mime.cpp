#include <algorithm>
#include <string_view>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/mime/scanner.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib {

namespace mime {

bool is_token_byte(char c) { return c > ' ' && c < 0x7f && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos; }

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte); }

bool needs_encoding(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return (c < ' ' || c > '~') && c != '\t'; });
}

void Scanner::skip_spaces() {
    while (!rest_.empty()) {
        const auto r = runtime::decode_rune(rest_);
        if (!is_space(r.rune)) return;
        rest_.remove_prefix(static_cast<std::size_t>(r.size));
    }
}

bool Scanner::take(std::string_view text) {
    const bool is_next = rest_.starts_with(text);
    if (is_next) rest_.remove_prefix(text.size());
    return is_next;
}

char Scanner::take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
}

std::string_view Scanner::take_token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_byte);
    const std::string_view token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(token.size());
    return token;
}

bool Scanner::take_until(std::string_view mark, std::string_view& before) {
    const std::size_t at = rest_.find(mark);
    if (at == std::string_view::npos) return false;
    before = rest_.substr(0, at);
    rest_.remove_prefix(at + mark.size());
    return true;
}

}  // namespace mime

void bind_mime(Package& package) {
    mime::add_media_types(package);
    mime::add_words(package);
    mime::add_types(package);
}

}  // namespace csp::stdlib
