#include "runtime/chan/channel.h"

#include <algorithm>
#include <vector>

#include "runtime/base/spin_lock.h"
#include "runtime/sched/bubble.h"
#include "runtime/sched/run_queue.h"

namespace csp::runtime {

namespace {

/// Goroutines that wait on one side of a channel, oldest first.
struct WaitQueue {
    Waiter* first = nullptr;
    Waiter* last = nullptr;

    void push(Waiter& w) {
        w.next = nullptr;
        w.previous = last;
        (last == nullptr ? first : last->next) = &w;
        last = &w;
        w.queued = true;
    }
    void remove(Waiter& w) {
        if (!w.queued) return;
        (w.previous == nullptr ? first : w.previous->next) = w.next;
        (w.next == nullptr ? last : w.next->previous) = w.previous;
        w.queued = false;
    }
    /// The first that is still to be had: a select that another channel has won is passed over.
    Waiter* pop() {
        while (Waiter* w = first) {
            remove(*w);
            if (!w->in_select) return w;
            std::uint32_t open = 0;
            if (w->goroutine->select_won.compare_exchange_strong(open, 1, std::memory_order_acq_rel)) return w;
        }
        return nullptr;
    }
};

}  // namespace

struct Channel {
    const Type* type;
    std::uint32_t elem_slots;
    std::uint32_t closed;
    std::int64_t capacity;
    std::atomic<std::int64_t> count;
    std::int64_t head;  ///< Next to take.
    base::SpinLock lock;
    std::uint32_t bubble;  ///< The number of the bubble that it was made in, or 0.
    WaitQueue receivers;
    WaitQueue senders;

