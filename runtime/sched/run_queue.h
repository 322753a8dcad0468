#pragma once

// Queues of runnable goroutines: first in, first out.

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/base/shuffle.h"
#include "runtime/base/spin_lock.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

/// Goroutines linked by Goroutine::next, oldest first.
struct GoroutineList {
    Goroutine* first = nullptr;
    Goroutine* last = nullptr;
    std::size_t size = 0;

    void push(Goroutine& g) {
        g.next = nullptr;
        (last == nullptr ? first : last->next) = &g;
        last = &g;
        ++size;
    }
    Goroutine* pop() {
        Goroutine* const g = first;
        if (g == nullptr) return nullptr;
        first = g->next;
        if (first == nullptr) last = nullptr;
        --size;
        g->next = nullptr;
        return g;
    }
    void append(const GoroutineList& other) {
        if (other.first == nullptr) return;
        (last == nullptr ? first : last->next) = other.first;
        last = other.last;
        size += other.size;
    }
};

/// For all workers: what has no place in a worker's own queue.
class GlobalQueue {
  public:
    void push(Goroutine& g) {
        GoroutineList one;
        one.push(g);
        push_all(one);
    }
    void push_all(const GoroutineList& list) {
        lock_.lock();
        list_.append(list);
        size_.store(list_.size, std::memory_order_seq_cst);
        lock_.unlock();
    }
    /// The oldest, at most `count`.
    GoroutineList pop(std::size_t count) {
        GoroutineList taken;
        if (empty()) return taken;
        lock_.lock();
        while (taken.size < count)
            if (Goroutine* const g = list_.pop())
                taken.push(*g);
            else
                break;
        size_.store(list_.size, std::memory_order_seq_cst);
        lock_.unlock();
        return taken;
    }
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }
    bool empty() const { return size() == 0; }

  private:
    base::SpinLock lock_;
    GoroutineList list_;
    std::atomic<std::size_t> size_{0};
};

/// One worker's: a ring. The worker itself pushes and pops; others steal from its front. After Go's runqput,
/// runqget and runqgrab (runtime/proc.go).
class LocalQueue {
  public:
    static constexpr std::uint32_t kCapacity = 256;

    /// Owner. False: it is full.
    bool push(Goroutine& g) {
        const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
        at(tail).store(&g, std::memory_order_relaxed);
        base::shuffle::step();
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }
    /// Owner. The oldest; null: it is empty.
    Goroutine* pop() {
        std::uint32_t head = head_.load(std::memory_order_acquire);
        const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
        while (head != tail) {
            Goroutine* const g = at(head).load(std::memory_order_relaxed);
            base::shuffle::step();
            if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel, std::memory_order_acquire)) return g;
        }
        return nullptr;
    }
    /// Owner. Takes the older half, for the global queue.
    GoroutineList pop_half() {
        GoroutineList taken;
        for (std::uint32_t left = size() / 2; left > 0; --left)
            if (Goroutine* const g = pop()) taken.push(*g);
        return taken;
    }
    /// Owner of this one, which has room for that. Moves the older half of `victim` here, but for the newest of it, which it returns.
    Goroutine* steal_half(LocalQueue& victim) {
        const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint32_t head = victim.head_.load(std::memory_order_acquire);
            const std::uint32_t there = victim.tail_.load(std::memory_order_acquire) - head;
            std::uint32_t count = there - there / 2;
            if (count == 0) return nullptr;
            if (count > kCapacity / 2) continue;  // head and tail were read at different times
            for (std::uint32_t i = 0; i < count; ++i)
                at(tail + i).store(victim.at(head + i).load(std::memory_order_relaxed), std::memory_order_relaxed);
            base::shuffle::step();
            if (!victim.head_.compare_exchange_strong(head, head + count, std::memory_order_acq_rel)) continue;
            --count;
            Goroutine* const newest = at(tail + count).load(std::memory_order_relaxed);
            tail_.store(tail + count, std::memory_order_release);
            return newest;
        }
    }
    std::uint32_t size() const {
        const std::uint32_t tail = tail_.load(std::memory_order_acquire);
        return tail - head_.load(std::memory_order_acquire);
    }
    bool empty() const { return size() == 0; }

  private:
    std::atomic<Goroutine*>& at(std::uint32_t index) { return ring_[index % kCapacity]; }

    std::atomic<std::uint32_t> head_{0};  ///< The oldest; taken by compare-and-swap.
    std::atomic<std::uint32_t> tail_{0};
    std::array<std::atomic<Goroutine*>, kCapacity> ring_{};
};

}  // namespace csp::runtime
