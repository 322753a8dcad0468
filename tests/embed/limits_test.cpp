// Limits of runs and calls, and the host's stop: whatever the goroutines do then.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <mutex>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

std::string with_main(const std::string& body) {
    return "package main\nimport (\"fmt\"; \"os\"; \"sort\"; \"sync\"; \"time\")\n"
           "var _, _, _, _, _ = fmt.Sprint, os.Exit, sort.Ints, (*sync.Mutex).Lock, time.Sleep\n" + body;
}

csp::Program compile(csp::Engine& engine, const std::string& text) {
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", text}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

csp::Ended run(const std::string& body, const csp::Limits& limits, int workers = 2) {
    csp::Options options;
    options.workers = workers;
    options.access = csp::Access::everything();
    options.output = [](int, std::string_view) {};
    csp::Engine engine(options);
    return engine.run(compile(engine, with_main(body)), limits);
}

/// Programs that would go on for ever.
const char* const kEndless[] = {
    "func main() { for {} }",
    "func main() { n := 0\n for { n++ } }",
    "func f(n int) int { if n == 0 { return 0 }; return f(n-1) + 1 }\nfunc main() { for { f(100) } }",
    "func main() { c := make(chan int); go func() { for { c <- 1 } }(); for range c {} }",
    "func main() { time.Sleep(1000 * time.Hour) }",
    "func main() { go time.Sleep(1000 * time.Hour); select {} }",
    "func main() { var m sync.Mutex; m.Lock(); go time.Sleep(1000 * time.Hour); m.Lock() }",
    "func main() { var wg sync.WaitGroup; wg.Add(1); go func() { for {} }(); wg.Wait() }",
    "func main() { for i := 0; i < 100; i++ { go func() { for { time.Sleep(time.Millisecond) } }() }; select {} }",
    "func main() { for { var s []int; for i := 0; i < 1000; i++ { s = append(s, i) } } }",
    "func main() { s := []int{3, 1, 2}; for { sort.Slice(s, func(i, j int) bool { return s[i] < s[j] }) } }",
    "func main() { s := []int{3, 1}; sort.Slice(s, func(i, j int) bool { for {} }) }",
    "func main() { s := []int{3, 1}; sort.Slice(s, func(i, j int) bool { time.Sleep(1000 * time.Hour); return true }) }",
    "func main() { defer func() { for {} }(); panic(1) }",
    "func main() { for { func() { defer func() { recover() }(); panic(1) }() } }",
    "func main() { for { fmt.Println(\"x\") } }",
    "func main() { sync { go func() { for {} }() } }",
    "func main() { b := make([]byte, 1); for { os.Stdin.Read(b); time.Sleep(time.Hour) } }",
};

TEST(Limits, TimeEndsWhateverRunsOrWaits) {
    for (const char* const body : kEndless) {
        for (const int workers : {1, 2}) {
            const csp::Ended ended = run(body, {.time = 5ms}, workers);
            EXPECT_EQ(ended.limit, csp::Limit::Time) << body << "\n" << ended.message;
            EXPECT_EQ(ended.status, 2) << body;
            EXPECT_TRUE(ended.message.starts_with("time limit exceeded")) << body << "\n" << ended.message;
        }
    }
}

TEST(Limits, TheHostStopsWhateverRunsOrWaits) {
    int moment = 0;
    for (const char* const body : kEndless) {
        std::stop_source source;
        std::jthread host([&source, yields = 100 * moment++] {
            for (int i = 0; i < yields; ++i) std::this_thread::yield();
            source.request_stop();
        });
        const csp::Ended ended = run(body, {.stop = source.get_token()});
        EXPECT_EQ(ended.limit, csp::Limit::Stop) << body << "\n" << ended.message;
        EXPECT_TRUE(ended.message.starts_with("stopped by the host")) << ended.message;
    }
}

TEST(Limits, AStopBeforeTheStartHolds) {
    std::stop_source source;
    source.request_stop();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(run(kEndless[0], {.stop = source.get_token()}).limit, csp::Limit::Stop);
}

TEST(Limits, AnEndBeforeTheLimitIsOrdinary) {
    std::stop_source source;
    const csp::Ended ended = run("func main() {}", {.time = 1000h, .goroutines = 1, .output = 1, .stop = source.get_token()});
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.limit, csp::Limit::None);
    source.request_stop();  // of a run that is over
    EXPECT_EQ(run("func main() { os.Exit(7) }", {.time = std::chrono::nanoseconds::max()}).status, 7);
    EXPECT_EQ(run("func main() { panic(7) }", {.time = 1000h}).limit, csp::Limit::None);
}

