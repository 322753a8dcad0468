// Fuel: what a run uses is a fact of the script, and the limit is exact.

#include <gtest/gtest.h>

#include <csp/csp.hpp>
#include <cstdint>
#include <set>
#include <string>

namespace {

csp::Options options(int workers = 1, csp::Native native = csp::Native::Hot) {
    csp::Options options;
    options.workers = workers;
    options.native = native;
    options.seed = 7;
    options.output = [](int, std::string_view) {};
    return options;
}

csp::Program compile(const std::string& text) {
    csp::Engine engine;
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", text}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

constexpr std::uint64_t kPlenty = 1'000'000'000;

std::uint64_t used(const csp::Program& program, csp::Native native = csp::Native::Hot) {
    csp::Engine engine(options(1, native));
    const csp::Ended ended = engine.run(program, {.fuel = kPlenty});
    EXPECT_EQ(ended.status, 0) << ended.message;
    EXPECT_GT(ended.fuel, 0u);
    return ended.fuel;
}

/// Goroutines, channels, select, locks, maps, callbacks below natives, panics, timers and the library's own work.
const char* const kBusy = R"(package main

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	in, out := make(chan int), make(chan int, 4)
	var workers sync.WaitGroup
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for n := range in {
				out <- fib(n % 12)
			}
		}()
	}
	go func() {
		for i := 0; i < 200; i++ {
			in <- i
		}
		close(in)
		workers.Wait()
		close(out)
	}()
	seen := map[int]int{}
	for v := range out {
		seen[v]++
	}
	var words []string
	for k, v := range seen {
		words = append(words, strings.Repeat(fmt.Sprint(k), v%7))
	}
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	var mu sync.Mutex
	total := 0
	done := make(chan bool)
	for i := 0; i < 10; i++ {
		go func() {
			for j := 0; j < 500; j++ {
				mu.Lock()
				total++
				mu.Unlock()
			}
			select {
			case done <- true:
			case <-time.After(time.Hour):
			}
		}()
	}
	for i := 0; i < 10; i++ {
		<-done
	}
	func() {
		defer func() { recover() }()
		panic(total)
	}()
	fmt.Println(words, total)
}
)";

TEST(Fuel, IsTheSameEveryTime) {
    const csp::Program program = compile(kBusy);
    std::set<std::uint64_t> amounts;
    for (int i = 0; i < 1000; ++i) amounts.insert(used(program));
    EXPECT_EQ(amounts.size(), 1u) << *amounts.begin() << " to " << *amounts.rbegin();
}

TEST(Fuel, IsTheSameInMachineCode) {
    const csp::Program program = compile(kBusy);
    const std::uint64_t interpreted = used(program, csp::Native::Off);
    EXPECT_EQ(used(program, csp::Native::Hot), interpreted);
    EXPECT_EQ(used(program, csp::Native::Always), interpreted);
}

TEST(Fuel, AsMuchAsARunUsesIsEnoughAndOneLessIsNot) {
    const char* const programs[] = {
        kBusy,
        "package main\nfunc main() {}",
        "package main\nfunc main() { for i := 0; i < 5000; i++ {} }",
        "package main\nimport \"sort\"\nfunc main() { s := make([]int, 500); sort.Slice(s, func(i, j int) bool { return s[i] < s[j] }) }",
    };
    for (const char* const text : programs) {
        const csp::Program program = compile(text);
        for (const csp::Native native : {csp::Native::Off, csp::Native::Always}) {
            const std::uint64_t needed = used(program, native);
            csp::Engine engine(options(1, native));
            const csp::Ended enough = engine.run(program, {.fuel = needed});
            EXPECT_EQ(enough.limit, csp::Limit::None) << text << enough.message;
            EXPECT_EQ(enough.fuel, needed) << text;
            if (needed == 1) continue;
            const csp::Ended less = engine.run(program, {.fuel = needed - 1});
            EXPECT_EQ(less.limit, csp::Limit::Fuel) << text;
            EXPECT_EQ(less.status, 2) << text;
            EXPECT_EQ(less.fuel, needed - 1) << text;
        }
    }
}

