#pragma once

// Which initialisers of package variables do nothing but give a value: without them the program is the same when nothing
// uses the variable.

#include "interpreter/ast/nodes.h"
#include "interpreter/source/source.h"

namespace csp::compile {

/// Whether evaluating `x`, an expression outside any function, cannot panic, block, or change or print anything. It may
/// allocate, and call functions of the standard library that stand below a line //csp:pure.
bool is_effect_free(const ast::Expr* x, const source::SourceSet& sources);

}  // namespace csp::compile
