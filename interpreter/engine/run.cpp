// Runs on a thread of their own, and polled ones.

#include "csp/run.hpp"

#include <atomic>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include "interpreter/engine/engine_state.h"
#include "interpreter/engine/instance_state.h"

namespace csp {

namespace detail {

namespace {

/// What can be stopped by the host's token as well as by cancel().
class Stop {
  public:
    explicit Stop(const std::stop_token& hosts) {
        if (hosts.stop_possible()) hosts_.emplace(hosts, Request{source_});
    }
    std::stop_token token() const { return source_.get_token(); }
    void request() { source_.request_stop(); }

  private:
    struct Request {
        std::stop_source source;
        void operator()() { source.request_stop(); }
    };
    std::stop_source source_;
    std::optional<std::stop_callback<Request>> hosts_;
};

}  // namespace

/// Shared by the Run and its thread.
struct ThreadedRun {
    Stop stop;
    std::promise<Ended> promise;
    std::shared_future<Ended> future = promise.get_future().share();
    std::thread thread;

    explicit ThreadedRun(const std::stop_token& hosts) : stop(hosts) {}
    void finish(const Ended& ended, const std::function<void(const Ended&)>& on_end) {
        if (on_end) on_end(ended);
        promise.set_value(ended);
    }
};

struct PolledState {
    struct StopMachine {
        vm::Machine& machine;
        void operator()() const { machine.stop(Limit::Stop, "stopped by the host"); }
    };
    Stop stop;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    std::unique_ptr<InstanceState> state;  ///< Null: it has ended.
    std::optional<std::stop_callback<StopMachine>> stopper;
    Ended ended;

