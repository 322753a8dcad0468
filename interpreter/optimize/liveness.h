#pragma once

// Which slots hold values that are still wanted.

#include <cstdint>
#include <vector>

#include "interpreter/optimize/graph.h"

namespace csp::optimize {

/// A set of slots.
class SlotSet {
  public:
    explicit SlotSet(std::uint32_t slots = 0) : words_((slots + 63) / 64), slots_(slots) {}
    bool has(std::uint32_t slot) const { return slot < slots_ && (words_[slot / 64] >> slot % 64 & 1) != 0; }
    void add(std::uint32_t slot) {
        if (slot < slots_) words_[slot / 64] |= std::uint64_t{1} << slot % 64;
    }
    void remove(std::uint32_t slot) {
        if (slot < slots_) words_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
    }
    void add(bytecode::SlotRange range) {
        for (std::uint32_t i = 0; i < range.count; ++i) add(range.first + i);
    }
    void remove(bytecode::SlotRange range) {
        for (std::uint32_t i = 0; i < range.count; ++i) remove(range.first + i);
    }
    void add_from(std::uint32_t first) {
        for (std::uint32_t i = first; i < slots_; ++i) add(i);
    }
    void remove_from(std::uint32_t first) {
        for (std::uint32_t i = first; i < slots_; ++i) remove(i);
    }
    bool any(bytecode::SlotRange range) const {
        for (std::uint32_t i = 0; i < range.count; ++i)
            if (has(range.first + i)) return true;
        return false;
    }
    /// True when that changed something.
    bool merge(const SlotSet& other) {
        std::uint64_t fresh = 0;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            fresh |= other.words_[i] & ~words_[i];
            words_[i] |= other.words_[i];
        }
        return fresh != 0;
    }

  private:
    std::vector<std::uint64_t> words_;
    std::uint32_t slots_;
};

struct Block {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  ///< One past its last node.
    std::vector<std::uint32_t> next;
    SlotSet in;
    SlotSet out;
};

class Liveness {
  public:
    /// Of a compacted graph.
    explicit Liveness(Graph& graph);

    std::vector<Block> blocks;
    std::vector<std::uint32_t> block_of;  ///< By node.
    /// What the way on after a recovered panic wants: live everywhere, because any instruction may panic.
    SlotSet always;

    /// From the slots live behind `node` to those live before it.
    void step(const Node& node, SlotSet& live);

  private:
    void find_blocks();
    void solve();

    Graph& graph_;
    bytecode::Effects effects_;
};

}  // namespace csp::optimize
