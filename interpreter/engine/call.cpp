// csp::Call: what native functions can do.

#include <cstring>

#include "csp/native.hpp"
#include "interpreter/vm/machine.h"
#include "runtime/sched/timers.h"

namespace csp {

namespace {
vm::Machine& machine_of(void* machine) { return *static_cast<vm::Machine*>(machine); }
vm::Thread& thread_of(void* goroutine) {
    return *static_cast<vm::Thread*>(static_cast<runtime::Goroutine*>(goroutine));
}
Status status_of(vm::Flow flow) {
    switch (flow) {
        case vm::Flow::Panic: return Status::Panic;
        case vm::Flow::Parked: return Status::Parked;
        case vm::Flow::Ended: return Status::Ended;
        case vm::Flow::Yield: return Status::Yield;
        case vm::Flow::Next:
        case vm::Flow::Jump: break;
    }
    return Status::Ok;
}
}  // namespace

Status Call::panic(std::string_view text) {
    return status_of(machine_of(machine_).raise_text(thread_of(goroutine_), text));
}
Status Call::runtime_error(std::string_view text) {
    return status_of(machine_of(machine_).raise_runtime(thread_of(goroutine_), text));
}
Status Call::out_of_memory() { return status_of(machine_of(machine_).out_of_memory(thread_of(goroutine_))); }
Status Call::fatal(std::string_view text) {
    return status_of(machine_of(machine_).fatal(thread_of(goroutine_), text));
}
Status Call::exit(int status) { return status_of(machine_of(machine_).exit(status)); }
Status Call::goexit() { return status_of(machine_of(machine_).goexit(thread_of(goroutine_))); }

bool Call::charge(std::uint64_t units) {
    ended_ = ended_ || !machine_of(machine_).charge(thread_of(goroutine_), units);
    return !ended_;
}

char* Call::allocate_bytes(std::size_t size) {
    vm::Machine& m = machine_of(machine_);
    vm::Thread& thread = thread_of(goroutine_);
    char* bytes = m.heap().allocate_bytes(m.cache(thread), size);
    if (bytes == nullptr) m.out_of_memory(thread);
    return bytes;
}

char* Call::copy(std::string_view bytes) {
    constexpr std::size_t kFew = 1024, kAtOnce = 1 << 18, kBytesPerUnit = 64;
    char* const to = allocate_bytes(bytes.size());
    if (to == nullptr || bytes.empty()) return to;
    if (bytes.size() <= kFew) {
        std::memcpy(to, bytes.data(), bytes.size());
        return to;
    }
    for (std::size_t at = 0, size = 0; at < bytes.size(); at += size) {
        size = bytes.copy(to + at, kAtOnce, at);
        if (!charge(size / kBytesPerUnit)) return nullptr;
    }
    return to;
}

Slot* Call::allocate_strings(std::size_t count) {
    vm::Machine& m = machine_of(machine_);
    vm::Thread& thread = thread_of(goroutine_);
    auto* array = static_cast<Slot*>(m.heap().allocate_array(m.cache(thread), *m.program().string_type, count));
    if (array == nullptr) m.out_of_memory(thread);
    return array;
}

bool Call::put_string(Slot* to, std::string_view text) {
    to[0] = 0;
    to[1] = text.size();
    if (text.empty()) return true;
    char* const bytes = copy(text);
    to[0] = reinterpret_cast<Slot>(bytes);
    return bytes != nullptr;
}

bool Call::put_error(Slot* to, std::string_view text) {
    vm::Machine& m = machine_of(machine_);
    vm::Thread& thread = thread_of(goroutine_);
    const runtime::Type* type = m.program().native_error;
    Slot string[2];
    if (!put_string(string, text)) return false;
    void* object = m.heap().allocate(m.cache(thread), *type->elem);
    if (object == nullptr) {
        m.out_of_memory(thread);
        return false;
    }
    runtime::store_pair(object, string);
    to[0] = reinterpret_cast<Slot>(type);
    to[1] = reinterpret_cast<Slot>(object);
    return true;
}

Status Call::call(Slot function, const Slot* args, std::size_t arg_slots, Slot* results,
                  std::size_t result_slots) {
    vm::Machine& m = machine_of(machine_);
    if (function == 0) return runtime_error("invalid memory address or nil pointer dereference");
    const auto* closure = reinterpret_cast<const runtime::Closure*>(function);
    switch (m.call_nested(thread_of(goroutine_), closure, args, arg_slots, results, result_slots,
                          offset_ + slots_ + vm::kHeaderSlots)) {
        case vm::LoopEnd::Finished: return Status::Ok;
        case vm::LoopEnd::Panicked: return Status::Panic;
        case vm::LoopEnd::Parked:
        case vm::LoopEnd::Yielded:
        case vm::LoopEnd::Ended: break;
    }
    return Status::Ended;
}

Status Call::call_method(const void* code, Slot receiver, const Slot* args, std::size_t arg_slots,
                         Slot* results, std::size_t result_slots) {
    const auto* function = static_cast<const bytecode::Function*>(code);
    std::vector<Slot> all(1 + arg_slots);
    all[0] = receiver;
    if (arg_slots > 0) std::memcpy(all.data() + 1, args, arg_slots * sizeof(Slot));
    return call(reinterpret_cast<Slot>(&function->static_closure), all.data(), all.size(), results,
                result_slots);
}

void* Call::type_table() const { return machine_of(machine_).program().type_table; }

void Call::set_select_result(Slot* result) { thread_of(goroutine_).select_result = result; }

Slot Call::make_function(const void* type, const NativeEntry& entry, const Slot* captured, std::size_t count) {
    vm::Machine& m = machine_of(machine_);
    vm::Thread& thread = thread_of(goroutine_);
    auto* const closure = static_cast<runtime::Closure*>(m.heap().allocate_slots(m.cache(thread), 1 + count));
    if (closure == nullptr) {
        m.out_of_memory(thread);
        return 0;
    }
    closure->function = &m.function_for(*static_cast<const runtime::Type*>(type), entry);
    std::memcpy(closure->captured, captured, count * sizeof(Slot));
    return reinterpret_cast<Slot>(closure);
}

const Slot* Call::captured() const {
    return reinterpret_cast<const runtime::Closure*>(slots()[-static_cast<std::ptrdiff_t>(vm::kHeaderSlots)])->captured;
}

bool Call::with_stack(std::size_t bytes, void (*work)(void*), void* argument) {
    try {
        return machine_of(machine_).scheduler().with_stack(thread_of(goroutine_), [&] { work(argument); }, bytes, bytes + runtime::Scheduler::kStackReserve);
    } catch (const std::bad_alloc&) {
        return false;
    }
}

const std::function<std::size_t(std::span<char> to)>& Call::input() const { return machine_of(machine_).options().input; }

const std::vector<std::string>& Call::arguments() const { return machine_of(machine_).options().args; }

const runtime::Grants& Call::grants() const { return *machine_of(machine_).options().grants; }

namespace {
void start_from_timer(runtime::Scheduler& scheduler, runtime::Worker& worker, runtime::Timer& timer) {
    auto& machine = static_cast<vm::Machine&>(scheduler.executor());
    if (!machine.may_start_goroutine(nullptr)) return;
    runtime::Bubble* const bubble = timer.bubble != 0 ? worker.current()->bubble : nullptr;
    runtime::Goroutine* const made = scheduler.acquire(&worker, bubble);
    if (made == nullptr) return machine.stop(Limit::None, "out of memory");
    auto& thread = static_cast<vm::Thread&>(*made);
    if (!machine.start_frame(thread, static_cast<const runtime::Closure*>(timer.argument), nullptr, 0)) {
        scheduler.release(thread);
        return machine.stop(Limit::None, "out of memory");
    }
    thread.started_at = nullptr;
    scheduler.ready(&worker, thread, false);
}
}  // namespace

Call::Starter Call::starter() const { return start_from_timer; }

void Call::write(int stream, std::string_view bytes) { machine_of(machine_).write(stream, bytes); }

}  // namespace csp
