#include <cstdio>

#include "commands.h"

namespace csp::cli {

int version(const std::vector<std::string>&) {
    std::printf("csp " CSP_VERSION "\n");
    return 0;
}

}  // namespace csp::cli
