#pragma once

// What runs need: one is made for each Engine::run() and the like, and for each Instance.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "csp/engine.hpp"
#include "interpreter/engine/channels.h"
#include "interpreter/engine/compiled.h"
#include "interpreter/engine/watchdog.h"
#include "interpreter/vm/machine.h"
#include "runtime/sched/scheduler.h"

namespace csp::detail {

/// Heap, scheduler and machine of one run. The machine refers to the others, so it goes first.
struct InstanceState {
    std::shared_ptr<const CompiledProgram> compiled;
    std::unique_ptr<runtime::Clock> clock;
    std::unique_ptr<runtime::Policy> policy;
    std::unique_ptr<runtime::Heap> heap;
    std::unique_ptr<vm::Machine> machine;
    std::unique_ptr<runtime::Scheduler> scheduler;
    engine::ChannelsOwner channels;  ///< Before the others go, threads of the host leave them.
    Limits limits;       ///< Of each run.
    std::uint64_t fuel = 0;  ///< That the last run has used, if it was limited.
    std::string ended;  ///< Not empty: a limit has ended a run, with this message, and there is to be no other.
    std::shared_ptr<const Failure> end;      ///< The same.
    std::shared_ptr<const Failure> failure;  ///< Of the last call that has failed.
    std::string refused;  ///< Not empty: why an argument of the call that is about to begin is none.
    std::vector<std::unique_ptr<std::string>> kept;  ///< Strings passed in by the host for which the heap had no room.

    /// `one_thread`: there is to be no other than the one that runs it.
    InstanceState(std::shared_ptr<const CompiledProgram> program, const Options& options, bool one_thread = false);

    vm::Outcome run(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results) {
        machine->prepare(limits);
        std::optional<engine::Watchdog> watchdog;
        if (engine::Watchdog::wanted(limits)) watchdog.emplace(*machine, limits);
        vm::Outcome outcome = machine->run_function(function, args, results);
        note_end(outcome);
        return outcome;
    }
    /// Its goroutines stand where a limit has stopped them, and are not to go on.
    void note_end(const vm::Outcome& outcome) {
        fuel = outcome.fuel;
        if (outcome.limit == Limit::None) return;
        ended = outcome.message;
        end = outcome.failure;
    }
    /// There is no main function to begin with, if it is not a main package's.
    std::optional<Ended> refuse_main();
};

Ended to_public(vm::Outcome outcome);
/// The end of a run that has not begun.
Ended no_run(const std::string& message);

}  // namespace csp::detail
