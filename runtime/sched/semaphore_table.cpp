#include "runtime/sched/semaphore_table.h"

#include <new>
#include <utility>

namespace csp::runtime {

Waiter** SemaphoreTable::Shard::place(const void* address) {
    // The shard was chosen by the highest bits.
    Waiter** at = &table_[(hash(address) >> 24) & (slots_ - 1)];
    while (*at != nullptr && (*at)->channel != address) at = &(*at)->chain;
    return at;
}

void SemaphoreTable::Shard::push(Waiter& w, bool in_front) {
    Waiter** const at = place(w.channel);
    Waiter* const head = *at;
    w.next = nullptr;
    if (head == nullptr) {
        w.previous = &w;
        w.chain = nullptr;
        *at = &w;
        if (++addresses_ > slots_) grow();
    } else if (in_front) {
        w.next = head;
        w.previous = head->previous;
        w.chain = head->chain;
        *at = &w;
    } else {
        head->previous->next = &w;
        head->previous = &w;
    }
}

void SemaphoreTable::Shard::pop_first(const void* address) {
    Waiter** const at = place(address);
    Waiter* const head = *at;
    if (Waiter* const second = head->next) {
        second->previous = head->previous;
        second->chain = head->chain;
        *at = second;
    } else {
        *at = head->chain;
        --addresses_;
    }
}

void SemaphoreTable::Shard::grow() {
    std::unique_ptr<Waiter*[]> larger(new (std::nothrow) Waiter* [slots_ * 2] {});
    if (larger == nullptr) return;  // longer chains, then
    const std::unique_ptr<Waiter*[]> old = std::exchange(table_, std::move(larger));
    const std::size_t slots = std::exchange(slots_, slots_ * 2);
    for (std::size_t i = 0; i < slots; ++i)
        for (Waiter* head = old[i]; head != nullptr;) {
            Waiter* const next = std::exchange(head->chain, nullptr);
            *place(head->channel) = head;
            head = next;
        }
}

}  // namespace csp::runtime
