#pragma once

// Going on after a syntax error: the statement with the error is taken out of the tokens, and the rest is parsed
// again. So every error is found in a text that is right up to it, and none is a consequence of another.

#include <cstddef>
#include <vector>

#include "interpreter/parse/lexer.h"

namespace csp::parse {

/// Where parsing stopped.
struct Stop {
    std::size_t token = 0;   ///< Index of the token that does not fit.
    int literal_braces = 0;  ///< How many composite literals it lies in, inside its statement.
};

/// Takes the statement around `stop` out of `tokens`. False when that leaves nothing to go on with.
bool cut_statement(std::vector<Token>& tokens, const Stop& stop);

}  // namespace csp::parse
