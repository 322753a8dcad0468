// Channels that threads of the host share with goroutines.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using csp::Transfer;

csp::Program compile(csp::Engine& engine, const std::string& text) {
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", text}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

csp::Options with_workers(int workers) {
    csp::Options options;
    options.workers = workers;
    options.output = [](int, std::string_view) {};
    return options;
}

csp::Instance instance_of(csp::Engine& engine, const std::string& text) {
    std::string error;
    auto instance = engine.instantiate(compile(engine, text + "\nfunc main() {}"), error);
    if (!instance) throw std::runtime_error(error);
    return std::move(*instance);
}

class Channels : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, Channels, testing::Values(1, 2));

TEST_P(Channels, APipelineOfThreadsAndGoroutines) {
    constexpr int kThreads = 3;
    constexpr int kEach = 2000;
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::string> in(8);
    csp::Channel<std::int64_t> out(8);
    csp::Instance instance = instance_of(engine,
        "package main\nfunc Work(in <-chan string, out chan<- int) {\n done := make(chan bool)\n"
        " for range 4 { go func() { for s := range in { out <- len(s + \"!\") }; done <- true }() }\n for range 4 { <-done }\n close(out) }");
    std::atomic<std::int64_t> sum{0};
    std::vector<std::jthread> threads;
    std::atomic<int> senders{kThreads};
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) EXPECT_EQ(in.send(std::string(static_cast<std::size_t>(i % 50), 'x')), Transfer::Done);
            if (--senders == 0) { EXPECT_EQ(in.close(), Transfer::Done); }
        });
        threads.emplace_back([&] {
            while (const auto value = out.receive()) sum += *value;
        });
    }
    const auto worked = instance.call<void>("Work", in, out);
    EXPECT_TRUE(worked) << worked.error;
    threads.clear();
    std::int64_t expected = 0;
    for (int i = 0; i < kEach; ++i) expected += i % 50 + 1;
    EXPECT_EQ(sum, expected * kThreads);
    EXPECT_EQ(in.send("late"), Transfer::Closed);
    EXPECT_EQ(in.close(), Transfer::Closed);
    EXPECT_EQ(out.receive().how, Transfer::Closed);
}

TEST_P(Channels, IsAnOrdinaryChannelToScripts) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::vector<std::uint8_t>> c(3);
    EXPECT_EQ(c.try_send({1, 2}), Transfer::Done);
    csp::Instance instance = instance_of(engine,
        "package main\nfunc Len(c chan []byte) int { return len(c)*10 + cap(c) }\n"
        "func Swap(c chan []byte) int { b := <-c; n := len(b)\n select { case <-c: return -1; default: }\n c <- append(b, 7, 8); close(c); return n }");
    EXPECT_EQ(*instance.call<std::int64_t>("Len", c).value, 13);
    EXPECT_EQ(*instance.call<std::int64_t>("Swap", c).value, 2);
    EXPECT_EQ(c.size(), 1U);
    EXPECT_EQ(*c.try_receive(), (std::vector<std::uint8_t>{1, 2, 7, 8}));
    EXPECT_EQ(c.try_receive().how, Transfer::Closed);
    EXPECT_EQ(c.try_send({}), Transfer::Closed);
}

template <class T>
void echo(const std::string& type, T value) {
    csp::Engine engine(with_workers(1));
    csp::Channel<T> c(1);
    csp::Instance instance = instance_of(engine, "package main\nfunc Echo(c chan " + type + ") { v := <-c; c <- v }");
    EXPECT_EQ(c.send(value), Transfer::Done);
    const auto echoed = instance.call<void>("Echo", c);
    EXPECT_TRUE(echoed) << echoed.error;
    EXPECT_EQ(*c.receive(), value);
}

TEST(ChannelTypes, CarryNumbersTextsAndBytes) {
    echo<std::int64_t>("int", -5);
    echo<std::int8_t>("int8", -7);
    echo<std::uint16_t>("uint16", 65535);
    echo<std::uint64_t>("uint64", ~std::uint64_t{0});
    echo<bool>("bool", true);
    echo<double>("float64", 1.5);
    echo<float>("float32", -2.5F);
    echo<std::string>("string", "");
    echo<std::string>("string", std::string(100000, 'y'));
    echo<std::vector<std::uint8_t>>("[]byte", {});
}

TEST(ChannelTypes, AreChecked) {
    csp::Engine engine(with_workers(1));
    csp::Instance instance = instance_of(engine, "package main\nfunc F(c chan string) {}");
    EXPECT_EQ(instance.call<void>("F", csp::Channel<std::int64_t>(1)).error, "F has type func(c chan string), not func(chan int)");
}

