#include "runtime/heap/collector.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <mutex>
#include <new>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace csp::runtime {

namespace {

constexpr std::size_t kLeastGoal = std::size_t{8} << 20;
/// A worker without allocations to pay for marks a quarter of its time: 1 ns of marking for 3 of running.
constexpr std::int64_t kBackgroundShare = 3;
constexpr std::int64_t kBackgroundPeriod = 150'000;  ///< ns between two portions; bounds each to about 50 µs.
/// Bytes scanned in a nanosecond, at the least; turns time into a budget.
constexpr double kScanRate = 0.5;
constexpr std::int64_t kLargestAssist = 128 * 1024;
constexpr std::size_t kReleasePortion = 512 * 1024;
/// Until then stress mode collects at every allocation; later at one in a thousand more each time.
constexpr std::uint64_t kStressAlways = 1000;
constexpr std::int64_t kStressPortion = 20'000;  ///< ns of a cycle for each allocation that is then left out.

}  // namespace

Collector::Collector(Heap& heap, const HeapOptions& options)
    : heap_(heap), stress_(options.gc_stress), trace_(options.trace), specials_(heap.pages_),
      percent_(options.gc_percent), soft_limit_(std::numeric_limits<std::int64_t>::max()) {
    set_goal();
}

/// When the next cycle is to have ended, and to begin. After marking, or when a setting has changed.
void Collector::set_goal() {
    const std::lock_guard lock(stats_lock_);
    const std::size_t live = stats_.live_bytes;
    const int percent = percent_.load(std::memory_order_relaxed);
    constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max() / 4;
    std::size_t goal = kNever;
    if (percent >= 0) {
        const auto scaled = [percent](std::size_t bytes) { return bytes / 100 * static_cast<std::size_t>(percent); };
        // What is not objects, such as bits beside spans and the rests of spans, has a tenth.
        goal = std::max(scaled(kLeastGoal), live + scaled(live) / 10 * 9);
    }
    // Limits count pages, of which some part is always unused.
    const auto soft = static_cast<std::size_t>(soft_limit_.load(std::memory_order_relaxed));
    goal = std::min(goal, soft);
    if (heap_.pages_.limit() != 0) goal = std::min(goal, heap_.pages_.limit() / 10 * 9);
    const std::size_t room = goal > live ? goal - live : 0;
    goal = live + std::max(room, live / 16 + 64 * 1024);
    stats_.goal_bytes = goal;
    // So early that what was allocated during the last cycle's marking fits in, with some reserve.
    const std::size_t grown = stats_.cycles == 0 ? 0 : live_.load(std::memory_order_relaxed) - std::min(start_live_, live_.load(std::memory_order_relaxed));
    const std::size_t runway = std::clamp((goal - live) / 16 + grown + grown / 4, (goal - live) / 16, (goal - live) / 2);
    trigger_.store(goal - runway, std::memory_order_relaxed);
}

void Collector::note_allocated(AllocCache& cache, std::size_t bytes, std::size_t objects) {
    live_.fetch_add(bytes, std::memory_order_relaxed);
    objects_.fetch_add(objects, std::memory_order_relaxed);
    if (heap_.marking()) cache.mark_credit -= static_cast<std::int64_t>(static_cast<double>(bytes) * assist_ratio_);
}

void Collector::allocating(AllocCache& cache) {
    if (host_ == nullptr || cache.owner == nullptr || heap_.grey_.lost()) return;
    if (stress_) stressed(cache);
    if (!heap_.marking()) {
        if (due()) {
            start(cache, false);
        } else {
            heap_.sweep_some(1);
            return;
        }
    }
    if (cache.mark_credit >= 0 || !heap_.marking()) return;
    const std::int64_t owed = std::min(-cache.mark_credit, kLargestAssist);
    cache.mark_credit += owed;
    if (!mark(cache, owed)) try_finish(cache);
}

bool Collector::make_room(AllocCache& cache, std::size_t bytes) {
    if (host_ == nullptr || cache.owner == nullptr) return false;
    collect(cache);
    // Nearly full is full: a cycle for every few pages would be no progress.
    const std::size_t limit = heap_.pages_.limit();
    return limit == 0 || heap_.pages_.held() + std::max(bytes, limit / 64) <= limit;
}

