#pragma once

// The channels that a run shares with threads of its host. They are channels of the runtime like all others; what is here
// lets threads of the host work on them, one at a time, and keeps them in memory.
//
// A thread of the host holds `life_` shared as long as it touches the run, so that end() waits for it; to touch the heap it
// visits (runtime/sched/visitor.h). Workers never visit: who does may be waiting for them to stop. Whoever holds `list_` takes
// no other lock, but channels' own, and does not allocate script memory.

#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "csp/channel.hpp"
#include "interpreter/vm/machine.h"
#include "runtime/chan/channel.h"
#include "runtime/sched/visitor.h"

namespace csp::engine {
class Channels;
}

namespace csp::detail {

/// A channel as the host sees it.
class ChannelCore {
  public:
    ChannelCore(std::string_view element, std::size_t capacity) : element(element), capacity(capacity) {}

    const std::string element;
    const std::size_t capacity;
    std::atomic<bool> held{true};  ///< By the host.

    // Until it belongs to a run, and, as to what it still holds, after that. The mutex guards all of it.
    std::mutex mutex;
    std::condition_variable_any changed;
    std::deque<ChannelValue> waiting;
    bool closed = false;
    std::uint64_t version = 0;  ///< Counts changes of these two.

    /// Then, these stay as they are; `home` is set last.
    runtime::Channel* channel = nullptr;
    std::shared_ptr<engine::Channels> owner;
    std::atomic<engine::Channels*> home{nullptr};
};

}  // namespace csp::detail

namespace csp::engine {

class Channels final : public vm::Shared, public std::enable_shared_from_this<Channels> {
  public:
    explicit Channels(vm::Machine& machine) : machine_(&machine) {}
    /// The run goes; nobody touches it any more when this has returned.
    void end();

    Transfer send(detail::ChannelCore& core, const detail::ChannelValue& value, const detail::ChannelWait& wait);
    Transfer receive(detail::ChannelCore& core, detail::ChannelValue& value, const detail::ChannelWait& wait);
    Transfer close(detail::ChannelCore& core);
    std::size_t size(detail::ChannelCore& core);
    /// The host has let go of a channel.
    void released();

    /// Makes the channel the run's, by the goroutine that runs here; `root` is a place that the collector sees, and gets it.
    Transfer adopt(const std::shared_ptr<detail::ChannelCore>& core, runtime::Goroutine& by, Slot* root);
    /// The same by the host, while nothing runs.
    Transfer adopt(const std::shared_ptr<detail::ChannelCore>& core, Slot* to);

    // ---- vm::Shared ----
    void scan(runtime::Scanner& scanner) override;
    bool awaited() override;

  private:
    class Visit;
    /// A thread of the host that is at it.
    struct Guest {
        runtime::Visitor visitor;
        detail::ChannelCore* waits_for = nullptr;  ///< While it waits, and does not hold `life_`.
        bool sending = false;
        // When the run has gone meanwhile: how its wait has ended, and what it has received before.
        Transfer how = Transfer::Gone;
        detail::ChannelValue value;
    };
    /// Whether the operation is a worker's own, which is done as its goroutine's.
    runtime::Goroutine* goroutine_here(bool& on_worker);
    /// The run goes: what the channel holds becomes the host's.
    void take_back(detail::ChannelCore& core);
    void settle(Guest& guest);
    Guest& take_guest();
    void give_back(Guest& guest);
    Transfer wait_for(Guest& guest, detail::ChannelCore& core, bool sending, const detail::ChannelWait& wait,
                      std::shared_lock<std::shared_mutex>& life);

    std::shared_mutex life_;
    vm::Machine* machine_;  ///< Null: the run is gone.
    std::mutex list_;
    std::vector<std::shared_ptr<detail::ChannelCore>> cores_;
    std::vector<std::unique_ptr<Guest>> guests_;
    std::vector<Guest*> free_guests_;
};

/// A run's; ends them with it.
class ChannelsOwner {
  public:
    ChannelsOwner() = default;
    ~ChannelsOwner() {
        if (channels_ != nullptr) channels_->end();
    }
    ChannelsOwner(const ChannelsOwner&) = delete;
    ChannelsOwner& operator=(const ChannelsOwner&) = delete;
    void serve(vm::Machine& machine) {
        channels_ = std::make_shared<Channels>(machine);
        machine.share(channels_.get());
    }
    Channels& operator*() const { return *channels_; }

  private:
    std::shared_ptr<Channels> channels_;
};

}  // namespace csp::engine
