// Scripts that listen to signals, in a host that has handlers of its own.

#include <gtest/gtest.h>
#include <signal.h>

#include <csp/csp.hpp>
#include <string>
#include <thread>

namespace {

constexpr const char* kScript = R"(
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	signal.Ignore(syscall.SIGUSR2)
	syscall.Kill(os.Getpid(), syscall.SIGUSR2)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-c)
}
)";

std::string run_once() {
    std::string out;
    csp::Options options;
    options.workers = 1;
    options.access.process = options.access.exec = options.access.system = true;
    options.output = [&](int, std::string_view text) { out += text; };
    csp::Engine engine(std::move(options));
    engine.add(csp::standard_library());
    const csp::Compiled compiled = engine.compile({{"signals.csp", kScript}});
    if (!compiled.program) return "not compiled";
    engine.run(*compiled.program);
    return out;
}

void host_handler(int) {}

struct sigaction installed(int number) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    return action;
}

TEST(Signals, AreTheHostsAgainAfterTheRun) {
    struct sigaction action {};
    action.sa_handler = host_handler;
    action.sa_flags = SA_RESTART;
    struct sigaction before {};
    ::sigaction(SIGUSR1, &action, &before);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(run_once(), "user defined signal 1\n");
        EXPECT_EQ(installed(SIGUSR1).sa_handler, host_handler);
        EXPECT_EQ(installed(SIGUSR1).sa_flags & SA_SIGINFO, 0);
        EXPECT_EQ(installed(SIGUSR2).sa_handler, SIG_DFL);
    }
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(Signals, ReachAllEnginesThatListen) {
    std::string first, second;
    std::thread other([&] {
        for (int i = 0; i < 20; ++i) first = run_once();
    });
    for (int i = 0; i < 20; ++i) second = run_once();
    other.join();
    EXPECT_EQ(first, "user defined signal 1\n");
    EXPECT_EQ(second, "user defined signal 1\n");
    EXPECT_EQ(installed(SIGUSR1).sa_handler, SIG_DFL);
}

}  // namespace
