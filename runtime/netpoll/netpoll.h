#pragma once

// The netpoll: goroutines wait for sockets and pipes here, and idle workers wait for all of them at once, on the reactor of
// Boost.Asio. Named and built after Go's (runtime/netpoll.go): a call on a descriptor is tried without blocking; when it
// would block the goroutine parks until the descriptor may be ready, and tries again.
//
// A descriptor is known by a number that is never given twice, and its operating system's one is closed when the last
// call on it has returned. So whatever a script does (closing while others read, using it after that) no call reaches a
// descriptor that has been opened by somebody else since.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/sched/event_source.h"
#include "runtime/sched/scheduler.h"

namespace csp::runtime {

class Netpoll final : public EventSource {
  public:
    /// The scheduler's; made by the first call. It ends with the scheduler, and closes what is open then.
    static Netpoll& of(Scheduler& scheduler);
    ~Netpoll() override;

    using Id = std::uint64_t;  ///< Of a descriptor; 0 is none.
    enum class Direction : std::uint8_t { Read, Write };

    /// Takes over a descriptor that is in non-blocking mode, also when it fails. 0: `error` tells why. `read_only` is for those
    /// who use it to mind.
    Id add(int fd, int& error, bool read_only = false);

    class Descriptor;
    /// A call on a descriptor, which is not closed meanwhile.
    class Use {
      public:
        Use() = default;
        Use(Netpoll* netpoll, Descriptor* descriptor, int fd, bool past_deadline, bool read_only)
            : netpoll_(netpoll), descriptor_(descriptor), fd_(fd), past_deadline_(past_deadline), read_only_(read_only) {}
        Use(Use&& other) noexcept
            : netpoll_(other.netpoll_), descriptor_(std::exchange(other.descriptor_, nullptr)), fd_(other.fd_),
              past_deadline_(other.past_deadline_), read_only_(other.read_only_) {}
        Use& operator=(Use&&) = delete;
        ~Use() {
            if (descriptor_ != nullptr) netpoll_->end_use(*descriptor_);
        }
        explicit operator bool() const { return descriptor_ != nullptr; }
        int fd() const { return fd_; }
        /// Whether the deadline of the direction had passed when the call began.
        bool past_deadline() const { return past_deadline_; }
        /// What it refers to, or holds, may not be changed by way of it.
        bool read_only() const { return read_only_; }

      private:
        Netpoll* netpoll_ = nullptr;
        Descriptor* descriptor_ = nullptr;
        int fd_ = -1;
        bool past_deadline_ = false;
        bool read_only_ = false;
    };
    /// False: it has been closed.
    Use use(Id id, Direction direction = Direction::Read);
    /// Wakes up all who wait for it. False: it had been closed before.
    bool close(Goroutine& by, Id id);

    /// Parks the goroutine until a call in that direction may succeed, the deadline has passed, or somebody closes it.
    /// Done: one of these holds already.
    Wait wait(Goroutine& g, Id id, Direction direction);
    /// From `when` on, by Scheduler::clock(), wait() does not wait in that direction; 0: no deadline. False: closed.
    bool set_deadline(Goroutine& by, Id id, Direction direction, std::int64_t when);

    // ---- EventSource ----
    bool awaited() const override { return waiting_.load(std::memory_order_seq_cst) > 0; }
    void poll(GoroutineList& arrived) override;
    void wait(std::int64_t nanoseconds, const std::atomic<bool>& interrupted, GoroutineList& arrived) override;
    void taken(std::size_t count) override;
    void interrupt(std::atomic<bool>& interrupted) override;

  private:
    struct Reactor;
    struct Half;

    explicit Netpoll(Scheduler& scheduler);
    Descriptor* find(Id id);
    bool arm(Descriptor& descriptor, Direction direction);
    void happened(Descriptor& descriptor, Direction direction);
    void wake(Half& half, Worker* worker);
    void end_use(Descriptor& descriptor);
    void recycle(Descriptor& descriptor);
    void run(std::int64_t nanoseconds, GoroutineList& arrived);
    static void deadline_fired(Scheduler& scheduler, Worker& worker, Timer& timer);

    static constexpr std::size_t kChunk = 256;
    static constexpr std::size_t kMaxChunks = 4096;

    Scheduler& scheduler_;
    std::unique_ptr<Reactor> reactor_;
    std::atomic<std::int64_t> waiting_{0};  ///< Goroutines, until they are taken().
    std::atomic<bool> polling_{false};
    GoroutineList* arrived_ = nullptr;  ///< Of the poll under way.

    std::mutex mutex_;  ///< Guards what follows; chunks stay where they are.
    std::array<std::atomic<Descriptor*>, kMaxChunks> chunks_{};
    std::size_t made_ = 0;
    std::vector<Descriptor*> free_;
};

}  // namespace csp::runtime
