#include <cstdint>
#include <span>

#include "csp/package.hpp"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

/// func plain(text []byte, filter bool) int: how many bytes from the first on have no meaning of their own.
std::int64_t plain(Call& call, std::span<const std::uint8_t> text, bool filter) {
    std::int64_t n = 0;
    Work work(call);
    for (const std::uint8_t byte : text) {
        switch (byte) {
            case '\t': case '\v': case '\n': case '\f': case 0xff: return n;
            case '<': case '&':
                if (filter) return n;
                break;
            default: break;
        }
        ++n;
        if (!work.read(1)) break;
    }
    return n;
}

}  // namespace

void bind_text_tabwriter(Package& package) { package.function("plain", plain); }

}  // namespace csp::stdlib
