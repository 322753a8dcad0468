#pragma once

// What an instruction reads and writes of its frame, from the operand letters of opcodes.def and, for operands of
// several slots, the counts that types and extension words tell. For code that is not linked.

#include <cstdint>
#include <vector>

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

struct SlotRange {
    std::uint32_t first;
    std::uint32_t count;
};

inline constexpr std::uint32_t kNoLimit = 0xffff'ffff;

struct Effects {
    std::vector<SlotRange> reads;
    std::vector<SlotRange> writes;     ///< Whatever way the instruction leads on, except by a panic.
    std::vector<SlotRange> may_write;  ///< Sometimes, or in part.
    std::uint32_t reads_from = kNoLimit;      ///< Every slot from here on may be read …
    std::uint32_t may_write_from = kNoLimit;  ///< … or written, because only the value at run time tells its size.
    std::uint32_t clobbers_from = kNoLimit;   ///< A call: holds nothing of use from here on, but for the results.

    void clear();
};

/// `words` are the extension words; `result_slots` is the function's own number, which a return reads.
void find_effects(const Program& program, const Instruction& at, const Word* words, std::uint32_t result_slots,
                  Effects& out);

/// Does nothing but write its slots: may be left out when they are not wanted, and be done earlier when its
/// operands allow. Loads from memory and whatever may panic are not.
bool is_pure(Opcode op);

/// Which memory besides the frame's slots an instruction may write, or let others write in an order that the program
/// can tell. Memory that holds pairs is always written as pairs, so the two kinds do not overlap.
enum class MemoryWrites : std::uint8_t { None, Scalars, Pairs, Any };
MemoryWrites memory_writes(Opcode op);
/// A load that gives the same again as long as nothing writes memory of its kind.
bool is_load(Opcode op);
/// The load of what the store `at` has just written, into the slots that it was written from; Nop: there is none.
Instruction load_of_stored(const Instruction& at);

/// Where the instruction's jump is kept.
enum class JumpKind : std::uint8_t { None, Short, Wide, Word, Table };
JumpKind jump_kind(Opcode op);

/// Never goes on behind itself.
bool ends_path(Opcode op);

}  // namespace csp::bytecode
