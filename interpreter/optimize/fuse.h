#pragma once

// Superinstructions: an instruction and those that make its operands become one, when nobody else wants the operands.
// Patterns are tried at the last instruction of each; fuse_*.cpp have them, by what that instruction is.

#include <initializer_list>

#include "interpreter/optimize/liveness.h"

namespace csp::optimize {

class Fuser {
  public:
    explicit Fuser(Graph& graph) : graph_(graph), liveness_(graph), live_(graph.frame_slots) {}
    bool run();

  private:
    /// Looks at node `i`; true: it has become another one, to be looked at again.
    bool visit(std::uint32_t i);

    // fuse_number.cpp
    bool arithmetic(std::uint32_t i);
    bool load_operands(std::uint32_t i);
    bool product_operand(std::uint32_t i);
    bool chain(std::uint32_t i);
    bool other_number(std::uint32_t i);
    // fuse_memory.cpp
    bool load(std::uint32_t i);
    bool through_address(std::uint32_t i);
    bool two_loads(std::uint32_t i);
    bool array_address(std::uint32_t i);
    bool element_load(std::uint32_t i);
    bool store(std::uint32_t i);
    bool element_store(std::uint32_t i);
    bool update(std::uint32_t i);
    bool captured_update(std::uint32_t i);
    bool product_update(std::uint32_t i);
    bool map_search(std::uint32_t i);
    // fuse_jump.cpp
    bool compare_element(std::uint32_t i);
    bool compare_constant(std::uint32_t i);
    bool test_byte(std::uint32_t i);
    bool step(std::uint32_t i);
    bool moves(std::uint32_t i);
    bool constant_result(std::uint32_t i);

    // ---- for patterns (fuse.cpp) ----

    /// The node before `i` that makes exactly the slot (or pair) that starts at `slot`, if it may be done just before
    /// `i`, and nobody but `i` reads what it makes; kNone otherwise.
    std::uint32_t maker(std::uint32_t i, std::uint32_t slot, std::uint32_t width = 1) const;
    /// The same, whoever else reads it before `i`, in the instructions `between`; they are to be fused too.
    std::uint32_t previous(std::uint32_t i) const;
    Opcode op(std::uint32_t i) const { return i == kNone ? Opcode::Nop : graph_.nodes[i].at.op; }
    const Instruction& at(std::uint32_t i) const { return graph_.nodes[i].at; }
    const Word& word(std::uint32_t i) const { return graph_.words[graph_.nodes[i].word]; }
    /// Node `i` becomes `now`, in place of itself and `parts`; false, and nothing is changed: a panic would have been
    /// told with another line.
    bool become(std::uint32_t i, Instruction now, std::initializer_list<std::uint32_t> parts);
    bool become(std::uint32_t i, Instruction now, Word word, std::initializer_list<std::uint32_t> parts);
    bool same_line(const Node& x, const Node& y) const;

    Graph& graph_;
    Liveness liveness_;
    SlotSet live_;             ///< Behind the node that is looked at.
    std::uint32_t begin_ = 0;  ///< Of the present block.
};

/// A word of slots or small numbers.
inline Word parts_word(std::uint32_t x0, std::uint32_t x1 = 0) {
    Word word;
    word.all = 0;
    word.x[0] = static_cast<std::uint16_t>(x0);
    word.x[1] = static_cast<std::uint16_t>(x1);
    return word;
}

}  // namespace csp::optimize
