#include "interpreter/engine/instance_state.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "interpreter/vm/traced_machine.h"

namespace csp::detail {

namespace {

runtime::HeapOptions heap_options(const Options& options) {
    runtime::HeapOptions out;
    out.limit = options.heap_limit;
    out.gc_percent = options.gc_percent;
    out.gc_stress = options.gc_stress;
    if (options.gc_trace) {
        out.trace = [log = options.log](std::string_view line) {
            if (log)
                log(LogLevel::Info, line);
            else
                vm::write_all(2, line);
        };
    }
    return out;
}

/// Calls of `input` that are still under way when the run is gone own what they need.
InputFunction one_at_a_time(const InputFunction& input) {
    struct Shared {
        std::mutex mutex;
        InputFunction input;
    };
    auto shared = std::make_shared<Shared>();
    shared->input = input;
    return [shared](std::span<char> to) {
        const std::lock_guard lock(shared->mutex);
        return shared->input(to);
    };
}

vm::MachineOptions machine_options(const Options& options) {
    vm::MachineOptions out;
    out.native = static_cast<native::Mode>(options.native);
    out.stack_limit = options.stack_limit;
    out.output = options.output;
    if (options.input) out.input = one_at_a_time(options.input);
    out.log = options.log;
    out.trace = options.trace;
    out.args = options.args;
    return out;
}

}  // namespace

InstanceState::InstanceState(std::shared_ptr<const CompiledProgram> program, const EngineState& engine, bool one_thread)
    : compiled(std::move(program)) {
    const Options& options = engine.options;
    vm::MachineOptions for_machine = machine_options(options);
    for_machine.grants = engine.grants;
    heap = std::make_unique<runtime::Heap>(heap_options(options));
    if (options.trace)
        machine = std::make_unique<vm::TracedMachine>(compiled->program, *heap, for_machine);
    else
        machine = std::make_unique<vm::Machine>(compiled->program, *heap, for_machine);
    runtime::SchedulerOptions scheduler_options;
    scheduler_options.workers = one_thread ? 1 : options.workers;
    scheduler_options.one_thread = one_thread;
    scheduler_options.shuffle_seed = options.shuffle_seed;
    if (options.seed) {
        policy = std::make_unique<runtime::SeededPolicy>(*options.seed);
        scheduler_options.workers = 1;
    }
    if (options.virtual_time) clock = std::make_unique<runtime::VirtualClock>();
    scheduler_options.policy = policy.get();
    scheduler_options.clock = clock.get();
    scheduler = std::make_unique<runtime::Scheduler>(scheduler_options, *machine, *heap);
    machine->attach(*scheduler);
    channels.serve(*machine);
}

std::optional<Ended> InstanceState::refuse_main() {
    if (compiled->name == "main") return std::nullopt;
    const std::string message = "package " + compiled->name + " is not a main package";
    machine->report(message + "\n");
    return no_run(message);
}

Ended no_run(const std::string& message) {
    return {1, message, Limit::None, std::make_shared<const Failure>(Failure{FailureKind::FatalError, message, {}, 0, {}}), 0};
}

Ended to_public(const vm::Outcome& outcome) {
    return {outcome.status, outcome.message, outcome.limit, outcome.failure, outcome.fuel};
}

}  // namespace csp::detail

namespace csp {

InputFunction input_text(std::string text) {
    struct Rest {
        std::mutex mutex;
        std::string text;
        std::size_t at = 0;
    };
    auto rest = std::make_shared<Rest>();
    rest->text = std::move(text);
    return [rest](std::span<char> to) {
        const std::lock_guard lock(rest->mutex);
        const std::size_t size = std::min(to.size(), rest->text.size() - rest->at);
        std::memcpy(to.data(), rest->text.data() + rest->at, size);
        rest->at += size;
        return size;
    };
}

}  // namespace csp
