#pragma once

// Classes and case of code points, by the C library's tables for a UTF-8 locale.

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {

bool is_letter(std::int32_t r);
bool is_digit(std::int32_t r);
bool is_space(std::int32_t r);
bool is_upper(std::int32_t r);
bool is_lower(std::int32_t r);
bool is_punct(std::int32_t r);
bool is_control(std::int32_t r);
std::int32_t to_upper(std::int32_t r);
std::int32_t to_lower(std::int32_t r);
/// Every code point of `text` through `f`.
std::string map_text(std::string_view text, std::int32_t (*f)(std::int32_t));

}  // namespace csp::stdlib
