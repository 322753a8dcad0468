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
bool is_wide_space(std::int32_t r);  ///< White_Space, beyond ASCII.
/// Property White_Space.
inline bool is_space(std::int32_t r) {
    return r < 0x80 ? r == ' ' || (r >= '\t' && r <= '\r') : is_wide_space(r);
}
/// Letters, marks, numbers, punctuation, symbols, and spaces (category Zs).
bool is_graphic(std::int32_t r);
/// The same, but of spaces only the ASCII one.
bool is_print(std::int32_t r);
std::int32_t to_upper(std::int32_t r);
std::int32_t to_lower(std::int32_t r);
std::int32_t to_title(std::int32_t r);
/// The next code point that is the same but for its case; after the last the first.
std::int32_t simple_fold(std::int32_t r);

/// A change of case, with what it does to ASCII told apart, so that most texts need no tables.
struct CaseMap {
    std::int32_t (*rune)(std::int32_t);
    char first, last;  ///< The ASCII letters that it changes, to those of the other case.
};
inline constexpr CaseMap kUpperCase{to_upper, 'a', 'z'};
inline constexpr CaseMap kLowerCase{to_lower, 'A', 'Z'};
inline constexpr CaseMap kTitleCase{to_title, 'a', 'z'};
/// Every code point of `text` in that case.
std::string map_text(std::string_view text, const CaseMap& map);

}  // namespace csp::stdlib
