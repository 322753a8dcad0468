#pragma once

// Words for syntax errors: what was found, what was expected, in the terms of the language. ANTLR's own
// messages are never shown.

#include "antlr4-runtime.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/parse/recover.h"
#include "interpreter/source/source.h"

namespace csp::parse {

class SyntaxErrors final : public antlr4::BaseErrorListener {
  public:
    SyntaxErrors(const source::SourceFile& file, diag::Sink& sink) : file_(file), sink_(sink) {}

    /// Reports it, unless the line has an error already: what follows in it is mostly a consequence.
    void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t line,
                     std::size_t column, const std::string& message, std::exception_ptr error) override;

    /// Where the last error was.
    const Stop& stop() const { return stop_; }
    /// Did the last error lie behind the one before?
    bool went_on() const { return went_on_; }

  private:
    std::string found(antlr4::Token* token) const;

    const source::SourceFile& file_;
    diag::Sink& sink_;
    Stop stop_;
    bool went_on_ = true;
    bool any_ = false;
    std::size_t last_offset_ = 0;
    int last_line_ = 0;
};

}  // namespace csp::parse
