#pragma once

// Go string and rune literals, decoded and written. Private to the constants and type strings.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace csp::constant {

/// Writes `text` as a Go string literal, escaping what does not print.
std::string quote(std::string_view text);

/// The text of an interpreted or raw string literal; null when it is malformed.
std::optional<std::string> unquote_string(std::string_view literal);

/// The code point of a rune literal; null when it is malformed.
std::optional<std::int32_t> unquote_rune(std::string_view literal);

}  // namespace csp::constant
