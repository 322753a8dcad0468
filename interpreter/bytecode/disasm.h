#pragma once

#include <string>

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// The code of all functions, or of one, as text: one instruction a line.
std::string disassemble(const Program& program);
std::string disassemble(const Program& program, const Function& function);

}  // namespace csp::bytecode
