// The allocation side of the heap.
//
// A worker's cache holds a span for each size class and hands the slots of its current run of free ones out
// by moving a cursor. What is behind a run (the next run, the next span, pages) is the slow path, and so is
// everything the collector wants from allocating goroutines.

#include "runtime/heap/heap.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "runtime/heap/collector.h"

namespace csp::runtime {

namespace {

/// A pattern of `bits` bits, repeated over a word.
std::uint64_t repeated(std::uint64_t pattern, std::size_t bits, std::size_t total) {
    std::uint64_t out = pattern;
    for (std::size_t have = bits; have < total; have *= 2) out |= out << have;
    return out;
}

CSP_RACY void zero(void* memory, std::size_t bytes) { std::memset(memory, 0, bytes); }
CSP_RACY void put_header(char* object, std::uintptr_t header) {
    __atomic_store_n(reinterpret_cast<std::uintptr_t*>(object - kHeaderBytes), header, __ATOMIC_RELAXED);
}

}  // namespace

AllocCache::~AllocCache() {
    if (heap != nullptr) heap->detach(*this);
}

Heap::Heap(const HeapOptions& options)
    : stress_(options.gc_stress), pages_(options.limit), collector_(std::make_unique<Collector>(*this, options)) {}
Heap::~Heap() = default;

void* zero_size_address() {
    alignas(16) static const char kNothing[16] = {};
    return const_cast<char*>(kNothing);
}

void Heap::attach(AllocCache& cache) {
    if (cache.heap != nullptr) return;
    const std::lock_guard lock(caches_lock_);
    cache.heap = this;
    caches_.push_back(&cache);
}

void Heap::detach(AllocCache& cache) {
    const Counts counts = allocated(&cache);
    const std::lock_guard lock(caches_lock_);
    for_each_run(cache, [&](AllocCache::Run& run) {
        if (run.span == nullptr) return;
        SpanList& list = list_of(run.span->size_class, run.span->scan);
        const std::lock_guard list_lock(list.lock);
        list.full.push_back(run.span);
    });
    cache.grey.donate(grey_, cache.grey.size());
    detached_.bytes += counts.bytes;
    detached_.objects += counts.objects;
    std::erase(caches_, &cache);
}

/// Makes the next free slots of the run's span its run. False: the span has none.
bool Heap::take_run(AllocCache& cache, AllocCache::Run& run) {
    Span& span = *run.span;
    Span::Run found = span.next_run();
    if (found.from == found.to) return false;
    if (stress_ && found.to > found.from + 1) span.next = found.to = found.from + 1;
    run.cursor = span.at(found.from);
    run.limit = span.at(found.to);
    const auto bytes = static_cast<std::size_t>(run.limit - run.cursor);
    if (span.dirty) zero(run.cursor, bytes);
    if (marking()) {
        // Black: what is allocated while a cycle marks survives it.
        span.mark_run(found.from, found.to);
        cache.marked_bytes += bytes;
        cache.marked_objects += found.to - found.from;
    }
    cache.taken_bytes += bytes;
    cache.taken_objects += found.to - found.from;
    collector_->note_allocated(cache, bytes, found.to - found.from);
    return true;
}

/// A swept span of `list` with free slots; null when there is none.
Span* Heap::swept_span(SpanList& list) {
    for (;;) {
        {
            const std::lock_guard lock(list.lock);
            if (!list.partial.empty()) {
                Span* const span = list.partial.back();
                list.partial.pop_back();
                return span;
            }
        }
        if (unswept_.load(std::memory_order_relaxed) == 0 || !sweep_one(list)) return nullptr;
    }
}

/// `span` is to be of the list. False, with the pages given back: there is no memory for that.
bool Heap::make_room(SpanList& list, Span* span) {
    try {
        const std::lock_guard lock(list.lock);
        list.make_room();
        return true;
    } catch (const std::bad_alloc&) {
    }
    pages_.give_back(span);
    return false;
}

void Heap::drop(SpanList& list, Span* span) {
    pages_.give_back(span);
    const std::lock_guard lock(list.lock);
    --list.spans;
}

Span* Heap::fresh_span(std::size_t size_class, bool scan) {
    Span* const span = pages_.take(kClasses.pages(size_class));
    if (span == nullptr || !make_room(list_of(size_class, scan), span)) return nullptr;
    span->slot = kClasses.size[size_class];
    span->size_class = static_cast<std::uint8_t>(size_class);
    span->scan = scan;
    span->has_headers = scan && span->slot > kBitmapLimit;
    if (span->has_headers) span->start += 8;
    span->count = static_cast<std::uint32_t>(span->bytes() / span->slot);
    span->end = span->start + span->count * span->slot;
    span->reciprocal = static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + span->slot - 1) / span->slot);
    if (!span->make_bits(scan && !span->has_headers)) {
        drop(list_of(size_class, scan), span);
        return nullptr;
    }
    // A marker that a stale word leads here must not take old contents for a header.
    if (span->has_headers && span->dirty)
        for (std::uint32_t i = 0; i < span->count; ++i) put_header(span->object_at(i), 0);
    pages_.publish(*span);
    return span;
}

