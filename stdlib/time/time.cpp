#include "csp/package.hpp"
#include "runtime/sched/timers.h"

#include <limits>
#include <string>
#include <tuple>

#include "runtime/chan/channel.h"
#include "runtime/sched/bubble.h"
#include "stdlib/support/computing.h"
#include "stdlib/support/value.h"
#include "stdlib/time/calendar.h"
#include "stdlib/time/format.h"
#include "stdlib/time/layout.h"
#include "stdlib/time/parse.h"
#include "stdlib/time/zone_file.h"

namespace csp::stdlib {

namespace {

runtime::Clock& clock(Call& call) { return runtime::clock_of(goroutine(call)); }

/// The words of a Time (instant.csp) that stand for now, without its location.
struct Now {
    Slot wall;
    Slot ext;
};

/// `without_monotonic`: as a bubble's clock tells it.
Now time_now(runtime::Clock& clock, bool without_monotonic) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    constexpr std::int64_t kYear1885 = 59'453'308'800;  // seconds since year 1
    constexpr Slot kHasMonotonic = Slot{1} << 63;
    const std::int64_t wall = clock.wall();
    std::int64_t seconds = wall / kSecond;
    std::int64_t nanoseconds = wall % kSecond;
    if (nanoseconds < 0) {
        nanoseconds += kSecond;
        --seconds;
    }
    const auto since = static_cast<Slot>(seconds + calendar::kUnixEpoch - kYear1885);
    if (since >> 33 != 0 || without_monotonic)
        return {static_cast<Slot>(nanoseconds), static_cast<Slot>(seconds + calendar::kUnixEpoch)};
    return {kHasMonotonic | since << 30 | static_cast<Slot>(nanoseconds), static_cast<Slot>(clock.monotonic() + 1)};
}

Status now(Call& call, const NativeEntry&) {
    const Now now = time_now(clock(call), goroutine(call).bubble != nullptr);
    call.slots()[0] = now.wall;
    call.slots()[1] = now.ext;
    return Status::Ok;
}

Status runtime_nano(Call& call, const NativeEntry&) {
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

std::int64_t due(runtime::Clock& clock, Slot delay) {
    const auto d = static_cast<std::int64_t>(delay);
    const std::int64_t now = clock.monotonic();
    if (d <= 0) return now;
    return d > std::numeric_limits<std::int64_t>::max() - now ? std::numeric_limits<std::int64_t>::max() - 1 : now + d;
}

/// Sends the present time (a Time of instant.csp) without waiting.
void send_time(runtime::Scheduler& scheduler, runtime::Worker& worker, runtime::Timer& timer) {
    const Now now = timer.bubble == 0 ? time_now(scheduler.clock(), false)
                                      : time_now(runtime::clock_of(*worker.current()), true);
    const Slot time[3] = {now.wall, now.ext, reinterpret_cast<const Slot*>(&timer)[kTimerWords]};
    runtime::channel_offer(scheduler, worker, static_cast<runtime::Channel*>(timer.argument), time);
}

/// No time of before comes after Stop or Reset.
bool take_back_time(runtime::Goroutine& by, runtime::Timer& timer) {
    return runtime::channel_try_receive(by, static_cast<runtime::Channel*>(timer.argument), nullptr, nullptr).done;
}

bool time_awaited(runtime::Scheduler& scheduler, const runtime::Timer& timer) {
    return runtime::channel_awaited(scheduler, static_cast<runtime::Channel*>(timer.argument));
}

Status start_chan(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    runtime::Timer& timer = timer_at(s[0]);
    timer.fire = send_time;
    timer.take_back = take_back_time;
    timer.awaited = time_awaited;
    timer.argument = reinterpret_cast<void*>(s[3]);
    runtime::Goroutine& g = goroutine(call);
    timer.bubble = runtime::bubble_number(g);
    runtime::timers_of(g).start(timer, due(clock(call), s[1]), static_cast<std::int64_t>(s[2]));
    return Status::Ok;
}

Status start_func(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    runtime::Timer& timer = timer_at(s[0]);
    timer.fire = call.starter();
    timer.argument = reinterpret_cast<void*>(s[2]);
    runtime::Goroutine& g = goroutine(call);
    timer.bubble = runtime::bubble_number(g);
    runtime::timers_of(g).start(timer, due(clock(call), s[1]), 0);
    return Status::Ok;
}

bool foreign(const runtime::Goroutine& g, const runtime::Timer& timer) {
    return timer.bubble != 0 && timer.bubble != runtime::bubble_number(g);
}

Status stop_timer(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Goroutine& g = goroutine(call);
    runtime::Timer& timer = timer_at(s[1]);
    if (foreign(g, timer)) return call.fatal("stop of synctest timer from outside bubble");
    runtime::Timers& timers = timer.bubble == 0 ? g.scheduler->timers() : g.bubble->timers();
    s[0] = timers.stop(g, timer);
    return Status::Ok;
}

Status reset_timer(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::Goroutine& g = goroutine(call);
    runtime::Timer& timer = timer_at(s[1]);
    if (foreign(g, timer)) return call.fatal("reset of synctest timer from outside bubble");
    const auto period = static_cast<std::int64_t>(s[3]);
    s[0] = timer.bubble == 0 ? g.scheduler->timers().reset(g, timer, due(g.scheduler->clock(), s[2]), period)
                             : g.bubble->timers().reset(g, timer, due(g.bubble->clock(), s[2]), period);
    return Status::Ok;
}

/// What follows is bound as it is; Time's natives take seconds since year 1.
std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t> civil(std::int64_t seconds) {
    const calendar::Date date = calendar::date_at(seconds);
    return {date.year, date.month, date.day, date.year_day};
}

std::tuple<std::int64_t, std::int64_t, std::int64_t> clock_at(std::int64_t seconds) {
    const int second = calendar::second_of_day(seconds);
    return {second / 3600, second / 60 % 60, second % 60};
}

std::tuple<std::int64_t, std::int64_t> iso_week(std::int64_t seconds) {
    // A week belongs to the year that its Thursday is in.
    const std::int64_t from_monday = (calendar::weekday_at(seconds) + 6) % 7;
    const std::int64_t ahead = (3 - from_monday) * calendar::kSecondsPerDay;
    const calendar::Date thursday =
        calendar::date_at(static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds) + static_cast<std::uint64_t>(ahead)));
    return {thursday.year, (thursday.year_day - 1) / 7 + 1};
}

