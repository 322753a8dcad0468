#pragma once

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// A trampoline's frame holds a closure and, behind a frame header of two slots, the argument frame that the closure
/// is called with: goroutine starts, deferred calls and calls from native code all begin in one.
inline constexpr std::uint32_t kTrampolineArea = 1 + 2;

/// Puts all code into Program::code, with the function indexes in static calls turned into what the VM needs at once:
/// the address of the callee's code and the size of its frame. To be called once, when all functions are there.
void link(Program& program);

}  // namespace csp::bytecode
