#include <array>
#include <string_view>

#include "interpreter/bytecode/instruction.h"

namespace csp::bytecode {

namespace {
constexpr std::string_view before_bar(std::string_view letters) { return letters.substr(0, letters.find('|')); }
constexpr std::string_view behind_bar(std::string_view letters) {
    const std::size_t bar = letters.find('|');
    return bar == std::string_view::npos ? std::string_view() : letters.substr(bar + 1);
}
constexpr std::array<OpcodeInfo, static_cast<std::size_t>(Opcode::Count)> kInfo = {{
#define OP(name, operands, words, meaning) {#name, before_bar(operands), behind_bar(operands), words, meaning},
#include "interpreter/bytecode/opcodes.def"
}};
}  // namespace

const OpcodeInfo& info(Opcode op) { return kInfo[static_cast<std::size_t>(op)]; }

}  // namespace csp::bytecode
