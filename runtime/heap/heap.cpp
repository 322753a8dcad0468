// The allocation side of the heap.
//
// Memory comes in arenas of 64 MiB, reserved whole and touched page by page; they are found by address
// through a small table. An arena is divided into 8 KiB pages, each belonging to a span: a run of pages
// cut into slots of one size. A worker's cache takes a span at a time for each size class and hands its
// slots out by moving a cursor.
//
// An object with pointers has an 8-byte header before it, its Type* with the low bits telling what it
// is (kArray: as many elements as fit; kUntyped: any slot may hold a pointer). Slots of such spans begin
// 8 bytes before a 16-byte boundary, so that the object itself is aligned.

#include "runtime/heap/heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <vector>

namespace csp::runtime {

namespace {

constexpr std::size_t kPage = 8192;
constexpr std::size_t kArena = std::size_t{64} << 20;
constexpr std::size_t kPagesPerArena = kArena / kPage;
constexpr std::size_t kHeader = 8;
constexpr std::uintptr_t kArray = 1;
constexpr std::uintptr_t kUntyped = 2;

/// Slot sizes: multiples of 16 up to 256, then four steps a doubling.
struct SizeClasses {
    std::array<std::uint32_t, AllocCache::kClasses> size{};
    std::array<std::uint8_t, kSmallLimit / 16 + 2> of{};
    int count = 0;
    constexpr SizeClasses() {
        std::uint32_t s = 16;
        while (s <= kSmallLimit) {
            size[static_cast<std::size_t>(count++)] = s;
            if (s < 256) {
                s += 16;
            } else {
                std::uint32_t step = 64;
                while (step * 8 <= s) step *= 2;
                s += step;
            }
        }
        int c = 0;
        for (std::size_t i = 0; i < of.size(); ++i) {
            while (c + 1 < count && size[static_cast<std::size_t>(c)] < i * 16) ++c;
            of[i] = static_cast<std::uint8_t>(c);
        }
    }
};
constexpr SizeClasses kClassTable;

struct Span {
    char* start = nullptr;       ///< First slot.
    char* end = nullptr;
    std::uint32_t slot = 0;      ///< Bytes; 0: one large object.
    bool scan = false;
};

struct Arena {
    char* base = nullptr;
    std::size_t pages = 0;       ///< Pages handed out.
    std::array<Span*, kPagesPerArena> page_span{};
    std::size_t size = kArena;   ///< Larger for one huge object.
};

}  // namespace

class Heap::Impl {
  public:
    explicit Impl(const HeapOptions& options) : limit_(options.limit) {}
    ~Impl() {
        for (auto& arena : arenas_) munmap(arena->base, arena->size);
    }

    /// `pages` fresh, zeroed pages as a span; null at the limit.
    Span* take(std::size_t pages, std::uint32_t slot, bool scan) {
        const std::lock_guard lock(mutex_);
        const std::size_t bytes = pages * kPage;
        if (limit_ != 0 && held_.load(std::memory_order_relaxed) + bytes > limit_) return nullptr;
        Arena* arena = arenas_.empty() ? nullptr : arenas_.back().get();
        if (arena == nullptr || arena->pages + pages > kPagesPerArena || arena->size != kArena) {
            arena = nullptr;
            for (auto& old : arenas_)
                if (old->size == kArena && old->pages + pages <= kPagesPerArena) arena = old.get();
        }
        if (arena == nullptr) arena = reserve(bytes);
        if (arena == nullptr) return nullptr;
        char* start = arena->base + arena->pages * kPage;
        auto span = std::make_unique<Span>();
        span->start = start;
        span->end = start + bytes;
        span->slot = slot;
        span->scan = scan;
        if (arena->size == kArena) {
            for (std::size_t i = 0; i < pages; ++i) arena->page_span[arena->pages + i] = span.get();
            arena->pages += pages;
        } else {
            arena->page_span[0] = span.get();
            arena->pages = kPagesPerArena;
        }
        held_.fetch_add(bytes, std::memory_order_relaxed);
        spans_.push_back(std::move(span));
        return spans_.back().get();
    }

    Span* find(const void* p) const {
        const auto at = reinterpret_cast<std::uintptr_t>(p);
        const std::lock_guard lock(mutex_);
        for (const auto& arena : arenas_) {
            const auto base = reinterpret_cast<std::uintptr_t>(arena->base);
            if (at < base || at >= base + arena->size) continue;
            return arena->size == kArena ? arena->page_span[(at - base) / kPage] : arena->page_span[0];
        }
        return nullptr;
    }

    std::size_t held() const { return held_.load(std::memory_order_relaxed); }

  private:
    Arena* reserve(std::size_t bytes) {
        const std::size_t size = bytes > kArena ? (bytes + kPage - 1) / kPage * kPage : kArena;
        void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) return nullptr;
        auto arena = std::make_unique<Arena>();
        arena->base = static_cast<char*>(memory);
        arena->size = size;
        arenas_.push_back(std::move(arena));
        return arenas_.back().get();
    }

