// Range tests: `x >= lo && x <= hi`, which are two compares of one slot with constants, as one instruction.

#include <optional>

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

struct RangeTest {
    std::int16_t low;
    std::int16_t high;
    Opcode op;
};

/// What the compares `first` and, if that does not jump, `second` come to, when what follows them is `behind`.
std::optional<RangeTest> range_test(const Node& first, const Node& second, std::uint32_t behind) {
    const bool low_first = first.at.op == Opcode::LtI64KJmp;
    if (!low_first && first.at.op != Opcode::GtI64KJmp) return std::nullopt;
    if (second.at.a != first.at.a) return std::nullopt;
    RangeTest test{};
    test.low = low_first ? first.at.sb() : second.at.sb();
    test.high = low_first ? second.at.sb() : first.at.sb();
    if (test.low > test.high) return std::nullopt;
    if (second.at.op == (low_first ? Opcode::GtI64KJmp : Opcode::LtI64KJmp)) {
        test.op = Opcode::OutOfRangeJmp;
        return first.target == second.target ? std::optional(test) : std::nullopt;
    }
    if (second.at.op == (low_first ? Opcode::LeI64KJmp : Opcode::GeI64KJmp)) test.op = Opcode::InRangeJmp;
    else if (second.at.op == (low_first ? Opcode::LeI64KLoop : Opcode::GeI64KLoop)) test.op = Opcode::InRangeLoop;
    else return std::nullopt;
    return first.target == behind ? std::optional(test) : std::nullopt;
}

}  // namespace

bool combine_range_tests(Graph& graph) {
    bool changed = false;
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        const std::uint32_t j = graph.live_from(i + 1);
        if (j >= graph.nodes.size() || graph.nodes[j].leader) continue;
        Node& node = graph.nodes[j];
        const auto test = range_test(graph.nodes[i], node, graph.live_from(j + 1));
        if (!test) continue;
        node.at = Instruction(test->op, node.at.a, static_cast<std::uint16_t>(test->low), static_cast<std::uint16_t>(test->high));
        node.word_count = 0;
        Word word;
        word.all = 0;
        graph.add_word(node, word);
        graph.nodes[i].at = Instruction();
        graph.nodes[i].target = kNone;
        changed = true;
    }
    if (changed) {
        graph.compact();
        thread_jumps(graph);
        graph.compact();
    }
    return changed;
}

}  // namespace csp::optimize
