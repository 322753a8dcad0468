#include "csp/package.hpp"
#include "runtime/sched/timers.h"

#include <ctime>
#include <limits>
#include <string>
#include <tuple>

#include "runtime/chan/channel.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

runtime::Clock& clock(Call& call) { return goroutine(call).scheduler->clock(); }

Status wall_now(Call& call, const NativeEntry&) {
    call.slots()[0] = static_cast<Slot>(clock(call).wall());
    return Status::Ok;
}
Status mono_now(Call& call, const NativeEntry&) {
    call.slots()[0] = static_cast<Slot>(clock(call).monotonic() + 1);
    return Status::Ok;
}

Status sleep(Call& call, const NativeEntry&) {
    const auto wait = runtime::sleep(goroutine(call), static_cast<std::int64_t>(call.slots()[0]));
    return wait == runtime::Wait::Parked ? Status::Parked : Status::Yield;
}

/// What timer.csp calls a timer: ours, and the location of the times it sends.
constexpr std::size_t kTimerWords = 16;

runtime::Timer& timer_at(Slot pointer) {
    static_assert(sizeof(runtime::Timer) <= kTimerWords * sizeof(Slot));
    return *reinterpret_cast<runtime::Timer*>(pointer);
}

std::int64_t due(Call& call, Slot delay) {
    const auto d = static_cast<std::int64_t>(delay);
    const std::int64_t now = clock(call).monotonic();
    if (d <= 0) return now;
    return d > std::numeric_limits<std::int64_t>::max() - now ? std::numeric_limits<std::int64_t>::max() - 1 : now + d;
}

/// Sends the present time (a Time of instant.csp) without waiting.
void send_time(runtime::Scheduler& scheduler, runtime::Worker& worker, runtime::Timer& timer) {
    constexpr std::int64_t kUnixEpoch = 62'135'596'800;
    const std::int64_t wall = scheduler.clock().wall();
    const Slot now[4] = {static_cast<Slot>(wall / 1'000'000'000 + kUnixEpoch), static_cast<Slot>(wall % 1'000'000'000),
                         static_cast<Slot>(scheduler.clock().monotonic() + 1),
                         reinterpret_cast<const Slot*>(&timer)[kTimerWords]};
    runtime::channel_offer(scheduler, worker, static_cast<runtime::Channel*>(timer.argument), now);
}

/// No time of before comes after Stop or Reset.
bool take_back_time(runtime::Goroutine& by, runtime::Timer& timer) {
    return runtime::channel_try_receive(by, static_cast<runtime::Channel*>(timer.argument), nullptr, nullptr).done;
}

Status start_chan(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    runtime::Timer& timer = timer_at(s[0]);
    timer.fire = send_time;
    timer.take_back = take_back_time;
    timer.argument = reinterpret_cast<void*>(s[3]);
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->timers().start(timer, due(call, s[1]), static_cast<std::int64_t>(s[2]));
    return Status::Ok;
}

Status start_func(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    runtime::Timer& timer = timer_at(s[0]);
    timer.fire = call.starter();
    timer.argument = reinterpret_cast<void*>(s[2]);
    runtime::Goroutine& g = goroutine(call);
    g.scheduler->timers().start(timer, due(call, s[1]), 0);
    return Status::Ok;
}

Status stop_timer(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Goroutine& g = goroutine(call);
    s[0] = g.scheduler->timers().stop(g, timer_at(s[1]));
    return Status::Ok;
}

Status reset_timer(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Goroutine& g = goroutine(call);
    s[0] = g.scheduler->timers().reset(g, timer_at(s[1]), due(call, s[2]), static_cast<std::int64_t>(s[3]));
    return Status::Ok;
}

std::string fraction(std::uint64_t value, int digits) {
    std::string text = std::to_string(value);
    text.insert(0, static_cast<std::size_t>(digits) > text.size() ? static_cast<std::size_t>(digits) - text.size() : 0, '0');
    while (!text.empty() && text.back() == '0') text.pop_back();
    return text.empty() ? text : "." + text;
}

std::string duration_text(std::int64_t d) {
    if (d == 0) return "0s";
    const bool negative = d < 0;
    const std::uint64_t u = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(d) : static_cast<std::uint64_t>(d);
    std::string text;
    if (u < 1000) {
        text = std::to_string(u) + "ns";
    } else if (u < 1'000'000) {
        text = std::to_string(u / 1000) + fraction(u % 1000, 3) + "µs";
    } else if (u < 1'000'000'000) {
        text = std::to_string(u / 1'000'000) + fraction(u % 1'000'000, 6) + "ms";
    } else {
        const std::uint64_t seconds = u / 1'000'000'000;
        text = std::to_string(seconds % 60) + fraction(u % 1'000'000'000, 9) + "s";
        if (seconds >= 60) text = std::to_string(seconds / 60 % 60) + "m" + text;
        if (seconds >= 3600) text = std::to_string(seconds / 3600) + "h" + text;
    }
    return negative ? "-" + text : text;
}

std::tuple<std::string, std::int64_t> local_zone(std::int64_t unix_seconds) {
    const auto at = static_cast<std::time_t>(unix_seconds);
    std::tm parts{};
    if (localtime_r(&at, &parts) == nullptr) return {"UTC", 0};
    return {parts.tm_zone, parts.tm_gmtoff};
}

}  // namespace

void bind_time(Package& package) {
    package.raw("wallNow", wall_now)
        .raw("monoNow", mono_now)
        .raw("Sleep", sleep)
        .raw("startChan", start_chan)
        .raw("startFunc", start_func)
        .raw("stopTimer", stop_timer)
        .raw("resetTimer", reset_timer);
    package.function("localZone", local_zone);
    package.function("durationText", [](std::int64_t d) { return duration_text(d); });
}

}  // namespace csp::stdlib
