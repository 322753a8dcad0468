#include <zlib.h>

#include <cstdint>
#include <span>

#include "csp/package.hpp"
#include "stdlib/support/work.h"

namespace csp::stdlib {

void bind_hash_adler32(Package& package) {
    package.function("update", [](Call& call, std::uint32_t sum, std::span<const std::uint8_t> data) {
        Work work(call);
        // For no data zlib starts anew.
        in_pieces(work, data, [&sum](std::span<const std::uint8_t> part) { sum = static_cast<std::uint32_t>(adler32_z(sum, part.data(), part.size())); });
        return sum;
    });
}

}  // namespace csp::stdlib
