// Loop invariants: what a loop computes from slots that it does not write is computed once, before it. Only what may be
// done for nothing (is_pure) is moved, so it does not matter whether the loop would have come to it.
//
// A loop is what lies between the target of a backward jump and that jump, provided that it is entered at one place: at
// its top, or, where its condition is tested at its end, by the jump before it.

#include <algorithm>

#include "interpreter/optimize/liveness.h"
#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

struct Loop {
    std::uint32_t begin;
    std::uint32_t end;           ///< One past the backward jump.
    std::uint32_t entry = kNone;   ///< The node that it is entered at …
    std::uint32_t before = kNone;  ///< … and the place whose code runs just before that.
};

class Hoister {
  public:
    explicit Hoister(Graph& graph) : graph_(graph) {}

    bool run() {
        // Inner loops first: what leaves one may leave the next as well.
        std::vector<Loop> loops = find_loops();
        std::sort(loops.begin(), loops.end(),
                  [](const Loop& x, const Loop& y) { return x.end - x.begin < y.end - y.begin; });
        bool changed = false;
        for (std::size_t i = 0; i < loops.size(); ++i) {
            if (!find_entry(loops[i])) continue;
            const Loop loop = loops[i];
            const std::uint32_t moved = hoist(loop);
            if (moved == 0) continue;
            changed = true;
            for (Loop& other : loops) {
                if (other.begin > loop.before) other.begin += moved;
                if (other.end > loop.before) other.end += moved;
            }
        }
        return changed;
    }

