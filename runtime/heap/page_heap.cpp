#include "runtime/heap/page_heap.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>

namespace csp::runtime {

namespace {

constexpr std::size_t kLeastReservation = std::size_t{64} << 20;

/// Addresses to reserve: twice the machine's memory, or some multiple of the limit, in a power of two.
std::size_t wanted_reservation(std::size_t limit) {
    const auto pages = static_cast<std::size_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
    const auto page = static_cast<std::size_t>(std::max(sysconf(_SC_PAGESIZE), 4096L));
    std::size_t wanted = std::max(pages * page * 2, std::size_t{1} << 30);
    if (limit != 0) wanted = std::min(wanted, std::max(limit, std::size_t{1} << 26) * 4);
    return std::bit_ceil(wanted);
}

void* reserve(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace

PageHeap::PageHeap(std::size_t limit) : limit_(limit) {
    void* memory = nullptr;
    // Where addresses are scarce (ulimit -v, thousands of engines) a smaller range has to do.
    for (size_ = wanted_reservation(limit); size_ >= kLeastReservation; size_ /= 2)
        if ((memory = reserve(size_)) != nullptr) break;
    void* table = memory == nullptr ? nullptr : reserve(size_ / kPageBytes * sizeof(Span*));
    if (table == nullptr) {
        if (memory != nullptr) munmap(memory, size_);
        size_ = 0;
        return;
    }
    base_ = reinterpret_cast<std::uintptr_t>(memory);
    table_ = static_cast<std::atomic<Span*>*>(table);
}

PageHeap::~PageHeap() {
    if (size_ == 0) return;
    const std::size_t top = top_.load(std::memory_order_relaxed);
    for (std::size_t page = 0; page < top;) {
        Span* const span = table_[page].load(std::memory_order_relaxed);
        page += span == nullptr ? 1 : span->pages;
        delete span;
    }
    munmap(table_, size_ / kPageBytes * sizeof(Span*));
    munmap(reinterpret_cast<void*>(base_), size_);
}

Span* PageHeap::take(std::size_t pages) {
    const std::size_t bytes = pages * kPageBytes;
    const std::lock_guard lock(mutex_);
    const std::size_t limit = limit_.load(std::memory_order_relaxed);
    if (limit != 0 && held_.load(std::memory_order_relaxed) + bytes > limit) return nullptr;
    if (pages > size_ / kPageBytes) return nullptr;
    std::unique_ptr<Span> span(new (std::nothrow) Span);
    if (span == nullptr) return nullptr;
    span->pages = static_cast<std::uint32_t>(pages);
    const auto fitting = by_size_.lower_bound({span->pages, 0});
    if (fitting != by_size_.end()) {
        const auto at = by_address_.find(fitting->second);
        const FreeRun run = at->second;
        span->first_page = at->first;
        span->dirty = run.dirty;
        erase_free(at);
        if (run.pages > span->pages) insert_free(span->first_page + span->pages, {run.pages - span->pages, run.dirty});
    } else {
        const std::size_t top = top_.load(std::memory_order_relaxed);
        if (top + pages > size_ / kPageBytes) return nullptr;
        span->first_page = static_cast<std::uint32_t>(top);
        top_.store(top + pages, std::memory_order_relaxed);
    }
    span->start = reinterpret_cast<char*>(base_ + span->first_page * kPageBytes);
    span->end = span->start + bytes;
    held_.fetch_add(bytes, std::memory_order_relaxed);
    return span.release();
}

void PageHeap::publish(Span& span) {
    for (std::size_t i = 0; i < span.pages; ++i) table_[span.first_page + i].store(&span, std::memory_order_release);
}

void PageHeap::give_back(Span* span) {
    const std::unique_ptr<Span> owned(span);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < span->pages; ++i)
        table_[span->first_page + i].store(nullptr, std::memory_order_relaxed);
    held_.fetch_sub(span->pages * kPageBytes, std::memory_order_relaxed);
    insert_free(span->first_page, {span->pages, true});
}

void PageHeap::insert_free(std::uint32_t first, FreeRun run) try {
    // Runs that have been released are not merged with ones that have not: their pages would be zeroed needlessly,
    // and released again.
    auto after = by_address_.lower_bound(first);
    if (after != by_address_.end() && after->first == first + run.pages && after->second.dirty == run.dirty) {
        run.pages += after->second.pages;
        erase_free(after++);
    }
    if (after != by_address_.begin()) {
        const auto before = std::prev(after);
        if (before->first + before->second.pages == first && before->second.dirty == run.dirty) {
            first = before->first;
            run.pages += before->second.pages;
            erase_free(before);
        }
    }
    by_address_[first] = run;
    by_size_.insert({run.pages, first});
    if (run.dirty) retained_.fetch_add(run.pages * kPageBytes, std::memory_order_relaxed);
} catch (const std::bad_alloc&) {
    // Nobody will know of these addresses; and one of the two maps alone must not.
    by_address_.erase(first);
}

void PageHeap::erase_free(ByAddress::iterator at) {
    by_size_.erase({at->second.pages, at->first});
    if (at->second.dirty) retained_.fetch_sub(at->second.pages * kPageBytes, std::memory_order_relaxed);
    by_address_.erase(at);
}

bool PageHeap::release(std::size_t keep, std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (retained() <= keep) return false;
    // From the top, where allocation looks last.
    std::size_t done = 0;
    for (auto at = by_address_.end(); at != by_address_.begin() && done < most && retained() > keep;) {
        --at;
        if (!at->second.dirty) continue;
        std::uint32_t first = at->first;
        const FreeRun run = at->second;
        const auto pages = static_cast<std::uint32_t>(std::clamp<std::size_t>((most - done) / kPageBytes, 1, run.pages));
        const std::uint32_t cut = first + run.pages - pages;
        madvise(reinterpret_cast<void*>(base_ + cut * kPageBytes), pages * kPageBytes, MADV_DONTNEED);
        erase_free(at);
        if (pages < run.pages) insert_free(first, {run.pages - pages, true});
        insert_free(cut, {pages, false});
        done += pages * kPageBytes;
        at = by_address_.lower_bound(first);
    }
    return done > 0;
}

}  // namespace csp::runtime
