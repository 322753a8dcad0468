#pragma once

#include <string_view>

namespace csp::check {

/// Why one of Go's packages is not in the standard library, and is not going to be; empty: nothing is known of it.
std::string_view why_left_out(std::string_view path);

}  // namespace csp::check
