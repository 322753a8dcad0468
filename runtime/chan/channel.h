#pragma once

// Channels: one lock each, which is not taken while only one worker runs (lone_worker.h), a ring buffer in slot form,
// and two queues of waiting goroutines. A value goes directly into a waiting receiver's frame.
//
// Invariants (checked by assertions in debug builds): at most one of the two queues is non-empty,
// except that one goroutine's select may wait on both sides; a buffered channel with waiting receivers
// is empty, one with waiting senders is full.
//
// All functions: the goroutine's VM state must be saved before the call; on Wait::Parked the caller
// must not touch the goroutine any more. `element` points into the goroutine's frame and stays valid
// while it is parked, since a parked goroutine's stack does not move.

#include <span>

#include "runtime/heap/heap.h"
#include "runtime/sched/scheduler.h"

namespace csp::runtime {

struct Channel;  // heap-allocated (a scan object); laid out in channel.cpp

/// Null when memory is exhausted. `capacity` in elements, ≥ 0, checked by the caller. `bubble`: its maker's
/// bubble_number().
Channel* make_channel(Heap&, AllocCache&, const Type& type, std::int64_t capacity, std::uint32_t bubble = 0);
const Type& channel_type(const Channel*);

/// ch <- *element. A nil channel parks forever.
Wait channel_send(Goroutine&, Channel*, Slot* element);
/// *element, *ok = <-ch; either pointer may be null. From a closed channel: zero value and false, Done.
Wait channel_receive(Goroutine&, Channel*, Slot* element, Slot* ok);
/// Closes and readies all waiters. Closed: it was closed already. Nil: nil channel.
Wait channel_close(Goroutine&, Channel*);
/// Without waiting: false when it would have to wait. For `select` with default and one case.
struct Tried {
    bool done = false;
    bool closed_send = false;  ///< Panic: send on closed channel.
    bool foreign = false;      ///< As Wait::Foreign.
};
Tried channel_try_send(Goroutine&, Channel*, const Slot* element);
Tried channel_try_receive(Goroutine&, Channel*, Slot* element, Slot* ok);
/// By a worker that runs no goroutine: never waits.
bool channel_offer(Scheduler&, Worker& worker, Channel*, const Slot* element);

/// Takes what waits in the channel's queue of senders or receivers off. False: somebody else has, and makes it ready.
bool channel_cancel(Goroutine&, bool sending);

/// Whether a goroutine waits for it, system ones apart.
bool channel_has_waiters(Scheduler&, Channel*);

/// Whether a goroutine waits to receive from it.
bool channel_awaited(Scheduler&, Channel*);

std::int64_t channel_length(const Channel*);    ///< 0 for nil.
std::int64_t channel_capacity(const Channel*);  ///< 0 for nil.
bool channel_closed(const Channel*);            ///< While nothing runs.

struct SelectCase {
    Channel* channel;  ///< May be null: never ready.
    Slot* element;     ///< Send: the value. Receive: where to put it (may be null).
    Slot* ok;          ///< Receive: where to put whether a value came (may be null).
    bool send;
};

struct Selected {
    Wait wait;  ///< Done: `index` is it. Closed: panic "send on closed channel". Parked.
    std::int32_t index;  ///< The case taken; -1: default.
};
/// Takes one ready case, chosen uniformly; without any takes the default if there is one, else parks
/// on all. After a park: Resume::SelectDone, then select_finish() tells the index. `waiters`: memory for one a case,
/// which stays where it is until then; not used with a default.
Selected channel_select(Goroutine&, std::span<const SelectCase> cases, bool has_default, Waiter* waiters);
/// After a parked select was woken, for whatever reason: leaves the other queues; returns the case taken.
std::int32_t select_finish(Goroutine&);

}  // namespace csp::runtime
