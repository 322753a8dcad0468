#pragma once

/// \file
/// Runs that do not block their host: on a thread of their own, or polled from the host's own loop.
///
///     csp::Run run = engine.start(program);              // goes on while the host does other things
///     const csp::Ended& ended = run.wait();
///
///     csp::PolledRun game = engine.start_polled(program);
///     while (game.poll(2ms).state != csp::Poll::State::Ended) draw_frame();

#include <chrono>
#include <functional>
#include <future>
#include <memory>

#include "csp/engine.hpp"

namespace csp {

namespace detail {
struct ThreadedRun;
struct PolledState;
}  // namespace detail

/// A run on a thread of its own, made by Engine::start(). All members may be called from any thread, also several at once,
/// but for moving and destroying it. It does not need the engine any more.
class Run {
  public:
    Run(Run&&) noexcept;  ///< What is moved from can only be destroyed.
    Run& operator=(Run&&) noexcept;  ///< The same.
    /// Cancels it and waits for its end. In the run's own `on_end` it does not wait.
    ~Run();

    /// Waits for the end. Valid as long as the Run is.
    const Ended& wait() const;
    /// The same, for so long at most. False: it has not ended.
    bool wait_for(std::chrono::nanoseconds most) const;
    bool done() const;  ///< Whether it has ended.
    /// Ends it as Limits::stop does: it ends soon, with Limit::Stop, unless it has ended before.
    void cancel() const;
    /// Its end, for code that works with futures.
    std::shared_future<Ended> future() const;

  private:
    friend class Engine;
    explicit Run(std::shared_ptr<detail::ThreadedRun> run);
    std::shared_ptr<detail::ThreadedRun> run_;
};

/// What a poll has come to.
struct Poll {
    /// How far it is.
    enum class State : std::uint8_t {
        Ended,    ///< It is over; `ended` says how.
        Working,  ///< The slice was over; there is more to do.
        Idle,     ///< All goroutines wait. Nothing happens in the next `idle` nanoseconds but by something outside.
    };
    State state = State::Working;  ///< What has come of it.
    /// Until the next timer of the script is due; nanoseconds::max() when there is none. By the script's clock.
    std::chrono::nanoseconds idle{0};
    Ended ended;  ///< When state is Ended: how.
};

/// A run that goes on in poll() only, on the thread that calls it; made by Engine::start_polled(). There is no other thread,
/// whatever the script asks for, but for its calls that block: reading files and input, looking up names. One thread at a
/// time, but for cancel(). It does not need the engine any more.
class PolledRun {
  public:
    PolledRun(PolledRun&&) noexcept;  ///< What is moved from can only be destroyed.
    PolledRun& operator=(PolledRun&&) noexcept;  ///< The same.
    ~PolledRun();  ///< Drops all goroutines where they are.

    /// Lets goroutines run for about `slice`, which must be more than 0: loops overrun it by some tens of microseconds, a
    /// native by as long as it takes. When none can go on, sleeps until one can, but not for longer than `wait`, and then
    /// lets it. Timers, sockets and what has come from other threads are seen to in here.
    Poll poll(std::chrono::nanoseconds slice, std::chrono::nanoseconds wait = std::chrono::nanoseconds{0});
    /// Ends it as Limits::stop does: the next poll, or the one under way, tells so. Any thread.
    void cancel() const;

  private:
    friend class Engine;
    explicit PolledRun(std::unique_ptr<detail::PolledState> state);
    std::unique_ptr<detail::PolledState> state_;
};

}  // namespace csp
