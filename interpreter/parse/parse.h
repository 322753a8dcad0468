#pragma once

// From source text to syntax tree. Only this folder includes ANTLR; its parse tree is gone when
// parse_file() returns, and none of its exceptions or messages leave it.

#include "interpreter/ast/nodes.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/source/source.h"
#include "runtime/base/arena.h"

namespace csp::parse {

/// What keeps hostile input from exhausting the C++ stack.
struct Limits {
    int nesting = 500;       ///< Brackets within brackets.
    int operators = 5000;    ///< Operators in one expression, prefix operators in a row.
};

/// Parses one file. Errors go to `sink`; the tree is null when there were any.
ast::File* parse_file(const source::SourceFile& file, base::Arena& arena, diag::Sink& sink,
                      const Limits& limits = {});

}  // namespace csp::parse
