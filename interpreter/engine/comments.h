#pragma once

// Doc comments. The tree has none; they are read from the source text, which images keep, around a declaration.

#include <cstddef>
#include <string>
#include <string_view>

namespace csp::engine {

/// The comment that ends on the line above the one with byte `offset`, without its marks; empty when there is none, or
/// when `offset` is not the first thing in its line. Directives such as //go:build are left out.
std::string comment_above(std::string_view text, std::size_t offset);

/// What stands behind `name` in a line such as "//csp:needs read" of the comment above the line with byte `offset`; empty when
/// there is none.
std::string_view directive_above(std::string_view text, std::size_t offset, std::string_view name);

/// The comment behind `offset` in the same line.
std::string comment_behind(std::string_view text, std::size_t offset);

/// Source text in one line, without comments.
std::string one_line(std::string_view text);

}  // namespace csp::engine
