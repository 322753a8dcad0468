#pragma once

// Classes and case of code points. Source of the data: utf8proc (Unicode 15).

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {

bool is_letter(std::int32_t r);   ///< Category L.
bool is_mark(std::int32_t r);     ///< M.
bool is_number(std::int32_t r);   ///< N.
bool is_punct(std::int32_t r);    ///< P.
bool is_symbol(std::int32_t r);   ///< S.
bool is_digit(std::int32_t r);    ///< Nd.
bool is_upper(std::int32_t r);    ///< Lu.
bool is_lower(std::int32_t r);    ///< Ll.
bool is_title(std::int32_t r);    ///< Lt.
bool is_control(std::int32_t r);  ///< Cc.
bool is_space(std::int32_t r);    ///< Property White_Space.
/// Letters, marks, numbers, punctuation, symbols, and spaces (category Zs).
bool is_graphic(std::int32_t r);
/// The same, but of spaces only the ASCII one.
bool is_print(std::int32_t r);
std::int32_t to_upper(std::int32_t r);
std::int32_t to_lower(std::int32_t r);
std::int32_t to_title(std::int32_t r);
/// Every code point of `text` through `f`.
std::string map_text(std::string_view text, std::int32_t (*f)(std::int32_t));

}  // namespace csp::stdlib
