#include <array>

#include "interpreter/bytecode/instruction.h"

namespace csp::bytecode {

namespace {
constexpr std::array<OpcodeInfo, static_cast<std::size_t>(Opcode::Count)> kInfo = {{
#define OP(name, operands, words, meaning) {#name, operands, words, meaning},
#include "interpreter/bytecode/opcodes.def"
}};
}  // namespace

const OpcodeInfo& info(Opcode op) { return kInfo[static_cast<std::size_t>(op)]; }

}  // namespace csp::bytecode
