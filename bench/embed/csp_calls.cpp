// What calls between a host and a script cost, one line each: "NAME NANOSECONDS". bench/embed.py runs it beside Lua.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <csp/csp.hpp>

namespace {

constexpr int kRounds = 200;

/// The best of some rounds, for each of `times`.
template <class F>
double nanoseconds(int times, F&& work) {
    double best = 1e300;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
        best = std::min(best, taken.count() / times);
    }
    return best;
}

const char* const kScript = R"(package main

import "host"

func Add(a, b int) int { return a + b }

func Length(s string) int { return len(s) }

func Loop(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum = host.Add(sum, i)
	}
	return sum
}

func Empty(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i
	}
	return sum
}

func main() {}
)";

}  // namespace

int main() {
    csp::Package host("host");
    host.function("Add", [](std::int64_t a, std::int64_t b) { return a + b; });
    const auto make = [&](csp::Engine& engine) { engine.add(host); };
    csp::Options options;
    options.workers = 1;
    csp::Engine engine(options);
    make(engine);
    const auto compiled = engine.compile({{"calls.csp", kScript}});
    if (!compiled.program) return std::fprintf(stderr, "%s\n", compiled.diagnostics[0].text().c_str()), 1;
    std::string error;
    auto instance = engine.instantiate(*compiled.program, error);
    if (!instance) return std::fprintf(stderr, "%s\n", error.c_str()), 1;

    constexpr int kCalls = 20'000;
    const auto add = *instance->function<std::int64_t(std::int64_t, std::int64_t)>("Add").value;
    std::int64_t sum = 0;
    const double to_script = nanoseconds(kCalls, [&] {
        for (int i = 0; i < kCalls; ++i) sum = *add(sum, i).value;
    });
    const auto length = *instance->function<std::int64_t(std::string_view)>("Length").value;
    const double with_text = nanoseconds(kCalls, [&] {
        for (int i = 0; i < kCalls; ++i) sum += *length("a text of some length").value;
    });
    const auto loop = *instance->function<std::int64_t(std::int64_t)>("Loop").value;
    const auto empty = *instance->function<std::int64_t(std::int64_t)>("Empty").value;
    const double to_host = nanoseconds(kCalls, [&] { sum += *loop(kCalls).value; }) - nanoseconds(kCalls, [&] { sum += *empty(kCalls).value; });
    constexpr int kEngines = 50;
    const double engines = nanoseconds(kEngines, [&] {
        for (int i = 0; i < kEngines; ++i) {
            csp::Engine one(options);
            make(one);
            auto its = one.instantiate(*compiled.program, error);
            sum += *its->call<std::int64_t>("Add", std::int64_t{1}, std::int64_t{2}).value;
        }
    });
    std::printf("host_to_script %.1f\nhost_to_script_text %.1f\nscript_to_host %.1f\nengine %.0f\n", to_script, with_text, to_host, engines);
    return sum == 0;
}
