#pragma once

// What a package exports, for Engine::describe: from its tree, and for what the text leaves open (methods promoted
// from embedded fields, types of constants) from the checker.

#include <optional>
#include <string_view>
#include <vector>

#include "csp/engine.hpp"
#include "interpreter/engine/library.h"

namespace csp::engine {

/// None when there is no package of that path.
std::optional<PackageDoc> describe(const Supply& supply, std::string_view path);
std::optional<PackageDoc> describe(const Supply& supply, const std::vector<Source>& sources);

}  // namespace csp::engine
