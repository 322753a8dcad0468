#pragma once

// The lexical details of names, numbers, runes and strings.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/ast/nodes.h"

namespace csp::parse {

struct Letter {
    std::uint32_t rune = 0;
    std::size_t size = 0;  ///< Bytes; 0: none of the kind asked for.
};
Letter any_rune(std::string_view text);  ///< U+FFFD with size 1 for invalid UTF-8.
Letter unicode_letter(std::string_view text);
Letter unicode_letter_or_digit(std::string_view text);
std::string describe_rune(std::uint32_t rune);  ///< "U+0040 '@'"

struct Scanned {
    ast::LitKind kind = ast::LitKind::Int;
    std::size_t size = 0;
    std::string error;  ///< In Go's words; empty when well-formed.
    std::size_t error_at = 0;
};
Scanned scan_number(std::string_view text);
Scanned scan_quoted(std::string_view text);  ///< Begins with ", ` or '.

}  // namespace csp::parse
