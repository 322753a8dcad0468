#pragma once

// The scanner: Go's tokens, with semicolons inserted by Go's rule (spec, "Semicolons"). Hand-written,
// since the lexer that ANTLR generates takes several times as long on its first file.

#include <cstdint>
#include <string>
#include <vector>

#include "interpreter/diag/diagnostic.h"
#include "interpreter/parse/parse.h"
#include "interpreter/source/source.h"

namespace csp::parse {

struct Token {
    std::uint32_t type;    ///< A CspLexer constant.
    std::uint32_t offset;  ///< Byte offset in the text.
    std::uint32_t size;    ///< 0 for an inserted semicolon.
};

/// Scans the whole file; the last token is end of file. Malformed tokens are reported and kept.
std::vector<Token> scan(const source::SourceFile& file, diag::Sink& sink, const Limits& limits);

}  // namespace csp::parse
