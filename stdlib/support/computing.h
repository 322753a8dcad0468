#pragma once

// Work that a library does in one call, which nothing can interrupt: beside the workers, if it may take long, so that the end
// of a run does not wait for it.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/bind.hpp"
#include "stdlib/support/system_calls.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

/// Where the schedule is to be repeated, no goroutine may run meanwhile: the worker waits. False: the run is being ended.
template <class Work>
bool wait_for(runtime::Scheduler& scheduler, Work work) {
    struct State {
        explicit State(Work w) : work(std::move(w)) {}
        Work work;
        std::mutex mutex;
        std::condition_variable done;
        bool is_done = false;
    };
    const auto state = std::make_shared<State>(std::move(work));
    try {
        std::thread([state] {
            state->work();
            const std::lock_guard lock(state->mutex);
            state->is_done = true;
            state->done.notify_one();
        }).detach();
    } catch (const std::system_error&) {
        state->work();
        return true;
    }
    constexpr std::chrono::milliseconds kPoll{1};
    std::unique_lock lock(state->mutex);
    while (!state->is_done && !scheduler.stopping()) state->done.wait_for(lock, kPoll);
    return state->is_done;
}

/// Has `work` done, which owns all that it touches: it may go on when the run is over. False: the run is being ended, or has no
/// memory.
template <class Work>
[[nodiscard]] bool compute_beside(Call& call, Work work) {
    runtime::Scheduler& scheduler = *goroutine(call).scheduler;
    bool done;
    if (scheduler.policy() == nullptr) {
        done = beside(call, std::move(work)) == Status::Ok;
    } else {
        const auto failed = std::make_shared<bool>(false);
        done = wait_for(scheduler, [failed, work = std::move(work)]() mutable {
            try {
                work();
            } catch (const std::exception&) {
                *failed = true;
            }
        });
        if (done && *failed) done = call.out_of_memory() == Status::Ok;
    }
    if (!done) call.note_end();
    return done;
}

namespace computing {

template <class T>
struct Owned {
    using Type = T;
    static std::size_t size(const T&) { return 0; }
};
template <>
struct Owned<std::string_view> {
    using Type = std::string;
    static std::size_t size(std::string_view text) { return text.size(); }
};
template <>
struct Owned<std::span<const std::uint8_t>> {
    using Type = std::vector<std::uint8_t>;
    static std::size_t size(std::span<const std::uint8_t> bytes) { return bytes.size(); }
};

/// A copy, made in portions of work.
template <class T>
typename Owned<T>::Type owned(Work& work, const T& value) {
    if constexpr (std::is_same_v<T, typename Owned<T>::Type>) {
        return value;
    } else {
        typename Owned<T>::Type copy;
        copy.reserve(value.size());
        in_pieces(work, value, [&copy](const T& part) { copy.insert(copy.end(), part.begin(), part.end()); });
        return copy;
    }
}

template <class T>
constexpr bool shares = std::is_same_v<T, Shared> || std::is_same_v<T, std::vector<Shared>>;
template <class... T>
constexpr bool shares<std::tuple<T...>> = (shares<T> || ...);
template <class A, class B>
constexpr bool shares<std::pair<A, B>> = shares<A> || shares<B>;

}  // namespace computing

/// A native of a function whose work is in proportion to the texts and bytes it gets: charged before, and done beside the
/// workers when there are many, unless the result refers to them.
template <std::size_t kAtOnce = 1 << 20, class R, class... P>
auto linear(R (*function)(P...)) {
    return [function](Call& call, P... args) -> R {
        const std::size_t size = (std::size_t{0} + ... + computing::Owned<P>::size(args));
        Work work(call);
        if (!work.steps(size)) return R{};
        if (size <= kAtOnce || computing::shares<R>) return function(args...);
        work.holds(size);
        struct State {
            std::tuple<typename computing::Owned<P>::Type...> args;
            std::optional<R> result;
        };
        const auto state = std::make_shared<State>(State{{computing::owned(work, args)...}, {}});
        if (work.ended()) return R{};
        if (!compute_beside(call, [state, function] { state->result.emplace(std::apply(function, state->args)); })) return R{};
        return std::move(*state->result);
    };
}

/// The same of one that calculates on a key or a curve as well: half a millisecond or so.
template <std::size_t kAtOnce = 1 << 20, class R, class... P>
auto curved(R (*function)(P...)) {
    return [inner = linear<kAtOnce>(function)](Call& call, P... args) -> R {
        constexpr std::uint64_t kSteps = 100'000;
        if (!call.charge(kSteps)) return R{};
        return inner(call, args...);
    };
}

}  // namespace csp::stdlib
