#include "runtime/sched/goroutine_scan.h"

#include "runtime/fiber/fiber.h"
#include "runtime/sched/bubble.h"
#include "runtime/sched/scheduler.h"
#include "runtime/sched/timers.h"

namespace csp::runtime {

namespace {
bool alive(const Goroutine& g) {
    const GoroutineState state = g.state.load(std::memory_order_acquire);
    return state != GoroutineState::Idle && state != GoroutineState::Dead;
}
struct NativeFrames {
    Scanner& scanner;
    const void* end;
};
void scan_stack(void* frames, const void* begin, const void* end) {
    const auto& wanted = *static_cast<NativeFrames*>(frames);
    const bool outermost = begin <= wanted.end && wanted.end < end;
    wanted.scanner.range(begin, outermost ? wanted.end : end);
}
}  // namespace

std::vector<Goroutine*> GoroutineScan::live() const {
    std::vector<Goroutine*> live;
    const std::lock_guard lock(mutex_);
    for (Goroutine* g : all_)
        if (alive(*g) && !g->is_system) live.push_back(g);
    return live;
}

void GoroutineScan::begin(std::uint32_t cycle, const std::vector<Goroutine*>& running) {
    for (Goroutine* g : running) g->scanned.store(2 * cycle - 1, std::memory_order_relaxed);
    running_.store(static_cast<int>(running.size()), std::memory_order_relaxed);
    armed_ = timers_.armed();
    bubbles_.armed(armed_);
    armed_left_.store(armed_.size(), std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    next_ = 0;
    end_ = all_.size();
}

void GoroutineScan::before_run(Goroutine& g, AllocCache& cache) {
    const std::uint32_t done = this->done();
    for (;;) {
        std::uint32_t seen = g.scanned.load(std::memory_order_acquire);
        if (seen == done) return;
        if (seen == done - 1) {  // another worker is at it
            _mm_pause();
            continue;
        }
        if (!g.scanned.compare_exchange_strong(seen, done - 1, std::memory_order_acq_rel)) continue;
        Scanner scanner(heap_.pages(), heap_.grey(), cache);
        executor_.scan(g, scanner);
        NativeFrames frames{scanner, g.natives_below};
        if (g.fiber != nullptr) g.fiber->visit_stacks(scan_stack, &frames);
        g.scanned.store(done, std::memory_order_release);
        return;
    }
}

void GoroutineScan::running(Goroutine& g, const Fiber* fiber, AllocCache& cache) {
    if (!heap_.marking() || g.scanned.load(std::memory_order_relaxed) == done()) return;
    Scanner scanner(heap_.pages(), heap_.grey(), cache);
    executor_.scan(g, scanner);
    NativeFrames frames{scanner, g.natives_below};
    if (fiber != nullptr && !g.frames_hold_nothing) fiber->visit_own_stacks(scan_stack, &frames);
    g.scanned.store(done(), std::memory_order_release);
    running_.fetch_sub(1, std::memory_order_release);
}

bool GoroutineScan::some_goroutines(AllocCache& cache) {
    constexpr std::size_t kBatch = 16;
    Goroutine* batch[kBatch];
    std::size_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        if (next_ == end_) return false;
        for (std::size_t looked = 0; looked < 8 * kBatch && count < kBatch && next_ < end_; ++looked) {
            Goroutine* const g = all_[next_++];
            if (alive(*g)) batch[count++] = g;
        }
    }
    // One that somebody else is scanning need not be waited for.
    for (std::size_t i = 0; i < count; ++i)
        if (batch[i]->scanned.load(std::memory_order_acquire) < done() - 1) before_run(*batch[i], cache);
    return true;
}

bool GoroutineScan::some_timers(AllocCache& cache) {
    constexpr std::size_t kBatch = 256;
    std::size_t left = armed_left_.load(std::memory_order_relaxed);
    while (left > 0) {
        const std::size_t rest = left > kBatch ? left - kBatch : 0;
        if (!armed_left_.compare_exchange_weak(left, rest, std::memory_order_relaxed)) continue;
        Scanner(heap_.pages(), heap_.grey(), cache).range(armed_.data() + rest, armed_.data() + left);
        return true;
    }
    return false;
}

bool GoroutineScan::finished() {
    const std::lock_guard lock(mutex_);
    return running_.load(std::memory_order_acquire) == 0 && armed_left_.load(std::memory_order_relaxed) == 0 && next_ == end_;
}

}  // namespace csp::runtime
