#pragma once

// Assembles one function: instructions, labels, positions.

#include <cstdint>
#include <optional>
#include <vector>

#include "interpreter/bytecode/program.h"

namespace csp::bytecode {

/// A place in the code that jumps lead to; bound once.
struct Label {
    std::uint32_t id = 0;
};

class Builder {
  public:
    /// `wide_jumps`: no jump relies on a 16-bit offset (for functions in which one overflowed).
    explicit Builder(bool wide_jumps) : wide_(wide_jumps) {}

    void set_pos(source::Pos pos);
    /// What is emitted from now on is in that sync block: index into Function::sync_blocks plus one, or 0.
    void set_sync_block(std::uint32_t block);
    std::uint32_t sync_block() const { return sync_block_; }
    std::size_t emit(Opcode op, unsigned a = 0, unsigned b = 0, unsigned c = 0);
    std::size_t emit_wide(Opcode op, unsigned a, std::int32_t imm);
    void word(Word word);
    void word(std::uint32_t lo, std::uint32_t hi = 0);

    Label new_label();
    void bind(Label label);
    bool bound(Label label) const { return labels_[label.id] >= 0; }
    /// Jmp, Loop, JmpIf, JmpIfNot, LoopIf.
    void jump(Opcode op, unsigned a, Label to);
    void jump(Label to) { jump(Opcode::Jmp, 0, to); }
    /// A compare-and-jump form with operands a and b.
    void compare_jump(Opcode op, unsigned a, unsigned b, Label to);
    /// An extension word whose low half is the distance to `to` from the instruction after the word.
    void jump_word(Label to, std::uint32_t hi);
    /// The same, counted from the end of the instruction with `after` more words behind this one.
    void jump_word(Label to, std::uint32_t hi, int after);

    /// Takes the last instruction back when it is an `op` that nothing jumps behind.
    std::optional<Instruction> take_last(Opcode op);

    std::size_t size() const { return code_.size(); }
    Instruction& at(std::size_t index) { return code_[index]; }
    bool overflowed() const { return overflowed_; }

    /// Resolves all jumps and moves the code into `function`.
    void finish(Function& function);

  private:
    enum class Patch : std::uint8_t { Imm, Short, Word };
    struct Fixup {
        std::size_t at;
        std::uint32_t label;
        Patch patch;
        std::size_t from;  ///< Jumps count from here.
    };

    bool wide_;
    bool overflowed_ = false;
    source::Pos pos_;
    std::uint32_t sync_block_ = 0;
    std::size_t last_ = SIZE_MAX;  ///< Where the last instruction begins, unless a label stands behind it.
    std::vector<Instruction> code_;
    std::vector<LineEntry> lines_;
    std::vector<std::int64_t> labels_;
    std::vector<Fixup> fixups_;
};

}  // namespace csp::bytecode