  private:
    std::vector<Loop> find_loops() {
        std::vector<Loop> loops;
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i)
            graph_.each_target(graph_.nodes[i], [&](std::uint32_t& target) {
                if (target > i) return;
                for (Loop& loop : loops)
                    if (loop.begin == target) {  // a continue: one loop
                        loop.end = std::max(loop.end, i + 1);
                        return;
                    }
                loops.push_back({target, i + 1});
            });
        return loops;
    }
    bool find_entry(Loop& loop) {
        if (graph_.recover_at != kNone && graph_.recover_at >= loop.begin && graph_.recover_at < loop.end) return false;
        std::uint32_t jumps = 0;
        std::uint32_t middle = kNone;
        bool at_top = false;
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
            if (i >= loop.begin && i < loop.end) continue;
            graph_.each_target(graph_.nodes[i], [&](std::uint32_t& target) {
                if (target == loop.begin) at_top = true;
                if (target <= loop.begin || target >= loop.end) return;
                middle = target;
                ++jumps;
            });
        }
        loop.entry = loop.before = loop.begin;
        if (jumps == 0) return true;
        std::uint32_t last = loop.begin;
        while (last > 0 && graph_.nodes[last - 1].gone()) --last;
        if (at_top || jumps != 1 || last == 0) return false;
        const Node& jump = graph_.nodes[last - 1];
        if (jump.at.op != Opcode::Jmp || jump.target != middle) return false;
        loop.entry = middle;
        loop.before = last - 1;
        return true;
    }

    /// Counts who writes which slot in the loop.
    void count_writes(const Loop& loop) {
        writes_.assign(graph_.frame_slots, 0);
        unsafe_from_ = bytecode::kNoLimit;
        for (std::uint32_t i = loop.begin; i < loop.end; ++i) {
            if (graph_.nodes[i].gone()) continue;
            graph_.effects_of(graph_.nodes[i], effects_);
            for (const auto* ranges : {&effects_.writes, &effects_.may_write})
                for (const auto range : *ranges)
                    for (std::uint32_t k = 0; k < range.count; ++k) ++writes_[range.first + k];
            unsafe_from_ = std::min({unsafe_from_, effects_.may_write_from, effects_.clobbers_from});
        }
    }
    bool all(const std::vector<bytecode::SlotRange>& ranges, std::uint32_t writers) const {
        for (const auto range : ranges)
            for (std::uint32_t k = 0; k < range.count; ++k)
                if (range.first + k >= unsafe_from_ || writes_[range.first + k] != writers) return false;
        return true;
    }
    bool may_leave(std::uint32_t i, const Liveness& liveness, const SlotSet& live_at_entry) {
        Node& node = graph_.nodes[i];
        if (!bytecode::is_pure(node.at.op) || node.gone()) return false;
        graph_.effects_of(node, effects_);
        if (effects_.writes.size() != 1 || !all(effects_.reads, 0)) return false;
        if (!all(effects_.writes, 1) || live_at_entry.any(effects_.writes[0])) {
            // The slot has other uses: the value gets one of its own, if calls leave it alone.
            if (unsafe_from_ != bytecode::kNoLimit || bytecode::info(node.at.op).operands[0] != 'd') return false;
            if (!rename(i, liveness.blocks[liveness.block_of[i]])) return false;
            graph_.effects_of(node, effects_);
        }
        return true;
    }
    /// Gives what node `i` makes a slot of its own, if it is read in its block only, and as a single slot.
    bool rename(std::uint32_t i, const Block& block) {
        constexpr std::uint32_t kMostSlots = 1000;
        const std::uint32_t slot = graph_.nodes[i].at.a;
        if (graph_.frame_slots >= kMostSlots) return false;
        std::vector<std::uint16_t*> readers;
        bytecode::Effects effects;
        std::uint32_t k = i + 1;
        for (; k < block.end; ++k) {
            Node& node = graph_.nodes[k];
            if (node.gone()) continue;
            graph_.effects_of(node, effects);
            if (!graph_.find_readers(node, {slot, 1}, readers)) return false;
            if (writes(effects.may_write, slot)) return false;
            if (writes(effects.writes, slot)) break;
        }
        if (k == block.end && block.out.has(slot)) return false;
        const std::uint32_t fresh = graph_.frame_slots++;
        writes_.push_back(1);
        --writes_[slot];
        graph_.nodes[i].at.a = static_cast<std::uint16_t>(fresh);
        for (std::uint16_t* reader : readers) *reader = static_cast<std::uint16_t>(fresh);
        return true;
    }
    static bool writes(const std::vector<bytecode::SlotRange>& ranges, std::uint32_t slot) {
        for (const auto range : ranges)
            if (slot >= range.first && slot < range.first + range.count) return true;
        return false;
    }

    /// How many nodes were moved to before the loop.
    std::uint32_t hoist(const Loop& loop) {
        const Liveness liveness(graph_);
        const SlotSet& live_at_entry = liveness.blocks[liveness.block_of[loop.entry]].in;
        count_writes(loop);
        std::vector<Node> moved;
        for (bool again = true; again;) {
            again = false;
            for (std::uint32_t i = loop.begin; i < loop.end; ++i) {
                if (!may_leave(i, liveness, live_at_entry)) continue;
                for (std::uint32_t k = 0; k < effects_.writes[0].count; ++k) writes_[effects_.writes[0].first + k] = 0;
                moved.push_back(graph_.nodes[i]);
                graph_.nodes[i].at = Instruction();
                again = true;
            }
        }
        insert(loop, moved);
        return static_cast<std::uint32_t>(moved.size());
    }
    void insert(const Loop& loop, const std::vector<Node>& moved) {
        if (moved.empty()) return;
        const auto count = static_cast<std::uint32_t>(moved.size());
        for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
            const bool again = i >= loop.begin && i < loop.end;
            graph_.each_target(graph_.nodes[i], [&](std::uint32_t& target) {
                if (target > loop.before || (target == loop.begin && again)) target += count;
            });
        }
        if (graph_.recover_at != kNone && graph_.recover_at > loop.before) graph_.recover_at += count;
        graph_.nodes.insert(graph_.nodes.begin() + loop.before, moved.begin(), moved.end());
        graph_.mark_leaders();
    }

    Graph& graph_;
    std::vector<std::uint32_t> writes_;
    std::uint32_t unsafe_from_ = bytecode::kNoLimit;
    bytecode::Effects effects_;
};

}  // namespace

bool hoist_invariants(Graph& graph) { return Hoister(graph).run(); }

}  // namespace csp::optimize
