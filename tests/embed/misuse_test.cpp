// What a host should not do with instances and their functions is answered by errors.

#include <gtest/gtest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

const char* const kScript = R"(package main

import "host"

func Add(a, b int) int { return a + b }
func Host() int        { return host.Call() }
func Fails() int       { var p *int; return *p }
func Panics()          { panic(problem{}) }
func Waits() int {
	c := make(chan int)
	go func() { c <- 7 }()
	return <-c
}
func Loops(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i
	}
	return sum
}
func Recovers() string { return recovers() }
func recovers() (text string) {
	defer func() { text = recover().(error).Error() }()
	var m map[string]int
	m["a"] = 1
	return
}
func Defers() int { return defers() }
func defers() (sum int) {
	for i := 0; i < 3; i++ {
		defer func() { sum += i }()
	}
	return 10
}

type problem struct{}

func (problem) Error() string {
	c := make(chan string)
	go func() { c <- "told by another goroutine" }()
	return <-c
}

func main() {}
)";

struct Host {
    std::function<std::int64_t()> call = [] { return std::int64_t{1}; };
    std::string out;
    csp::Package package() {
        csp::Package made("host");
        made.function("Call", [this] { return call(); });
        return made;
    }
    csp::Options options(int workers) {
        csp::Options made;
        made.workers = workers;
        made.output = [this](int, std::string_view text) { out += text; };
        return made;
    }
};

struct Fixture : testing::TestWithParam<int> {
    Host host;
    csp::Engine engine{host.options(GetParam())};
    std::optional<csp::Instance> instance;

    void SetUp() override {
        engine.add(host.package());
        const auto compiled = engine.compile({{"a.csp", kScript}});
        ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
        std::string error;
        instance = engine.instantiate(*compiled.program, error);
        ASSERT_TRUE(instance) << error;
    }
    csp::Function<std::int64_t()> of_no_arguments(const char* name) { return *instance->function<std::int64_t()>(name).value; }
};
struct Calls : Fixture {};
struct Misuse : Fixture {};

constexpr const char* kInUse = "the instance is in use: by another thread, or by a call that has led to this one";

TEST_P(Calls, EndInEveryWayManyTimes) {
    const auto add = *instance->function<std::int64_t(std::int64_t, std::int64_t)>("Add").value;
    const auto loops = *instance->function<std::int64_t(std::int64_t)>("Loops").value;
    const auto recovers = *instance->function<std::string()>("Recovers").value;
    for (std::int64_t i = 0; i < 100; ++i) {
        EXPECT_EQ(*add(i, 2 * i).value, 3 * i);
        EXPECT_EQ(*of_no_arguments("Waits")().value, 7);
        EXPECT_EQ(*of_no_arguments("Host")().value, 1);
        EXPECT_EQ(*of_no_arguments("Defers")().value, 13);
        EXPECT_EQ(*loops(10'000).value, 49'995'000);
        EXPECT_EQ(*recovers().value, "assignment to entry in nil map");
        EXPECT_EQ(of_no_arguments("Fails")().error, "panic: runtime error: invalid memory address or nil pointer dereference");
        EXPECT_EQ(instance->call<void>("Panics").error, "panic: told by another goroutine");
    }
}

TEST_P(Misuse, ACallWithinACallIsRefused) {
    const auto outer = of_no_arguments("Host");
    std::string inner;
    host.call = [&] { return inner = outer().error, std::int64_t{5}; };
    EXPECT_EQ(*outer().value, 5);
    EXPECT_EQ(inner, kInUse);
    EXPECT_EQ(*of_no_arguments("Waits")().value, 7);
}

TEST_P(Misuse, ThreadsThatShareAnInstanceGetResultsOrErrors) {
    const auto add = *instance->function<std::int64_t(std::int64_t, std::int64_t)>("Add").value;
    std::atomic<int> results{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (std::int64_t i = 0; i < 1000; ++i) {
                const auto sum = add(i, 1);
                if (sum && *sum.value == i + 1) ++results;
                if (!sum && sum.error == kInUse) ++refused;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(results + refused, 4000);
    EXPECT_GT(results, 0);
}

TEST_P(Misuse, AFunctionOutlivesItsInstance) {
    const auto add = *instance->function<std::int64_t(std::int64_t, std::int64_t)>("Add").value;
    instance.reset();
    EXPECT_EQ(add(1, 2).error, "the instance is gone");
}

TEST_P(Misuse, AnInstanceThatWasMovedFromIsGone) {
    csp::Instance other = std::move(*instance);
    EXPECT_EQ((instance->call<std::int64_t>("Waits")).error, "the instance is gone");
    EXPECT_EQ(instance->fuel(), 0u);
    instance->limit({.fuel = 1});
    EXPECT_EQ(*other.call<std::int64_t>("Waits").value, 7);
}

TEST_P(Misuse, AnInstanceGoesDuringItsCall) {
    const auto outer = of_no_arguments("Host");
    host.call = [&] { return instance.reset(), std::int64_t{5}; };
    const auto result = outer();
    EXPECT_FALSE(result);
    EXPECT_TRUE(result.error.starts_with("the instance is gone")) << result.error;
    EXPECT_EQ(outer().error, "the instance is gone");
}

TEST_P(Misuse, AnInstanceOutlivesItsEngine) {
    std::optional<csp::Engine> made(std::in_place, host.options(GetParam()));
    made->add(host.package());
    const auto compiled = made->compile({{"a.csp", kScript}});
    ASSERT_TRUE(compiled.program);
    std::string error;
    auto theirs = made->instantiate(*compiled.program, error);
    made.reset();
    EXPECT_EQ(*theirs->call<std::int64_t>("Host").value, 1);
    EXPECT_EQ(*theirs->call<std::int64_t>("Waits").value, 7);
}

TEST_P(Misuse, ThreadsShareAnEngine) {
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) {
                engine.add(host.package());
                const auto compiled = engine.compile({{"a.csp", kScript}});
                std::string error;
                auto theirs = engine.instantiate(*compiled.program, error);
                if (*theirs->call<std::int64_t>("Waits").value == 7 && engine.run(*compiled.program).status == 0) ++good;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 20);
}

INSTANTIATE_TEST_SUITE_P(Workers, Calls, testing::Values(1, 2));
INSTANTIATE_TEST_SUITE_P(Workers, Misuse, testing::Values(1, 2));

}  // namespace
