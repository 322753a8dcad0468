#include "runtime/base/shuffle.h"

#if defined(CSP_SHUFFLE)

#include <chrono>
#include <thread>

#include "runtime/base/splitmix.h"

namespace csp::base::shuffle {

namespace {
/// The state of this thread's generator; 0: off.
std::uint64_t& state() {
    thread_local std::uint64_t value = 0;
    return value;
}
std::uint64_t next() { return splitmix64(state()); }
}  // namespace

void begin_thread(std::uint64_t seed, std::uint64_t thread) {
    state() = seed == 0 ? 0 : seed * 0xD1342543DE82EF95ULL + thread + 1;
}

void step() {
    if (state() == 0) return;
    const std::uint64_t choice = next();
    switch (choice % 64) {
        case 0:
        case 1:
        case 2: std::this_thread::yield(); break;
        case 3: std::this_thread::sleep_for(std::chrono::microseconds(choice >> 8 & 31)); break;
        case 4:
        case 5:
        case 6:
        case 7:
            for (std::uint64_t spins = choice >> 8 & 255; spins > 0; --spins) __asm__ __volatile__("" ::: "memory");
            break;
        default: break;
    }
}

bool chance(std::uint32_t times) { return state() != 0 && next() % times == 0; }

std::int32_t up_to(std::int32_t most) {
    return state() == 0 ? most : static_cast<std::int32_t>(next() % static_cast<std::uint64_t>(most)) + 1;
}

}  // namespace csp::base::shuffle

#endif
