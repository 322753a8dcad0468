#include "runtime/sched/goroutine_pool.h"

#include <new>

#include "runtime/sched/scheduler.h"

namespace csp::runtime {

Goroutine* GoroutinePool::take(Local* local) {
    Goroutine* g = nullptr;
    if (local == nullptr) {
        {
            const std::lock_guard lock(mutex_);
            g = free_elsewhere_.take(shared_);
        }
        if (g == nullptr && create({&g, 1}) == 0) return nullptr;
        g->id = next_id_.fetch_add(1, std::memory_order_relaxed);
        in_use_elsewhere_.fetch_add(1, std::memory_order_relaxed);
        return g;
    }
    g = local->free_.take(shared_);
    if (g == nullptr) {
        Goroutine* made[16];
        const std::size_t count = create(made);
        if (count == 0) return nullptr;
        for (std::size_t i = count; --i > 0;) local->free_.put(*made[i], shared_);
        g = made[0];
    }
    if (local->next_id_ == local->last_id_) {
        constexpr std::uint64_t kBatch = 16;
        local->next_id_ = next_id_.fetch_add(kBatch, std::memory_order_relaxed);
        local->last_id_ = local->next_id_ + kBatch;
    }
    g->id = local->next_id_++;
    local->count(1);
    return g;
}

void GoroutinePool::put(Local* local, Goroutine& g) {
    if (local != nullptr) {
        local->count(-1);
        local->free_.put(g, shared_);
        return;
    }
    in_use_elsewhere_.fetch_sub(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    free_elsewhere_.put(g, shared_);
}

std::size_t GoroutinePool::create(std::span<Goroutine*> wanted) {
    const std::size_t count = executor_.create(wanted);
    try {
        scan_.add(wanted.first(count));
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return count;
}

}  // namespace csp::runtime
