#include "csp/package.hpp"
#include "stdlib/support/path.h"

namespace csp::stdlib {

void bind_path_filepath(Package& package) {
    package.raw("Clean", clean_path_native).raw("match", match_path_native).raw("join", join_path_native);
}

}  // namespace csp::stdlib
