#pragma once

/// \file
/// What ends a run from outside: limits, and the host.

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace csp {

/// What a run, or a call by the host, may take. The one that is reached first ends it, with all its goroutines, whatever
/// they do or wait for; a script has no means to go on. Goroutines notice within some ten microseconds, unless they are in
/// a native that takes longer.
struct Limits {
    std::chrono::nanoseconds time{0};  ///< From the start, by the wall clock; 0: no limit.
    std::int64_t goroutines = 0;       ///< Alive at once, the main one among them; 0: no limit.
    std::uint64_t output = 0;          ///< Bytes on standard output and error together; 0: no limit.
    /// Units of work: each round of a loop and each call of a function is one, and what the library does natively counts for
    /// what such rounds would take. At most 2^62; 0: no limit, and nothing is counted. A run that is repeated exactly (same
    /// input, Options::seed) uses exactly the same, and ends at the same place. With several workers, a run may end some
    /// thousand units early.
    std::uint64_t fuel = 0;
    std::stop_token stop;              ///< Any thread may request the stop, at any time, also before the start.
};

/// Which of them has ended it.
enum class Limit : std::uint8_t { None, Time, Goroutines, Output, Fuel, Stop };

}  // namespace csp
