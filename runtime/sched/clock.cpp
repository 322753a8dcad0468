#include "runtime/sched/clock.h"

namespace csp::runtime {

std::int64_t RealClock::monotonic() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start_).count();
}
std::int64_t RealClock::wall() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace csp::runtime
