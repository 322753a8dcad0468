#pragma once

#include <string>

#include "interpreter/ast/nodes.h"

namespace csp::ast {

/// An expression as messages show it: function bodies and literal elements are left out ("…").
std::string to_string(const Expr* x);

}  // namespace csp::ast
