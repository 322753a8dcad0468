#include "interpreter/bytecode/link.h"

#include <cstring>

namespace csp::bytecode {

namespace {

void make_trampoline(Function& function, const char* name, Opcode after) {
    function.name = name;
    function.frame_slots = kTrampolineArea;
    function.instructions = {Instruction(Opcode::CallClosure, kTrampolineArea, 0, 0), Instruction(after, 0, 0, 0)};
}

/// Static calls: where the callee's code is, and how large its frame.
void link_calls(const Program& program, Instruction* code, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 1 + extension_words(code[i])) {
        if (code[i].op != Opcode::Call && code[i].op != Opcode::CallAddK) continue;
        Word callee;
        std::memcpy(&callee, &code[i + 1], sizeof callee);
        const Function& called = *program.by_index[callee.lo];
        code[i].uimm = called.frame_slots;
        callee.all = reinterpret_cast<std::uintptr_t>(called.code);
        std::memcpy(static_cast<void*>(&code[i + 1]), &callee, sizeof callee);
    }
}

void mark_sync_blocks(Program& program, const Function& function) {
    if (function.sync_blocks.empty()) return;
    program.in_sync_block.resize(program.code.size());
    const auto first = static_cast<std::size_t>(function.code - program.code.data());
    for (std::uint32_t i = 0; i < function.instructions.size(); ++i)
        program.in_sync_block[first + i] = function.sync_block_at(i) != 0;
}

}  // namespace

void link(Program& program) {
    make_trampoline(program.root, "runtime.trampoline", Opcode::Exit);
    make_trampoline(program.deferred, "runtime.trampoline", Opcode::Ret);
    make_trampoline(program.panicking, "runtime.gopanic", Opcode::PanicResume);
    std::vector<Function*> placed{&program.root, &program.deferred, &program.panicking};
    for (Function& function : program.functions)
        if (!function.instructions.empty()) placed.push_back(&function);
    std::size_t size = 0;
    for (const Function* function : placed) size += function->instructions.size() + 1;
    program.code.reserve(size);
    for (Function* function : placed) {
        function->code = program.code.data() + program.code.size();
        program.code.insert(program.code.end(), function->instructions.begin(), function->instructions.end());
        // A call, or a panic, may be the last instruction: the place behind it is not the next function's.
        program.code.emplace_back();
    }
    for (Function& function : program.functions) {
        const Function* owner = &function;
        while (owner->shares != nullptr) owner = owner->shares;
        function.code = owner->code;
    }
    for (const Function* function : placed) mark_sync_blocks(program, *function);
    link_calls(program, program.code.data(), program.code.size());
}

}  // namespace csp::bytecode
