#pragma once

// One function taken apart: a node an instruction, jumps as node numbers, so that passes may change, delete and insert
// instructions without minding distances. Deleted nodes stay as Nops until compact().

#include <cstdint>
#include <vector>

#include "interpreter/bytecode/effects.h"
#include "interpreter/bytecode/program.h"

namespace csp::optimize {

using bytecode::Instruction;
using bytecode::JumpKind;
using bytecode::Opcode;
using bytecode::Word;

inline constexpr std::uint32_t kNone = 0xffff'ffff;

struct Node {
    Instruction at;
    std::uint32_t word = 0;        ///< Its extension words: where in Graph::words …
    std::uint32_t word_count = 0;  ///< … and how many. A JmpTable's hold node numbers in lo.
    std::uint32_t target = kNone;  ///< Of its jump.
    source::Pos pos;
    std::uint32_t inlined = 0;     ///< Which call it was inlined for: index into Function::inlined plus one; 0: none.
    std::uint32_t sync_block = 0;  ///< Which sync block it is in, likewise.
    bool leader = false;           ///< Something jumps here.

    bool gone() const { return at.op == Opcode::Nop; }
};

class Graph {
  public:
    Graph(const bytecode::Program& program, const bytecode::Function& function);

    /// Puts the code into `function`. False, and nothing is changed: a jump is too far for its instruction.
    bool encode(bytecode::Function& function) const;
    /// Drops deleted nodes and finds the leaders anew.
    void compact();
    void mark_leaders();
    /// The next node from `i` on that is not deleted.
    std::uint32_t live_from(std::uint32_t i) const {
        while (i < nodes.size() && nodes[i].gone()) ++i;
        return i;
    }
    Word* words_of(const Node& node) { return words.data() + node.word; }
    const Word* words_of(const Node& node) const { return words.data() + node.word; }
    void add_word(Node& node, Word word);
    /// What may panic reads what the sync blocks around it are to be left with, too.
    void effects_of(const Node& node, bytecode::Effects& out) const;
    /// Adds the operands of `node` that read just these slots, one or a pair. False: it reads them in another way, too.
    bool find_readers(Node& node, bytecode::SlotRange slots, std::vector<std::uint16_t*>& readers);
    /// Calls `f` with every node number that `node` may jump to, by reference.
    template <class F>
    void each_target(Node& node, F f) {
        if (node.target != kNone) f(node.target);
        if (node.at.op == Opcode::JmpTable)
            for (std::uint32_t k = 0; k < node.word_count; ++k) f(words[node.word + k].lo);
    }

    const bytecode::Program& program;
    std::vector<Node> nodes;
    std::vector<Word> words;
    std::vector<bytecode::InlinedCall> inlined;
    std::vector<bytecode::SyncBlock> sync_blocks;
    std::uint32_t result_slots;
    std::uint32_t frame_slots;
    std::uint32_t recover_at;  ///< Node that a recovered panic goes on at; kNone when there is none.

  private:
    void remap(const std::vector<std::uint32_t>& moved_to);
};

}  // namespace csp::optimize