void Collector::start(AllocCache& cache, bool forced) {
    while (heap_.sweep_some(16)) host_->safepoint(cache);
    const std::int64_t asked = host_->now();
    const auto begin = [&] {
        if (heap_.marking() || (!forced && !due()) || heap_.unswept_.load(std::memory_order_relaxed) != 0) return;
        cycle_.fetch_add(1, std::memory_order_release);
        start_live_ = live_.load(std::memory_order_relaxed);
        start_ns_ = asked;
        const std::size_t work = std::max(stats_.live_bytes + stats_.live_bytes / 8, start_live_ / 2);
        const std::size_t room = stats_.goal_bytes > start_live_ ? stats_.goal_bytes - start_live_ : 0;
        assist_ratio_ = std::clamp(static_cast<double>(work) / static_cast<double>(std::max<std::size_t>(room, 1)), 0.25, 16.0);
        for (AllocCache* one : heap_.caches_) {
            one->marked_bytes = one->marked_objects = 0;
            one->mark_credit = 0;
            one->last_background = asked;
            heap_.for_each_run(*one, [&](AllocCache::Run& run) {
                if (run.cursor == run.limit) return;
                run.span->mark_run(run.span->index_of(run.cursor), run.span->index_of(run.limit - 1) + 1);
                const auto left = static_cast<std::size_t>(run.limit - run.cursor);
                one->marked_bytes += left;
                one->marked_objects += left / run.span->slot;
            });
        }
        heap_.marking_.store(true, std::memory_order_relaxed);
        host_->note_goroutines(cycle_.load(std::memory_order_relaxed));
        Scanner scanner(heap_.pages_, heap_.grey_, cache);
        host_->scan_globals(scanner);
        host_->collection(true);
        specials_.scan_roots(scanner);
        if (forced) ++stats_.forced;
        cycle_pause_ns_ = host_->now() - asked;
    };
    stop_world(cache, begin);
}

template <class Work>
void Collector::stop_world(AllocCache& cache, Work& work) {
    const auto guarded = [&] {
        try {
            work();
        } catch (const std::bad_alloc&) {
            heap_.grey_.lose();
        }
    };
    host_->stop_world(cache, std::ref(guarded));
}

bool Collector::mark(AllocCache& cache, std::int64_t budget) {
    const std::int64_t begin = host_->now();
    Scanner scanner(heap_.pages_, heap_.grey_, cache);
    bool more = true;
    while (!scanner.drain(budget)) {
        if (!host_->scan_goroutines(cache)) {
            more = false;
            break;
        }
    }
    if (wanted_grey_.load(std::memory_order_relaxed) && cache.grey.size() > 1) {
        wanted_grey_.store(false, std::memory_order_relaxed);
        cache.grey.donate(heap_.grey_, cache.grey.size() / 2);
    }
    mark_ns_.fetch_add(host_->now() - begin, std::memory_order_relaxed);
    return more;
}

bool Collector::others_have_grey(const AllocCache& cache) const {
    if (!heap_.grey_.empty()) return true;
    const std::lock_guard lock(heap_.caches_lock_);
    return std::any_of(heap_.caches_.begin(), heap_.caches_.end(),
                       [&](const AllocCache* other) { return other != &cache && !other->grey.looks_empty(); });
}

/// This worker finds nothing more to mark: stops the world to see whether that is so everywhere.
void Collector::try_finish(AllocCache& cache) {
    if (others_have_grey(cache)) {
        wanted_grey_.store(true, std::memory_order_relaxed);
        return;
    }
    // A worker that has not gone on since the cycle began would not get to when the world is stopped again and again.
    if (!host_->all_scanned()) return;
    const std::int64_t asked = host_->now();
    const auto finish = [&] {
        if (!heap_.marking()) return;
        for (AllocCache* one : heap_.caches_) one->grey.donate(heap_.grey_, one->grey.size());
        if (!heap_.grey_.empty() || !host_->all_scanned() || heap_.grey_.lost()) return;
        finish_marking(cache);
        if (!heap_.marking()) {
            cycle_pause_ns_ = std::max(cycle_pause_ns_, host_->now() - asked);
            const std::lock_guard lock(stats_lock_);
            stats_.pause_last_ns = cycle_pause_ns_;
            stats_.pause_total_ns += cycle_pause_ns_;
            stats_.pause_max_ns = std::max(stats_.pause_max_ns, cycle_pause_ns_);
        }
    };
    stop_world(cache, finish);
}

void Collector::finish_marking(AllocCache& cache) {
    std::vector<Finalizer> ready;
    Scanner scanner(heap_.pages_, heap_.grey_, cache);
    specials_.process(scanner, ready);
    if (!ready.empty()) host_->finalize(std::move(ready));
    // What finalizers need is marked beside running goroutines, like everything else.
    if (cache.grey.size() > 0 || !heap_.grey_.empty() || heap_.grey_.lost()) return;
    heap_.marking_.store(false, std::memory_order_relaxed);
    std::size_t live = 0;
    std::size_t objects = 0;
    for (const AllocCache* one : heap_.caches_) {
        live += one->marked_bytes;
        objects += one->marked_objects;
    }
    {
        const std::lock_guard lock(stats_lock_);
        ++stats_.cycles;
        stats_.live_bytes = live;
        stats_.last_end_ns = host_->now();
    }
    set_goal();
    if (trace_) trace();
    live_.store(live, std::memory_order_relaxed);
    objects_.store(objects, std::memory_order_relaxed);
    heap_.begin_sweep();
    host_->collection(false);
    done_.fetch_add(1, std::memory_order_release);
}

