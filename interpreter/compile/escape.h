#pragma once

// Finds which local variables may not live in a frame slot: those whose address is taken and those
// that a function literal shares with its surroundings. The findings are flags of types::Var.
//
// A variable that is captured but never assigned to after its declaration is captured by value and
// keeps its slot.

#include "interpreter/ast/nodes.h"

namespace csp::compile {

/// Marks the variables of one top-level function, the function literals in it included.
void analyse_escapes(const ast::FuncDecl& function);
/// The same for an expression or statement outside any function (package initialisers, scripts).
/// `owner` stands for the function it will be compiled into.
void analyse_escapes(ast::Node* node, const void* owner);

}  // namespace csp::compile
