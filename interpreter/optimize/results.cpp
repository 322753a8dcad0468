// Results: those that nobody wants are not computed, those that are only moved on are computed where they go.

#include "interpreter/optimize/liveness.h"
#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

/// How far back the instruction is looked for that made what a Mov takes.
constexpr std::uint32_t kReach = 24;

class Placer {
  public:
    explicit Placer(Graph& graph) : graph_(graph), liveness_(graph) {}

    bool run() {
        for (const Block& block : liveness_.blocks) {
            SlotSet live = block.out;
            for (std::uint32_t i = block.end; i-- > block.begin;) visit(i, block.begin, live);
        }
        return changed_;
    }

  private:
    void visit(std::uint32_t i, std::uint32_t begin, SlotSet& live) {
        Node& node = graph_.nodes[i];
        if (node.gone()) return;
        if (bytecode::is_pure(node.at.op) && (unwanted(node, live) || moves_to_itself(node))) {
            remove(node);
            return;
        }
        const std::uint32_t width = node.at.op == Opcode::Mov ? 1 : node.at.op == Opcode::Mov2 ? 2 : 0;
        if (width > 0 && !live.any({node.at.b, width}) && redirect(i, begin, width)) return;
        liveness_.step(node, live);
    }
    bool unwanted(const Node& node, const SlotSet& live) {
        graph_.effects_of(node, effects_);
        for (const auto range : effects_.writes)
            if (live.any(range)) return false;
        return true;
    }
    static bool moves_to_itself(const Node& node) {
        return (node.at.op == Opcode::Mov || node.at.op == Opcode::Mov2) && node.at.a == node.at.b;
    }
    void remove(Node& node) {
        node.at = Instruction();
        changed_ = true;
    }

    /// `Mov d, s` at `i`, where s is not wanted afterwards: lets the instruction that makes s write d instead.
    bool redirect(std::uint32_t i, std::uint32_t begin, std::uint32_t width) {
        const bytecode::SlotRange to{graph_.nodes[i].at.a, width};
        const bytecode::SlotRange from{graph_.nodes[i].at.b, width};
        if (overlap(to, from)) return false;
        bool wanted_before = false;  // what d held is read, or d written, in between
        readers_.clear();
        for (std::uint32_t k = i; k-- > begin && i - k <= kReach;) {
            Node& maker = graph_.nodes[k];
            if (maker.gone()) continue;
            graph_.effects_of(maker, effects_);
            if (makes(maker, from, width)) {
                if (wanted_before) return readers_.empty() && sink(k, i);
                if (width == 2 && touches(effects_.reads, to)) return false;
                if (writes_beside(maker)) return false;
                maker.at.a = static_cast<std::uint16_t>(to.first);
                for (std::uint16_t* reader : readers_) *reader = static_cast<std::uint16_t>(to.first);
                remove(graph_.nodes[i]);
                return true;
            }
            if (!indifferent(from) && !only_reads(maker, from)) return false;
            if (!indifferent(to)) wanted_before = true;
            // Were it to panic here, what a recovered panic goes on with would have changed too early.
            if (!bytecode::is_pure(maker.at.op) && liveness_.always.any(to)) return false;
        }
        return false;
    }
    /// Computes what the Mov at `i` takes there instead of at `k`, if that comes out the same. Answers false because
    /// there is an instruction at `i` still.
    bool sink(std::uint32_t k, std::uint32_t i) {
        Node& maker = graph_.nodes[k];
        if (!bytecode::is_pure(maker.at.op) || writes_beside(maker)) return false;
        const std::vector<bytecode::SlotRange> reads = effects_.reads;
        for (std::uint32_t between = k + 1; between < i; ++between) {
            if (graph_.nodes[between].gone()) continue;
            graph_.effects_of(graph_.nodes[between], effects_);
            for (const auto range : reads)
                if (touches(effects_.writes, range) || touches(effects_.may_write, range)) return false;
            if (effects_.may_write_from != bytecode::kNoLimit || effects_.clobbers_from != bytecode::kNoLimit) return false;
        }
        const std::uint16_t to = graph_.nodes[i].at.a;
        graph_.nodes[i] = maker;
        graph_.nodes[i].at.a = to;
        graph_.nodes[i].leader = false;
        remove(maker);
        return false;
    }
    /// Operand a is exactly these slots, and is written when all operands have been read.
    bool makes(const Node& node, bytecode::SlotRange slots, std::uint32_t width) const {
        const char letter = bytecode::info(node.at.op).operands[0];
        if (letter != (width == 1 ? 'd' : 'D') || node.at.a != slots.first) return false;
        return node.at.op != Opcode::Select;
    }
    bool writes_beside(const Node&) const { return effects_.writes.size() != 1 || !effects_.may_write.empty(); }
    /// The instruction in effects_ has nothing to do with the slots.
    bool indifferent(bytecode::SlotRange slots) const {
        const std::uint32_t end = slots.first + slots.count;
        return !touches(effects_.reads, slots) && !touches(effects_.writes, slots) && !touches(effects_.may_write, slots) &&
               effects_.reads_from >= end && effects_.may_write_from >= end && effects_.clobbers_from >= end;
    }
    /// The instruction in effects_ reads the slots in a way that can be changed; its operands are noted.
    bool only_reads(Node& node, bytecode::SlotRange slots) {
        const std::uint32_t end = slots.first + slots.count;
        if (touches(effects_.writes, slots) || touches(effects_.may_write, slots)) return false;
        if (effects_.may_write_from < end || effects_.clobbers_from < end) return false;
        return graph_.find_readers(node, slots, readers_);
    }
    static bool overlap(bytecode::SlotRange x, bytecode::SlotRange y) {
        return x.first < y.first + y.count && y.first < x.first + x.count;
    }
    static bool touches(const std::vector<bytecode::SlotRange>& ranges, bytecode::SlotRange slots) {
        for (const auto range : ranges)
            if (overlap(range, slots)) return true;
        return false;
    }

    Graph& graph_;
    Liveness liveness_;
    bytecode::Effects effects_;
    std::vector<std::uint16_t*> readers_;  ///< Between where a value is made and where it is moved.
    bool changed_ = false;
};

}  // namespace

bool place_results(Graph& graph) { return Placer(graph).run(); }

}  // namespace csp::optimize