bool Collector::work(AllocCache& cache, std::int64_t budget) {
    if (host_ == nullptr || heap_.grey_.lost()) return false;
    if (heap_.marking()) {
        if (mark(cache, budget)) return true;
        try_finish(cache);
        for (int i = 0; heap_.marking() && i < 500; ++i) _mm_pause();
        return true;
    }
    if (heap_.sweep_some(16)) return true;
    const std::size_t goal = stats().goal_bytes;
    const std::size_t held = heap_.pages_.held();
    const std::size_t keep = (goal > held ? goal - held : 0) + goal / 10;
    return heap_.pages_.release(keep, kReleasePortion);
}

void Collector::hand_on(AllocCache& cache) { cache.grey.donate(heap_.grey_, cache.grey.size()); }

void Collector::background(AllocCache& cache) {
    if (heap_.grey_.lost()) return;
    if (!heap_.marking()) {
        if (heap_.unswept_.load(std::memory_order_relaxed) > 0) heap_.sweep_some(4);
        return;
    }
    const std::int64_t now = host_->now();
    const std::int64_t since = now - cache.last_background;
    if (since < kBackgroundPeriod) return;
    const std::int64_t share = std::min(since, 2 * kBackgroundPeriod) / kBackgroundShare;
    if (!mark(cache, static_cast<std::int64_t>(static_cast<double>(share) * kScanRate))) try_finish(cache);
    cache.last_background = host_->now();
}

void Collector::collect(AllocCache& cache) {
    if (host_ == nullptr) return;
    heap_.attach(cache);
    const std::uint32_t wanted = cycle() + 1;
    while (static_cast<std::int32_t>(done_.load(std::memory_order_acquire) - wanted) < 0 && !heap_.grey_.lost()) {
        if (!heap_.marking()) start(cache, true);
        while (heap_.marking() && work(cache, kLargestAssist)) host_->safepoint(cache);
    }
    while (heap_.sweep_some(64)) host_->safepoint(cache);
}

void Collector::release_all() {
    while (heap_.pages_.release(0, std::numeric_limits<std::uint32_t>::max())) {
    }
}

void Collector::stressed(AllocCache& cache) {
    const std::uint64_t count = stress_allocations_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (count < stress_next_.load(std::memory_order_relaxed)) return;
    const std::int64_t begin = host_->now();
    collect(cache);
    // Where a cycle is long, as in deep recursion, so is the way to the next one.
    const auto portions = static_cast<std::uint64_t>((host_->now() - begin) / kStressPortion);
    stress_next_.store(count + 1 + (count < kStressAlways ? 0 : count / kStressAlways) + portions, std::memory_order_relaxed);
}

int Collector::set_percent(int percent) {
    const int old = percent_.exchange(percent, std::memory_order_relaxed);
    set_goal();
    return old;
}

std::int64_t Collector::set_memory_limit(std::int64_t bytes) {
    if (bytes < 0) return soft_limit_.load(std::memory_order_relaxed);
    const std::int64_t old = soft_limit_.exchange(bytes, std::memory_order_relaxed);
    set_goal();
    return old;
}

CollectorStats Collector::stats() const {
    const std::lock_guard lock(stats_lock_);
    CollectorStats out = stats_;
    out.used_bytes = live_.load(std::memory_order_relaxed);
    out.used_objects = objects_.load(std::memory_order_relaxed);
    if (host_ != nullptr) out.lived_ns = host_->now() - attached_ns_;
    out.mark_total_ns = mark_ns_.load(std::memory_order_relaxed);
    return out;
}

void Collector::trace() const {
    constexpr double kMiB = 1024 * 1024;
    char line[256];
    std::snprintf(line, sizeof line, "gc %u: %.1f->%.1f->%.1f MiB, goal %.1f MiB, %.2f ms, pause %.0f us, %.1f ms marking in all, %zu MiB held\n",
                 stats_.cycles, static_cast<double>(start_live_) / kMiB, static_cast<double>(live_.load()) / kMiB,
                 static_cast<double>(stats_.live_bytes) / kMiB, static_cast<double>(stats_.goal_bytes) / kMiB,
                 static_cast<double>(stats_.last_end_ns - start_ns_) / 1e6, static_cast<double>(cycle_pause_ns_) / 1e3,
                 static_cast<double>(mark_ns_.load()) / 1e6, heap_.pages_.held() >> 20);
    trace_(line);
}

}  // namespace csp::runtime
