// Channels. Elements go through memory of the heap in slot form, which waiting goroutines' frames keep alive.

#include <vector>

#include "runtime/chan/channel.h"
#include "runtime/sched/bubble.h"
#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Channel;
using runtime::Kind;
using runtime::Type;
using runtime::Wait;

namespace {

Channel* channel_of(const Reflected& v) { return v.kind() == Kind::Chan ? v.value().as<Channel*>() : nullptr; }

Slot* message_for(Call& call, const Type& elem) {
    auto* const memory = static_cast<Slot*>(heap(call).allocate_slots(cache(call), elem.slots == 0 ? 1 : elem.slots));
    if (memory == nullptr) call.out_of_memory();
    return memory;
}

/// The message that is argument `at`, if it is as large as v's elements.
Slot* message_at(Call& call, const Reflected& v, Slot at) {
    if (v.kind() != Kind::Chan) return nullptr;
    const runtime::Heap::Object object = heap(call).find(reinterpret_cast<const void*>(at));
    return object.start == reinterpret_cast<void*>(at) && object.size >= v.type->elem->slots * sizeof(Slot)
               ? reinterpret_cast<Slot*>(at)
               : nullptr;
}

Status make(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[kValueSlots]);
    const auto capacity = static_cast<std::int64_t>(s[kValueSlots + 1]);
    if (type == nullptr || type->kind != Kind::Chan) return nil_pointer(call);
    if (capacity < 0 || capacity > runtime::kMaxSliceLength) return call.panic("makechan: size out of range");
    Channel* const made = runtime::make_channel(heap(call), cache(call), *type, capacity, runtime::bubble_number(goroutine(call)));
    if (made == nullptr) return call.out_of_memory();
    put_nothing(s);
    put_type(s, type);
    s[1] = reinterpret_cast<Slot>(made);
    return Status::Ok;
}

Status outgoing(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    const Reflected x(s + 1 + kValueSlots);
    if (v.kind() != Kind::Chan || x.type != v.type->elem) return nil_pointer(call);
    Slot* const memory = message_for(call, *x.type);
    if (memory == nullptr) return Status::Panic;
    if (x.type->slots > 0) runtime::load_value(memory, x.data(), *x.type);
    s[0] = reinterpret_cast<Slot>(memory);
    return Status::Ok;
}

Status incoming(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    if (v.kind() != Kind::Chan) return nil_pointer(call);
    Slot* const memory = message_for(call, *v.type->elem);
    s[0] = reinterpret_cast<Slot>(memory);
    return memory == nullptr ? Status::Panic : Status::Ok;
}

Status received(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots);
    const Slot* const memory = message_at(call, v, s[kValueSlots * 2]);
    if (memory == nullptr) return nil_pointer(call);
    return put_slots(call, s, *v.type->elem, memory, 0) ? Status::Ok : Status::Panic;
}

Status send(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    Slot* const memory = message_at(call, v, s[kValueSlots]);
    if (memory == nullptr) return nil_pointer(call);
    switch (runtime::channel_send(goroutine(call), channel_of(v), memory)) {
        case Wait::Done: return Status::Ok;
        case Wait::Parked: return Status::Parked;
        case Wait::Foreign: return call.fatal("send on synctest channel from outside bubble");
        case Wait::Closed:
        case Wait::Nil: break;
    }
    return call.panic("send on closed channel");
}

Status receive(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    Slot* const memory = message_at(call, v, s[1 + kValueSlots]);
    if (memory == nullptr) return nil_pointer(call);
    const Wait wait = runtime::channel_receive(goroutine(call), channel_of(v), memory, s);
    if (wait == Wait::Foreign) return call.fatal("receive on synctest channel from outside bubble");
    return wait == Wait::Parked ? Status::Parked : Status::Ok;
}

