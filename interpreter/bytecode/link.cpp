#include "interpreter/bytecode/link.h"

#include <cstring>

namespace csp::bytecode {

void link(Program& program) {
    program.linked = true;
    for (Function& function : program.functions) {
        auto& code = function.instructions;
        for (std::size_t i = 0; i < code.size(); i += 1 + static_cast<std::size_t>(extension_words(code[i]))) {
            if (code[i].op != Opcode::Call && code[i].op != Opcode::CallAddK) continue;
            Word callee;
            std::memcpy(&callee, &code[i + 1], sizeof callee);
            const Function& called = *program.by_index[callee.lo];
            code[i].uimm = called.frame_slots;
            callee.all = reinterpret_cast<std::uintptr_t>(called.code);
            std::memcpy(static_cast<void*>(&code[i + 1]), &callee, sizeof callee);
        }
    }
}

}  // namespace csp::bytecode
