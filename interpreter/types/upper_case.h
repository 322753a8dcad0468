#pragma once

#include <cstdint>
#include <string_view>

namespace csp::types {

/// Tells whether `name` is exported. Source: Go spec, "Exported identifiers" (Unicode class Lu).
bool begins_upper_case(std::string_view name);

}  // namespace csp::types
