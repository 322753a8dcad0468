#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"

namespace csp::stdlib {

Package io_package() {
    Package package("io");
    package.source("io.csp", embedded("io/io.csp"));
    return package;
}

}  // namespace csp::stdlib
