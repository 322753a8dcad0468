// What a profile is made of, and that it is bounded.

#include "runtime/sched/stack_counts.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace csp::runtime {
namespace {

StackCounts::Frames stack(Slot first, Slot second = 0) {
    StackCounts::Frames frames{};
    frames[0] = first;
    frames[1] = second;
    return frames;
}

std::vector<StackCounts::Total> all(const StackCounts& counts) {
    std::vector<StackCounts::Total> totals(counts.copy({}));
    EXPECT_EQ(counts.copy(totals), totals.size());
    return totals;
}

TEST(StackCounts, AddsUpByStack) {
    StackCounts counts;
    EXPECT_EQ(counts.copy({}), 0U);
    counts.add(stack(1, 2), 1, 10);
    counts.add(stack(1, 3), 2.5, 20);
    counts.add(stack(1, 2), 1, 30);
    const std::vector<StackCounts::Total> totals = all(counts);
    ASSERT_EQ(totals.size(), 2U);
    EXPECT_EQ(totals[0].count, 2);
    EXPECT_EQ(totals[0].time, 40);
    EXPECT_EQ(totals[0].frames, stack(1, 2));
    EXPECT_EQ(totals[1].count, 2);
    EXPECT_EQ(totals[1].time, 20);
    EXPECT_EQ(totals[1].frames, stack(1, 3));
}

TEST(StackCounts, CopiesNothingWithoutRoomForAll) {
    StackCounts counts;
    counts.add(stack(1), 1, 1);
    counts.add(stack(2), 1, 1);
    std::vector<StackCounts::Total> one(1, {5, 6, stack(7)});
    EXPECT_EQ(counts.copy(one), 2U);
    EXPECT_EQ(one[0].count, 5);
    EXPECT_EQ(one[0].time, 6);
    EXPECT_EQ(one[0].frames, stack(7));
}

TEST(StackCounts, WhatThereIsNoRoomForIsOneWithoutFrames) {
    StackCounts counts;
    for (Slot i = 0; i < StackCounts::kMostStacks + 10; ++i) counts.add(stack(1, i + 1), 1, 2);
    counts.add(stack(1, 1), 1, 2);
    const std::vector<StackCounts::Total> totals = all(counts);
    ASSERT_EQ(totals.size(), StackCounts::kMostStacks + 1);
    EXPECT_EQ(totals.front().count, 2);
    EXPECT_EQ(totals.back().count, 10);
    EXPECT_EQ(totals.back().time, 20);
    EXPECT_EQ(totals.back().frames, StackCounts::Frames{});
}

TEST(StackCounts, NumbersThatAreTooLargeEndAtTheLargest) {
    StackCounts counts;
    for (int i = 0; i < 3; ++i) counts.add(stack(1), 9e18, 9e18);
    EXPECT_GT(all(counts)[0].count, std::int64_t{9'000'000'000'000'000'000});
    EXPECT_GT(all(counts)[0].time, std::int64_t{9'000'000'000'000'000'000});
}

TEST(StackCounts, ManyThreadsLoseNothing) {
    StackCounts counts;
    constexpr int kThreads = 4;
    constexpr int kTimes = 5000;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < kTimes; ++i) {
                counts.add(stack(1 + static_cast<Slot>(i) % 100), 1, 3);
                if (i % 1000 == 0) counts.copy({});
            }
        });
    for (std::thread& thread : threads) thread.join();
    std::int64_t count = 0;
    std::int64_t time = 0;
    for (const StackCounts::Total& total : all(counts)) {
        count += total.count;
        time += total.time;
    }
    EXPECT_EQ(count, kThreads * kTimes);
    EXPECT_EQ(time, 3 * kThreads * kTimes);
}

}  // namespace
}  // namespace csp::runtime
