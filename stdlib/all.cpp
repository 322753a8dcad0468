#include "csp/stdlib.hpp"
#include "stdlib/packages.h"

namespace csp {

std::vector<Package> standard_library() {
    using namespace stdlib;
    std::vector<Package> all;
    for (Package (*make)() : {
             atomic_package,
             bufio_package,
             bytes_package,
             cmp_package,
             context_package,
             debug_package,
             errors_package,
             fmt_package,
             heap_package,
             io_package,
             iter_package,
             log_package,
             maps_package,
             math_package,
             os_package,
             rand_package,
             slices_package,
             sort_package,
             strconv_package,
             strings_package,
             sync_package,
             time_package,
             unicode_package,
             utf8_package,
             weak_package,
         })
        all.push_back(make());
    return all;
}

}  // namespace csp
