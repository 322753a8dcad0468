// The optimiser: what becomes of small pieces of code, as a listing.

#include "interpreter/optimize/optimize.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "interpreter/bytecode/disasm.h"
#include "interpreter/bytecode/verify.h"

namespace csp::optimize {
namespace {

using bytecode::Function;
using bytecode::Instruction;
using bytecode::Opcode;
using bytecode::Word;

Instruction raw(Word word) {
    Instruction out;
    __builtin_memcpy(static_cast<void*>(&out), &word, sizeof out);
    return out;
}
Instruction word(std::uint32_t lo) {
    Word w;
    w.all = lo;
    return raw(w);
}

/// A program of functions whose names are "f0", "f1", ….
class Optimize : public testing::Test {
  protected:
    Function& add(std::uint16_t results, std::uint16_t params, std::uint32_t slots, std::vector<Instruction> code) {
        program_.sources = &sources_;
        Function& function = program_.functions.emplace_back();
        function.name = "f" + std::to_string(program_.by_index.size());
        function.index = static_cast<std::uint32_t>(program_.by_index.size());
        function.result_slots = results;
        function.param_slots = params;
        function.frame_slots = slots;
        function.instructions = std::move(code);
        function.code = function.instructions.data();
        program_.by_index.push_back(&function);
        return function;
    }
    /// The code of `function` after optimising, one instruction after another, blanks squeezed.
    std::string listing(const Function& function) {
        optimize(program_);
        EXPECT_EQ(bytecode::verify(program_), "");
        const std::string text = bytecode::disassemble(program_, function);
        std::string out;
        for (const char c : text.substr(text.find('\n') + 1)) {
            if (c == ' ' && (out.empty() || out.back() == ' ' || out.back() == '\n')) continue;
            out += c;
        }
        return out;
    }

