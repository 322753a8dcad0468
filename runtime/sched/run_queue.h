#pragma once

// A worker's queue of runnable goroutines: first in, first out; others steal half of it.

#include <atomic>
#include <deque>
#include <vector>

#include "runtime/base/spin_lock.h"
#include "runtime/sched/goroutine.h"

namespace csp::runtime {

class RunQueue {
  public:
    void push(Goroutine& g) {
        lock_.lock();
        g.next = nullptr;
        if (tail_ == nullptr)
            head_ = &g;
        else
            tail_->next = &g;
        tail_ = &g;
        size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        lock_.unlock();
    }
    Goroutine* pop() {
        if (empty()) return nullptr;
        lock_.lock();
        Goroutine* g = head_;
        if (g != nullptr) {
            head_ = g->next;
            if (head_ == nullptr) tail_ = nullptr;
            size_.store(size_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        }
        lock_.unlock();
        return g;
    }
    /// Moves the older half (at least one) into `to`, but the last of them, which is the answer.
    Goroutine* steal_half(RunQueue& to) {
        if (empty()) return nullptr;
        lock_.lock();
        std::size_t count = (size_.load(std::memory_order_relaxed) + 1) / 2;
        Goroutine* first = head_;
        Goroutine* last = nullptr;
        for (std::size_t i = 0; i < count && head_ != nullptr; ++i) {
            last = head_;
            head_ = head_->next;
        }
        if (head_ == nullptr) tail_ = nullptr;
        size_.store(size_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
        lock_.unlock();
        if (last == nullptr) return nullptr;
        last->next = nullptr;
        Goroutine* answer = first;
        for (Goroutine* g = first->next; g != nullptr;) {
            Goroutine* following = g->next;
            to.push(*g);
            g = following;
        }
        answer->next = nullptr;
        return answer;
    }
    bool empty() const { return size_.load(std::memory_order_relaxed) == 0; }
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }
    /// Takes all, oldest first.
    void drain(std::vector<Goroutine*>& to) {
        while (Goroutine* g = pop()) to.push_back(g);
    }

  private:
    base::SpinLock lock_;
    Goroutine* head_ = nullptr;
    Goroutine* tail_ = nullptr;
    std::atomic<std::size_t> size_{0};
};

}  // namespace csp::runtime
