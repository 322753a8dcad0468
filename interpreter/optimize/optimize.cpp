#include "interpreter/optimize/optimize.h"

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

/// Larger functions are left as they are: the passes take time and memory by frame and length.
constexpr std::uint32_t kMaxFrame = 1024;
constexpr std::size_t kMaxCode = 20'000;

void simplify(Graph& graph) {
    for (int round = 0; round < 3; ++round) {
        bool changed = thread_jumps(graph);
        graph.compact();
        changed |= propagate_copies(graph);
        changed |= place_results(graph);
        graph.compact();
        if (!changed) break;
    }
}

}  // namespace

void optimize(bytecode::Program& program) {
    for (bytecode::Function& function : program.functions) {
        if (function.native != nullptr || function.frame_slots > kMaxFrame || function.instructions.size() > kMaxCode)
            continue;
        Graph graph(program, function);
        simplify(graph);
        if (hoist_invariants(graph)) {
            graph.compact();
            simplify(graph);
        }
        graph.encode(function);
    }
}

}  // namespace csp::optimize
