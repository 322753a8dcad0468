// The scheduler and channels with goroutines that are small C++ state machines.

#include "runtime/sched/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "runtime/chan/channel.h"
#include "runtime/sync/sync.h"
#include "runtime/sched/timers.h"
#include "runtime/type/builder.h"

namespace csp::runtime {
namespace {

/// A goroutine whose code is a function called again and again: it answers what happened.
struct Machine final : Goroutine {
    std::function<RunResult(Machine&)> step;
    int state = 0;
    Slot value = 0;
    Slot ok = 0;
};

struct TestExecutor final : Executor {
    RunResult run(Goroutine& g) override {
        auto& m = static_cast<Machine&>(g);
        if (m.resume == Resume::LockMutex) {
            m.resume = Resume::Nothing;
            if (mutex_woken(m) == Wait::Parked) return RunResult::Parked;
        }
        return m.step(m);
    }
    std::size_t create(std::span<Goroutine*> wanted) override {
        const std::lock_guard lock(mutex);
        for (Goroutine*& g : wanted) g = machines.emplace_back(std::make_unique<Machine>()).get();
        return wanted.size();
    }
    void recycle(Goroutine& g) override {
        auto& m = static_cast<Machine&>(g);
        m.state = 0;
        m.step = nullptr;
    }
    void deadlock() override {
        ++deadlocks;
        scheduler->stop();
    }
    void scan(Goroutine&, Scanner&) override {}
    void scan_globals(Scanner&) override {}
    std::size_t set_stack_limit(std::size_t bytes) override { return bytes; }
    void set_traceback(Traceback) override {}
    std::size_t callers(Goroutine&, std::span<Slot>) override { return 0; }
    bool start_finalizer(Goroutine&, const Finalizer&) override { return true; }
    Scheduler* scheduler = nullptr;
    std::atomic<int> deadlocks{0};
    std::mutex mutex;
    std::vector<std::unique_ptr<Machine>> machines;
};

struct SchedulerTest : testing::TestWithParam<int> {
    Heap heap{HeapOptions{}};
    TypeTable types;
    TestExecutor executor;
    VirtualClock clock;
    std::unique_ptr<Scheduler> scheduler;

