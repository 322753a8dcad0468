#pragma once

/// \file
/// The standard library, as packages to give to an Engine: all of it, or those a host chooses.

#include <string_view>
#include <vector>

#include "csp/package.hpp"

namespace csp {

/// All packages. Making the list is cheap; a package that no script imports costs nothing more.
std::vector<Package> standard_library();

}  // namespace csp
