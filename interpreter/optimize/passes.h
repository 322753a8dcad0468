#pragma once

// The passes over a Graph. Each answers whether it changed anything, and leaves deleted nodes as Nops.

#include "interpreter/optimize/graph.h"

namespace csp::optimize {

/// Calls of natives that are an instruction each: math.Sqrt and the like (intrinsics.cpp).
bool use_intrinsics(Graph& graph);
/// Jumps to jumps, jumps around jumps, jumps to the next instruction, code that nothing reaches (jumps.cpp).
bool thread_jumps(Graph& graph);
/// Within a block, reads what was copied instead of the copy, and small constants from the instruction (copies.cpp).
bool propagate_copies(Graph& graph);
/// Deletes what is computed in vain, and computes straight into the slot that a result is moved to (results.cpp).
bool place_results(Graph& graph);
/// Loads what a closure has captured once, at its start, where it is used several times (captures.cpp).
bool gather_captures(Graph& graph);
/// Moves computations that come out the same every time out of loops (loops.cpp).
bool hoist_invariants(Graph& graph);
/// Makes one compare of two that ask whether a value is in a range (range_tests.cpp).
bool combine_range_tests(Graph& graph);
/// Makes one instruction of several (fuse.cpp).
bool fuse(Graph& graph);

}  // namespace csp::optimize
