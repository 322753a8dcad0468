#pragma once

// A span: a run of pages cut into slots of one size, or one large object.
//
// Two bits a slot: `occupied` is what the last sweep found (allocation takes slots whose bit is clear, in
// order, from `next` on), `marked` is what the cycle under way has reached. Sweeping a span moves the
// second into the first. Who may do what:
//  - `occupied`, `next` and the slots' contents up to the first use: the one that holds the span, which is a
//    worker's cache, the sweeper, or a list under its lock;
//  - `marked`: anybody, by atomic or;
//  - `pointer_bits`: written by the cache that holds the span, read by markers.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace csp::runtime {

struct Span {
    char* start = nullptr;       ///< First slot.
    char* end = nullptr;         ///< Of the last whole slot.
    std::uint32_t first_page = 0;
    std::uint32_t pages = 0;
    std::size_t slot = 0;        ///< Bytes from one slot to the next.
    std::uint32_t count = 0;     ///< Slots.
    std::uint32_t reciprocal = 0;  ///< 2^32 / slot rounded up; 0: one slot.
    std::uint8_t size_class = 0;
    bool scan = false;           ///< Objects have pointers.
    bool has_headers = false;    ///< An object's type stands in the 8 bytes before it.
    bool dirty = false;          ///< Free slots may hold old contents.
    std::uint32_t next = 0;      ///< First slot that allocation has not looked at.

    std::uint64_t* occupied = nullptr;
    std::atomic<std::uint64_t>* marked = nullptr;
    std::atomic<std::uint64_t>* pointer_bits = nullptr;  ///< One a word of the span; null where no object needs them.
    std::unique_ptr<std::uint64_t[]> bits;               ///< Holds the three.

    bool large() const { return reciprocal == 0; }
    std::size_t words() const { return (count + 63) / 64; }
    std::size_t bytes() const { return static_cast<std::size_t>(end - start); }
    /// The slot that `p`, which is in [start, end), is in. Exact, since spans of several slots are under 2^17 bytes.
    std::uint32_t index_of(const char* p) const {
        return static_cast<std::uint32_t>(static_cast<std::uint64_t>(p - start) * reciprocal >> 32);
    }
    char* at(std::uint32_t index) const { return start + index * slot; }
    /// Where the object of a slot begins.
    char* object_at(std::uint32_t index) const { return at(index) + (has_headers ? 8 : 0); }

    bool is_marked(std::uint32_t index) const {
        return (marked[index / 64].load(std::memory_order_relaxed) >> (index % 64) & 1) != 0;
    }
    /// True: it was not marked before.
    bool mark(std::uint32_t index) {
        std::atomic<std::uint64_t>& word = marked[index / 64];
        const std::uint64_t bit = std::uint64_t{1} << (index % 64);
        if ((word.load(std::memory_order_relaxed) & bit) != 0) return false;
        return (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
    }
    void mark_run(std::uint32_t from, std::uint32_t to);

    /// The next run of free slots: [from, to), empty when there is none. Moves `next` behind it.
    struct Run {
        std::uint32_t from, to;
    };
    Run next_run();
    /// Makes the marks the new occupation; returns how many slots are occupied.
    std::uint32_t sweep();
    /// Makes the bits for `count` slots.
    [[nodiscard]] bool make_bits(bool with_pointer_bits);
    /// Records which words of the object at `object` hold pointers: `pattern`, `words` words (≤ 64).
    void set_pointer_bits(const char* object, std::uint64_t pattern, std::size_t words) {
        const auto at = static_cast<std::size_t>(object - start) / 8;
        const std::uint64_t mask = words == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << words) - 1;
        pattern &= mask;
        replace(at / 64, mask << (at % 64), pattern << (at % 64));
        if (at % 64 + words > 64) replace(at / 64 + 1, mask >> (64 - at % 64), pattern >> (64 - at % 64));
    }
    /// The bits of `words` words (≤ 64) from `object` on.
    std::uint64_t pointer_bits_at(const char* object, std::size_t words) const {
        const auto at = static_cast<std::size_t>(object - start) / 8;
        std::uint64_t found = pointer_bits[at / 64].load(std::memory_order_relaxed) >> (at % 64);
        if (at % 64 + words > 64)
            found |= pointer_bits[at / 64 + 1].load(std::memory_order_relaxed) << (64 - at % 64);
        return words == 64 ? found : found & ((std::uint64_t{1} << words) - 1);
    }

  private:
    void replace(std::size_t word, std::uint64_t mask, std::uint64_t value) {
        std::atomic<std::uint64_t>& bits_word = pointer_bits[word];
        bits_word.store((bits_word.load(std::memory_order_relaxed) & ~mask) | value, std::memory_order_relaxed);
    }
};

}  // namespace csp::runtime
