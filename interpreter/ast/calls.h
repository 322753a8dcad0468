#pragma once

#include "interpreter/ast/nodes.h"

namespace csp::ast {

/// Does the checked expression call a function or receive from a channel? Decides whether len(x) is constant and
/// whether `range x` evaluates x (Go spec, "Length and capacity", "For range").
bool has_call_or_receive(const Expr* x);

}  // namespace csp::ast
