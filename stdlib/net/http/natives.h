#pragma once

// What the natives of package net/http share.

#include <string_view>

#include "csp/package.hpp"

namespace csp::stdlib::http {

/// Whether text may be a field's name or a method (RFC 9110, section 5.6.2).
bool is_token(std::string_view text);
/// Whether text may be a field's value: no control characters but tabs.
bool is_field_value(std::string_view text);
/// Turns a field's name into its canonical form in place: an upper-case letter at the start and after each '-', lower-case
/// ones elsewhere. False, and nothing changes: it is no token.
bool canonicalize(char* name, std::size_t size);

void add_parsing(Package& package);
void add_formatting(Package& package);
void add_cookies(Package& package);
void add_sniffing(Package& package);

}  // namespace csp::stdlib::http
