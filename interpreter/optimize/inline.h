#pragma once

// Small functions that call nothing are copied into their callers, and some natives become instructions.
//
// A callee's frame begins inside its caller's, where the arguments are; so its code runs in the caller's frame when all
// its slots are counted from there. Traces still show the call: see bytecode::InlinedCall.

#include "interpreter/optimize/graph.h"

namespace csp::optimize {

/// May the code be copied into callers? What asks for its own frame, or may be seen by others in the middle of a call
/// (calls, goroutines, deferred calls, recover, waiting), stays a function.
bool may_inline(const bytecode::Function& function, const Graph& graph);

/// Node `call` of `graph` becomes the code of `callee`. The graph is to be compacted afterwards.
class Inliner {
  public:
    explicit Inliner(Graph& graph) : graph_(graph) {}

    /// Remembers the call; the code is put in by finish().
    void inline_call(std::uint32_t call, const bytecode::Function& callee, const Graph& code);
    /// False: there was nothing to do.
    bool finish();
    /// Nodes that finish() will add.
    std::size_t added() const { return added_; }

  private:
    struct Site {
        std::uint32_t call;
        const bytecode::Function* callee;
        const Graph* code;
    };
    void copy(const Site& site, std::vector<Node>& out, std::vector<std::uint32_t>& in_callee);
    void argument(const Node& call, std::vector<Node>& out);

    Graph& graph_;
    std::vector<Site> sites_;
    std::size_t added_ = 0;
};

}  // namespace csp::optimize
