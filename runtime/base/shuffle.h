#pragma once

// Schedules turned upside down, for tests: where threads meet in the runtime, and where goroutines can be preempted,
// a pseudo-random choice is made whether to let others go first. Only in builds with CSP_SHUFFLE; elsewhere all of
// this is nothing.

#include <cstdint>

namespace csp::base::shuffle {

#if defined(CSP_SHUFFLE)
/// The calling thread is number `thread` of a run with this seed; 0: nothing is shuffled on it.
void begin_thread(std::uint64_t seed, std::uint64_t thread);
/// Between two steps that another thread may come between: perhaps waits a little, or yields the processor.
void step();
/// One time in `times`.
bool chance(std::uint32_t times);
/// A number from 1 to `most`.
std::int32_t up_to(std::int32_t most);
#else
inline void begin_thread(std::uint64_t, std::uint64_t) {}
inline void step() {}
constexpr bool chance(std::uint32_t) { return false; }
constexpr std::int32_t up_to(std::int32_t most) { return most; }
#endif

}  // namespace csp::base::shuffle
