#pragma once

// Which slots of a function's frame hold values that are still wanted, at each place where the function may be
// interrupted: so that the collector frees what a program can no longer reach through them. Made for a function when
// the collector first meets it on a stack.

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "interpreter/bytecode/program.h"

namespace csp::vm {

class FrameMap {
  public:
    FrameMap(const bytecode::Program& program, const bytecode::Function& function);

    /// Calls visit(slot) for the slots that are wanted where the function goes on at `pc`; and, where `interrupted`,
    /// for those that the instruction before uses, which may not be done with them.
    template <class Visit>
    void each_live(const bytecode::Instruction* pc, bool interrupted, Visit visit) const {
        const std::uint32_t row = row_of_[static_cast<std::size_t>(pc - code_)];
        for (std::size_t w = 0; w < words_; ++w) {
            std::uint64_t live = word(row, w);
            if (interrupted && row > 0) live |= word(row - 1, w);
            for (; live != 0; live &= live - 1)
                visit(static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(live)));
        }
    }
    /// The instruction before the one at `pc`; null at the beginning.
    const bytecode::Instruction* before(const bytecode::Instruction* pc) const;

  private:
    std::uint64_t word(std::uint32_t row, std::size_t w) const { return live_[row * words_ + w]; }
    void add(std::uint32_t row, std::uint32_t slot) { live_[row * words_ + slot / 64] |= std::uint64_t{1} << slot % 64; }

    const bytecode::Instruction* code_;
    std::size_t words_;                   ///< Of a row.
    std::vector<std::uint32_t> row_of_;   ///< By index; a place within an instruction has the row of the next one.
    std::vector<std::uint32_t> start_of_; ///< By row: where the instruction begins.
    std::vector<std::uint64_t> live_;     ///< A row an instruction, and one for the place behind the last.
};

/// The maps of a program's functions. Any thread.
class FrameMaps {
  public:
    explicit FrameMaps(const bytecode::Program& program)
        : program_(program), maps_(std::make_unique<std::atomic<const FrameMap*>[]>(program.functions.size())) {}
    ~FrameMaps();
    FrameMaps(const FrameMaps&) = delete;
    FrameMaps& operator=(const FrameMaps&) = delete;

    const FrameMap& of(const bytecode::Function& function);

  private:
    const bytecode::Program& program_;
    std::unique_ptr<std::atomic<const FrameMap*>[]> maps_;  ///< By Function::index.
};

}  // namespace csp::vm
