#pragma once

#include <string>

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// Checks what the VM takes for granted about compiled code: every slot lies in the frame, every jump leads to an
/// instruction of the function, every type, constant, function and global exists, and no path runs off the end.
/// Returns what is wrong with the first bad instruction, empty when nothing is. Whether slots hold values of the
/// right types is the compiler's word. For programs that are not linked yet.
std::string verify(const Program& program);

}  // namespace csp::bytecode
