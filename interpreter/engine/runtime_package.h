#pragma once

#include "csp/package.hpp"

namespace csp::engine {

/// The package "runtime", which every program has: what the VM needs of Csp code (error types, sync
/// scopes) and the functions of Go's package of that name.
Package runtime_package();
/// Its part that concerns the heap (runtime_memory.cpp).
void add_memory_functions(Package& package);
/// And the one that tells where goroutines are and wait (runtime_profile.cpp).
void add_profiles(Package& package);

}  // namespace csp::engine
