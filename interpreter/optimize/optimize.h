#pragma once

// Makes compiled code better, function by function: on the register code itself, so that it does not matter which
// construct a weakness came from. Before fold_instances() and link().

#include "interpreter/bytecode/program.h"

namespace csp::optimize {

void optimize(bytecode::Program& program);

}  // namespace csp::optimize
