#pragma once

// One function a package; all.cpp lists them.

#include "csp/package.hpp"

namespace csp::stdlib {

Package fmt_package();

}  // namespace csp::stdlib
