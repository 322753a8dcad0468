#include "interpreter/optimize/optimize.h"

#include <optional>
#include <unordered_map>

#include "interpreter/optimize/inline.h"
#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

/// Larger functions are left as they are: the passes take time and memory by frame and length.
constexpr std::uint32_t kMaxFrame = 1024;
constexpr std::size_t kMaxCode = 20'000;

void simplify(Graph& graph) {
    // First of all, while what is moved is read from nowhere else.
    place_results(graph);
    for (int round = 0; round < 3; ++round) {
        bool changed = thread_jumps(graph);
        graph.compact();
        changed |= propagate_copies(graph);
        changed |= place_results(graph);
        graph.compact();
        if (!changed) break;
    }
}

class Optimizer {
  public:
    explicit Optimizer(bytecode::Program& program) : program_(program), states_(program.by_index.size()) {}

    void run() {
        for (bytecode::Function& function : program_.functions) visit(function, 0);
    }

  private:
    enum class State : std::uint8_t { New, Begun, Done };

    /// Callees first, so that small ones can be copied. A chain of calls may be longer than the C++ stack is deep.
    void visit(bytecode::Function& function, int depth) {
        constexpr int kDeepest = 100;
        State& state = states_[function.index];
        if (state != State::New || depth > kDeepest) return;
        state = State::Begun;
        if (!is_small(function)) return;
        Graph graph(program_, function);
        use_intrinsics(graph);
        simplify(graph);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            if (const auto callee = callee_of(graph, graph.nodes[i])) visit(program_.functions[*callee], depth + 1);
        if (inline_calls(graph)) {
            graph.compact();
            simplify(graph);
        }
        if (may_inline(function, graph)) candidates_.emplace(function.index, graph);
        finish(function, std::move(graph));
        states_[function.index] = State::Done;
    }
    static bool is_small(const bytecode::Function& function) {
        return function.native == nullptr && function.frame_slots <= kMaxFrame && function.instructions.size() <= kMaxCode;
    }
    static std::optional<std::uint32_t> callee_of(const Graph& graph, const Node& node) {
        if (node.at.op != Opcode::Call && node.at.op != Opcode::CallAddK) return std::nullopt;
        return graph.words[node.word].lo;
    }
    bool inline_calls(Graph& graph) {
        // A function may grow by what it is, and a little more if it is small.
        const std::size_t room = graph.nodes.size() + 200;
        Inliner inliner(graph);
        for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
            const auto callee = callee_of(graph, graph.nodes[i]);
            if (!callee) continue;
            const auto known = candidates_.find(*callee);
            if (known == candidates_.end() || inliner.added() + known->second.nodes.size() > room) continue;
            if (graph.nodes[i].at.a + known->second.frame_slots > kMaxFrame) continue;
            inliner.inline_call(i, *program_.by_index[*callee], known->second);
        }
        return inliner.finish();
    }
    /// What would be in the way of other passes, or of copying the code elsewhere.
    void finish(bytecode::Function& function, Graph graph) {
        bool changed = gather_captures(graph);
        changed |= hoist_invariants(graph);
        if (changed) {
            graph.compact();
            simplify(graph);
        }
        Graph fused = graph;
        combine_range_tests(fused);
        fuse(fused);
        fused.compact();
        // Some fused jumps reach less far than what they are made of.
        if (!fused.encode(function)) graph.encode(function);
    }

    bytecode::Program& program_;
    std::vector<State> states_;
    std::unordered_map<std::uint32_t, Graph> candidates_;  ///< Code to be copied, by function.
};

}  // namespace

void optimize(bytecode::Program& program) { Optimizer(program).run(); }

}  // namespace csp::optimize