    source::SourceSet sources_;
    bytecode::Program program_;
};

TEST_F(Optimize, Results_GoWhereTheyAreMoved) {
    const Function& f = add(1, 2, 8, {{Opcode::SubI64, 3, 1, 2}, {Opcode::Mov, 4, 3, 0}, {Opcode::Mov, 0, 4, 0}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 SubI64 r0, r1, r2\n1 Ret\n");
}

TEST_F(Optimize, Results_StayWhereAPanicMayBeRecovered) {
    // The named result r0 is read at the epilogue (4), so it may not change before the division has succeeded.
    Function& f = add(1, 2, 8,
                      {{Opcode::Zero, 0, 0}, {Opcode::AddI64, 3, 1, 2}, {Opcode::DivI64, 4, 1, 2}, {Opcode::Mov, 0, 3, 0},
                       {Opcode::RunDefers, 0, 0}, {Opcode::Ret, 0, 0}});
    f.has_defers = true;
    f.recover_at = 4;
    EXPECT_EQ(listing(f), "0 Zero r0\n1 AddI64 r3, r1, r2\n2 DivI64 r4, r1, r2\n3 Mov r0, r3\n4 RunDefers\n5 Ret\n");
    EXPECT_EQ(f.recover_at, 4u);
}

TEST_F(Optimize, Constants_MoveIntoInstructions) {
    const Function& f = add(1, 1, 8, {{Opcode::LoadI, 2, 5}, {Opcode::MulI64, 0, 1, 2}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 MulI64K r0, r1, #5\n1 Ret\n");
}

TEST_F(Optimize, Jumps_AroundJumpsAreTurned) {
    const Function& f = add(1, 1, 8,
                            {{Opcode::EqI64KJmp, 1, 0, 1}, {Opcode::Jmp, 0, 2}, {Opcode::LoadI, 0, 1}, {Opcode::Ret, 0, 0},
                             {Opcode::LoadI, 0, 2}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 NeI64KJmp r1, #0, @2\n1 RetI #1\n2 RetI #2\n");
}

TEST_F(Optimize, Jumps_PassTestsOfConstants) {
    // r2 = r1 == 7; if r2 …
    const Function& f = add(1, 1, 8,
                            {{Opcode::EqI64KJmp, 1, 7, 2}, {Opcode::LoadI, 2, 0}, {Opcode::Jmp, 0, 1}, {Opcode::LoadI, 2, 1},
                             {Opcode::JmpIf, 2, 2}, {Opcode::LoadI, 0, 10}, {Opcode::Ret, 0, 0}, {Opcode::LoadI, 0, 20},
                             {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 EqI64KJmp r1, #7, @2\n1 RetI #10\n2 RetI #20\n");
}

TEST_F(Optimize, Loops_LoseTheirInvariants) {
    // for r5 = 0; r5 < len(r1); r5++ { r0 += r1[r5] }, the length taken every time.
    const Function& f = add(1, 2, 10,
                            {{Opcode::LoadI, 0, 0}, {Opcode::LoadI, 5, 0}, {Opcode::SlLd64, 6, 1, 5}, {Opcode::AddI64, 0, 0, 6},
                             {Opcode::AddI64K, 5, 5, 1}, {Opcode::SliceLen, 7, 1, 0},
                             {Opcode::LtI64Loop, 5, 7, static_cast<std::uint16_t>(-5)}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f),
              "0 LoadI r0, #0\n1 Mov r5, r0\n2 SliceLen r7, r1\n3 SlAddI64 r0, r1, r5 [r0]\n5 IncLtLoop r5, r7, @3\n6 Ret\n");
}

TEST_F(Optimize, Loops_KeepWhatTheyChange) {
    const Function& f = add(1, 1, 8,
                            {{Opcode::LoadI, 0, 0}, {Opcode::MulI64, 2, 0, 1}, {Opcode::AddI64, 0, 0, 1},
                             {Opcode::LtI64Loop, 2, 1, static_cast<std::uint16_t>(-3)}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 LoadI r0, #0\n1 MulI64 r2, r0, r1\n2 AddI64 r0, r0, r1\n3 LtI64Loop r2, r1, @1\n4 Ret\n");
}

TEST_F(Optimize, Fusing_NeedsTheOperandToBeDead) {
    const Function& dead = add(1, 3, 8, {{Opcode::SlLd64, 4, 1, 3}, {Opcode::MulF64, 0, 4, 3}, {Opcode::Ret, 0, 0}});
    const Function& live = add(2, 3, 8, {{Opcode::SlLd64, 1, 2, 4}, {Opcode::MulF64, 0, 1, 4}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(dead), "0 SlMulF64 r0, r1, r3 [r3]\n2 Ret\n");
    EXPECT_EQ(listing(live), "0 SlLd64 r1, r2, r4\n1 MulF64 r0, r1, r4\n2 Ret\n");
}

TEST_F(Optimize, Fusing_UpdatesInPlaceOnlyTheSamePlace) {
    const Function& same = add(0, 3, 8, {{Opcode::Ld64, 4, 0, 8}, {Opcode::AddI64, 4, 4, 2}, {Opcode::St64, 0, 8, 4}, {Opcode::Ret, 0, 0}});
    const Function& other = add(0, 3, 8, {{Opcode::Ld64, 4, 0, 8}, {Opcode::AddI64, 4, 4, 2}, {Opcode::St64, 0, 16, 4}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(same), "0 StAddI64 r0, 8, r2\n1 Ret\n");
    EXPECT_EQ(listing(other), "0 LdAddI64 r4, r0, 8 [r2]\n2 St64 r0, 16, r4\n3 Ret\n");
}

TEST_F(Optimize, Fusing_LeavesPointerStores) {
    const Function& f = add(0, 3, 8, {{Opcode::ArrAddr, 4, 0, 1}, word(4), {Opcode::StPtr, 4, 0, 2}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 ArrAddr r4, r0, r1 [4 0]\n2 StPtr r4, 0, r2\n3 Ret\n");
}

TEST_F(Optimize, Inlining_PutsTheCalleeIntoTheFrame) {
    add(1, 1, 3, {{Opcode::Ld64, 0, 1, 16}, {Opcode::Ret, 0, 0}});
    const Function& f = add(1, 1, 8, {{Opcode::Mov, 5, 1, 0}, {Opcode::Call, 4, 0}, word(0), {Opcode::Mov, 0, 4, 0}, {Opcode::Ret, 0, 0}});
    EXPECT_EQ(listing(f), "0 Ld64 r0, r1, 16\n1 Ret\n");
    ASSERT_EQ(f.inlined.size(), 1u);
    EXPECT_EQ(f.inlined[f.inlined_at(0) - 1].callee->name, "f0");
}

TEST_F(Optimize, Inlining_LeavesFunctionsThatCallOrRecover) {
    add(0, 0, 2, {{Opcode::Recover, 0, 0}, {Opcode::Ret, 0, 0}});
    add(0, 0, 6, {{Opcode::Call, 4, 0}, word(0), {Opcode::Ret, 0, 0}});
    const Function& f = add(0, 0, 8, {{Opcode::Call, 4, 0}, word(1), {Opcode::Ret, 0, 0}});
    EXPECT_NE(listing(f).find("Call"), std::string::npos);
    EXPECT_TRUE(f.inlined.empty());
}

TEST_F(Optimize, SyncBlocks_KeepWhatAPanicLeavesThemWith) {
    // Nobody reads r2, but the store may panic.
    const Function& leave = add(0, 1, 1, {{Opcode::Ret, 0, 0}});
    Function& f = add(0, 1, 8, {{Opcode::Mov, 2, 0, 0}, {Opcode::Mov, 3, 0, 0}, {Opcode::St64, 3, 0, 0}, {Opcode::Ret, 0, 0}});
    f.sync_blocks = {{2, &leave}};
    f.lines = {{0, {}}, {1, {}, 0, 1}, {3, {}}};
    EXPECT_EQ(listing(f), "0 Mov r2, r0\n; sync block 1: r2, f0\n1 St64 r0, 0, r0\n; outside sync blocks\n2 Ret\n");
}

TEST_F(Optimize, SyncBlocks_DoNotKeepItWhereNothingPanics) {
    const Function& leave = add(0, 1, 1, {{Opcode::Ret, 0, 0}});
    Function& f = add(1, 1, 8, {{Opcode::Mov, 2, 1, 0}, {Opcode::AddI64K, 0, 1, 1}, {Opcode::Ret, 0, 0}});
    f.sync_blocks = {{2, &leave}};
    f.lines = {{0, {}}, {1, {}, 0, 1}, {2, {}}};
    EXPECT_EQ(listing(f), "; sync block 1: r2, f0\n0 AddI64K r0, r1, #1\n; outside sync blocks\n1 Ret\n");
}

TEST_F(Optimize, SyncBlocks_AreNotLeftWithinAnInstruction) {
    // One update of memory, were the store in the block as well.
    const Function& leave = add(0, 1, 1, {{Opcode::Ret, 0, 0}});
    for (const std::uint32_t end : {2, 3}) {
        Function& f = add(0, 2, 8, {{Opcode::Ld64, 3, 0, 8}, {Opcode::AddI64, 3, 3, 1}, {Opcode::St64, 0, 8, 3}, {Opcode::Ret, 0, 0}});
        f.sync_blocks = {{0, &leave}};
        f.lines = {{0, {}, 0, 1}, {end, {}}};
        EXPECT_EQ(listing(f).find("StAddI64") != std::string::npos, end == 3);
    }
}

TEST_F(Optimize, SyncBlocks_AreInlinedIntoThoseOfTheCaller) {
    const Function& leave = add(0, 1, 1, {{Opcode::Ret, 0, 0}});
    Function& callee = add(0, 1, 3, {{Opcode::Mov, 2, 0, 0}, {Opcode::St64, 0, 0, 0}, {Opcode::Ret, 0, 0}});
    callee.sync_blocks = {{2, &leave}};
    callee.lines = {{0, {}}, {1, {}, 0, 1}, {2, {}}};
    Function& f = add(0, 1, 8, {{Opcode::Mov, 4, 0, 0}, {Opcode::Call, 4, 0}, word(1), {Opcode::St64, 0, 8, 0}, {Opcode::Ret, 0, 0}});
    f.sync_blocks = {{0, &leave}};
    f.lines = {{0, {}, 0, 1}, {4, {}}};
    EXPECT_EQ(listing(f), "; sync block 1: r0, f0\n0 Mov r6, r0\n; sync block 2: r6, f0\n1 St64 r0, 0, r0\n"
                          "; sync block 1: r0, f0\n2 St64 r0, 8, r0\n; outside sync blocks\n3 Ret\n");
    ASSERT_EQ(f.sync_blocks.size(), 2u);
    EXPECT_EQ(f.sync_blocks[1].outer, 1u);
}

}  // namespace
}  // namespace csp::optimize
