#pragma once

// One function a package; all.cpp lists them.

#include "csp/package.hpp"

namespace csp::stdlib {

Package atomic_package();
Package bufio_package();
Package bytes_package();
Package cmp_package();
Package context_package();
Package debug_package();
Package errors_package();
Package fmt_package();
Package heap_package();
Package io_package();
Package iter_package();
Package log_package();
Package maps_package();
Package math_package();
Package os_package();
Package rand_package();
Package slices_package();
Package sort_package();
Package strconv_package();
Package strings_package();
Package sync_package();
Package time_package();
Package unicode_package();
Package utf8_package();
Package weak_package();

}  // namespace csp::stdlib
