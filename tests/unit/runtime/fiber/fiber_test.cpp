// Fibers: switching, and recursion that outgrows a stack.

#include "runtime/fiber/fiber.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace csp::runtime {
namespace {

struct Shared {
    Fiber home;
    Fiber* fiber = nullptr;
    std::vector<int> trail;
    int depth = 0;
};

/// A fiber's entry has no argument, so the test's state hangs off the fiber's home.
Shared& shared_of(Fiber& fiber) { return *reinterpret_cast<Shared*>(fiber.home); }

TEST(Fiber, SwitchesBackAndForthAndEndsAtHome) {
    Shared s;
    s.home.adopt_thread();
    Fiber fiber(64 * 1024, [](Fiber& self) {
        Shared& s = shared_of(self);
        s.trail.push_back(1);
        s.home.switch_from(self);
        s.trail.push_back(3);
    });
    fiber.home = &s.home;
    fiber.switch_from(s.home);
    s.trail.push_back(2);
    fiber.switch_from(s.home);
    s.trail.push_back(4);
    EXPECT_EQ(s.trail, (std::vector<int>{1, 2, 3, 4}));
}

/// Goes on on further stacks whenever little is left, and leaves for home once at the bottom.
void recurse(Fiber& fiber, int levels) {
    volatile char used[4096];
    used[0] = 1;
    struct Next {
        Fiber* fiber;
        int levels;
    } next{&fiber, levels - 1};
    if (levels == 0) {
        Shared& s = shared_of(fiber);
        s.trail.push_back(1);
        s.home.switch_from(fiber);
        s.trail.push_back(3);
        return;
    }
    if (fiber.stack_left() < 32 * 1024) {
        ++shared_of(fiber).depth;
        fiber.run_on_further_stack(
            64 * 1024, [](void* p) { recurse(*static_cast<Next*>(p)->fiber, static_cast<Next*>(p)->levels); }, &next);
    } else {
        recurse(fiber, levels - 1);
    }
    used[4095] = used[0];
}

TEST(Fiber, RecursesOntoFurtherStacksAndParksThere) {
    Shared s;
    s.home.adopt_thread();
    Fiber fiber(64 * 1024, [](Fiber& self) { recurse(self, 200); });
    fiber.home = &s.home;
    fiber.switch_from(s.home);
    s.trail.push_back(2);
    fiber.switch_from(s.home);
    EXPECT_EQ(s.trail, (std::vector<int>{1, 2, 3}));
    EXPECT_GT(s.depth, 1);
}

TEST(Fiber, AnExceptionLeavesAFurtherStack) {
    Shared s;
    s.home.adopt_thread();
    Fiber fiber(64 * 1024, [](Fiber& self) {
        try {
            self.run_on_further_stack(64 * 1024, [](void*) { throw std::runtime_error("below"); }, nullptr);
        } catch (const std::runtime_error&) {
            shared_of(self).trail.push_back(1);
        }
        self.run_on_further_stack(64 * 1024, [](void* of) { shared_of(*static_cast<Fiber*>(of)).trail.push_back(2); }, &self);
    });
    fiber.home = &s.home;
    fiber.switch_from(s.home);
    EXPECT_EQ(s.trail, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace csp::runtime
