// Calls beside the workers: nothing of them touches a scheduler that is gone.

#include "runtime/sched/blocking_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace csp::runtime {
namespace {

TEST(BlockingCalls, AreAbandonedOnlyWhenWhatTheyWakeIsAwake) {
    for (int round = 0; round < 20; ++round) {
        BlockingCalls calls;
        std::atomic<bool> begun{false}, abandoning{false}, ended{false};
        calls.run([] {}, [&] {
            begun = true;
            while (!abandoning) std::this_thread::yield();
            for (int i = 0; i < 1000; ++i) std::this_thread::yield();
            ended = true;
        });
        while (!begun) std::this_thread::yield();
        abandoning = true;
        calls.abandon();
        EXPECT_TRUE(ended);
        while (!ended) std::this_thread::yield();
    }
}

}  // namespace
}  // namespace csp::runtime
