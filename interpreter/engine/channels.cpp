#include "interpreter/engine/channels.h"

#include <cstring>
#include <utility>

#include "runtime/type/builder.h"

namespace csp::engine {

using detail::ChannelCore;
using detail::ChannelValue;
using detail::ChannelWait;
using runtime::Goroutine;
using runtime::Kind;
using runtime::Type;
using runtime::Visitor;
using runtime::Wait;

namespace {

const Type* element_type(runtime::TypeTable& types, std::string_view name) {
    if (name == "[]byte") return types.slice_of(types.basic(Kind::Uint8));
    for (int kind = static_cast<int>(Kind::Bool); kind <= static_cast<int>(Kind::String); ++kind) {
        const Type* const type = types.basic(static_cast<Kind>(kind));
        if (type != nullptr && type->string == name) return type;
    }
    return nullptr;
}

bool is_word(const Type& element) { return element.slots == 1; }

/// False: memory is exhausted.
bool put(vm::Machine& machine, Goroutine& by, const Type& element, const ChannelValue& value, Slot* to) {
    to[0] = value.word;
    if (is_word(element)) return true;
    const std::size_t size = value.bytes.size();
    to[0] = 0;
    to[1] = element.kind == Kind::String ? size : size | size << 32;
    if (size == 0) return true;
    if (element.kind != Kind::String && size > runtime::kMaxSliceLength) return false;
    char* const bytes = machine.heap().allocate_bytes(by.worker->cache(), size);
    if (bytes == nullptr) return false;
    std::memcpy(bytes, value.bytes.data(), size);
    to[0] = reinterpret_cast<Slot>(bytes);
    return true;
}

/// A script may be writing to a slice that it has sent.
CSP_RACY void copy_bytes(std::string& to, const char* from, std::size_t size) {
    char* const out = to.data();
    for (std::size_t i = 0; i < size; ++i) out[i] = from[i];
}

void get(const Type& element, const Slot* from, ChannelValue& value) {
    value.word = from[0];
    if (is_word(element)) return;
    const std::size_t size = element.kind == Kind::String ? from[1] : static_cast<std::uint32_t>(from[1]);
    value.bytes.resize(size);
    copy_bytes(value.bytes, reinterpret_cast<const char*>(from[0]), size);
}

}  // namespace

/// A thread of the host inside the run.
class Channels::Visit {
  public:
    Visit(Channels& channels, Visitor& visitor, bool patient)
        : scheduler_(channels.machine_->scheduler()), visitor_(visitor), inside_(scheduler_.begin_visit(visitor, patient)) {}
    ~Visit() {
        if (inside_) scheduler_.end_visit(visitor_);
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    explicit operator bool() const { return inside_; }

  private:
    runtime::Scheduler& scheduler_;
    Visitor& visitor_;
    const bool inside_;
};

void Channels::end() {
    const std::unique_lock life(life_);
    for (const auto& guest : guests_) settle(*guest);
    for (const auto& core : cores_) take_back(*core);
    machine_ = nullptr;
    const std::lock_guard lock(list_);
    for (const auto& guest : guests_) guest->visitor.wake();
    cores_.clear();
}

/// A guest that has been served, but has not noticed yet, gets what it was served.
void Channels::settle(Guest& guest) {
    if (guest.waits_for == nullptr || guest.visitor.waiter.queued) return;
    if (guest.sending) {
        guest.how = guest.visitor.resume == runtime::Resume::SendOnClosed ? Transfer::Closed : Transfer::Done;
        return;
    }
    guest.how = guest.visitor.ok != 0 ? Transfer::Done : Transfer::Closed;
    if (guest.visitor.ok != 0) get(*runtime::channel_type(guest.waits_for->channel).elem, guest.visitor.element, guest.value);
}

void Channels::take_back(ChannelCore& core) {
    const Type& element = *runtime::channel_type(core.channel).elem;
    Guest& guest = take_guest();
    Visitor& visitor = guest.visitor;
    {
        const Visit visit(*this, visitor, true);
        const std::lock_guard lock(core.mutex);
        for (std::int64_t left = runtime::channel_length(core.channel); left > 0; --left) {
            static_cast<void>(runtime::channel_try_receive(visitor, core.channel, visitor.element, &visitor.ok));
            get(element, visitor.element, core.waiting.emplace_back());
        }
        core.closed = runtime::channel_closed(core.channel);
    }
    give_back(guest);
}

namespace {

/// From what a run that is gone has left.
Transfer receive_rest(ChannelCore& core, ChannelValue& value) {
    const std::lock_guard lock(core.mutex);
    if (core.waiting.empty()) return core.closed ? Transfer::Closed : Transfer::Gone;
    value = std::move(core.waiting.front());
    core.waiting.pop_front();
    return Transfer::Done;
}

}  // namespace

Goroutine* Channels::goroutine_here(bool& on_worker) {
    runtime::Worker* const worker = machine_->scheduler().worker_here();
    on_worker = worker != nullptr;
    return on_worker ? worker->current() : nullptr;
}

Channels::Guest& Channels::take_guest() {
    const std::lock_guard lock(list_);
    if (free_guests_.empty()) {
        guests_.push_back(std::make_unique<Guest>());
        free_guests_.push_back(guests_.back().get());
    }
    Guest& guest = *free_guests_.back();
    free_guests_.pop_back();
    guest.visitor.begin();
    return guest;
}

void Channels::give_back(Guest& guest) {
    const std::lock_guard lock(list_);
    guest.visitor.element[0] = guest.visitor.element[1] = 0;
    free_guests_.push_back(&guest);
}

/// Waits in the channel's queue. Done: the guest has been taken off it. Gone: Guest::how tells more.
Transfer Channels::wait_for(Guest& guest, ChannelCore& core, bool sending, const ChannelWait& wait,
                            std::shared_lock<std::shared_mutex>& life) {
    Visitor& visitor = guest.visitor;
    guest.sending = sending;
    guest.waits_for = &core;
    life.unlock();
    const bool awake = visitor.wait(wait.until, wait.stop);
    life.lock();
    guest.waits_for = nullptr;
    if (machine_ == nullptr) return Transfer::Gone;
    if (awake) return Transfer::Done;
    bool cancelled = false;
    {
        const Visit visit(*this, visitor, true);
        cancelled = channel_cancel(visitor, sending);
    }
    if (cancelled) return wait.stop.stop_requested() ? Transfer::Stopped : Transfer::TimedOut;
    visitor.wait({}, {});  // whoever has taken it off is about to wake it
    return Transfer::Done;
}

namespace {

Transfer outcome_of(const runtime::Tried& tried) {
    if (tried.closed_send) return Transfer::Closed;
    return tried.done ? Transfer::Done : Transfer::Busy;
}

}  // namespace

Transfer Channels::send(ChannelCore& core, const ChannelValue& value, const ChannelWait& wait) {
    std::shared_lock life(life_);
    if (machine_ == nullptr) return Transfer::Gone;
    const Type& element = *runtime::channel_type(core.channel).elem;
    bool on_worker = false;
    Goroutine* const here = goroutine_here(on_worker);
    if (on_worker) {
        Slot slots[2];
        if (here == nullptr) return Transfer::Busy;
        if (!put(*machine_, *here, element, value, slots)) return Transfer::OutOfMemory;
        return outcome_of(runtime::channel_try_send(*here, core.channel, slots));
    }
    Guest& guest = take_guest();
    Visitor& visitor = guest.visitor;
    const auto try_now = [&] {
        const Visit visit(*this, visitor, wait.may_wait);
        if (!visit) return std::pair(Transfer::Busy, false);
        if (!put(*machine_, visitor, element, value, visitor.element)) return std::pair(Transfer::OutOfMemory, false);
        if (!wait.may_wait) return std::pair(outcome_of(runtime::channel_try_send(visitor, core.channel, visitor.element)), false);
        const Wait sent = runtime::channel_send(visitor, core.channel, visitor.element);
        return std::pair(sent == Wait::Closed ? Transfer::Closed : Transfer::Done, sent == Wait::Parked);
    };
    auto [how, parked] = try_now();
    if (parked) {
        how = wait_for(guest, core, true, wait, life);
        if (how == Transfer::Gone) return guest.how;
        if (how == Transfer::Done && visitor.resume == runtime::Resume::SendOnClosed) how = Transfer::Closed;
    }
    give_back(guest);
    return how;
}

Transfer Channels::receive(ChannelCore& core, ChannelValue& value, const ChannelWait& wait) {
    std::shared_lock life(life_);
    if (machine_ == nullptr) return receive_rest(core, value);
    const Type& element = *runtime::channel_type(core.channel).elem;
    bool on_worker = false;
    Goroutine* const here = goroutine_here(on_worker);
    if (on_worker) {
        Slot slots[2];
        Slot ok = 0;
        if (here == nullptr || !runtime::channel_try_receive(*here, core.channel, slots, &ok).done) return Transfer::Busy;
        if (ok == 0) return Transfer::Closed;
        get(element, slots, value);
        return Transfer::Done;
    }
    Guest& guest = take_guest();
    Visitor& visitor = guest.visitor;
    const auto try_now = [&] {
        const Visit visit(*this, visitor, wait.may_wait);
        if (!visit) return std::pair(Transfer::Busy, false);
        if (!wait.may_wait) return std::pair(outcome_of(runtime::channel_try_receive(visitor, core.channel, visitor.element, &visitor.ok)), false);
        const Wait received = runtime::channel_receive(visitor, core.channel, visitor.element, &visitor.ok);
        return std::pair(Transfer::Done, received == Wait::Parked);
    };
    auto [how, parked] = try_now();
    if (parked) {
        how = wait_for(guest, core, false, wait, life);
        if (how == Transfer::Gone && guest.how == Transfer::Gone) return receive_rest(core, value);
        if (how == Transfer::Gone) {
            value = std::move(guest.value);
            return guest.how;
        }
    }
    if (how == Transfer::Done) {
        if (visitor.ok == 0)
            how = Transfer::Closed;
        else
            get(element, visitor.element, value);  // the collector sees it there
    }
    give_back(guest);
    return how;
}

Transfer Channels::close(ChannelCore& core) {
    std::shared_lock life(life_);
    if (machine_ == nullptr) return Transfer::Gone;
    bool on_worker = false;
    Goroutine* const here = goroutine_here(on_worker);
    const auto outcome = [](Wait wait) { return wait == Wait::Closed ? Transfer::Closed : Transfer::Done; };
    if (on_worker) return here == nullptr ? Transfer::Busy : outcome(runtime::channel_close(*here, core.channel));
    Guest& guest = take_guest();
    Visitor& visitor = guest.visitor;
    Wait closed;
    {
        const Visit visit(*this, visitor, true);
        closed = runtime::channel_close(visitor, core.channel);
    }
    give_back(guest);
    return outcome(closed);
}

std::size_t Channels::size(ChannelCore& core) {
    const std::shared_lock life(life_);
    if (machine_ != nullptr) return static_cast<std::size_t>(runtime::channel_length(core.channel));
    const std::lock_guard lock(core.mutex);
    return core.waiting.size();
}

void Channels::released() {
    const std::shared_lock life(life_);
    if (machine_ != nullptr) machine_->scheduler().look_again();
}

Transfer Channels::adopt(const std::shared_ptr<ChannelCore>& core, Goroutine& by, Slot* root) {
    runtime::TypeTable& types = *machine_->program().type_table;
    const Type* const element = element_type(types, core->element);
    const Type* const type = types.chan_of(element, runtime::ChanDir::Both);
    constexpr std::size_t kMost = std::size_t{1} << 40;
    if (core->capacity > kMost) return Transfer::OutOfMemory;
    machine_->scheduler().expect_visitors();
    for (;;) {
        // No lock is held while memory is allocated, which may stop the world: what has changed meanwhile is tried again.
        std::deque<ChannelValue> values;
        std::uint64_t version = 0;
        {
            const std::lock_guard lock(core->mutex);
            if (core->owner != nullptr) {
                if (core->owner.get() != this) return Transfer::Gone;
                *root = reinterpret_cast<Slot>(core->channel);
                return Transfer::Done;
            }
            values = core->waiting;
            version = core->version;
        }
        auto* const channel = runtime::make_channel(machine_->heap(), by.worker->cache(), *type, static_cast<std::int64_t>(core->capacity));
        if (channel == nullptr) return Transfer::OutOfMemory;
        *root = reinterpret_cast<Slot>(channel);
        for (const ChannelValue& value : values) {
            Slot slots[2];
            if (!put(*machine_, by, *element, value, slots)) return Transfer::OutOfMemory;
            static_cast<void>(runtime::channel_offer(machine_->scheduler(), *by.worker, channel, slots));
        }
        const std::lock_guard lock(core->mutex);
        if (core->version != version || core->owner != nullptr) continue;
        if (core->closed) runtime::channel_close(by, channel);
        core->channel = channel;
        core->owner = shared_from_this();
        {
            const std::lock_guard list(list_);
            cores_.push_back(core);
        }
        core->home.store(this, std::memory_order_release);
        core->waiting.clear();
        core->changed.notify_all();
        return Transfer::Done;
    }
}

Transfer Channels::adopt(const std::shared_ptr<ChannelCore>& core, Slot* to) {
    machine_->scheduler().expect_visitors();
    Guest& guest = take_guest();
    Visitor& visitor = guest.visitor;
    Transfer how;
    {
        const Visit visit(*this, visitor, true);
        how = adopt(core, visitor, visitor.element);
        *to = visitor.element[0];
    }
    give_back(guest);
    return how;
}

void Channels::scan(runtime::Scanner& scanner) {
    const std::lock_guard lock(list_);
    for (const auto& core : cores_) scanner.pointer(core->channel);
    for (const auto& guest : guests_) guest->visitor.scan(scanner);
}

bool Channels::awaited() {
    const std::lock_guard lock(list_);
    for (const auto& core : cores_)
        if (core->held.load(std::memory_order_seq_cst) && runtime::channel_has_waiters(machine_->scheduler(), core->channel)) return true;
    return false;
}

}  // namespace csp::engine