    Slot* buffer() { return reinterpret_cast<Slot*>(this + 1); }
    Slot* at(std::int64_t i) { return buffer() + static_cast<std::size_t>(i) * elem_slots; }
    void put(const Slot* value) {
        std::int64_t i = head + count.load(std::memory_order_relaxed);
        if (i >= capacity) i -= capacity;
        copy(at(i), value);
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    void take(Heap& heap, Worker* worker, Slot* value) {
        Slot* from = at(head);
        if (worker != nullptr) heap.will_overwrite_slots(worker->cache(), from, *type->elem);
        if (value != nullptr) copy(value, from);
        clear(from);
        if (++head == capacity) head = 0;
        count.store(count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
    /// Where to, a collector may be looking: a parked goroutine's frame, or the buffer.
    void copy(Slot* to, const Slot* from) const {
        for (std::uint32_t i = 0; i < elem_slots; ++i) __atomic_store_n(to + i, from[i], __ATOMIC_RELAXED);
    }
    void clear(Slot* to) const {
        if (to == nullptr) return;
        for (std::uint32_t i = 0; i < elem_slots; ++i) __atomic_store_n(to + i, Slot{0}, __ATOMIC_RELAXED);
    }
};

namespace {

/// What keeps others away from a channel during an operation: its lock, or that no other worker runs.
class Hold {
  public:
    Hold(Scheduler& scheduler, Channel& channel) : Hold(scheduler, channel, scheduler.lone_worker().begin()) {
        if (!alone_) channel.lock.lock();
    }
    /// Begun, or locked, already.
    Hold(Scheduler& scheduler, Channel& channel, bool alone)
        : lone_(scheduler.lone_worker()), channel_(channel), alone_(alone) {}
    void release() {
        if (alone_)
            lone_.end();
        else
            channel_.lock.unlock();
    }

  private:
    LoneWorker& lone_;
    Channel& channel_;
    const bool alone_;
};

/// Parks `g` on `queue`, and releases the channel as the last thing.
Wait park(Channel& c, Hold& hold, WaitQueue& queue, Goroutine& g, Slot* element, Slot* ok, WaitReason reason) {
    Waiter& w = g.waiter;
    w.goroutine = &g;
    w.element = element;
    w.ok = ok;
    w.channel = &c;
    w.in_select = false;
    g.scheduler->block_profiles().begin_wait(g, reason, c.bubble != 0);
    queue.push(w);
    hold.release();
    return Wait::Parked;
}

/// Whether it belongs to a bubble that `g` is not in.
bool foreign(const Goroutine& g, const Channel& c) { return c.bubble != 0 && c.bubble != bubble_number(g); }

/// If `w` is a select's: its case is the one that is taken.
void tell_select(const Waiter& w) {
    if (!w.in_select) return;
    w.goroutine->select_index = w.case_index;
    w.goroutine->resume = Resume::SelectDone;
}

/// Whether a value came; a collector may be looking there.
void tell_ok(const Waiter& w, Slot ok) {
    if (w.ok != nullptr) __atomic_store_n(w.ok, ok, __ATOMIC_RELAXED);
}

/// Lets the waiter `w`, taken off its queue, go on.
void wake(Scheduler& scheduler, Worker* worker, Waiter& w) {
    tell_select(w);
    tell_ok(w, 1);
    scheduler.ready(worker, *w.goroutine, true);
}

/// Gives `value` to a waiting receiver, if there is one; releases the channel then.
bool hand_over(Scheduler& scheduler, Worker* worker, Channel& c, Hold& hold, const Slot* value) {
    Waiter* receiver = c.receivers.pop();
    if (receiver == nullptr) return false;
    if (receiver->element != nullptr) c.copy(receiver->element, value);
    hold.release();
    wake(scheduler, worker, *receiver);
    return true;
}

enum class Attempt : std::uint8_t { Done, Closed, WouldBlock };

/// Releases the channel unless it would block.
Attempt try_send(Scheduler& scheduler, Worker* worker, Channel& c, Hold& hold, const Slot* element) {
    if (c.closed != 0) {
        hold.release();
        return Attempt::Closed;
    }
    if (hand_over(scheduler, worker, c, hold, element)) return Attempt::Done;
    if (c.count.load(std::memory_order_relaxed) < c.capacity) {
        c.put(element);
        hold.release();
        return Attempt::Done;
    }
    return Attempt::WouldBlock;
}

Attempt try_receive(Scheduler& scheduler, Worker* worker, Channel& c, Hold& hold, Slot* element, Slot* ok) {
    if (c.count.load(std::memory_order_relaxed) > 0) {
        c.take(scheduler.heap(), worker, element);
        if (ok != nullptr) *ok = 1;
        // Room in the buffer: the oldest waiting sender's value takes it.
        Waiter* sender = c.senders.pop();
        if (sender != nullptr) c.put(sender->element);
        hold.release();
        if (sender != nullptr) wake(scheduler, worker, *sender);
        return Attempt::Done;
    }
    if (Waiter* sender = c.senders.pop()) {
        if (element != nullptr) c.copy(element, sender->element);
        hold.release();
        if (ok != nullptr) *ok = 1;
        wake(scheduler, worker, *sender);
        return Attempt::Done;
    }
    if (c.closed != 0) {
        hold.release();
        c.clear(element);
        if (ok != nullptr) *ok = 0;
        return Attempt::Done;
    }
    return Attempt::WouldBlock;
}

}  // namespace

Channel* make_channel(Heap& heap, AllocCache& cache, const Type& type, std::int64_t capacity, std::uint32_t bubble) {
    const std::size_t slots = sizeof(Channel) / sizeof(Slot) + static_cast<std::size_t>(capacity) * type.elem->slots;
    void* memory = heap.allocate_slots(cache, slots + 1);
    if (memory == nullptr) return nullptr;
    auto* c = new (memory) Channel{};
    c->type = &type;
    c->elem_slots = type.elem->slots;
    c->capacity = capacity;
    c->bubble = bubble;
    return c;
}

const Type& channel_type(const Channel* c) { return *c->type; }

Wait channel_send(Goroutine& g, Channel* c, Slot* element) {
    if (c == nullptr) {
        g.begin_wait(WaitReason::ChanSendNil, true);
        return Wait::Parked;
    }
    if (foreign(g, *c)) return Wait::Foreign;
    Hold hold(*g.scheduler, *c);
    switch (try_send(*g.scheduler, g.worker, *c, hold, element)) {
        case Attempt::Done: return Wait::Done;
        case Attempt::Closed: return Wait::Closed;
        case Attempt::WouldBlock: break;
    }
    return park(*c, hold, c->senders, g, element, nullptr, WaitReason::ChanSend);
}

Wait channel_receive(Goroutine& g, Channel* c, Slot* element, Slot* ok) {
    if (c == nullptr) {
        g.begin_wait(WaitReason::ChanReceiveNil, true);
        return Wait::Parked;
    }
    if (foreign(g, *c)) return Wait::Foreign;
    Hold hold(*g.scheduler, *c);
    if (try_receive(*g.scheduler, g.worker, *c, hold, element, ok) == Attempt::Done) return Wait::Done;
    return park(*c, hold, c->receivers, g, element, ok, WaitReason::ChanReceive);
}

Wait channel_close(Goroutine& g, Channel* c) {
    if (c == nullptr) return Wait::Nil;
    if (foreign(g, *c)) return Wait::Foreign;
    Hold hold(*g.scheduler, *c);
    if (c->closed != 0) {
        hold.release();
        return Wait::Closed;
    }
    c->closed = 1;
    // In the order in which they came.
    GoroutineList woken;
    while (Waiter* receiver = c->receivers.pop()) {
        c->clear(receiver->element);
        tell_ok(*receiver, 0);
        tell_select(*receiver);
        woken.push(*receiver->goroutine);
    }
    while (Waiter* sender = c->senders.pop()) {
        sender->goroutine->select_index = sender->case_index;
        sender->goroutine->resume = Resume::SendOnClosed;
        woken.push(*sender->goroutine);
    }
    hold.release();
    g.scheduler->ready_all(woken.first);
    return Wait::Done;
}

Tried channel_try_send(Goroutine& g, Channel* c, const Slot* element) {
    if (c == nullptr) return {};
    if (foreign(g, *c)) return {.foreign = true};
    Hold hold(*g.scheduler, *c);
    switch (try_send(*g.scheduler, g.worker, *c, hold, element)) {
        case Attempt::Done: return {.done = true};
        case Attempt::Closed: return {.closed_send = true};
        case Attempt::WouldBlock: break;
    }
    hold.release();
    return {};
}

Tried channel_try_receive(Goroutine& g, Channel* c, Slot* element, Slot* ok) {
    if (c == nullptr) return {};
    if (foreign(g, *c)) return {.foreign = true};
    Hold hold(*g.scheduler, *c);
    if (try_receive(*g.scheduler, g.worker, *c, hold, element, ok) == Attempt::Done) return {.done = true};
    hold.release();
    return {};
}

bool channel_offer(Scheduler& scheduler, Worker& worker, Channel* c, const Slot* element) {
    Hold hold(scheduler, *c);
    const Attempt done = try_send(scheduler, &worker, *c, hold, element);
    if (done == Attempt::WouldBlock) hold.release();
    return done == Attempt::Done;
}

bool channel_cancel(Goroutine& g, bool sending) {
    Channel& c = *static_cast<Channel*>(g.waiter.channel);
    Hold hold(*g.scheduler, c);
    const bool queued = g.waiter.queued;
    (sending ? c.senders : c.receivers).remove(g.waiter);
    hold.release();
    return queued;
}

bool channel_has_waiters(Scheduler& scheduler, Channel* c) {
    bool waits = false;
    Hold hold(scheduler, *c);
    for (const WaitQueue* queue : {&c->senders, &c->receivers})
        for (const Waiter* w = queue->first; w != nullptr && !waits; w = w->next) waits = !w->goroutine->is_system;
    hold.release();
    return waits;
}

bool channel_awaited(Scheduler& scheduler, Channel* c) {
    Hold hold(scheduler, *c);
    const bool awaited = c->receivers.first != nullptr;
    hold.release();
    return awaited;
}

std::int64_t channel_length(const Channel* c) {
    return c == nullptr ? 0 : c->count.load(std::memory_order_relaxed);
}
bool channel_closed(const Channel* c) { return c->closed != 0; }
std::int64_t channel_capacity(const Channel* c) { return c == nullptr ? 0 : c->capacity; }

namespace {

/// The channels of a select, each once, in an order that all selects agree on: by address.
struct LockSet {
    std::vector<Channel*> more;
    Channel* few[8];
    Channel** list = few;
    std::size_t count = 0;

    LoneWorker& lone;
    bool alone = false;

    LockSet(LoneWorker& lone_worker, std::span<const SelectCase> cases) : lone(lone_worker) {
        if (cases.size() > std::size(few)) {
            more.resize(cases.size());
            list = more.data();
        }
        for (const SelectCase& c : cases)
            if (c.channel != nullptr) list[count++] = c.channel;
        std::sort(list, list + count);
        count = static_cast<std::size_t>(std::unique(list, list + count) - list);
    }
    void lock() {
        alone = lone.begin();
        if (alone) return;
        for (std::size_t i = 0; i < count; ++i) list[i]->lock.lock();
    }
    void unlock() {
        if (alone) return lone.end();
        unlock_all_but(nullptr);
    }
    void unlock_all_but(const Channel* kept) {
        if (alone) return;
        for (std::size_t i = count; i-- > 0;)
            if (list[i] != kept) list[i]->lock.unlock();
    }
};

bool has_open_waiter(const WaitQueue& queue, const Goroutine& self) {
    for (const Waiter* w = queue.first; w != nullptr; w = w->next)
        if (w->goroutine != &self &&
            (!w->in_select || w->goroutine->select_won.load(std::memory_order_acquire) == 0))
            return true;
    return false;
}

bool ready_now(const SelectCase& c, const Goroutine& self) {
    Channel& ch = *c.channel;
    if (c.send)
        return ch.closed != 0 || ch.count.load(std::memory_order_relaxed) < ch.capacity ||
               has_open_waiter(ch.receivers, self);
    return ch.count.load(std::memory_order_relaxed) > 0 || ch.closed != 0 || has_open_waiter(ch.senders, self);
}

}  // namespace

Selected channel_select(Goroutine& g, std::span<const SelectCase> cases, bool has_default, Waiter* waiters) {
    bool in_bubble = g.bubble != nullptr;
    for (const SelectCase& c : cases) {
        if (c.channel == nullptr) continue;
        if (foreign(g, *c.channel)) return {Wait::Foreign, 0};
        in_bubble &= c.channel->bubble != 0;
    }
    LockSet locks(g.scheduler->lone_worker(), cases);
    for (;;) {
        locks.lock();
        std::size_t ready = 0;
        for (const SelectCase& c : cases)
            if (c.channel != nullptr && ready_now(c, g)) ++ready;
        if (ready == 0) break;
        Policy* policy = g.scheduler->policy();
        std::size_t pick = ready == 1 ? 0 : policy != nullptr ? policy->choose_case(ready) : g.worker->random() % ready;
        std::size_t chosen = 0;
        for (; chosen < cases.size(); ++chosen)
            if (cases[chosen].channel != nullptr && ready_now(cases[chosen], g) && pick-- == 0) break;
        if (chosen == cases.size()) {  // a waiter that counted was won by another channel meanwhile: again
            locks.unlock();
            continue;
        }
        const SelectCase& c = cases[chosen];
        // All other locks go first; the case's own is released by the attempt.
        locks.unlock_all_but(c.channel);
        Hold hold(*g.scheduler, *c.channel, locks.alone);
        const Attempt done = c.send ? try_send(*g.scheduler, g.worker, *c.channel, hold, c.element)
                                    : try_receive(*g.scheduler, g.worker, *c.channel, hold, c.element, c.ok);
        if (done == Attempt::Done) return {Wait::Done, static_cast<std::int32_t>(chosen)};
        if (done == Attempt::Closed) return {Wait::Closed, static_cast<std::int32_t>(chosen)};
        hold.release();  // the waiter that it was ready for was won by another channel: again
    }
    if (has_default) {
        locks.unlock();
        return {Wait::Done, -1};
    }
    g.select_won.store(0, std::memory_order_relaxed);
    g.select_waiters = waiters;
    g.select_count = static_cast<std::uint32_t>(cases.size());
    g.scheduler->block_profiles().begin_wait(g, cases.empty() ? WaitReason::SelectNoCases : WaitReason::Select, in_bubble);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Waiter& w = *new (&waiters[i]) Waiter;
        Channel* const channel = cases[i].channel;
        w.channel = channel;
        if (channel == nullptr) continue;
        w.goroutine = &g;
        w.element = cases[i].element;
        w.ok = cases[i].ok;
        w.case_index = static_cast<std::uint32_t>(i);
        w.in_select = true;
        w.sending = cases[i].send;
        (cases[i].send ? channel->senders : channel->receivers).push(w);
    }
    locks.unlock();
    return {Wait::Parked, 0};
}

std::int32_t select_finish(Goroutine& g) {
    for (std::uint32_t i = 0; i < g.select_count; ++i) {
        Waiter& w = g.select_waiters[i];
        if (w.channel == nullptr) continue;
        Channel& channel = *static_cast<Channel*>(w.channel);
        Hold hold(*g.scheduler, channel);
        (w.sending ? channel.senders : channel.receivers).remove(w);
        hold.release();
    }
    g.select_count = 0;
    return static_cast<std::int32_t>(g.select_index);
}

}  // namespace csp::runtime
