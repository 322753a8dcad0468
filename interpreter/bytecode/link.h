#pragma once

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// Turns the function indexes in static calls into what the VM needs at once: the address of the callee's code and
/// the size of its frame. To be called once, when all functions have their code; the code must not move afterwards.
void link(Program& program);

}  // namespace csp::bytecode
