// Captured values never change, so a closure that reads one several times reads it once, at its start. Only in functions
// without calls: the slots that hold the values are new ones at the frame's end, where callees' frames lie.

#include <algorithm>

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

std::uint32_t width_of(const Instruction& at) {
    if (at.op == Opcode::LdCap) return 1;
    return at.op == Opcode::LdCapN && at.c == 2 ? 2 : 0;
}

struct Captured {
    Instruction load;
    std::uint32_t uses = 0;
    std::uint32_t slot = kNone;
};

bool calls(const Graph& graph) {
    bytecode::Effects effects;
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
        if (node.gone()) return false;
        graph.effects_of(node, effects);
        return effects.clobbers_from != bytecode::kNoLimit || effects.may_write_from != bytecode::kNoLimit;
    });
}

}  // namespace

bool gather_captures(Graph& graph) {
    std::vector<Captured> captured;
    const auto find = [&](const Instruction& at) -> Captured& {
        for (Captured& each : captured)
            if (each.load.op == at.op && each.load.uimm == at.uimm) return each;
        captured.push_back({at});
        return captured.back();
    };
    for (const Node& node : graph.nodes)
        if (width_of(node.at) > 0) ++find(node.at).uses;
    const bool wanted = std::any_of(captured.begin(), captured.end(), [](const Captured& each) { return each.uses > 1; });
    if (!wanted || graph.nodes[0].leader || calls(graph)) return false;
    std::vector<Node> loads;
    for (Captured& each : captured) {
        if (each.uses < 2) continue;
        each.slot = graph.frame_slots;
        graph.frame_slots += width_of(each.load);
        Node load = graph.nodes[0];
        load.at = each.load;
        load.at.a = static_cast<std::uint16_t>(each.slot);
        load.word_count = 0;
        load.target = kNone;
        loads.push_back(load);
    }
    for (Node& node : graph.nodes) {
        const std::uint32_t width = width_of(node.at);
        if (width == 0) continue;
        const std::uint32_t from = find(node.at).slot;
        if (from != kNone) node.at = Instruction(width == 1 ? Opcode::Mov : Opcode::Mov2, node.at.a, from, 0);
    }
    const auto count = static_cast<std::uint32_t>(loads.size());
    for (Node& node : graph.nodes) graph.each_target(node, [&](std::uint32_t& target) { target += count; });
    if (graph.recover_at != kNone) graph.recover_at += count;
    graph.nodes.insert(graph.nodes.begin(), loads.begin(), loads.end());
    graph.mark_leaders();
    return true;
}

}  // namespace csp::optimize