    explicit PolledState(const std::stop_token& hosts) : stop(hosts) {}
    void end(Ended how) {
        ended = std::move(how);
        stopper.reset();
        state.reset();
    }
};

}  // namespace detail

Run Engine::start(const Program& program, const Limits& limits, std::function<void(const Ended&)> on_end) {
    auto run = std::make_shared<detail::ThreadedRun>(limits.stop);
    auto state = std::make_shared<detail::InstanceState>(program.compiled_, *state_);
    if (std::optional<Ended> refused = state->refuse_main()) {
        run->finish(*refused, on_end);
        return Run(std::move(run));
    }
    state->limits = limits;
    state->limits.stop = run->stop.token();
    try {
        run->thread = std::thread([run, state, on_end]() mutable {
            const Ended ended = detail::to_public(state->run(*state->compiled->program.entry));
            state.reset();
            run->finish(ended, on_end);
        });
    } catch (const std::system_error& error) {
        run->finish(detail::no_run(std::string("no thread for the run: ") + error.what()), on_end);
    }
    return Run(std::move(run));
}

PolledRun Engine::start_polled(const Program& program, const Limits& limits) {
    auto polled = std::make_unique<detail::PolledState>(limits.stop);
    polled->state = std::make_unique<detail::InstanceState>(program.compiled_, *state_, true);
    detail::InstanceState& state = *polled->state;
    if (std::optional<Ended> refused = state.refuse_main()) {
        polled->end(std::move(*refused));
        return PolledRun(std::move(polled));
    }
    if (limits.time.count() > 0) polled->deadline = engine::Watchdog::deadline(limits.time);
    state.limits = limits;
    state.machine->prepare(state.limits, true);
    polled->stopper.emplace(polled->stop.token(), detail::PolledState::StopMachine{*state.machine});
    if (vm::Thread* const main = state.machine->make_main(*state.compiled->program.entry, {}, {}))
        state.scheduler->ready(nullptr, *main, false);
    else
        polled->end(detail::to_public(state.machine->no_memory()));
    return PolledRun(std::move(polled));
}

Run::Run(std::shared_ptr<detail::ThreadedRun> run) : run_(std::move(run)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&& other) noexcept {
    std::swap(run_, other.run_);
    return *this;
}
Run::~Run() {
    if (run_ == nullptr || !run_->thread.joinable()) return;
    run_->stop.request();
    if (run_->thread.get_id() == std::this_thread::get_id())
        run_->thread.detach();
    else
        run_->thread.join();
}
const Ended& Run::wait() const { return run_->future.get(); }
bool Run::wait_for(std::chrono::nanoseconds most) const { return run_->future.wait_for(most) == std::future_status::ready; }
bool Run::done() const { return wait_for(std::chrono::nanoseconds{0}); }
void Run::cancel() const { run_->stop.request(); }
std::shared_future<Ended> Run::future() const { return run_->future; }

namespace {

std::chrono::nanoseconds idle_time(const runtime::Polled& polled, runtime::Clock& clock) {
    if (polled.due == std::numeric_limits<std::int64_t>::max()) return std::chrono::nanoseconds::max();
    return std::chrono::nanoseconds(std::max<std::int64_t>(0, polled.due - clock.monotonic()));
}

/// One poll of what prepare() has been called for.
Poll poll_once(detail::InstanceState& state, std::chrono::nanoseconds slice, std::chrono::nanoseconds wait, bool has_main) {
    const runtime::Polled polled = state.scheduler->poll(slice.count(), wait.count(), has_main);
    Poll poll;
    if (state.machine->ending()) {
        poll.state = Poll::State::Ended;
        const vm::Outcome& outcome = state.machine->outcome();
        state.note_end(outcome);
        poll.ended = detail::to_public(outcome);
    } else if (polled.idle) {
        poll.state = Poll::State::Idle;
        poll.idle = idle_time(polled, state.scheduler->clock());
    }
    return poll;
}

}  // namespace

PolledRun::PolledRun(std::unique_ptr<detail::PolledState> state) : state_(std::move(state)) {}
PolledRun::PolledRun(PolledRun&&) noexcept = default;
PolledRun& PolledRun::operator=(PolledRun&&) noexcept = default;
PolledRun::~PolledRun() = default;
void PolledRun::cancel() const { state_->stop.request(); }

Poll PolledRun::poll(std::chrono::nanoseconds slice, std::chrono::nanoseconds wait) {
    detail::PolledState& run = *state_;
    if (run.state != nullptr) {
        // Which comes to no more than the time that is left.
        const auto left = run.deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) run.state->machine->stop(Limit::Time, "time limit exceeded");
        Poll poll = poll_once(*run.state, std::min<std::chrono::nanoseconds>(slice, left), std::min<std::chrono::nanoseconds>(wait, left), true);
        if (poll.state != Poll::State::Ended) return poll;
        run.end(std::move(poll.ended));
    }
    return {Poll::State::Ended, std::chrono::nanoseconds{0}, run.ended};
}

Poll Instance::poll(std::chrono::nanoseconds slice, std::chrono::nanoseconds wait) {
    const auto over = [](std::string message, Limit limit, std::shared_ptr<const Failure> failure) {
        return Poll{Poll::State::Ended, std::chrono::nanoseconds{0}, {2, std::move(message), limit, std::move(failure), 0}};
    };
    if (handle_ == nullptr) return over(detail::InstanceHandle::kGone, Limit::None, nullptr);
    const char* refusal = nullptr;
    const std::unique_ptr<detail::InstanceState, void (*)(detail::InstanceState*)> state(handle_->begin_use(refusal), &detail::InstanceHandle::end_use);
    if (state == nullptr) return over(refusal, Limit::None, nullptr);
    if (!state->ended.empty()) return over("the instance has ended: " + state->ended, state->ended_by, state->end);
    state->scheduler->collect_if_due();
    state->machine->prepare(state->limits, true);
    std::optional<std::stop_callback<detail::PolledState::StopMachine>> stopper;
    if (state->limits.stop.stop_possible()) stopper.emplace(state->limits.stop, detail::PolledState::StopMachine{*state->machine});
    return poll_once(*state, slice, wait, false);
}

}  // namespace csp
