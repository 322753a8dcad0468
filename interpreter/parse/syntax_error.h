#pragma once

// Words for syntax errors: what was found, what was expected, in the terms of the language. ANTLR's own
// messages are never shown.

#include "antlr4-runtime.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/source/source.h"

namespace csp::parse {

class SyntaxErrors final : public antlr4::BaseErrorListener {
  public:
    SyntaxErrors(const source::SourceFile& file, diag::Sink& sink) : file_(file), sink_(sink) {}

    void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t line,
                     std::size_t column, const std::string& message, std::exception_ptr error) override;

  private:
    std::string found(antlr4::Token* token) const;

    const source::SourceFile& file_;
    diag::Sink& sink_;
};

}  // namespace csp::parse
