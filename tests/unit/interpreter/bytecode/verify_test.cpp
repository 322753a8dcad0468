// The verifier refuses what would lead the virtual machine astray.

#include "interpreter/bytecode/verify.h"

#include <gtest/gtest.h>

#include <vector>

namespace csp::bytecode {
namespace {

/// A program of one function with four slots and one constant.
std::string verdict(std::vector<Instruction> code) {
    Program program;
    program.constants.push_back(7);
    Function& function = program.functions.emplace_back();
    function.name = "f";
    function.frame_slots = 4;
    function.instructions = std::move(code);
    function.code = function.instructions.data();
    program.by_index.push_back(&function);
    return verify(program);
}

TEST(Verify, AcceptsWhatIsInOrder) {
    EXPECT_EQ(verdict({{Opcode::LoadI, 0, 5}, {Opcode::Mov, 1, 0, 0}, {Opcode::Ret, 0, 0}}), "");
}

TEST(Verify, RefusesSlotsOutsideTheFrame) {
    EXPECT_NE(verdict({{Opcode::LoadI, 4, 5}, {Opcode::Ret, 0, 0}}), "");
    EXPECT_NE(verdict({{Opcode::Mov, 0, 9, 0}, {Opcode::Ret, 0, 0}}), "");
}

TEST(Verify, RefusesCodeThatRunsOffItsEnd) {
    EXPECT_NE(verdict({{Opcode::LoadI, 0, 5}}), "");
    EXPECT_NE(verdict({}), "");
}

TEST(Verify, RefusesTablesLongerThanTheFunction) {
    EXPECT_EQ(verdict({{Opcode::JmpTable, 0, 2}, {Opcode::Ret, 0, 0}}), "f: code ends within an instruction");
    EXPECT_EQ(verdict({{Opcode::JmpTable, 0, -1}, {Opcode::Ret, 0, 0}}), "f: code ends within an instruction");
}

TEST(Verify, RefusesJumpsOutOfTheFunction) {
    EXPECT_NE(verdict({{Opcode::Jmp, 0, 5}, {Opcode::Ret, 0, 0}}), "");
    EXPECT_NE(verdict({{Opcode::Jmp, 0, -3}, {Opcode::Ret, 0, 0}}), "");
    EXPECT_EQ(verdict({{Opcode::Jmp, 0, 0}, {Opcode::Ret, 0, 0}}), "");
}

TEST(Verify, RefusesSyncBlocksThatCannotBeLeft) {
    Program program;
    for (const std::uint16_t params : {1, 2}) {
        Function& function = program.functions.emplace_back();
        function.param_slots = params;
        function.frame_slots = 4;
        function.instructions = {{Opcode::Ret, 0, 0}};
        program.by_index.push_back(&function);
    }
    Function& function = program.functions[0];
    const auto verdict = [&](SyncBlock block) {
        function.sync_blocks = {block};
        return verify(program);
    };
    EXPECT_EQ(verdict({3, &program.functions[0]}), "");
    EXPECT_EQ(verdict({2, nullptr, 1}), "");
    EXPECT_NE(verdict({4, &program.functions[0]}), "");
    EXPECT_NE(verdict({3, nullptr, 1}), "");
    EXPECT_NE(verdict({3, &program.functions[1]}), "");
    EXPECT_NE(verdict({3, &program.functions[0], 0, 1}), "");
}

TEST(Verify, RefusesOpcodesThatDoNotExist) {
    EXPECT_EQ(verdict({{Opcode::Ret, 0, 0}, {Opcode::Count, 0, 0}}), "f: instruction 1: unknown opcode");
    EXPECT_NE(verdict({{static_cast<Opcode>(60000), 0, 0}, {Opcode::Ret, 0, 0}}), "");
}

}  // namespace
}  // namespace csp::bytecode