Span* Heap::next_span(AllocCache& cache, std::size_t size_class, bool scan) {
    SpanList& list = list_of(size_class, scan);
    if (Span* const span = swept_span(list)) return span;
    if (Span* const span = fresh_span(size_class, scan)) return span;
    // At the limit: what is garbage now may do.
    if (!collector_->make_room(cache, kClasses.pages(size_class) * kPageBytes)) return nullptr;
    if (Span* const span = swept_span(list)) return span;
    return fresh_span(size_class, scan);
}

/// The first slot of a new run for the size class; null when memory is exhausted.
char* Heap::refill(AllocCache& cache, AllocCache::Run& run, std::size_t size_class, bool scan) {
    attach(cache);
    collector_->allocating(cache);
    while (run.span == nullptr || !take_run(cache, run)) {
        Span* const span = next_span(cache, size_class, scan);
        Span* const used = std::exchange(run.span, span);
        if (used != nullptr) {
            SpanList& list = list_of(size_class, scan);
            const std::lock_guard lock(list.lock);
            list.full.push_back(used);
        }
        if (span == nullptr) {
            run.cursor = run.limit = nullptr;
            return nullptr;
        }
    }
    return run.cursor;
}

void* Heap::allocate_small(AllocCache& cache, AllocCache::Run& run, std::size_t size_class, bool scan) {
    char* slot = run.cursor;
    if (slot == run.limit) [[unlikely]] {
        slot = refill(cache, run, size_class, scan);
        if (slot == nullptr) return nullptr;
    }
    run.cursor = slot + kClasses.size[size_class];
    return slot;
}

void* Heap::allocate_large(AllocCache& cache, std::size_t bytes, bool scan, std::uintptr_t header) {
    attach(cache);
    // A scan object keeps 16 bytes in front for its header.
    const std::size_t front = scan ? 16 : 0;
    const std::size_t pages = (bytes + front + kPageBytes - 1) / kPageBytes;
    collector_->allocating(cache);
    Span* span = pages_.take(pages);
    if (span == nullptr) {
        if (!collector_->make_room(cache, pages * kPageBytes)) return nullptr;
        span = pages_.take(pages);
    }
    if (span == nullptr || !make_room(large_, span)) return nullptr;
    span->scan = scan;
    span->has_headers = scan;
    if (scan) span->start += 8;
    span->slot = span->bytes();
    span->count = 1;
    if (!span->make_bits(false)) {
        drop(large_, span);
        return nullptr;
    }
    char* const object = span->object_at(0);
    if (span->dirty) zero(span->start, span->bytes());
    if (scan) put_header(object, header);
    if (marking()) {
        span->mark(0);
        cache.marked_bytes += span->slot;
        ++cache.marked_objects;
    }
    pages_.publish(*span);
    {
        const std::lock_guard lock(large_.lock);
        large_.full.push_back(span);
    }
    cache.taken_bytes += span->slot;
    ++cache.taken_objects;
    collector_->note_allocated(cache, span->slot, 1);
    return object;
}

/// A small object with pointers: `pattern` has a bit for each word.
void* Heap::allocate_pattern(AllocCache& cache, std::size_t bytes, std::uint64_t pattern) {
    const std::size_t size_class = kClasses.of_bytes(bytes);
    AllocCache::Run& run = cache.scan[size_class];
    auto* const object = static_cast<char*>(allocate_small(cache, run, size_class, true));
    if (object != nullptr) run.span->set_pointer_bits(object, pattern, kClasses.size[size_class] / sizeof(Slot));
    return object;
}

