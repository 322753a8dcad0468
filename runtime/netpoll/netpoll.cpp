#include "runtime/netpoll/netpoll.h"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <new>
#include <optional>
#include <thread>

#include "runtime/sched/timers.h"

namespace csp::runtime {

namespace asio = boost::asio;

struct Netpoll::Reactor {
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
};

/// One direction of a descriptor.
struct Netpoll::Half {
    GoroutineList waiting;
    bool armed = false;  ///< The reactor has been asked, and will call happened().
    bool past_deadline = false;
    bool has_deadline = false;  ///< Under the descriptor's deadlines: `deadline` has been armed.
    Timer deadline;
};

class Netpoll::Descriptor {
  public:
    std::mutex deadlines;  ///< Who starts and stops timers; taken before `mutex`, which whoever fires one takes.
    std::mutex mutex;      ///< Guards what follows.
    std::uint32_t index = 0;
    std::uint32_t generation = 1;  ///< Of the Id that names it now.
    bool open = false;
    bool closing = false;
    bool read_only = false;
    int uses = 0;
    std::optional<asio::posix::stream_descriptor> stream;
    std::array<Half, 2> halves;

    Id id() const { return static_cast<Id>(generation) << 32 | index; }
    Half& half(Direction direction) { return halves[static_cast<std::size_t>(direction)]; }
    bool named(Id id) const { return open && !closing && id == this->id(); }
    bool armed() const { return halves[0].armed || halves[1].armed; }
};

Netpoll& Netpoll::of(Scheduler& scheduler) {
    return static_cast<Netpoll&>(scheduler.event_source([](Scheduler& s) -> std::unique_ptr<EventSource> {
        return std::unique_ptr<EventSource>(new Netpoll(s));
    }));
}

Netpoll::Netpoll(Scheduler& scheduler) : scheduler_(scheduler), reactor_(std::make_unique<Reactor>()) {}

Netpoll::~Netpoll() {
    for (auto& chunk : chunks_) delete[] chunk.load();
}

Netpoll::Id Netpoll::add(int fd, int& error, bool read_only) {
    Descriptor* d = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) {
            free_.reserve((made_ + 1) * kChunk);
            Descriptor* const chunk = made_ < kMaxChunks ? new (std::nothrow) Descriptor[kChunk] : nullptr;
            if (chunk != nullptr) {
                for (std::size_t i = kChunk; i-- > 0;) {
                    chunk[i].index = static_cast<std::uint32_t>(made_ * kChunk + i);
                    free_.push_back(&chunk[i]);
                }
                chunks_[made_++].store(chunk, std::memory_order_release);
            }
        }
        if (!free_.empty()) {
            d = free_.back();
            free_.pop_back();
        }
    }
    if (d == nullptr) {
        ::close(fd);
        error = ENFILE;
        return 0;
    }
    const std::lock_guard lock(d->mutex);
    boost::system::error_code failure;
    try {
        d->stream.emplace(reactor_->io);
        d->stream->assign(fd, failure);
    } catch (const boost::system::system_error& thrown) {  // the first one makes the reactor
        failure = thrown.code();
    } catch (const std::bad_alloc&) {
        failure.assign(ENOMEM, boost::system::system_category());
    }
    if (failure) {
        ::close(fd);
        d->stream.reset();
        error = failure.value();
        const std::lock_guard list(mutex_);
        free_.push_back(d);
        return 0;
    }
    d->open = true;
    d->closing = false;
    d->read_only = read_only;
    for (Half& half : d->halves) {
        half.past_deadline = half.has_deadline = false;
        half.deadline.fire = deadline_fired;
        half.deadline.argument = this;
        half.deadline.extra = d->id();
        // stop() waits for one that fires.
        half.deadline.take_back = [](Goroutine&, Timer&) { return false; };
    }
    return d->id();
}

Netpoll::Descriptor* Netpoll::find(Id id) {
    const auto index = static_cast<std::uint32_t>(id);
    Descriptor* const chunk = index / kChunk < kMaxChunks ? chunks_[index / kChunk].load(std::memory_order_acquire) : nullptr;
    return chunk == nullptr ? nullptr : chunk + index % kChunk;
}

Netpoll::Use Netpoll::use(Id id, Direction direction) {
    Descriptor* const d = find(id);
    if (d == nullptr) return {};
    const std::lock_guard lock(d->mutex);
    if (!d->named(id)) return {};
    ++d->uses;
    return {this, d, d->stream->native_handle(), d->half(direction).past_deadline, d->read_only};
}

void Netpoll::end_use(Descriptor& d) {
    const std::lock_guard lock(d.mutex);
    --d.uses;
    if (d.closing) recycle(d);
}

bool Netpoll::close(Goroutine& by, Id id) {
    Descriptor* const d = find(id);
    if (d == nullptr) return false;
    {
        const std::lock_guard lock(d->mutex);
        if (!d->named(id)) return false;
        d->closing = true;
        ++d->uses;
        for (Half& half : d->halves) wake(half, by.worker);
    }
    {
        const std::lock_guard lock(d->deadlines);
        for (Half& half : d->halves)
            if (half.has_deadline) scheduler_.timers().stop(by, half.deadline);
    }
    end_use(*d);
    return true;
}