TEST(Limits, Goroutines) {
    const std::string bomb = "func f() {\n\tgo f()\n\tgo f()\n\tselect {}\n}\nfunc main() { f() }";
    const csp::Ended ended = run(bomb, {.goroutines = 1000});
    EXPECT_EQ(ended.limit, csp::Limit::Goroutines);
    EXPECT_TRUE(ended.message == "more than 1000 goroutines at a.csp:5" || ended.message == "more than 1000 goroutines at a.csp:6")
        << ended.message;
    EXPECT_EQ(run("func main() { for { time.AfterFunc(0, func() { select {} }) } }", {.goroutines = 100}).message,
              "more than 100 goroutines");
    const std::string several = "func main() { var wg sync.WaitGroup; for range 10000 { wg.Add(4); for range 4 { go wg.Done() }; wg.Wait() } }";
    EXPECT_EQ(run(several, {.goroutines = 50}, 1).status, 0);
}

TEST(Limits, Output) {
    std::string out;
    std::mutex mutex;
    csp::Options options;
    options.output = [&](int, std::string_view bytes) {
        const std::lock_guard lock(mutex);
        out += bytes;
    };
    csp::Engine engine(options);
    const auto program = compile(engine, with_main("func main() { for i := 0; ; i++ { fmt.Println(\"line\", i); println(i) } }"));
    const csp::Ended ended = engine.run(program, {.output = 1001});
    EXPECT_EQ(ended.limit, csp::Limit::Output);
    EXPECT_TRUE(ended.message.starts_with("more than 1001 bytes of output at ")) << ended.message;
    EXPECT_EQ(out.size(), 1001U);
    // The engine can be used again.
    out.clear();
    EXPECT_EQ(engine.run(compile(engine, with_main("func main() { fmt.Print(\"exact\") }")), {.output = 5}).status, 0);
    EXPECT_EQ(out, "exact");
}

/// Stops what the script does when it says that it has begun.
struct StoppingHost {
    std::stop_source source;
    csp::Options options() {
        csp::Options options;
        options.access = csp::Access::everything();
        options.output = [this](int, std::string_view) { source.request_stop(); };
        return options;
    }
    csp::Limits limits() { return {.stop = source.get_token()}; }
};

TEST(Limits, OfCalls) {
    StoppingHost host;
    csp::Engine engine(host.options());
    const auto program = compile(engine, R"(package main
func Add(a, b int) int { return a + b }
func Spin() {
	for { println("begun") }
}
func main() {}
)");
    std::string error;
    auto instance = engine.instantiate(program, error, {.time = 1000h});
    ASSERT_TRUE(instance) << error;
    EXPECT_EQ(instance->call<std::int64_t>("Add", std::int64_t{1}, std::int64_t{2}).value, 3);
    instance->limit(host.limits());
    EXPECT_EQ(instance->call<std::int64_t>("Add", std::int64_t{1}, std::int64_t{2}).value, 3);
    const auto spun = instance->call<void>("Spin");
    EXPECT_FALSE(spun);
    EXPECT_EQ(spun.error, "stopped by the host at a.csp:4");
    instance->limit({});
    EXPECT_EQ((instance->call<std::int64_t>("Add", std::int64_t{1}, std::int64_t{2}).error),
              "the instance has ended: stopped by the host at a.csp:4");
    EXPECT_TRUE(engine.instantiate(program, error)) << error;
}

TEST(Limits, OfInitialisation) {
    StoppingHost host;
    csp::Engine engine(host.options());
    const auto program = compile(engine, "package main\nvar x = spin()\nfunc spin() int {\n\tfor { println() }\n}\nfunc main() {}");
    std::string error;
    EXPECT_FALSE(engine.instantiate(program, error, host.limits()));
    EXPECT_EQ(error, "stopped by the host at a.csp:4");
}

}  // namespace