void* Heap::allocate_with_header(AllocCache& cache, std::size_t bytes, std::uintptr_t header) {
    if (bytes + kHeaderBytes > kSmallLimit) return allocate_large(cache, bytes, true, header);
    const std::size_t size_class = kClasses.of_bytes(bytes + kHeaderBytes);
    auto* const slot = static_cast<char*>(allocate_small(cache, cache.scan[size_class], size_class, true));
    if (slot == nullptr) return nullptr;
    put_header(slot + kHeaderBytes, header);
    return slot + kHeaderBytes;
}

void* Heap::allocate(AllocCache& cache, const Type& type) {
    if (type.size == 0) return zero_size_address();
    if (!type.has_pointers) return allocate_bytes(cache, type.size);
    if (type.size <= kBitmapLimit) return allocate_pattern(cache, type.size, type.pointer_bits[0]);
    return allocate_with_header(cache, type.size, reinterpret_cast<std::uintptr_t>(&type));
}

void* Heap::allocate_array(AllocCache& cache, const Type& elem, std::size_t count) {
    if (elem.size == 0 || count == 0) return zero_size_address();
    if (count > (std::size_t{1} << 46) / elem.size) return nullptr;
    const std::size_t bytes = elem.size * count;
    if (!elem.has_pointers) return allocate_bytes(cache, bytes);
    if (bytes <= kBitmapLimit)
        return allocate_pattern(cache, bytes,
                                repeated(elem.pointer_bits[0], elem.size / sizeof(Slot), bytes / sizeof(Slot)));
    return allocate_with_header(cache, bytes, reinterpret_cast<std::uintptr_t>(&elem) | kArrayHeader);
}

char* Heap::allocate_bytes(AllocCache& cache, std::size_t bytes) {
    if (bytes == 0) return static_cast<char*>(zero_size_address());
    if (bytes > kSmallLimit) return static_cast<char*>(allocate_large(cache, bytes, false, 0));
    const std::size_t size_class = kClasses.of_bytes(bytes);
    return static_cast<char*>(allocate_small(cache, cache.plain[size_class], size_class, false));
}

void* Heap::allocate_slots(AllocCache& cache, std::size_t slots) {
    if (slots == 0) return zero_size_address();
    if (slots > (std::size_t{1} << 43)) return nullptr;
    const std::size_t bytes = slots * sizeof(Slot);
    if (bytes <= kBitmapLimit)
        return allocate_pattern(cache, bytes, slots == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << slots) - 1);
    return allocate_with_header(cache, bytes, kUntypedHeader);
}

std::size_t Heap::rounded_size(std::size_t bytes, bool scan) {
    const bool header = scan && bytes > kBitmapLimit;
    const std::size_t total = header ? bytes + kHeaderBytes : bytes;
    if (total > kSmallLimit) {
        const std::size_t front = scan ? 16 : 0;
        return (bytes + front + kPageBytes - 1) / kPageBytes * kPageBytes - front;
    }
    return kClasses.size[kClasses.of_bytes(total)] - (header ? kHeaderBytes : 0);
}

Heap::Object Heap::find(const void* p) const {
    const Span* const span = pages_.find(p);
    if (span == nullptr) return {};
    const std::uint32_t index = span->index_of(static_cast<const char*>(p));
    char* const object = span->object_at(index);
    if (p < object) return {};
    return {object, span->slot - static_cast<std::size_t>(object - span->at(index)), span->scan};
}

Heap::Counts Heap::allocated(const AllocCache* cache) {
    if (cache != nullptr) {
        Counts counts{cache->taken_bytes, cache->taken_objects};
        for_each_run(const_cast<AllocCache&>(*cache), [&](const AllocCache::Run& run) {
            if (run.span == nullptr) return;
            const auto left = static_cast<std::size_t>(run.limit - run.cursor);
            counts.bytes -= left;
            counts.objects -= left / run.span->slot;
        });
        return counts;
    }
    const std::lock_guard lock(caches_lock_);
    Counts all = detached_;
    for (const AllocCache* one : caches_) {
        const Counts counts = allocated(one);
        all.bytes += counts.bytes;
        all.objects += counts.objects;
    }
    return all;
}

void Heap::mark_words(AllocCache& cache, const void* words, std::size_t count) {
    Scanner(pages_, grey_, cache).range(words, static_cast<const Slot*>(words) + count);
}

void Heap::mark_elements(AllocCache& cache, const Type& elem, const void* memory, std::size_t count) {
    Scanner(pages_, grey_, cache).elements(static_cast<const char*>(memory), elem, count);
}

}  // namespace csp::runtime
