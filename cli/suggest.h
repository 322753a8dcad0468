#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace csp::cli {

/// The candidate most like `wanted`, whole or in its last part, capitals or not; empty when none is close.
std::string closest(std::string_view wanted, const std::vector<std::string>& candidates);

}  // namespace csp::cli
