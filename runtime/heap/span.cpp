#include "runtime/heap/span.h"

#include <algorithm>
#include <bit>
#include <new>

namespace csp::runtime {

bool Span::make_bits(bool with_pointer_bits) {
    // One word more than the pointers need, for the object that ends in the last word.
    const std::size_t pointer_words = with_pointer_bits ? bytes() / 8 / 64 + 2 : 0;
    bits.reset(new (std::nothrow) std::uint64_t[2 * words() + pointer_words]());
    if (bits == nullptr) return false;
    occupied = bits.get();
    marked = reinterpret_cast<std::atomic<std::uint64_t>*>(occupied + words());
    if (with_pointer_bits) pointer_bits = marked + words();
    return true;
}

void Span::mark_run(std::uint32_t from, std::uint32_t to) {
    while (from < to) {
        const std::uint32_t end = std::min(to, (from / 64 + 1) * 64);
        const std::uint32_t length = end - from;
        const std::uint64_t mask = length == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << length) - 1;
        marked[from / 64].fetch_or(mask << (from % 64), std::memory_order_relaxed);
        from = end;
    }
}

namespace {
/// First slot at or after `from` whose bit is `wanted`; `count` when there is none.
std::uint32_t find_bit(const std::uint64_t* bits, std::uint32_t from, std::uint32_t count, bool wanted) {
    while (from < count) {
        const std::uint64_t word = (wanted ? bits[from / 64] : ~bits[from / 64]) >> (from % 64);
        if (word != 0) return std::min(count, from + static_cast<std::uint32_t>(std::countr_zero(word)));
        from = (from / 64 + 1) * 64;
    }
    return count;
}
}  // namespace

Span::Run Span::next_run() {
    const std::uint32_t from = find_bit(occupied, next, count, false);
    const std::uint32_t to = find_bit(occupied, from, count, true);
    next = to;
    return {from, to};
}

std::uint32_t Span::sweep() {
    std::uint32_t live = 0;
    for (std::size_t i = 0; i < words(); ++i) {
        occupied[i] = marked[i].exchange(0, std::memory_order_relaxed);
        live += static_cast<std::uint32_t>(std::popcount(occupied[i]));
    }
    next = 0;
    dirty = true;
    return live;
}

}  // namespace csp::runtime
