#pragma once

// A machine that tells Options::trace what its goroutines do. Others have no such places in their hot paths.

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "interpreter/vm/machine.h"

namespace csp::vm {

class TracedMachine final : public Machine {
  public:
    using Machine::Machine;
    runtime::RunResult run(runtime::Goroutine& goroutine) override;
    void collection(bool begun) override;

  private:
    /// What has been told of a goroutine that has begun.
    enum class Told : std::uint8_t { Runs, Waits };

    void tell_begin(const Thread& thread);
    void tell_blocked(std::uint64_t id) const { options().trace({TraceEvent::Kind::GoroutineBlocked, id, {}}); }

    std::mutex mutex_;
    struct State {
        std::uint64_t stretch = 0;  ///< Counts how often it has been run.
        Told told = Told::Runs;
    };
    std::unordered_map<std::uint64_t, State> states_;  ///< By number.
};

}  // namespace csp::vm
