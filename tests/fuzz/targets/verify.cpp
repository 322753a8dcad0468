// Bytecode: the verifier gives an answer to any instructions, and what it accepts can be listed. Such code is not run:
// that its slots hold values of the right types is the compiler's word.

#include <cstring>
#include <string>
#include <vector>

#include "interpreter/bytecode/disasm.h"
#include "interpreter/bytecode/verify.h"
#include "runtime/type/builder.h"
#include "tests/fuzz/target.h"

using namespace csp;

namespace {

/// Two functions, the second of them with the instructions that are tried, and one of each thing they can name.
struct Fixture {
    source::SourceSet sources;
    runtime::TypeTable types;
    bytecode::Program program;

    Fixture() {
        const runtime::Type* const number = types.basic(runtime::Kind::Int);
        const runtime::Type* const text = types.basic(runtime::Kind::String);
        program.sources = &sources;
        program.types = {number, text, types.map_of(text, number), types.slice_of(text), types.array_of(number, 3), nullptr};
        program.constants = {1, 2};
        program.globals_size = 64;
        add({{bytecode::Opcode::Ret, 0, 0}});
        add({});
    }
    bytecode::Function& add(std::vector<bytecode::Instruction> code) {
        bytecode::Function& function = program.functions.emplace_back();
        function.index = static_cast<std::uint32_t>(program.by_index.size());
        function.name = "f" + std::to_string(function.index);
        function.frame_slots = 16;
        function.param_slots = 1;
        function.instructions = std::move(code);
        program.by_index.push_back(&function);
        return function;
    }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Fixture fixture;
    auto& code = fixture.program.functions[1].instructions;
    code.resize(size / sizeof(bytecode::Instruction));
    if (!code.empty()) std::memcpy(static_cast<void*>(code.data()), data, code.size() * sizeof code[0]);
    for (bytecode::Function& function : fixture.program.functions) function.code = function.instructions.data();
    if (bytecode::verify(fixture.program).empty()) (void)bytecode::disassemble(fixture.program);
    return 0;
}
