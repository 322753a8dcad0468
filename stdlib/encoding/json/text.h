#pragma once

// Texts of JSON: strings with their escapes, numbers, and values written in other ways.

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib::json {

/// Appends a string in quotes. What is no UTF-8 becomes U+FFFD; `html`: '<', '>' and '&' are escaped.
void append_string(std::string& out, std::string_view text, bool html);
/// Appends a number as JavaScript does; false: it is none that JSON knows.
bool append_number(std::string& out, double value, bool single);

/// The string that a literal, with its quotes and known to be well-formed, stands for.
std::string unquote(std::string_view literal);

bool is_number(std::string_view text);

/// Appends well-formed JSON without spaces.
void append_compact(std::string& out, std::string_view text, bool html);
/// Appends well-formed JSON with a line for every element.
void append_indented(std::string& out, std::string_view text, std::string_view prefix, std::string_view indent);
void append_html_escaped(std::string& out, std::string_view text);

}  // namespace csp::stdlib::json
