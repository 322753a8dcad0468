#include "runtime/sched/policy.h"

namespace csp::runtime {

/// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
std::uint64_t SeededPolicy::random() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}
std::size_t SeededPolicy::choose_next(std::span<Goroutine* const> runnable) {
    return random() % runnable.size();
}
std::size_t SeededPolicy::choose_case(std::size_t count) { return random() % count; }
bool SeededPolicy::preempt_here() { return false; }

}  // namespace csp::runtime
