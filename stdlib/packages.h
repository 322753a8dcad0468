#pragma once

// One function a package; all.cpp lists them.

#include "csp/package.hpp"

namespace csp::stdlib {

Package atomic_package();
Package errors_package();
Package fmt_package();
Package io_package();
Package os_package();
Package sync_package();
Package time_package();

}  // namespace csp::stdlib
