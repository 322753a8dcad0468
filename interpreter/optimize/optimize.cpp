#include "interpreter/optimize/optimize.h"

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

/// False: the code has grown too long for a short jump, which only fused instructions need.
bool optimize_one(const bytecode::Program& program, bytecode::Function& function, bool with_fusing) {
    Graph graph(program, function);
    simplify(graph);
    if (hoist_invariants(graph)) {
        graph.compact();
        simplify(graph);
    }
    if (with_fusing) {
        fuse(graph);
        graph.compact();
    }
    return graph.encode(function);
}

}  // namespace

void optimize(bytecode::Program& program) {
    for (bytecode::Function& function : program.functions) {
        if (function.native != nullptr || function.frame_slots > kMaxFrame || function.instructions.size() > kMaxCode)
            continue;
        if (!optimize_one(program, function, true)) optimize_one(program, function, false);
    }
}

}  // namespace csp::optimize
