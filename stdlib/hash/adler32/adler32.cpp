#include <zlib.h>

#include <cstdint>
#include <span>

#include "csp/package.hpp"

namespace csp::stdlib {

void bind_hash_adler32(Package& package) {
    package.function("update", [](std::uint32_t sum, std::span<const std::uint8_t> data) {
        // For no data zlib starts anew.
        return data.empty() ? sum : static_cast<std::uint32_t>(adler32_z(sum, data.data(), data.size()));
    });
}

}  // namespace csp::stdlib