Status try_send(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    const Slot* const memory = message_at(call, v, s[1 + kValueSlots]);
    if (memory == nullptr) return nil_pointer(call);
    s[0] = 0;
    if (channel_of(v) == nullptr) return Status::Ok;
    const runtime::Tried tried = runtime::channel_try_send(goroutine(call), channel_of(v), memory);
    if (tried.foreign) return call.fatal("send on synctest channel from outside bubble");
    if (tried.closed_send) return call.panic("send on closed channel");
    s[0] = tried.done;
    return Status::Ok;
}

/// Results: whether a value came, whether anything was done.
Status try_receive(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 2);
    Slot* const memory = message_at(call, v, s[2 + kValueSlots]);
    if (memory == nullptr) return nil_pointer(call);
    s[0] = s[1] = 0;
    const runtime::Tried tried = runtime::channel_try_receive(goroutine(call), channel_of(v), memory, s);
    if (tried.foreign) return call.fatal("receive on synctest channel from outside bubble");
    s[1] = tried.done;
    return Status::Ok;
}

Status close(Call& call, const NativeEntry&) {
    const Reflected v(call.slots());
    switch (runtime::channel_close(goroutine(call), channel_of(v))) {
        case Wait::Closed: return call.panic("close of closed channel");
        case Wait::Nil: return call.panic("close of nil channel");
        case Wait::Foreign: return call.fatal("close of synctest channel from outside bubble");
        case Wait::Done:
        case Wait::Parked: break;
    }
    return Status::Ok;
}

constexpr std::size_t kWaiterSlots = sizeof(runtime::Waiter) / sizeof(Slot);

Status room(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::size_t slots = (static_cast<std::size_t>(s[1]) + 1) * kWaiterSlots;
    s[0] = reinterpret_cast<Slot>(heap(call).allocate_slots(cache(call), slots));
    return s[0] == 0 ? call.out_of_memory() : Status::Ok;
}

/// A case is a Value, a message, and whether it sends. While the goroutine waits, the frame keeps all of it alive.
Status choose(Call& call, const NativeEntry&) {
    constexpr std::size_t kCaseSlots = kValueSlots + 2;
    Slot* s = call.slots();
    const runtime::Slice list = slice_at(s + 2);
    const bool has_default = s[4] != 0;
    const runtime::Heap::Object waiters = heap(call).find(reinterpret_cast<const void*>(s[5]));
    if (waiters.start == nullptr || waiters.size < list.size * kWaiterSlots * sizeof(Slot)) return nil_pointer(call);
    std::vector<runtime::SelectCase> cases;
    for (std::uint32_t i = 0; i < list.size; ++i) {
        const Slot* const one = static_cast<const Slot*>(list.data) + i * kCaseSlots;
        const Reflected channel(one);
        Slot* const message = message_at(call, channel, one[kValueSlots]);
        if (channel.type != nullptr && message == nullptr) return nil_pointer(call);
        const bool send = static_cast<std::uint8_t>(one[kValueSlots + 1]) != 0;
        cases.push_back({channel_of(channel), message, send ? nullptr : s + 1, send});
    }
    s[0] = s[1] = 0;
    call.set_select_result(s);
    const runtime::Selected selected =
        runtime::channel_select(goroutine(call), cases, has_default, static_cast<runtime::Waiter*>(waiters.start));
    switch (selected.wait) {
        case Wait::Done: s[0] = static_cast<Slot>(static_cast<std::int64_t>(selected.index)); return Status::Ok;
        case Wait::Parked: return Status::Parked;
        case Wait::Foreign: return call.fatal("select on synctest channel from outside bubble");
        case Wait::Closed:
        case Wait::Nil: break;
    }
    return call.panic("send on closed channel");
}

}  // namespace

void add_channels(Package& package) {
    package.raw("makeChan", make)
        .raw("outgoing", outgoing)
        .raw("incoming", incoming)
        .raw("received", received)
        .raw("send", send)
        .raw("receive", receive)
        .raw("trySend", try_send)
        .raw("tryReceive", try_receive)
        .raw("closeChan", close)
        .raw("room", room)
        .raw("choose", choose);
}

}  // namespace csp::stdlib::reflection
