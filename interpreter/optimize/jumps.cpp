#include "interpreter/optimize/passes.h"

#include <optional>
#include <utility>

namespace csp::optimize {

namespace {

/// The compare that jumps when `op` does not.
std::optional<Opcode> inverse(Opcode op) {
    switch (op) {
        case Opcode::JmpIf: return Opcode::JmpIfNot;
        case Opcode::JmpIfNot: return Opcode::JmpIf;
        case Opcode::EqI64Jmp: return Opcode::NeI64Jmp;
        case Opcode::NeI64Jmp: return Opcode::EqI64Jmp;
        case Opcode::EqI64KJmp: return Opcode::NeI64KJmp;
        case Opcode::NeI64KJmp: return Opcode::EqI64KJmp;
        case Opcode::LtI64KJmp: return Opcode::GeI64KJmp;
        case Opcode::GeI64KJmp: return Opcode::LtI64KJmp;
        case Opcode::LeI64KJmp: return Opcode::GtI64KJmp;
        case Opcode::GtI64KJmp: return Opcode::LeI64KJmp;
        case Opcode::LtI64Jmp: return Opcode::LeI64Jmp;  // with its operands exchanged, as the next three
        case Opcode::LeI64Jmp: return Opcode::LtI64Jmp;
        case Opcode::LtU64Jmp: return Opcode::LeU64Jmp;
        case Opcode::LeU64Jmp: return Opcode::LtU64Jmp;
        case Opcode::LtF64Jmp: return Opcode::NotLtF64Jmp;
        case Opcode::NotLtF64Jmp: return Opcode::LtF64Jmp;
        case Opcode::LeF64Jmp: return Opcode::NotLeF64Jmp;
        case Opcode::NotLeF64Jmp: return Opcode::LeF64Jmp;
        case Opcode::EqStrJmp: return Opcode::NeStrJmp;
        case Opcode::NeStrJmp: return Opcode::EqStrJmp;
        default: return std::nullopt;
    }
}

/// The same compare as a back-edge.
std::optional<Opcode> loop_form(Opcode op) {
    switch (op) {
        case Opcode::JmpIf: return Opcode::LoopIf;
        case Opcode::EqI64Jmp: return Opcode::EqI64Loop;
        case Opcode::NeI64Jmp: return Opcode::NeI64Loop;
        case Opcode::LtI64Jmp: return Opcode::LtI64Loop;
        case Opcode::LeI64Jmp: return Opcode::LeI64Loop;
        case Opcode::EqI64KJmp: return Opcode::EqI64KLoop;
        case Opcode::NeI64KJmp: return Opcode::NeI64KLoop;
        case Opcode::LtI64KJmp: return Opcode::LtI64KLoop;
        case Opcode::LeI64KJmp: return Opcode::LeI64KLoop;
        case Opcode::GtI64KJmp: return Opcode::GtI64KLoop;
        case Opcode::GeI64KJmp: return Opcode::GeI64KLoop;
        case Opcode::LtF64Jmp: return Opcode::LtF64Loop;
        default: return std::nullopt;
    }
}

class Threader {
  public:
    explicit Threader(Graph& graph) : graph_(graph) {}

    bool run() {
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
            Node& node = graph_.nodes[i];
            if (node.gone()) continue;
            graph_.each_target(node, [&](std::uint32_t& target) { follow(target); });
            if (node.at.op == Opcode::Jmp) straight(i);
            else if (node.target != kNone) around(i), back(i);
        }
        remove_unreachable();
        return changed_;
    }

