#include "csp/stdlib.hpp"
#include "stdlib/packages.h"

namespace csp {

std::vector<Package> standard_library() {
    using namespace stdlib;
    std::vector<Package> all;
    for (Package (*make)() : {
             fmt_package,
         })
        all.push_back(make());
    return all;
}

}  // namespace csp
