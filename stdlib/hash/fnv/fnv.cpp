#include <cstdint>
#include <span>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

__extension__ using Wide = unsigned __int128;
using Bytes = std::span<const std::uint8_t>;

template <class T>
T update(Call& call, T sum, bool xor_first, Bytes data, T prime) {
    Work work(call);
    in_pieces(work, data, [&](Bytes part) {
    if (xor_first) {
        for (const std::uint8_t byte : part) sum = (sum ^ byte) * prime;
    } else {
        for (const std::uint8_t byte : part) sum = sum * prime ^ byte;
    }
    });
    return sum;
}

}  // namespace

void bind_hash_fnv(Package& package) {
    package
        .function("update32", [](Call& call, std::uint32_t sum, bool a, Bytes data) { return update(call, sum, a, data, 16777619U); })
        .function("update64", [](Call& call, std::uint64_t sum, bool a, Bytes data) {
            return update(call, sum, a, data, std::uint64_t{1099511628211});
        })
        .function("update128", [](Call& call, std::uint64_t hi, std::uint64_t lo, bool a, Bytes data) {
            const Wide sum = update(call, Wide{hi} << 64 | lo, a, data, Wide{1} << 88 | 0x13b);
            return std::pair(static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum));
        });
}

}  // namespace csp::stdlib
