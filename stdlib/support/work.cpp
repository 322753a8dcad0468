#include "stdlib/support/work.h"

#include <algorithm>

#include "stdlib/support/value.h"

namespace csp::stdlib {

bool Work::charge() {
    const std::uint64_t units = pending_ / kUnit;
    pending_ %= kUnit;
    if (!call_.ended() && call_.charge(units)) return true;
    pending_ = kPortion;  // so that every further question gets the same answer
    return false;
}

void Work::check(std::size_t bytes) {
    const std::size_t limit = heap(call_).pages().limit();
    if (limit > 0 && bytes > limit) throw std::bad_alloc();
}

std::size_t part_end(std::string_view text, std::size_t from) {
    constexpr std::size_t kPart = 1 << 16, kLongestCharacter = 4;
    if (text.size() - from <= kPart) return text.size();
    std::size_t end = from + kPart;
    const std::size_t least = end - (kLongestCharacter - 1);
    while (end > least && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return end;
}

}  // namespace csp::stdlib