    void SetUp() override {
        SchedulerOptions options;
        options.workers = GetParam();
        options.clock = &clock;
        scheduler = std::make_unique<Scheduler>(options, executor, heap);
        executor.scheduler = scheduler.get();
    }
    Machine& make(std::function<RunResult(Machine&)> step, Worker* worker = nullptr) {
        auto& m = static_cast<Machine&>(*scheduler->acquire(worker));
        m.step = std::move(step);
        return m;
    }
};

TEST_P(SchedulerTest, EveryValueSentIsReceivedOnce) {
    AllocCache cache;
    const Type* type = types.chan_of(types.basic(Kind::Int), ChanDir::Both);
    Channel* channel = make_channel(heap, cache, *type, 3);
    constexpr Slot kValues = 20000;
    constexpr int kSenders = 4;
    std::atomic<Slot> sum{0};
    std::atomic<Slot> received{0};
    Machine& main = make([&](Machine& m) {
        if (m.state == 0) {
            m.state = 1;
            for (int s = 0; s < kSenders; ++s) {
                Machine& sender = make([&](Machine& self) {
                    while (static_cast<Slot>(self.state) < kValues) {
                        self.value = static_cast<Slot>(++self.state);
                        if (channel_send(self, channel, &self.value) == Wait::Parked) return RunResult::Parked;
                    }
                    return RunResult::Finished;
                }, m.worker);
                scheduler->ready(m.worker, sender, false);
            }
        } else {
            sum += m.value;
            ++received;
        }
        for (;;) {
            if (received == kValues * kSenders) {
                scheduler->stop();
                return RunResult::Finished;
            }
            if (channel_receive(m, channel, &m.value, &m.ok) == Wait::Parked) return RunResult::Parked;
            sum += m.value;
            ++received;
        }
    });
    scheduler->run(main);
    EXPECT_EQ(sum.load(), kSenders * kValues * (kValues + 1) / 2);
    EXPECT_EQ(executor.deadlocks, 0);
}

TEST_P(SchedulerTest, DeadlockIsFoundOnce) {
    AllocCache cache;
    const Type* type = types.chan_of(types.basic(Kind::Int), ChanDir::Both);
    Channel* channel = make_channel(heap, cache, *type, 0);
    Machine& main = make([&](Machine& m) {
        return channel_receive(m, channel, &m.value, nullptr) == Wait::Parked ? RunResult::Parked
                                                                               : RunResult::Finished;
    });
    scheduler->run(main);
    EXPECT_EQ(executor.deadlocks, 1);
}

TEST_P(SchedulerTest, SleepersWakeInOrderInVirtualTime) {
    std::vector<int> order;
    Machine& main = make([&](Machine& m) {
        if (m.state == 0) {
            m.state = 1;
            for (const int d : {30, 10, 20}) {
                Machine& sleeper = make([&order, d](Machine& self) {
                    if (self.state++ == 0)
                        return runtime::sleep(self, std::int64_t{d} * 1'000'000'000) == Wait::Parked ? RunResult::Parked
                                                                                            : RunResult::Finished;
                    order.push_back(d);
                    return RunResult::Finished;
                }, m.worker);
                scheduler->ready(m.worker, sleeper, false);
            }
            if (runtime::sleep(m, 100'000'000'000) == Wait::Parked) return RunResult::Parked;
        }
        scheduler->stop();
        return RunResult::Finished;
    });
    scheduler->run(main);
    EXPECT_EQ(order, (std::vector<int>{10, 20, 30}));
}

TEST_P(SchedulerTest, ALockedGoroutineHasAThreadOfItsOwn) {
    AllocCache cache;
    const Type* type = types.chan_of(types.basic(Kind::Int), ChanDir::Both);
    Channel* requests = make_channel(heap, cache, *type, 0);
    Channel* answers = make_channel(heap, cache, *type, 0);
    constexpr int kRounds = 500;
    const auto runner = std::this_thread::get_id();  // the first worker's
    std::atomic<int> elsewhere{0};
    std::atomic<int> intruders{0};
    std::atomic<bool> locked{false};
    Machine& main = make([&](Machine& m) {
        if (m.state == 0) {
            scheduler->lock_thread(m);
            scheduler->lock_thread(m);
            scheduler->unlock_thread(m);  // calls nest
            locked = true;
            // Two that answer, so that there is something to run elsewhere while this one runs.
            for (int i = 0; i < 2; ++i) {
                Machine& server = make([&](Machine& self) {
                    if (locked && std::this_thread::get_id() == runner) ++intruders;
                    for (;;) {
                        if (self.state++ % 2 == 0) {
                            if (channel_receive(self, requests, &self.value, nullptr) == Wait::Parked) return RunResult::Parked;
                        } else if (channel_send(self, answers, &self.value) == Wait::Parked) {
                            return RunResult::Parked;
                        }
                    }
                }, m.worker);
                scheduler->ready(m.worker, server, false);
            }
        }
        if (std::this_thread::get_id() != runner) ++elsewhere;
        while (m.state < 2 * kRounds) {
            m.value = static_cast<Slot>(m.state);
            const Wait wait = m.state++ % 2 == 0 ? channel_send(m, requests, &m.value) : channel_receive(m, answers, &m.value, nullptr);
            if (wait == Wait::Parked) return RunResult::Parked;
        }
        locked = false;
        scheduler->unlock_thread(m);
        scheduler->stop();
        return RunResult::Finished;
    });
    scheduler->run(main);
    EXPECT_EQ(elsewhere, 0);
    EXPECT_EQ(intruders, 0);
    EXPECT_EQ(executor.deadlocks, 0);
}

TEST_P(SchedulerTest, ALockedGoroutineTakesPartInADeadlock) {
    Machine& main = make([&](Machine& m) {
        scheduler->lock_thread(m);
        return channel_receive(m, nullptr, nullptr, nullptr) == Wait::Parked ? RunResult::Parked : RunResult::Finished;
    });
    scheduler->run(main);
    EXPECT_EQ(executor.deadlocks, 1);
}

TEST_P(SchedulerTest, AMutexExcludes) {
    MutexWords mutex{};
    WaitGroupWords group{};
    long counter = 0;
    constexpr int kGoroutines = 50;
    constexpr int kRounds = 400;
    Machine& main = make([&](Machine& m) {
        if (m.state == 0) {
            m.state = 1;
            static_cast<void>(waitgroup_add(m, group, kGoroutines));
            for (int i = 0; i < kGoroutines; ++i) {
                Machine& one = make([&](Machine& self) {
                    for (;;) {
                        if (self.ok != 0) {  // holds the lock
                            ++counter;
                            EXPECT_NE(mutex_unlock(self, mutex), Unlock::NotLocked);
                            self.ok = 0;
                            if (++self.state == kRounds) {
                                static_cast<void>(waitgroup_add(self, group, -1));
                                return RunResult::Finished;
                            }
                            if (self.state % 7 == 0) return RunResult::Yielded;
                        }
                        self.ok = 1;
                        if (mutex_lock(self, mutex) == Wait::Parked) return RunResult::Parked;
                    }
                }, m.worker);
                scheduler->ready(m.worker, one, false);
            }
            if (waitgroup_wait(m, group) == Wait::Parked) return RunResult::Parked;
        }
        scheduler->stop();
        return RunResult::Finished;
    });
    scheduler->run(main);
    EXPECT_EQ(counter, long{kGoroutines} * kRounds);
}

INSTANTIATE_TEST_SUITE_P(Workers, SchedulerTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace csp::runtime