TEST_P(Channels, ComeFromHostFunctionsAndStayInPackageVariables) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::int64_t> in(2);
    csp::Channel<std::string> out(100);
    csp::Package host("host");
    host.function("In", [&] { return in; }).function("Out", [&] { return out; });
    engine.add(host);
    const auto program = compile(engine, "package main\nimport (\"fmt\"; \"host\")\nvar in = host.In()\n"
        "func main() { for n := range in { if len(host.Out()) > 99 { panic(1) }; host.Out() <- fmt.Sprint(n) }; close(host.Out()) }");
    csp::Run run = engine.start(program);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(in.send(i), Transfer::Done);
    in.close();
    std::string all;
    while (const auto text = out.receive()) all += *text;
    EXPECT_EQ(run.wait().message, "");
    EXPECT_EQ(all, "0123456789");
    EXPECT_EQ(in.send(1), Transfer::Gone);
    EXPECT_EQ(out.receive().how, Transfer::Closed);
    const csp::Ended again = engine.run(program);
    EXPECT_EQ(again.message, "panic: the channel belongs to another run or instance");
}

TEST_P(Channels, BlockedThreadsWakeWhenTheRunGoes) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::string> full(0);
    csp::Channel<std::string> empty(0);
    auto instance = std::make_unique<csp::Instance>(instance_of(engine, "package main\nfunc Take(a, b chan string) {}"));
    ASSERT_TRUE(instance->call<void>("Take", full, empty));
    std::atomic<int> begun{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { ++begun; EXPECT_EQ(full.send("x"), Transfer::Gone); });
        threads.emplace_back([&] { ++begun; EXPECT_EQ(empty.receive().how, Transfer::Gone); });
    }
    while (begun < 4) std::this_thread::yield();
    instance.reset();
}

TEST_P(Channels, AHostThatIsBetweenTwoGoroutinesIsNoDeadlock) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::int64_t> out(1);
    csp::Instance instance = instance_of(engine, "package main\nfunc Out(c chan int, n int) { for i := range n { c <- i } }");
    constexpr std::int64_t kCount = 50'000;
    std::jthread receiver([&] {
        for (std::int64_t i = 0; i < kCount; ++i) EXPECT_EQ(out.receive().value, i);
    });
    const auto sent = instance.call<void>("Out", out, kCount);
    EXPECT_TRUE(sent) << sent.error;
    if (!sent) out.close();
}

TEST_P(Channels, WhatARunHasSentOutlivesIt) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::string> out(3);
    csp::Package host("host");
    host.function("Out", [&] { return out; });
    engine.add(host);
    EXPECT_EQ(engine.run(compile(engine, "package main\nimport \"host\"\nfunc main() { host.Out() <- \"a\"; host.Out() <- \"b\" }")).message, "");
    EXPECT_EQ(out.size(), 2U);
    EXPECT_EQ(*out.receive(), "a");
    EXPECT_EQ(*out.try_receive(), "b");
    EXPECT_EQ(out.receive().how, Transfer::Gone);
    EXPECT_EQ(out.send("c"), Transfer::Gone);
    EXPECT_EQ(out.close(), Transfer::Gone);
}

TEST_P(Channels, WaitsEndInTimeAndAtAStop) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::int64_t> c(1);
    const auto all = [&] {
        EXPECT_EQ(c.receive_for(1ms).how, Transfer::TimedOut);
        EXPECT_EQ(c.send(1), Transfer::Done);
        EXPECT_EQ(c.try_send(2), Transfer::Busy);
        EXPECT_EQ(c.send_for(2, 1ms), Transfer::TimedOut);
        std::stop_source stop;
        std::jthread stopper([&] { stop.request_stop(); });
        EXPECT_EQ(c.send(2, stop.get_token()), Transfer::Stopped);
        EXPECT_EQ(*c.receive(), 1);
        EXPECT_EQ(c.receive(stop.get_token()).how, Transfer::Stopped);
        EXPECT_EQ(c.try_receive().how, Transfer::Busy);
    };
    all();
    csp::Instance instance = instance_of(engine, "package main\nfunc Take(c chan int) {}");
    ASSERT_TRUE(instance.call<void>("Take", c));
    all();
}

