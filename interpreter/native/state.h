#pragma once

// What the dispatch loop and native code hand to each other.

#include <cstdint>
#include <functional>

#include "interpreter/bytecode/instruction.h"
#include "runtime/type/value.h"
#include "runtime/value/map.h"

namespace csp::bytecode {
struct Function;
}

namespace csp::native {

/// Why native code has gone back to the dispatch loop.
enum class Exit : std::uint32_t {
    Interpret,  ///< The instruction at `pc` is for the interpreter: it is not translated, or is about to panic.
    NotNative,  ///< Nothing at `pc` has been translated.
    Budget,     ///< The budget is used up; to go on at `pc`.
    Flow,       ///< A slow path has answered `flow`; the thread knows where to go on.
};

struct State {
    runtime::Slot* fp;
    const bytecode::Instruction* pc;
    const runtime::Slot* stack_limit;
    std::int64_t budget;
    Exit exit;
    std::uint32_t flow;  ///< A vm::Flow.
    void* machine;
    void* thread;
};

/// The slow path of one instruction, which it is to find at `at`: answers 0 (vm::Flow::Next) to go on behind it.
using SlowPath = std::uint32_t (*)(State* state, const bytecode::Instruction* at);

/// What native code needs to know of the VM that it runs in.
struct Environment {
    SlowPath (*slow_path)(bytecode::Opcode);  ///< Null for an opcode that the interpreter must execute.
    bool (*charges)(bytecode::Opcode);  ///< Whether its slow path counts its work against the budget.
    const void* (*find_method)(const void* type, std::uint32_t id);
    runtime::MapResult (*find_word)(runtime::Slot map, runtime::Slot key);
    runtime::MapResult (*find_text)(runtime::Slot map, const runtime::Slot* key);
    const bool* marking;  ///< The collector is marking: overwritten pointers are to be told.
    char* globals;
    std::function<void(const bytecode::Function&)> translated = {};  ///< Is told; may be empty.
};

}  // namespace csp::native
