#pragma once

// Go's string and rune literals: for packages strconv and fmt, and the tags of struct fields.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {

class Work;

/// What is written as an escape.
enum class Escape { NotPrintable, NotAscii, NotGraphic };
/// A Go string literal of `text`.
std::string quote(std::string_view text, Escape escape);
std::string quote_rune(std::int32_t rune, Escape escape);

/// One character of a quoted text, or what an escape stands for.
struct Unquoted {
    std::int32_t value = 0;
    bool multibyte = false;  ///< More than a byte in UTF-8.
    std::size_t size = 0;    ///< In the quoted text; 0: it is wrong.
};
Unquoted unquote_character(std::string_view s, char quote);
/// The length of the literal that `s` begins with, and what it stands for; 0: there is none.
std::size_t unquote_prefix(std::string_view s, std::string& out, Work* work = nullptr);

}  // namespace csp::stdlib
