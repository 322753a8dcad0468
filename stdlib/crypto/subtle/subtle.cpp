#include <algorithm>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

/// func ConstantTimeCompare(x, y []byte) int
Status compare(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view x = bytes_at(s + 1), y = bytes_at(s + 3);
    s[0] = 0;
    if (x.size() != y.size()) return Status::Ok;
    unsigned different = 0;
    Work work(call);
    for (std::size_t i = 0; i < x.size() && work.read(1); ++i) {
        different |= static_cast<unsigned char>(x[i] ^ y[i]);
        asm("" : "+r"(different));  // lest the compiler leaves the loop when all bits are set
    }
    call.slots()[0] = (different - 1) >> 31;
    return Status::Ok;
}

/// func copyIf(v int, x, y []byte)
Status copy_if(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 1);
    const std::string_view from = bytes_at(s + 3);
    auto* const x = static_cast<unsigned char*>(to.data);
    const auto take = static_cast<unsigned char>(~(s[0] - 1)), keep = static_cast<unsigned char>(s[0] - 1);
    Work work(call);
    for (std::size_t i = 0; i < std::min<std::size_t>(to.size, from.size()) && work.read(1); ++i)
        x[i] = static_cast<unsigned char>((x[i] & keep) | (static_cast<unsigned char>(from[i]) & take));
    return Status::Ok;
}

/// func overlaps(a, b []byte) bool
Status overlaps(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view a = bytes_at(s + 1), b = bytes_at(s + 3);
    const auto x = reinterpret_cast<std::uintptr_t>(a.data()), y = reinterpret_cast<std::uintptr_t>(b.data());
    s[0] = x != y && x < y + b.size() && y < x + a.size();
    return Status::Ok;
}

/// func xor(dst, x, y []byte)
Status exclusive_or(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const runtime::Slice dst = slice_at(s);
    const std::string_view x = bytes_at(s + 2), y = bytes_at(s + 4);
    auto* const to = static_cast<char*>(dst.data);
    const std::size_t n = std::min({static_cast<std::size_t>(dst.size), x.size(), y.size()});
    Work work(call);
    constexpr std::size_t kAtOnce = 1 << 14;
    for (std::size_t at = 0; at < n;) {
        const std::size_t end = std::min(n, at + kAtOnce);
        if (!work.moved(4 * (end - at))) break;
        for (; at < end; ++at) to[at] = static_cast<char>(x[at] ^ y[at]);
    }
    return Status::Ok;
}

}  // namespace

void bind_crypto_subtle(Package& package) {
    package.raw("ConstantTimeCompare", compare)
        .raw("copyIf", copy_if)
        .raw("overlaps", overlaps)
        .raw("xor", exclusive_or);
}

}  // namespace csp::stdlib
