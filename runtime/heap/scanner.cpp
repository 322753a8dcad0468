#include "runtime/heap/scanner.h"

#include <algorithm>
#include <bit>

namespace csp::runtime {

namespace {
/// Large objects are scanned in portions, so that workers can share them and safepoints come in time.
constexpr std::size_t kPortion = 32 * 1024;
/// What an object costs beside its bytes.
constexpr std::size_t kPerObject = 32;

CSP_UNSANITIZED Slot load_word(const char* at) {
    return __atomic_load_n(reinterpret_cast<const Slot*>(at), __ATOMIC_RELAXED);
}
}  // namespace

void Scanner::mark(Slot word) {
    const auto* const p = reinterpret_cast<const char*>(word);
    Span* const span = pages_.find(p);
    if (span == nullptr) return;
    const std::uint32_t index = span->index_of(p);
    if (!span->mark(index)) return;
    cache_.marked_bytes += span->slot;
    ++cache_.marked_objects;
    if (span->scan) cache_.grey.push({span->object_at(index), 0}, pool_);
}

void Scanner::contents(const void* p) {
    const Span* const span = pages_.find(p);
    if (span == nullptr || !span->scan) return;
    cache_.grey.push({span->object_at(span->index_of(static_cast<const char*>(p))), 0}, pool_);
}

CSP_UNSANITIZED void Scanner::range(const void* begin, const void* end) {
    for (const char* at = static_cast<const char*>(begin); at < static_cast<const char*>(end); at += sizeof(Slot))
        value(load_word(at));
}

void Scanner::elements(const char* memory, const Type& type, std::size_t count) {
    for (; count > 0; --count, memory += type.size)
        for (std::size_t i = 0; i < type.pointer_bits.size(); ++i)
            for (std::uint64_t bits = type.pointer_bits[i]; bits != 0; bits &= bits - 1)
                value(load_word(memory + (i * 64 + static_cast<std::size_t>(std::countr_zero(bits))) * sizeof(Slot)));
}

/// Scans an object, or a portion of a large one; returns what that cost.
std::size_t Scanner::scan(const Grey& grey) {
    const Span& span = *pages_.find(grey.object);
    if (!span.has_headers) {
        std::uint64_t bits = span.pointer_bits_at(grey.object, span.slot / sizeof(Slot));
        for (; bits != 0; bits &= bits - 1)
            value(load_word(grey.object + static_cast<std::size_t>(std::countr_zero(bits)) * sizeof(Slot)));
        return span.slot + kPerObject;
    }
    const Slot header = load_word(grey.object - kHeaderBytes);
    if (header == 0) return kPerObject;
    const std::size_t size = span.slot - (span.large() ? 2 : 1) * kHeaderBytes;
    const auto* const type = reinterpret_cast<const Type*>(header & ~(kArrayHeader | kUntypedHeader));
    const std::size_t step = header == kUntypedHeader ? sizeof(Slot) : type->size;
    std::size_t count = header == kUntypedHeader || (header & kArrayHeader) != 0 ? (size - grey.from) / step : 1;
    if (count * step > kPortion && count > 1) {
        const std::size_t now = std::max<std::size_t>(1, kPortion / step);
        if (now < count) cache_.grey.push({grey.object, grey.from + now * step}, pool_);
        count = std::min(count, now);
    }
    const char* const from = grey.object + grey.from;
    if (header == kUntypedHeader)
        range(from, from + count * step);
    else
        elements(from, *type, count);
    return count * step + kPerObject;
}

bool Scanner::drain(std::int64_t& budget) {
    // Objects wait in a ring between their prefetch and their scan, or each would begin with a cache miss.
    constexpr std::size_t kAhead = 8;
    Grey ring[kAhead];
    std::size_t first = 0;
    std::size_t count = 0;
    while (budget > 0) {
        while (count < kAhead) {
            Grey& next = ring[(first + count) % kAhead];
            if (!cache_.grey.pop(next, pool_)) break;
            __builtin_prefetch(next.object + next.from);
            ++count;
        }
        if (count == 0) {
            cache_.grey.note_empty();
            return false;
        }
        const Grey grey = ring[first];
        first = (first + 1) % kAhead;
        --count;
        budget -= static_cast<std::int64_t>(scan(grey));
    }
    for (; count > 0; --count, first = (first + 1) % kAhead) cache_.grey.push(ring[first], pool_);
    return true;
}

}  // namespace csp::runtime
