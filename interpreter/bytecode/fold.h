#pragma once

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// Lets instances of one generic function share their code where it came out the same, which it does when the type
/// arguments have the same shape and the function does not ask what they are. Before link().
void fold_instances(Program& program);

}  // namespace csp::bytecode
