// Value stacks and trampolines.

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <cstring>

#include "interpreter/vm/machine.h"

namespace csp::vm {

Thread::Thread() {
    stack_base = first_stack_;
    stack_limit = first_stack_ + kFirstStackSlots;
}

Thread::~Thread() {
    shrink_stack();
    while (defers != nullptr) std::free(std::exchange(defers, defers->next));
    while (panics != nullptr) delete std::exchange(panics, panics->previous);
}

bool Thread::grow_stack(std::size_t slots) {
    auto* const grown = static_cast<Slot*>(std::realloc(has_own_stack() ? nullptr : stack_base, slots * sizeof(Slot)));
    if (grown == nullptr) return false;
    if (has_own_stack()) std::memcpy(grown, first_stack_, sizeof first_stack_);
    stack_base = grown;
    stack_limit = grown + slots;
    return true;
}

void Thread::shrink_stack() {
    if (has_own_stack()) return;
    std::free(stack_base);
    stack_base = first_stack_;
    stack_limit = first_stack_ + kFirstStackSlots;
}

bool Machine::ensure_stack(Thread& thread, std::size_t at, std::size_t slots) {
    const std::size_t needed = at + slots;
    if (needed <= thread.stack_slots()) return true;
    const std::size_t limit = stack_limit_.load(std::memory_order_relaxed) / sizeof(Slot);
    if (needed > limit) {
        fatal(thread, "stack overflow");
        return false;
    }
    if (thread.grow_stack(std::min(limit, std::max(needed + 16, thread.stack_slots() * 2)))) return true;
    fatal(thread, "out of memory");
    return false;
}

/// Makes `thread` begin with a call of `closure`. `image`: results and arguments; null: the caller puts them there.
bool Machine::start_frame(Thread& thread, const runtime::Closure* closure, const Slot* image, std::uint32_t slots) {
    const std::size_t needed = kTrampolineArea + slots + 8;
    if (thread.stack_slots() < needed && !thread.grow_stack(needed)) return false;
    Slot* const base = thread.stack_base;
    base[0] = reinterpret_cast<Slot>(closure);
    if (image != nullptr) std::memcpy(base + kTrampolineArea, image, slots * sizeof(Slot));
    thread.fp = 0;
    thread.pc = program_.root.code;
    thread.nested_base = 0;
    thread.arguments_end = kTrampolineArea + slots;
    return true;
}

const bytecode::Function* Machine::function_at(const bytecode::Instruction* pc) const {
    const auto next = std::upper_bound(
        ranges_.begin(), ranges_.end(), pc,
        [](const bytecode::Instruction* p, const CodeRange& range) { return p < range.begin; });
    if (next == ranges_.begin()) return nullptr;
    const CodeRange& range = *(next - 1);
    return pc <= range.end ? range.function : nullptr;
}

const bytecode::Function& Machine::function_for(const runtime::Type& type, const NativeEntry& entry) {
    const std::lock_guard lock(made_functions_mutex_);
    bytecode::Function& function = made_functions_[{&type, &entry}];
    if (function.native != nullptr) return function;
    const auto slots_of = [](std::span<const runtime::Type* const> types) {
        std::size_t sum = 0;
        for (const runtime::Type* t : types) sum += t->slots;
        return sum;
    };
    function.name = std::string(type.string);
    function.type = &type;
    function.native = &entry;
    function.result_slots = static_cast<std::uint16_t>(slots_of(type.results));
    function.param_slots = static_cast<std::uint16_t>(slots_of(type.params));
    function.frame_slots = std::uint32_t{function.result_slots} + function.param_slots;
    function.static_closure.function = &function;
    return function;
}

/// A call from native code: a trampoline above the native's frame, run by a loop of its own.
LoopEnd Machine::call_nested(Thread& thread, const runtime::Closure* closure, const Slot* args,
                             std::size_t arg_slots, Slot* results, std::size_t result_slots,
                             std::size_t above) {
    const bytecode::Instruction* const saved_pc = thread.pc;
    const std::uint32_t saved_fp = thread.fp;
    const std::uint32_t saved_base = thread.nested_base;
    const std::size_t frame = above;
    if (!ensure_stack(thread, frame, kTrampolineArea + result_slots + arg_slots + 8)) return LoopEnd::Ended;
    Slot* const base = thread.stack_base + frame;
    base[-1] = pack_return(saved_pc, static_cast<std::uint32_t>(frame - saved_fp));
    base[0] = reinterpret_cast<Slot>(closure);
    std::memset(base + kTrampolineArea, 0, result_slots * sizeof(Slot));
    if (arg_slots > 0)
        std::memcpy(base + kTrampolineArea + result_slots, args, arg_slots * sizeof(Slot));
    thread.fp = static_cast<std::uint32_t>(frame);
    thread.pc = program_.root.code;
    thread.nested_base = static_cast<std::uint32_t>(frame);
    ++thread.native_depth;
    LoopEnd end = LoopEnd::Ended;
    if (!scheduler_->with_stack(thread, [&] { end = execute(thread, true); })) fatal(thread, "stack overflow");
    --thread.native_depth;
    if (end == LoopEnd::Finished && result_slots > 0)
        std::memcpy(results, thread.stack_base + frame + kTrampolineArea, result_slots * sizeof(Slot));
    thread.pc = saved_pc;
    thread.fp = saved_fp;
    thread.nested_base = saved_base;
    return end;
}

}  // namespace csp::vm
