#include "interpreter/vm/traced_machine.h"

namespace csp::vm {

using Kind = TraceEvent::Kind;
using runtime::RunResult;

RunResult TracedMachine::run(runtime::Goroutine& goroutine) {
    auto& thread = static_cast<Thread&>(goroutine);
    const std::uint64_t id = thread.id;
    tell_begin(thread);
    std::uint64_t stretch = 0;
    {
        const std::lock_guard lock(mutex_);
        State& state = states_[id];
        stretch = ++state.stretch;
        state.told = Told::Runs;
    }
    const RunResult result = Machine::run(goroutine);
    if (result == RunResult::Yielded) {
        // So that going on is not the end of a wait.
        const std::lock_guard lock(mutex_);
        states_[id].stretch = 0;
    } else if (result == RunResult::Parked) {
        // Another worker may have gone on with it, and told that it had waited.
        const std::lock_guard lock(mutex_);
        const auto found = states_.find(id);
        if (found == states_.end() || found->second.stretch != stretch) return result;
        found->second.told = Told::Waits;
        tell_blocked(id);
    } else {
        const std::lock_guard lock(mutex_);
        states_.erase(id);
        options().trace({Kind::GoroutineEnded, id, {}});
    }
    return result;
}

void TracedMachine::tell_begin(const Thread& thread) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(thread.id);
    if (found == states_.end()) {
        std::string_view name;
        walk_frames(thread, thread.fp, thread.pc, [&](const FrameView& frame) {
            if (frame.function != nullptr) name = frame.function->name;
            return frame.function == nullptr;
        });
        return options().trace({Kind::GoroutineStarted, thread.id, name});
    }
    if (found->second.stretch == 0) return;
    if (found->second.told == Told::Runs) tell_blocked(thread.id);
    options().trace({Kind::GoroutineUnblocked, thread.id, runtime::text(thread.wait_reason)});
}

void TracedMachine::collection(bool begun) {
    options().trace({begun ? Kind::CollectionBegun : Kind::CollectionEnded, 0, {}});
}

}  // namespace csp::vm
