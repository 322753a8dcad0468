#include <cstdio>

#include "commands.h"
#include "csp/version.hpp"

namespace csp::cli {

int version(const std::vector<std::string>&) {
    std::printf("csp %s\n", csp::kVersion.data());
    return 0;
}

}  // namespace csp::cli
