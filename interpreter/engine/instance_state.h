#pragma once

// What runs need: one is made for each Engine::run() and the like, and for each Instance.

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "csp/engine.hpp"
#include "interpreter/engine/channels.h"
#include "interpreter/engine/compiled.h"
#include "interpreter/engine/engine_state.h"
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
    /// A call under way has the instance for itself; the instance may go meanwhile, and the call deletes it at its end.
    enum class Use : std::uint8_t { Free, Called, Abandoned };
    std::atomic<Use> use{Use::Free};
    Limits limits;       ///< Of each run.
    std::uint64_t fuel = 0;  ///< That the last run has used, if it was limited.
    std::string ended;  ///< Not empty: a limit has ended a run, with this message, and there is to be no other.
    Limit ended_by = Limit::None;
    std::shared_ptr<const Failure> end;      ///< The same.
    std::shared_ptr<const Failure> failure;  ///< Of the last call that has failed.
    std::string refused;  ///< Not empty: why an argument of the call that is about to begin is none.
    std::vector<std::unique_ptr<std::string>> kept;  ///< Strings passed in by the host for which the heap had no room.

    /// `one_thread`: there is to be no other than the one that runs it.
    InstanceState(std::shared_ptr<const CompiledProgram> program, const EngineState& engine, bool one_thread = false);

    const vm::Outcome& run(const bytecode::Function& function) {
        return watched([&]() -> const vm::Outcome& { return machine->run(function); });
    }
    const vm::Outcome& call(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results) {
        return watched([&]() -> const vm::Outcome& { return machine->call(function, args, results); });
    }
    /// Its goroutines stand where a limit has stopped them, and are not to go on.
    void note_end(const vm::Outcome& outcome) {
        fuel = outcome.fuel;
        if (outcome.limit == Limit::None && !outcome.broken) return;
        ended = outcome.message;
        ended_by = outcome.limit;
        end = outcome.failure;
    }
    /// There is no main function to begin with, if it is not a main package's.
    std::optional<Ended> refuse_main();

  private:
    template <class Work>
    const vm::Outcome& watched(Work&& work) {
        machine->prepare(limits);
        std::optional<engine::Watchdog> watchdog;
        try {
            if (engine::Watchdog::wanted(limits)) watchdog.emplace(*machine, limits);
        } catch (const std::system_error&) {
            static const vm::Outcome no_thread{2, "no thread for the time limit"};
            return no_thread;
        }
        const vm::Outcome& outcome = work();
        note_end(outcome);
        return outcome;
    }
};

/// What an Instance and its functions share.
struct InstanceHandle {
    InstanceState* state;  ///< Null when the instance is gone.

    explicit InstanceHandle(std::unique_ptr<InstanceState> from) : state(from.release()) {}
    ~InstanceHandle() { drop(); }
    InstanceHandle(const InstanceHandle&) = delete;
    InstanceHandle& operator=(const InstanceHandle&) = delete;

    void drop() {
        InstanceState* const dropped = std::exchange(state, nullptr);
        if (dropped == nullptr) return;
        auto seen = InstanceState::Use::Called;
        if (dropped->use.load(std::memory_order_relaxed) == seen) dropped->machine->stop(Limit::Stop, kGone);
        if (!dropped->use.compare_exchange_strong(seen, InstanceState::Use::Abandoned, std::memory_order_acq_rel)) delete dropped;
    }

    /// The instance, for the caller alone until end_use(); or null, and why.
    InstanceState* begin_use(const char*& refusal) const {
        auto seen = InstanceState::Use::Free;
        if (state == nullptr) {
            refusal = kGone;
        } else if (!state->use.compare_exchange_strong(seen, InstanceState::Use::Called, std::memory_order_acq_rel)) {
            refusal = "the instance is in use: by another thread, or by a call that has led to this one";
        } else {
            return state;
        }
        return nullptr;
    }
    static void end_use(InstanceState* used) {
        if (used == nullptr) return;
        auto seen = InstanceState::Use::Called;
        if (!used->use.compare_exchange_strong(seen, InstanceState::Use::Free, std::memory_order_acq_rel)) delete used;
    }

    static constexpr const char* kGone = "the instance is gone";
};

Ended to_public(const vm::Outcome& outcome);
/// The end of a run that has not begun.
Ended no_run(const std::string& message);

}  // namespace csp::detail
