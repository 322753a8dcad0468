#include "csp/stdlib.hpp"
#include "stdlib/packages.h"

namespace csp {

std::vector<Package> standard_library() {
    using namespace stdlib;
    std::vector<Package> all;
    for (Package (*make)() : {
             atomic_package,
             errors_package,
             fmt_package,
             io_package,
             os_package,
             sync_package,
             time_package,
         })
        all.push_back(make());
    return all;
}

}  // namespace csp