    std::size_t limit_;
    std::atomic<std::size_t> held_{0};
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Arena>> arenas_;
    std::vector<std::unique_ptr<Span>> spans_;
};

Heap::Heap(const HeapOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Heap::~Heap() = default;

void* zero_size_address() {
    alignas(16) static const char kNothing[16] = {};
    return const_cast<char*>(kNothing);
}

/// `bytes` payload; scan objects get `header`.
void* Heap::allocate_raw(AllocCache& cache, std::size_t bytes, bool scan, std::uintptr_t header) {
    const std::size_t total = scan ? bytes + kHeader : bytes;
    if (total > kSmallLimit) {
        // Whole pages; a scan object keeps 16 bytes in front for its header.
        const std::size_t front = scan ? 16 : 0;
        Span* span = impl_->take((bytes + front + kPage - 1) / kPage, 0, scan);
        if (span == nullptr) return nullptr;
        char* object = span->start + front;
        if (scan) std::memcpy(object - kHeader, &header, sizeof header);
        cache.allocated_bytes += bytes;
        ++cache.allocated_objects;
        return object;
    }
    const std::size_t index = kClassTable.of[(total + 15) / 16];
    AllocCache::Run& run = scan ? cache.scan[index] : cache.plain[index];
    const std::uint32_t slot = kClassTable.size[index];
    if (run.cursor == nullptr || run.cursor + slot > run.limit) {
        const std::size_t pages = std::max<std::size_t>(1, std::min<std::size_t>(16, slot * 8 / kPage + 1));
        Span* span = impl_->take(pages, slot, scan);
        if (span == nullptr) return nullptr;
        if (scan) span->start += 8;
        run.cursor = span->start;
        run.limit = span->end;
    }
    char* at = run.cursor;
    run.cursor += slot;
    cache.allocated_bytes += slot;
    ++cache.allocated_objects;
    if (!scan) return at;
    std::memcpy(at, &header, sizeof header);
    return at + kHeader;
}

void* Heap::allocate(AllocCache& cache, const Type& type) {
    if (type.size == 0) return zero_size_address();
    return allocate_raw(cache, type.size, type.has_pointers, reinterpret_cast<std::uintptr_t>(&type));
}

void* Heap::allocate_array(AllocCache& cache, const Type& elem, std::size_t count) {
    if (elem.size == 0 || count == 0) return zero_size_address();
    if (count > (std::size_t{1} << 46) / elem.size) return nullptr;
    return allocate_raw(cache, elem.size * count, elem.has_pointers,
                        reinterpret_cast<std::uintptr_t>(&elem) | kArray);
}

char* Heap::allocate_bytes(AllocCache& cache, std::size_t bytes) {
    if (bytes == 0) return static_cast<char*>(zero_size_address());
    return static_cast<char*>(allocate_raw(cache, bytes, false, 0));
}

void* Heap::allocate_slots(AllocCache& cache, std::size_t slots) {
    if (slots == 0) return zero_size_address();
    if (slots > (std::size_t{1} << 43)) return nullptr;
    return allocate_raw(cache, slots * sizeof(Slot), true, kUntyped);
}

std::size_t Heap::rounded_size(std::size_t bytes, bool scan) {
    const std::size_t total = scan ? bytes + kHeader : bytes;
    if (total > kSmallLimit) return (bytes + kPage - 1) / kPage * kPage - (scan ? 16 : 0);
    const std::size_t slot = kClassTable.size[kClassTable.of[(total + 15) / 16]];
    return scan ? slot - kHeader : slot;
}

Heap::Object Heap::find(const void* p) const {
    const Span* span = impl_->find(p);
    if (span == nullptr) return {};
    const auto* at = static_cast<const char*>(p);
    Object object;
    object.scan = span->scan;
    char* slot;
    std::size_t size;
    if (span->slot == 0) {
        slot = span->start + (span->scan ? 8 : 0);
        size = static_cast<std::size_t>(span->end - slot);
    } else {
        if (at < span->start) return {};
        const std::size_t index = static_cast<std::size_t>(at - span->start) / span->slot;
        slot = span->start + index * span->slot;
        size = span->slot;
        if (slot + size > span->end) return {};
    }
    object.start = slot;
    object.size = size;
    if (!span->scan) return object;
    std::uintptr_t header;
    std::memcpy(&header, slot, sizeof header);
    object.start = slot + kHeader;
    object.size = size - kHeader;
    if (header == 0 || at < object.start) return {};
    if (header != kUntyped) object.type = reinterpret_cast<const Type*>(header & ~std::uintptr_t{3});
    return object;
}

std::size_t Heap::held_bytes() const { return impl_->held(); }

}  // namespace csp::runtime
