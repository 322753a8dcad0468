#include "interpreter/optimize/liveness.h"

namespace csp::optimize {

Liveness::Liveness(Graph& graph) : always(graph.frame_slots), graph_(graph) {
    find_blocks();
    solve();
    if (graph.recover_at == kNone) return;
    // Twice is enough: the second time only adds what the first has found.
    for (int round = 0; round < 2; ++round) {
        always.merge(blocks[block_of[graph.recover_at]].in);
        for (Block& block : blocks) block.out.merge(always);
        solve();
    }
}

void Liveness::find_blocks() {
    const auto size = static_cast<std::uint32_t>(graph_.nodes.size());
    block_of.resize(size);
    for (std::uint32_t i = 0; i < size; ++i) {
        const bool first = i == 0 || graph_.nodes[i].leader || graph_.nodes[i - 1].target != kNone ||
                           bytecode::ends_path(graph_.nodes[i - 1].at.op) || graph_.nodes[i - 1].at.op == Opcode::JmpTable;
        if (first) {
            blocks.emplace_back();
            blocks.back().begin = i;
            blocks.back().in = blocks.back().out = SlotSet(graph_.frame_slots);
        }
        blocks.back().end = i + 1;
        block_of[i] = static_cast<std::uint32_t>(blocks.size() - 1);
    }
    for (std::uint32_t b = 0; b < blocks.size(); ++b) {
        Node& last = graph_.nodes[blocks[b].end - 1];
        graph_.each_target(last, [&](std::uint32_t& target) { blocks[b].next.push_back(block_of[target]); });
        if (!bytecode::ends_path(last.at.op) && b + 1 < blocks.size()) blocks[b].next.push_back(b + 1);
    }
}

void Liveness::step(const Node& node, SlotSet& live) {
    graph_.effects_of(node, effects_);
    if (effects_.clobbers_from != bytecode::kNoLimit) live.remove_from(effects_.clobbers_from);
    for (const auto range : effects_.writes) live.remove(range);
    for (const auto range : effects_.reads) live.add(range);
    if (effects_.reads_from != bytecode::kNoLimit) live.add_from(effects_.reads_from);
    live.merge(always);
}

void Liveness::solve() {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t b = blocks.size(); b-- > 0;) {
            Block& block = blocks[b];
            bool changed = false;
            for (const std::uint32_t next : block.next) changed |= block.out.merge(blocks[next].in);
            SlotSet live = block.out;
            for (std::uint32_t i = block.end; i-- > block.begin;) step(graph_.nodes[i], live);
            again |= block.in.merge(live) || changed;
        }
    }
}

}  // namespace csp::optimize
