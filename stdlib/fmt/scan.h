#pragma once

// What scanning needs beyond Csp code: storing through pointers of any type.

#include "csp/package.hpp"

namespace csp::stdlib {

/// Adds the natives that scan_value.csp declares.
void add_scan_natives(Package& package);

}  // namespace csp::stdlib
