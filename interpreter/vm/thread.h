#pragma once

// A goroutine as the VM sees it: frames, deferred calls, panics.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "interpreter/bytecode/program.h"
#include "interpreter/vm/frame.h"
#include "interpreter/vm/scope.h"
#include "runtime/sched/goroutine.h"

namespace csp::vm {

/// A deferred call. Allocated with its argument frame behind it.
struct Defer {
    Defer* next;
    const bytecode::Function* function;  ///< Whose frame it belongs to.
    std::uint32_t frame;                 ///< Offset of that frame in the value stack.
    std::uint32_t slots;
    const runtime::Closure* closure;
    Slot image[];
};

/// A panic under way, or a Goexit, which unwinds the same way.
struct PanicRecord {
    PanicRecord* previous;
    Slot value[2];
    std::uint32_t top;        ///< Offset of the trampoline frame that its deferred calls run in.
    // How far it has come: frames further in have been left.
    std::uint32_t frame = 0;  ///< The one being left …
    const bytecode::Instruction* pc = nullptr;  ///< … and where it would go on.
    std::uint32_t sync_block = 0;  ///< What is to be left next of the frame's sync blocks, as LineEntry::sync_block.
    const bytecode::Function* deferring = nullptr;  ///< Whose deferred call has begun last; null: a sync block's call has.
    bool recovered = false;
    bool goexit = false;
    bool started = false;     ///< A call of it has begun, for a defer statement or a sync block.
    std::uint32_t raised_fp = 0;  ///< Where it was raised, for the trace.
    const bytecode::Instruction* raised_pc = nullptr;
};

struct Thread final : runtime::Goroutine {
    Thread();
    ~Thread() override;

    const bytecode::Instruction* pc = nullptr;  ///< Where to go on; the instruction after the last.
    std::uint32_t fp = 0;                       ///< Offset of the current frame.
    bool is_main = false;
    Defer* defers = nullptr;
    PanicRecord* panics = nullptr;
    /// Where the argument frame of a native call under way, or of a goroutine not yet started, ends. May be too far.
    std::uint32_t arguments_end = 0;
    std::uint32_t nested_base = 0;  ///< Frames below belong to an outer VM loop.
    Scope* scope = nullptr;         ///< That waits for its end; or null.
    Slot* select_result = nullptr;  ///< Where a parked select puts the case it took.
    const bytecode::Instruction* started_at = nullptr;

    std::size_t stack_slots() const { return static_cast<std::size_t>(stack_limit - stack_base); }
    /// Its value stack becomes one of `slots` at least; false, with nothing changed: memory is exhausted.
    [[nodiscard]] bool grow_stack(std::size_t slots);
    /// Back to the stack it was made with.
    void shrink_stack();

  private:
    bool has_own_stack() const { return stack_base == first_stack_; }

    /// Enough for a goroutine that does little. Such a one costs this object and nothing else.
    static constexpr std::size_t kFirstStackSlots = 46;
    Slot first_stack_[kFirstStackSlots];
};
static_assert(sizeof(Thread) == 640);

}  // namespace csp::vm
