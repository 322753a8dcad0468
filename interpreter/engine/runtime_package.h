#pragma once

#include "csp/package.hpp"

namespace csp::engine {

/// The package "runtime", which every program has: what the VM needs of Csp code (error types, sync
/// scopes) and the functions of Go's package of that name.
Package runtime_package();

}  // namespace csp::engine
