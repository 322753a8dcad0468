#include "runtime/sched/policy.h"

#include "runtime/base/splitmix.h"

namespace csp::runtime {

std::uint64_t SeededPolicy::random() { return base::splitmix64(state_); }
std::size_t SeededPolicy::choose_next(std::span<Goroutine* const> runnable) {
    return random() % runnable.size();
}
std::size_t SeededPolicy::choose_case(std::size_t count) { return random() % count; }
bool SeededPolicy::preempt_here() { return false; }

}  // namespace csp::runtime
