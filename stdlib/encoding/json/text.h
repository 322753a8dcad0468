#pragma once

// Texts of JSON: strings with their escapes, numbers, and values written in other ways.

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {
class Work;
}

namespace csp::stdlib::json {

// With `work`, what takes long is charged for; what is being ended leaves anything behind.

/// Appends a string in quotes. What is no UTF-8 becomes U+FFFD; `html`: '<', '>' and '&' are escaped.
void append_string(std::string& out, std::string_view text, bool html, Work* work = nullptr);
/// Appends a number as JavaScript does; false: it is none that JSON knows.
bool append_number(std::string& out, double value, bool single);

/// The string that a literal, with its quotes and known to be well-formed, stands for.
std::string unquote(std::string_view literal, Work* work = nullptr);

/// The same: a part of the literal, or, where that has escapes, made in `buffer`.
std::string_view meaning(std::string_view literal, std::string& buffer, Work* work = nullptr);

bool is_number(std::string_view text, Work* work = nullptr);

/// Appends well-formed JSON without spaces.
void append_compact(std::string& out, std::string_view text, bool html, Work* work = nullptr);
/// Appends well-formed JSON with a line for every element.
void append_indented(std::string& out, std::string_view text, std::string_view prefix, std::string_view indent, Work& work);
void append_html_escaped(std::string& out, std::string_view text, Work& work);

}  // namespace csp::stdlib::json
