#pragma once

#include <string_view>

namespace csp::stdlib {

/// The image of the Csp source of that path below stdlib/, built into the library; empty when there is none.
std::string_view embedded(std::string_view name);

}  // namespace csp::stdlib
