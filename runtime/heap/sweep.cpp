// Sweeping: what a finished cycle has not marked becomes free, a span at a time: when allocation looks for
// free slots of its size, beside other work, and at the latest before the next cycle begins.

#include <cstring>
#include <mutex>

#include "runtime/heap/collector.h"
#include "runtime/heap/heap.h"

namespace csp::runtime {

namespace {
/// Overwrites what has been freed, so that a lost object is noticed.
void poison(Span& span) {
    for (std::uint32_t i = 0; i < span.count; ++i)
        if ((span.occupied[i / 64] >> (i % 64) & 1) == 0)
            std::memset(span.object_at(i), 0xdb, span.slot - static_cast<std::size_t>(span.object_at(i) - span.at(i)));
}
}  // namespace

void Heap::settle(SpanList& list, Span* span) {
    const std::uint32_t live = span->sweep();
    if (live == 0) {
        drop(list, span);
        return;
    }
    if (stress_ && !span->large()) poison(*span);
    const std::lock_guard lock(list.lock);
    (live == span->count ? list.full : list.partial).push_back(span);
}

bool Heap::sweep_one(SpanList& list) {
    Span* span;
    {
        const std::lock_guard lock(list.lock);
        if (list.unswept.empty()) return false;
        span = list.unswept.back();
        list.unswept.pop_back();
    }
    settle(list, span);
    unswept_.fetch_sub(1, std::memory_order_relaxed);
    return true;
}

bool Heap::sweep_some(std::size_t most) {
    std::size_t looked = 0;
    while (most > 0 && unswept_.load(std::memory_order_relaxed) > 0) {
        if (looked == kLists) return true;  // others have the rest in hand
        SpanList& list = list_at(next_list_.load(std::memory_order_relaxed) % kLists);
        if (sweep_one(list)) {
            --most;
            looked = 0;
        } else {
            next_list_.fetch_add(1, std::memory_order_relaxed);
            ++looked;
        }
    }
    return unswept_.load(std::memory_order_relaxed) > 0;
}

void Heap::begin_sweep() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kLists; ++i) {
        SpanList& list = list_at(i);
        list.unswept.swap(list.full);
        list.unswept.insert(list.unswept.end(), list.partial.begin(), list.partial.end());
        list.partial.clear();
        count += list.unswept.size();
    }
    unswept_.store(count, std::memory_order_relaxed);
    // What caches hold is swept at once: their current runs are marked, and so stay theirs.
    for (AllocCache* cache : caches_)
        for_each_run(*cache, [](AllocCache::Run& run) {
            if (run.span != nullptr) run.span->sweep();
        });
}

}  // namespace csp::runtime
