#include "csp/package.hpp"
#include "stdlib/support/crc.h"

namespace csp::stdlib {

void bind_hash_crc64(Package& package) {
    package.raw("fill", fill_crc_table<std::uint64_t>).raw("update", update_crc<std::uint64_t>);
}

}  // namespace csp::stdlib