/// How far a time is beyond a multiple of `unit` nanoseconds (positive) since year 1.
std::int64_t remainder_of(std::int64_t seconds, std::int64_t nanoseconds, std::int64_t unit) {
    if (unit <= 0) return 0;
    __extension__ using Wide = __int128;
    const Wide rest = (Wide{seconds} * 1'000'000'000 + nanoseconds) % unit;
    return static_cast<std::int64_t>(rest < 0 ? rest + unit : rest);
}

using Period = std::tuple<Shared, std::int64_t, std::int64_t, std::int64_t, bool>;
Period zone_at(std::string_view bytes, std::int64_t unix_seconds) {
    ZoneFile file;
    const ZonePeriod p = file.open(bytes) ? file.at(unix_seconds) : ZonePeriod{};
    return {Shared{p.name}, p.offset, p.start, p.end, p.is_dst};
}

std::tuple<std::int64_t, bool> zone_offset(std::string_view bytes, std::string_view name, std::int64_t unix_seconds) {
    ZoneFile file;
    std::int64_t offset = 0;
    const bool found = file.open(bytes) && file.offset_of(name, unix_seconds, offset);
    return {offset, found};
}

std::tuple<std::string, std::string, bool> load_zone(std::string_view name) {
    std::string bytes, error;
    const bool ok = read_zone(std::string(name), bytes, error);
    return {ok ? std::move(bytes) : std::string(), std::move(error), ok};
}

std::tuple<std::string, std::string> local_zone() {
    LocalZone zone = read_local_zone();
    return {std::move(zone.name), std::move(zone.bytes)};
}

using Parsed = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, Shared, bool, Shared, Shared, std::string>;
Parsed parse(std::string_view layout, std::string_view value) {
    ParsedTime t = parse_time(layout, value);
    return {t.seconds, t.nanoseconds, static_cast<std::int64_t>(t.zone), t.offset, Shared{t.zone_name},
            t.failed,  Shared{t.element}, Shared{t.rest}, std::move(t.message)};
}

}  // namespace

void bind_time(Package& package) {
    package.raw("now", now)
        .raw("runtimeNano", runtime_nano)
        .raw("Sleep", sleep)
        .raw("startChan", start_chan)
        .raw("startFunc", start_func)
        .raw("stopTimer", stop_timer)
        .raw("resetTimer", reset_timer);
    package.function("civil", civil)
        .function("clockAt", clock_at)
        .function("isoWeek", iso_week)
        .function("weekday", [](std::int64_t seconds) { return std::int64_t{calendar::weekday_at(seconds)}; })
        .function("secondsOf", calendar::seconds_at)
        .function("remainderOf", remainder_of)
        .function("format", linear(format_time))
        .function("parse", linear(parse))
        .function("quoted", linear(layout::quoted));
    package.function("zoneAt", linear(zone_at))
        .function("zoneOffset", linear(zone_offset))
        .function("loadZone", load_zone)
        .function("localZone", local_zone)
        .function("isZone", linear(+[](std::string_view bytes) { return ZoneFile().open_checked(bytes); }));
    package.function("durationText", duration_text).function("parseDuration", linear(+[](std::string_view text) {
        ParsedDuration d = parse_duration(text);
        return std::make_pair(d.nanoseconds, std::move(d.error));
    }));
}

}  // namespace csp::stdlib