/// Once no call is under way the descriptor is closed; once the reactor has given up on it, too, its place is free.
void Netpoll::recycle(Descriptor& d) {
    if (d.uses > 0) return;
    boost::system::error_code ignored;
    d.stream->close(ignored);  // the reactor calls happened() for what was armed
    if (d.armed()) return;
    d.stream.reset();
    d.open = false;
    if (++d.generation == 0) d.generation = 1;
    const std::lock_guard lock(mutex_);
    free_.push_back(&d);
}

Wait Netpoll::wait(Goroutine& g, Id id, Direction direction) {
    Descriptor* const d = find(id);
    if (d == nullptr) return Wait::Done;
    {
        const std::lock_guard lock(d->mutex);
        Half& half = d->half(direction);
        if (!d->named(id) || half.past_deadline) return Wait::Done;
        if (!half.armed && !arm(*d, direction)) return Wait::Done;
        g.begin_wait(WaitReason::Io);
        half.waiting.push(g);
        waiting_.fetch_add(1, std::memory_order_seq_cst);
    }
    scheduler_.event_awaited();
    return Wait::Parked;
}

/// False: there is no memory for it now.
bool Netpoll::arm(Descriptor& d, Direction direction) try {
    d.stream->async_wait(direction == Direction::Read ? asio::posix::stream_descriptor::wait_read
                                                      : asio::posix::stream_descriptor::wait_write,
                         [this, &d, direction](const boost::system::error_code&) { happened(d, direction); });
    d.half(direction).armed = true;
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

/// By the thread that polls.
void Netpoll::happened(Descriptor& d, Direction direction) {
    const std::lock_guard lock(d.mutex);
    Half& half = d.half(direction);
    half.armed = false;
    arrived_->append(std::exchange(half.waiting, {}));
    if (d.closing) recycle(d);
}

void Netpoll::wake(Half& half, Worker* worker) {
    waiting_.fetch_sub(static_cast<std::int64_t>(half.waiting.size), std::memory_order_relaxed);
    GoroutineList list = std::exchange(half.waiting, {});
    while (Goroutine* g = list.pop()) scheduler_.ready(worker, *g, false);
}

void Netpoll::deadline_fired(Scheduler&, Worker& worker, Timer& timer) {
    auto& netpoll = *static_cast<Netpoll*>(timer.argument);
    Descriptor& d = *netpoll.find(timer.extra);
    const std::lock_guard lock(d.mutex);
    for (Half& half : d.halves) {
        if (&half.deadline != &timer || !d.named(timer.extra)) continue;
        half.past_deadline = true;
        netpoll.wake(half, &worker);
    }
}

bool Netpoll::set_deadline(Goroutine& by, Id id, Direction direction, std::int64_t when) {
    const Use guard = use(id);
    if (!guard) return false;
    Descriptor& d = *find(id);
    Half& half = d.half(direction);
    const bool past = when != 0 && when <= scheduler_.clock().monotonic();
    const std::lock_guard deadlines(d.deadlines);
    if (half.has_deadline) scheduler_.timers().stop(by, half.deadline);
    half.has_deadline = when != 0 && !past;
    {
        const std::lock_guard lock(d.mutex);
        if (!d.named(id)) return false;
        half.past_deadline = past;
        if (past) wake(half, by.worker);
    }
    if (half.has_deadline) scheduler_.timers().start(half.deadline, when, 0);
    return true;
}

void Netpoll::poll(GoroutineList& arrived) {
    if (!polling_.exchange(true, std::memory_order_seq_cst)) run(0, arrived);
}

void Netpoll::wait(std::int64_t nanoseconds, const std::atomic<bool>& interrupted, GoroutineList& arrived) {
    // Another thread that waits has been interrupted, and is about to return.
    while (polling_.exchange(true, std::memory_order_seq_cst)) {
        if (interrupted.load(std::memory_order_seq_cst)) return;
        std::this_thread::yield();
    }
    // What interrupt() posted may have been taken by another thread's poll; from here on that cannot happen.
    run(interrupted.load(std::memory_order_seq_cst) ? 0 : nanoseconds, arrived);
}

/// By the thread that has set polling_.
void Netpoll::run(std::int64_t nanoseconds, GoroutineList& arrived) {
    arrived_ = &arrived;
    asio::io_context& io = reactor_->io;
    if (nanoseconds < 0)
        io.run_one();
    else if (nanoseconds > 0)
        io.run_one_for(std::chrono::nanoseconds(nanoseconds));
    io.poll();
    arrived_ = nullptr;
    polling_.store(false, std::memory_order_seq_cst);
}

void Netpoll::taken(std::size_t count) { waiting_.fetch_sub(static_cast<std::int64_t>(count), std::memory_order_seq_cst); }

void Netpoll::interrupt(std::atomic<bool>& interrupted) {
    interrupted.store(true, std::memory_order_seq_cst);
    asio::post(reactor_->io, [] {});
}

}  // namespace csp::runtime
