// csp::Channel: what does not depend on the type, and what a channel does before it belongs to a run.

#include "csp/channel.hpp"

#include "interpreter/engine/channels.h"
#include "interpreter/engine/instance_state.h"

namespace csp::detail {

namespace {

/// While the channel belongs to no run: does `operation`, under the lock, until it answers something or must not wait. With
/// nothing: the channel belongs to one now.
template <class Operation>
std::optional<Transfer> before(ChannelCore& core, const ChannelWait& wait, Operation&& operation) {
    std::unique_lock lock(core.mutex);
    for (;;) {
        if (core.home.load(std::memory_order_relaxed) != nullptr) return std::nullopt;
        const std::uint64_t version = core.version;
        if (const std::optional<Transfer> done = operation()) {
            ++core.version;
            core.changed.notify_all();
            return done;
        }
        if (!wait.may_wait) return Transfer::Busy;
        const auto changed = [&] { return core.version != version || core.home.load(std::memory_order_relaxed) != nullptr; };
        const bool awake = wait.until ? core.changed.wait_until(lock, wait.stop, *wait.until, changed) : core.changed.wait(lock, wait.stop, changed);
        if (!awake) return wait.stop.stop_requested() ? Transfer::Stopped : Transfer::TimedOut;
    }
}

}  // namespace

ChannelHandle::ChannelHandle(std::string_view element, std::size_t capacity) : core_(std::make_shared<ChannelCore>(element, capacity)) {}

ChannelHandle::~ChannelHandle() {
    core_->held.store(false, std::memory_order_seq_cst);
    if (engine::Channels* const home = core_->home.load(std::memory_order_acquire)) home->released();
}

Transfer ChannelHandle::send(ChannelValue& value, const ChannelWait& wait) {
    if (core_->home.load(std::memory_order_acquire) == nullptr) {
        const auto done = before(*core_, wait, [&]() -> std::optional<Transfer> {
            if (core_->closed) return Transfer::Closed;
            if (core_->waiting.size() >= core_->capacity) return std::nullopt;
            core_->waiting.push_back(std::move(value));
            return Transfer::Done;
        });
        if (done) return *done;
    }
    return core_->home.load(std::memory_order_acquire)->send(*core_, value, wait);
}

Transfer ChannelHandle::receive(ChannelValue& value, const ChannelWait& wait) {
    if (core_->home.load(std::memory_order_acquire) == nullptr) {
        const auto done = before(*core_, wait, [&]() -> std::optional<Transfer> {
            if (core_->waiting.empty()) return core_->closed ? std::optional(Transfer::Closed) : std::nullopt;
            value = std::move(core_->waiting.front());
            core_->waiting.pop_front();
            return Transfer::Done;
        });
        if (done) return *done;
    }
    return core_->home.load(std::memory_order_acquire)->receive(*core_, value, wait);
}

Transfer ChannelHandle::close() {
    if (core_->home.load(std::memory_order_acquire) == nullptr) {
        const auto done = before(*core_, {}, [&]() -> std::optional<Transfer> {
            return std::exchange(core_->closed, true) ? Transfer::Closed : Transfer::Done;
        });
        if (done) return *done;
    }
    return core_->home.load(std::memory_order_acquire)->close(*core_);
}

std::size_t ChannelHandle::size() {
    {
        const std::lock_guard lock(core_->mutex);
        if (core_->home.load(std::memory_order_relaxed) == nullptr) return core_->waiting.size();
    }
    return core_->home.load(std::memory_order_acquire)->size(*core_);
}

std::size_t ChannelHandle::capacity() const { return core_->capacity; }

namespace {

std::string refusal(Transfer how) {
    return how == Transfer::OutOfMemory ? "out of memory" : "the channel belongs to another run or instance";
}

}  // namespace

bool ChannelHandle::put(Call& call, Slot* to) {
    auto& machine = *static_cast<vm::Machine*>(call.machine());
    auto& channels = static_cast<engine::Channels&>(*machine.shared());
    *to = 0;
    const Transfer how = channels.adopt(core_, *static_cast<runtime::Goroutine*>(call.goroutine()), to);
    if (how == Transfer::Done) return true;
    if (how == Transfer::OutOfMemory)
        call.out_of_memory();
    else
        call.panic(refusal(how));
    return false;
}

bool ChannelHandle::enter(InstanceState& instance, Slot* to, std::string& error) {
    const Transfer how = (*instance.channels).adopt(core_, to);
    if (how != Transfer::Done) error = refusal(how);
    return how == Transfer::Done;
}

}  // namespace csp::detail