TEST_P(Channels, NoDeadlockAsLongAsTheHostHoldsIt) {
    csp::Engine engine(with_workers(GetParam()));
    std::optional<csp::Channel<std::int64_t>> c(std::in_place, 0);
    csp::Package host("host");
    host.function("Take", [&] { return *c; });
    engine.add(host);
    const auto program = compile(engine, "package main\nimport \"host\"\nfunc main() { c := host.Take(); <-c; <-c }");
    csp::Run run = engine.start(program);
    EXPECT_EQ(c->send(1), Transfer::Done);
    c.reset();
    EXPECT_EQ(run.wait().message, "fatal error: all goroutines are asleep - deadlock!");
    // Nobody waits for this one.
    c.emplace(0);
    const auto other = compile(engine, "package main\nimport \"host\"\nfunc main() { c := host.Take(); _ = c; select {} }");
    EXPECT_EQ(engine.run(other).message, "fatal error: all goroutines are asleep - deadlock!");
}

TEST_P(Channels, FunctionsThatScriptsCallDoNotWait) {
    csp::Engine engine(with_workers(GetParam()));
    csp::Channel<std::string> c(1);
    std::vector<Transfer> seen;
    csp::Package host("host");
    host.function("Take", [&] { return c; }).function("Use", [&] {
        seen.push_back(c.receive().how);
        seen.push_back(c.send("a"));
        seen.push_back(c.send("b"));
        seen.push_back(c.receive().how);
        seen.push_back(c.close());
        seen.push_back(c.receive().how);
    });
    engine.add(host);
    EXPECT_EQ(engine.run(compile(engine, "package main\nimport \"host\"\nfunc main() { host.Take(); host.Use() }")).message, "");
    EXPECT_EQ(seen, (std::vector{Transfer::Busy, Transfer::Done, Transfer::Busy, Transfer::Done, Transfer::Done, Transfer::Closed}));
}

TEST_P(Channels, TextsOutliveCollections) {
    csp::Options options = with_workers(GetParam());
    options.gc_stress = true;
    csp::Engine engine(options);
    csp::Channel<std::string> in(3);
    csp::Channel<std::string> out(3);
    csp::Instance instance = instance_of(engine,
        "package main\nfunc Work(in, out chan string) { for s := range in { out <- \"<\" + s + \">\" }; close(out) }");
    std::jthread sender([&] {
        for (int i = 0; i < 300; ++i) EXPECT_EQ(in.send("text " + std::to_string(i)), Transfer::Done);
        in.close();
    });
    std::jthread receiver([&] {
        for (int i = 0; i < 300; ++i) {
            const auto got = out.receive();
            EXPECT_TRUE(got && *got == "<text " + std::to_string(i) + ">");
        }
    });
    EXPECT_TRUE(instance.call<void>("Work", in, out));
}

TEST_P(Channels, GarbageOfTheHostIsCollected) {
    csp::Options options = with_workers(GetParam());
    options.heap_limit = 32 << 20;
    csp::Engine engine(options);
    csp::Channel<std::string> in(4);
    csp::Instance instance = instance_of(engine, "package main\nfunc Count(in chan string) int { n := 0; for range in { n++ }; return n }");
    constexpr int kCount = 3000;
    std::jthread sender([&] {
        const std::string text(100'000, 'z');
        for (int i = 0; i < kCount; ++i) EXPECT_EQ(in.send(text), Transfer::Done);
        in.close();
    });
    EXPECT_EQ(instance.call<std::int64_t>("Count", in).value, kCount);
}

TEST(PolledChannels, AreServedByTheHostsOwnLoop) {
    csp::Engine engine(with_workers(1));
    csp::Channel<std::int64_t> in(2);
    csp::Channel<std::int64_t> out(2);
    csp::Package host("host");
    host.function("In", [&] { return in; }).function("Out", [&] { return out; });
    engine.add(host);
    csp::PolledRun run = engine.start_polled(compile(engine, "package main\nimport \"host\"\nfunc main() { for n := range host.In() { host.Out() <- n * n } }"));
    for (int frame = 0; frame < 20; ++frame) {
        EXPECT_EQ(in.try_send(frame), Transfer::Done);
        EXPECT_EQ(run.poll(1s).state, csp::Poll::State::Idle);
        EXPECT_EQ(*out.try_receive(), frame * frame);
    }
    std::jthread other([&] { in.close(); });
    csp::Poll poll;
    do poll = run.poll(1ms, 1s);
    while (poll.state != csp::Poll::State::Ended);
    EXPECT_EQ(poll.ended.status, 0);
    EXPECT_EQ(in.try_send(1), Transfer::Gone);
}

}  // namespace
