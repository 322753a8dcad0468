#pragma once

// Names and values of the fields that heads of HTTP and mail consist of.

#include <cstddef>
#include <string_view>

namespace csp::stdlib {

/// Whether text may be a field's name, or a method of HTTP (RFC 9110, section 5.6.2, "token").
bool is_token(std::string_view text);
/// Whether text may be a field's value: no control characters but tabs.
bool is_field_value(std::string_view text);
/// Whether a field's name is in its canonical form, if it is a token: an upper-case letter at the start and after each '-',
/// lower-case ones elsewhere.
bool is_canonical(std::string_view name);
/// Turns a field's name into its canonical form in place. False, and nothing changes: it is no token.
bool canonicalize(char* name, std::size_t size);
/// Where a head ends that begins at the text's start: behind the empty line; npos: not yet. Up to `from`, it does not.
std::size_t head_end(std::string_view text, std::size_t from);

}  // namespace csp::stdlib
