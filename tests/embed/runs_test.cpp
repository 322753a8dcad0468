// Runs that do not block: on a thread of their own, polled, and what calls have left behind.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using State = csp::Poll::State;

csp::Options quiet(std::string* out = nullptr) {
    csp::Options options;
    options.output = [out](int, std::string_view bytes) {
        if (out != nullptr) *out += bytes;
    };
    return options;
}

csp::Program compile(csp::Engine& engine, const std::string& body) {
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", "package main\nimport (\"bufio\"; \"fmt\"; \"os\"; \"runtime\"; \"time\")\n"
        "var _, _, _, _, _ = fmt.Sprint, os.Exit, bufio.NewScanner, runtime.Gosched, time.Sleep\n" + body}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

csp::Poll poll_to_end(csp::PolledRun& run) {
    csp::Poll poll;
    do poll = run.poll(1ms, 1s);
    while (poll.state != State::Ended);
    return poll;
}

TEST(Runs, OnAThreadOfItsOwn) {
    std::string out;
    std::thread::id where;
    std::atomic<int> told{0};
    std::optional<csp::Run> run;
    {
        csp::Engine engine(quiet(&out));
        run.emplace(engine.start(compile(engine, "func main() { fmt.Println(1); os.Exit(3) }"), {}, [&](const csp::Ended& ended) {
            where = std::this_thread::get_id();
            told += ended.status;
        }));
    }
    EXPECT_EQ(run->wait().status, 3);
    EXPECT_TRUE(run->done());
    EXPECT_EQ(run->future().get().status, 3);
    EXPECT_EQ(out, "1\n");
    EXPECT_EQ(told, 3);
    EXPECT_NE(where, std::this_thread::get_id());
}

TEST(Runs, CancelEndsOneAndDestructionToo) {
    csp::Engine engine(quiet());
    const auto endless = compile(engine, "func main() { go func() { for {} }(); time.Sleep(time.Hour) }");
    csp::Run run = engine.start(endless);
    EXPECT_FALSE(run.wait_for(1ms));
    run.cancel();
    EXPECT_EQ(run.wait().limit, csp::Limit::Stop);
    std::atomic<bool> ended{false};
    { const csp::Run dropped = engine.start(endless, {}, [&](const csp::Ended&) { ended = true; }); }
    EXPECT_TRUE(ended);
    std::stop_source host;
    csp::Run third = engine.start(endless, {.stop = host.get_token()});
    host.request_stop();
    EXPECT_EQ(third.wait().limit, csp::Limit::Stop);
}

TEST(Runs, NotAMainPackage) {
    csp::Engine engine(quiet());
    const auto compiled = engine.compile({{"a.csp", "package lib\nfunc F() {}"}});
    ASSERT_TRUE(compiled.program);
    EXPECT_EQ(engine.start(*compiled.program).wait().message, "package lib is not a main package");
    EXPECT_EQ(engine.start_polled(*compiled.program).poll(1ms).ended.message, "package lib is not a main package");
}

TEST(Polled, RunsInSlicesOnTheCallersThread) {
    csp::Engine engine(quiet());
    std::thread::id here = std::this_thread::get_id();
    bool elsewhere = false;
    csp::Package host("host");
    host.function("Here", [&] { elsewhere |= std::this_thread::get_id() != here; });
    engine.add(host);
    const auto compiled = engine.compile({{"a.csp", "package main\nimport (\"host\"; \"runtime\")\n"
        "func work() { runtime.LockOSThread(); for i := 0; i < 2000000; i++ { if i % 1000 == 0 { host.Here() } } }\n"
        "func main() { runtime.GOMAXPROCS(8); c := make(chan int)\n for range 4 { go func() { work(); c <- 1 }() }\n for range 4 { <-c } }"}});
    ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
    csp::PolledRun run = engine.start_polled(*compiled.program);
    int working = 0;
    csp::Poll poll;
    while ((poll = run.poll(100us)).state == State::Working) ++working;
    EXPECT_EQ(poll.state, State::Ended) << poll.ended.message;
    EXPECT_EQ(poll.ended.status, 0);
    EXPECT_GT(working, 1);
    EXPECT_FALSE(elsewhere);
    EXPECT_EQ(run.poll(1ms).state, State::Ended);
}

TEST(Polled, TellsWhenTheNextTimerIsDue) {
    csp::Engine engine(quiet());
    csp::PolledRun run = engine.start_polled(compile(engine, "func main() { time.Sleep(time.Hour) }"));
    const csp::Poll poll = run.poll(1s);
    ASSERT_EQ(poll.state, State::Idle);
    EXPECT_GT(poll.idle, 59min);
    EXPECT_LE(poll.idle, 1h);
    EXPECT_EQ(run.poll(1s, 1ms).state, State::Idle);
    run.cancel();
    EXPECT_EQ(run.poll(1s).ended.limit, csp::Limit::Stop);
}

TEST(Polled, TimersFireAndSleepersWakeInPolls) {
    csp::Engine engine(quiet());
    csp::PolledRun run = engine.start_polled(compile(engine,
        "func main() { n := 0; t := time.NewTicker(100 * time.Microsecond); for range t.C { n++; time.Sleep(50 * time.Microsecond); if n == 20 { os.Exit(n) } } }"));
    EXPECT_EQ(poll_to_end(run).ended.status, 20);
}

TEST(Polled, DeadlockPanicAndLimitsEndIt) {
    csp::Engine engine(quiet());
    const auto ended = [&](const std::string& body, const csp::Limits& limits = {}) {
        csp::PolledRun run = engine.start_polled(compile(engine, body), limits);
        return poll_to_end(run).ended;
    };
    EXPECT_EQ(ended("func main() { select {} }").message, "fatal error: all goroutines are asleep - deadlock!");
    EXPECT_EQ(ended("func main() { panic(\"boom\") }").message, "panic: boom");
    EXPECT_EQ(ended("func main() { for {} }", {.time = 3ms}).limit, csp::Limit::Time);
    EXPECT_EQ(ended("func main() { time.Sleep(time.Hour) }", {.time = 3ms}).limit, csp::Limit::Time);
    EXPECT_EQ(ended("func main() { for {} }", {.fuel = 100000}).limit, csp::Limit::Fuel);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(ended("func main() { for {} }", {.stop = stop.get_token()}).limit, csp::Limit::Stop);
}

TEST(Polled, BlockingInputIsServed) {
    csp::Options options = quiet();
    options.input = csp::input_text("one\ntwo\nthree\n");
    csp::Engine engine(options);
    csp::PolledRun run = engine.start_polled(compile(engine, "func main() { n := 0; s := bufio.NewScanner(os.Stdin); for s.Scan() { n += len(s.Text()) }; os.Exit(n) }"));
    EXPECT_EQ(poll_to_end(run).ended.status, 11);
}

TEST(Polled, VirtualTime) {
    csp::Options options = quiet();
    options.virtual_time = true;
    csp::Engine engine(options);
    csp::PolledRun run = engine.start_polled(compile(engine, "func main() { for range 100 { time.Sleep(time.Hour) } }"));
    EXPECT_EQ(poll_to_end(run).ended.status, 0);
}

TEST(Polled, DroppedInTheMiddle) {
    csp::Engine engine(quiet());
    csp::PolledRun run = engine.start_polled(compile(engine, "func main() { for range 100 { go func() { for { runtime.Gosched() } }() }; select {} }"));
    EXPECT_EQ(run.poll(200us).state, State::Working);
    std::stop_source never;
    csp::PolledRun other = std::move(run);
    EXPECT_EQ(other.poll(200us).state, State::Working);
}

TEST(Instances, WhatCallsLeaveBehindGoesOnInPolls) {
    for (const int workers : {1, 2}) {
        csp::Options options = quiet();
        options.workers = workers;
        csp::Engine engine(options);
        std::string error;
        auto instance = engine.instantiate(compile(engine,
            "func main() {}\nvar ticks int\nvar wake = make(chan int)\n"
            "func Start() { for range 10 { go func() { for { <-wake; for range 1000 { runtime.Gosched() }; ticks++ } }() } }\n"
            "func Wake() { go func() { for range 10 { wake <- 1 } }() }\nfunc Ticks() int { return ticks }\n"
            "func Bad() { go func() { runtime.Gosched(); panic(7) }() }"), error);
        ASSERT_TRUE(instance) << error;
        ASSERT_TRUE(instance->call<void>("Start"));
        EXPECT_EQ(instance->poll(1s).state, State::Idle);
        ASSERT_TRUE(instance->call<void>("Wake"));
        int working = 0;
        while (instance->poll(50us).state == State::Working) ++working;
        EXPECT_EQ(*instance->call<std::int64_t>("Ticks").value, 10);
        ASSERT_TRUE(instance->call<void>("Bad"));
        const csp::Poll poll = instance->poll(1s);
        EXPECT_EQ(poll.state, State::Ended);
        EXPECT_EQ(poll.ended.message, "panic: int(7)");
        EXPECT_EQ(instance->poll(1s).state, State::Idle);
    }
}

TEST(Input, TakesTheHostsPlaceOfStandardInput) {
    csp::Options options = quiet();
    std::string out;
    options.output = [&](int, std::string_view bytes) { out += bytes; };
    int calls = 0;
    options.input = [&](std::span<char> to) -> std::size_t {
        if (++calls > 3) return 0;
        to[0] = static_cast<char>('0' + calls);
        return 1;
    };
    csp::Engine engine(options);
    EXPECT_EQ(engine.run(compile(engine, "func main() { s := \"\"; fmt.Scan(&s); fmt.Println(s) }")).status, 0);
    EXPECT_EQ(out, "123\n");
}

TEST(Input, ARunThatIsCancelledDoesNotWaitForIt) {
    struct Gate {
        std::atomic<bool> asked{false}, open{false}, left{false};
    };
    const auto gate = std::make_shared<Gate>();
    csp::Options options = quiet();
    options.input = [gate](std::span<char>) -> std::size_t {
        gate->asked = true;
        gate->asked.notify_all();
        gate->open.wait(false);
        gate->left = true;
        gate->left.notify_all();
        return 0;
    };
    {
        csp::Engine engine(options);
        csp::Run run = engine.start(compile(engine, "func main() { b := make([]byte, 1); os.Stdin.Read(b) }"));
        gate->asked.wait(false);
        run.cancel();
        EXPECT_EQ(run.wait().limit, csp::Limit::Stop);
    }
    gate->open = true;
    gate->open.notify_all();
    gate->left.wait(false);
}

}  // namespace
