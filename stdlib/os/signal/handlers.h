#pragma once

// The process's signal handlers, which all runs share that want to hear of signals.

#include <cstdint>
#include <memory>

namespace csp::stdlib::signals {

/// A set of signals: bit n - 1 is signal n.
using Set = std::uint64_t;
constexpr int kMostSignals = 64;
constexpr Set only(int number) { return Set{1} << (number - 1); }

/// Tells one run of signals. When it goes, what the run has changed is as it was before.
class Listener {
  public:
    virtual ~Listener() = default;
    /// From now on those of `heard` are noted, for which there has to be an event(), and those of `ignored` have no effect:
    /// unless another run wants to hear of them. The others do what they did before.
    virtual void set(Set heard, Set ignored) = 0;
    /// What has arrived since the last call.
    virtual Set take() = 0;
    /// An event descriptor, readable when something has arrived; stays the listener's. Negative: there is none, and errno
    /// tells why; the next call tries again.
    virtual int event() = 0;
};

std::unique_ptr<Listener> listen();
/// Whether some run wants to hear of a signal.
bool is_heard(int number);
/// Those that the process ignores.
Set ignored();

}  // namespace csp::stdlib::signals