TEST(Fuel, EndsAtTheSamePlace) {
    const csp::Program program = compile(kBusy);
    csp::Engine engine(options());
    for (const std::uint64_t fuel : {1ull, 100ull, 1000ull, 4567ull}) {
        const std::string first = engine.run(program, {.fuel = fuel}).message;
        EXPECT_TRUE(first.starts_with("fuel limit exceeded at ")) << first;
        EXPECT_EQ(engine.run(program, {.fuel = fuel}).message, first);
    }
    const csp::Program loop = compile("package main\n\nfunc main() {\n\tfor i := 0; ; i++ {\n\t}\n}\n");
    EXPECT_EQ(engine.run(loop, {.fuel = 10'000}).message, "fuel limit exceeded at a.csp:4");
}

TEST(Fuel, EveryRoundOfALoopCounts) {
    const auto rounds = [](const std::string& count) { return compile("package main\nfunc main() { for i := 0; i < " + count + "; i++ {} }"); };
    EXPECT_EQ(used(rounds("20000")) - used(rounds("10000")), 10'000u);
}

TEST(Fuel, WorkersShareIt) {
    const csp::Program program = compile(
        "package main\nfunc main() { for i := 0; i < 10; i++ { go func() { for {} }() }; select {} }");
    for (const int workers : {1, 2, 4}) {
        csp::Options several = options(workers);
        several.seed.reset();
        csp::Engine engine(several);
        const csp::Ended ended = engine.run(program, {.fuel = 1'000'000});
        EXPECT_EQ(ended.limit, csp::Limit::Fuel);
        EXPECT_LE(ended.fuel, 1'000'000u);
        EXPECT_GT(ended.fuel, 950'000u);
    }
}

TEST(Fuel, IsEachCallsOwn) {
    csp::Engine engine(options());
    const csp::Program program = compile(
        "package main\nfunc Loop(n int) int { s := 0; for i := 0; i < n; i++ { s += i }; return s }\nfunc main() {}");
    std::string error;
    auto instance = engine.instantiate(program, error, {.fuel = 10'000});
    ASSERT_TRUE(instance) << error;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE((instance->call<std::int64_t>("Loop", std::int64_t{9'000})));
        EXPECT_GT(instance->fuel(), 8'999u);
        EXPECT_LT(instance->fuel(), 9'100u);
    }
    EXPECT_TRUE((instance->call<std::int64_t>("Loop", std::int64_t{0})));
    EXPECT_LT(instance->fuel(), 100u);
    const auto result = instance->call<std::int64_t>("Loop", std::int64_t{11'000});
    EXPECT_EQ(result.error, "fuel limit exceeded at a.csp:2");
    EXPECT_EQ(instance->fuel(), 10'000u);
    EXPECT_EQ((instance->call<std::int64_t>("Loop", std::int64_t{0})).error, "the instance has ended: fuel limit exceeded at a.csp:2");
}

/// A host function that polls, as it should when it works for long.
csp::Package polling() {
    csp::Package host("host");
    host.function("Work", [](csp::Call& call, std::int64_t units) {
        for (std::int64_t i = 0; i < units; ++i)
            if (!call.charge(100)) return std::int64_t{-1};
        return units;
    });
    return host;
}

const char* const kPolls = R"(package main

import "host"

func Work(n int) int {
	done := make(chan int)
	for i := 0; i < 3; i++ {
		go func() { done <- host.Work(n) }()
	}
	return host.Work(n) + <-done + <-done + <-done
}

func main() {}
)";

TEST(Fuel, IsUsedByHostFunctionsThatPoll) {
    for (const int workers : {1, 2}) {
        csp::Options several = options(workers);
        several.seed.reset();
        csp::Engine engine(several);
        engine.add(polling());
        const auto compiled = engine.compile({{"a.csp", kPolls}});
        ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
        std::string error;
        auto instance = engine.instantiate(*compiled.program, error, {.fuel = kPlenty});
        ASSERT_TRUE(instance) << error;
        for (int i = 0; i < 20; ++i) EXPECT_EQ(*instance->call<std::int64_t>("Work", std::int64_t{1000}).value, 4000);
        EXPECT_GE(instance->fuel(), 400'000u);
        EXPECT_LT(instance->fuel(), 401'000u);
        instance->limit({.fuel = 100'000});
        EXPECT_TRUE(instance->call<std::int64_t>("Work", std::int64_t{1'000'000}).error.starts_with("fuel limit exceeded at a.csp:"));
    }
}

TEST(Fuel, IsNotCountedWithoutALimit) {
    csp::Engine engine(options());
    EXPECT_EQ(engine.run(compile("package main\nfunc main() { for i := 0; i < 5000; i++ {} }")).fuel, 0u);
}

}  // namespace
