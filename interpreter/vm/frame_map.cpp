#include "interpreter/vm/frame_map.h"

#include "interpreter/optimize/liveness.h"

namespace csp::vm {

FrameMap::FrameMap(const bytecode::Program& program, const bytecode::Function& function)
    : code_(function.code), words_((function.frame_slots + 63) / 64) {
    optimize::Graph graph(program, function);
    optimize::Liveness liveness(graph);
    const auto rows = static_cast<std::uint32_t>(graph.nodes.size());
    live_.resize((rows + 1) * words_);
    for (std::uint32_t i = 0; i < rows; ++i) {
        start_of_.push_back(static_cast<std::uint32_t>(row_of_.size()));
        row_of_.push_back(i);
        row_of_.resize(row_of_.size() + graph.nodes[i].word_count, i + 1);
    }
    row_of_.push_back(rows);
    for (const optimize::Block& block : liveness.blocks) {
        optimize::SlotSet live = block.out;
        for (std::uint32_t i = block.end; i-- > block.begin;) {
            liveness.step(graph.nodes[i], live);
            for (std::uint32_t slot = 0; slot < function.frame_slots; ++slot)
                if (live.has(slot)) add(i, slot);
        }
    }
    // A frame that a panic has come out of stands behind the instruction that panicked, and does not go on there: wanted
    // is what sync blocks around that instruction are left with, and what a recovered panic goes on with.
    for (std::uint32_t slot = 0; slot < function.frame_slots; ++slot)
        if (liveness.always.has(slot)) add(rows, slot);
    for (std::uint32_t i = 0; i < rows; ++i) {
        if (bytecode::is_pure(graph.nodes[i].at.op)) continue;
        for (std::uint32_t in = graph.nodes[i].sync_block; in != 0; in = graph.sync_blocks[in - 1].outer)
            for (std::uint32_t k = 0; k < graph.sync_blocks[in - 1].slots(); ++k) add(i + 1, graph.sync_blocks[in - 1].slot + k);
    }
}

const bytecode::Instruction* FrameMap::before(const bytecode::Instruction* pc) const {
    const std::uint32_t row = row_of_[static_cast<std::size_t>(pc - code_)];
    return row == 0 ? nullptr : code_ + start_of_[row - 1];
}

FrameMaps::~FrameMaps() {
    for (std::size_t i = 0; i < program_.functions.size(); ++i) delete maps_[i].load(std::memory_order_relaxed);
}

const FrameMap& FrameMaps::of(const bytecode::Function& function) {
    std::atomic<const FrameMap*>& place = maps_[function.index];
    const FrameMap* map = place.load(std::memory_order_acquire);
    if (map != nullptr) return *map;
    // Two workers may make it at once; one of the two is dropped.
    auto made = std::make_unique<const FrameMap>(program_, function);
    if (place.compare_exchange_strong(map, made.get(), std::memory_order_acq_rel)) return *made.release();
    return *map;
}

}  // namespace csp::vm
