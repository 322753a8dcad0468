#pragma once

// What the front end has to say about a program. Diagnostics are values: they are collected, sorted
// and rendered at the end, and finding one never stops the search for the next.

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/source/source.h"

namespace csp::diag {

enum class Code : unsigned short {
#define CSP_CODE(name, section, meaning) name,
#include "interpreter/diag/codes.def"
};

/// One error of a program.
struct Diagnostic {
    Code code;
    source::Pos pos;
    source::Pos end;  ///< One past the offending text; nowhere = a single point.
    std::string message;
    std::string hint;  ///< What to do about it; empty when nothing is evident.
};

/// Collects diagnostics. At most one a line and message is kept, so that one mistake is told once.
class Sink {
  public:
    void report(Diagnostic diagnostic);
    bool empty() const { return all_.empty(); }
    bool has(Code code) const;
    std::size_t size() const { return all_.size(); }
    /// All diagnostics in the order of their positions.
    std::vector<Diagnostic> sorted() const;

  private:
    std::vector<Diagnostic> all_;
};

/// Renders `diagnostic` as `file:line:col: message`; with `snippet` also the source line and a caret.
std::string render(const Diagnostic& diagnostic, const source::SourceSet& sources, bool snippet);

}  // namespace csp::diag