  private:
    /// Past jumps that only jump on. A Loop counts the budget, so it is never skipped.
    void follow(std::uint32_t& target) {
        target = graph_.live_from(target);
        for (int step = 0; step < 8 && graph_.nodes[target].at.op == Opcode::Jmp; ++step) {
            target = graph_.live_from(graph_.nodes[target].target);
            changed_ = true;
        }
    }
    /// To a test of what has just been loaded: on to where that leads.
    void past_test(std::uint32_t i) {
        Node& node = graph_.nodes[i];
        if (i == 0 || node.leader) return;
        const Instruction& load = graph_.nodes[i - 1].at;
        const Node& test = graph_.nodes[node.target];
        const bool back = test.at.op == Opcode::LoopIf;
        const bool tests = back || test.at.op == Opcode::JmpIf || test.at.op == Opcode::JmpIfNot;
        if (load.op != Opcode::LoadI || !tests || test.at.a != load.a) return;
        const bool jumps = (load.imm != 0) == (test.at.op != Opcode::JmpIfNot);
        if (jumps && back) {
            node.at = Instruction(Opcode::Loop, 0, 0);
            node.target = test.target;
            changed_ = true;
            return;
        }
        const std::uint32_t on = graph_.live_from(jumps ? test.target : node.target + 1);
        // Backwards would be a loop that nobody counts.
        if (on <= i || on >= graph_.nodes.size()) return;
        node.target = on;
        graph_.nodes[on].leader = true;
        changed_ = true;
    }
    void straight(std::uint32_t i) {
        past_test(i);
        Node& node = graph_.nodes[i];
        const Node& at = graph_.nodes[node.target];
        if (node.target == graph_.live_from(i + 1)) {
            node.at = Instruction();
            node.target = kNone;
            changed_ = true;
        } else if (at.at.op == Opcode::Loop) {
            node.at = at.at;
            node.target = at.target;
            changed_ = true;
        } else if (at.at.op == Opcode::Ret) {
            node.at = at.at;
            node.target = kNone;
            changed_ = true;
        }
    }
    /// if c goto 1; goto 2; 1: …   becomes   if !c goto 2; 1: …
    void around(std::uint32_t i) {
        Node& node = graph_.nodes[i];
        const auto opposite = inverse(node.at.op);
        if (!opposite) return;
        const std::uint32_t jump = graph_.live_from(i + 1);
        if (jump >= graph_.nodes.size() || graph_.nodes[jump].leader) return;
        if (graph_.live_from(jump + 1) != node.target) return;
        const auto back = graph_.nodes[jump].at.op == Opcode::Loop ? loop_form(*opposite) : std::nullopt;
        if (graph_.nodes[jump].at.op != Opcode::Jmp && !back) return;
        const bool exchanged = *opposite >= Opcode::LtI64Jmp && *opposite <= Opcode::LeU64Jmp;
        if (exchanged) std::swap(node.at.a, node.at.b);
        node.at.op = back ? *back : *opposite;
        node.target = graph_.nodes[jump].target;
        graph_.nodes[jump].at = Instruction();
        graph_.nodes[jump].target = kNone;
        changed_ = true;
    }
    /// if c goto 1; …; 1: loop to 2   becomes   if c loop to 2
    void back(std::uint32_t i) {
        Node& node = graph_.nodes[i];
        if (node.target == kNone || graph_.nodes[node.target].at.op != Opcode::Loop) return;
        const auto looping = loop_form(node.at.op);
        if (!looping) return;
        node.at.op = *looping;
        node.target = graph_.nodes[node.target].target;
        changed_ = true;
    }
    void remove_unreachable() {
        std::vector<bool> reached(graph_.nodes.size());
        std::vector<std::uint32_t> work{0};
        if (graph_.recover_at != kNone) work.push_back(graph_.recover_at);
        while (!work.empty()) {
            std::uint32_t i = work.back();
            work.pop_back();
            while (i < graph_.nodes.size() && !reached[i]) {
                reached[i] = true;
                graph_.each_target(graph_.nodes[i], [&](std::uint32_t& target) { work.push_back(target); });
                if (bytecode::ends_path(graph_.nodes[i].at.op)) break;
                ++i;
            }
        }
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (reached[i] || graph_.nodes[i].gone()) continue;
            graph_.nodes[i].at = Instruction();
            graph_.nodes[i].target = kNone;
            changed_ = true;
        }
    }

    Graph& graph_;
    bool changed_ = false;
};

}  // namespace

bool thread_jumps(Graph& graph) { return Threader(graph).run(); }

}  // namespace csp::optimize
