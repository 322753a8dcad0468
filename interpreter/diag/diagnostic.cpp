#include "interpreter/diag/diagnostic.h"

#include <algorithm>

namespace csp::diag {

void Sink::report(Diagnostic diagnostic) {
    for (const Diagnostic& known : all_)
        if (known.pos == diagnostic.pos && known.message == diagnostic.message) return;
    all_.push_back(std::move(diagnostic));
}

bool Sink::has(Code code) const {
    return std::any_of(all_.begin(), all_.end(), [code](const Diagnostic& d) { return d.code == code; });
}

std::vector<Diagnostic> Sink::sorted() const {
    std::vector<Diagnostic> out = all_;
    std::stable_sort(out.begin(), out.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.pos < b.pos; });
    return out;
}

std::string render(const Diagnostic& diagnostic, const source::SourceSet& sources, bool snippet) {
    const source::Position at = sources.position(diagnostic.pos);
    std::string out = source::to_string(at) + ": " + diagnostic.message;
    if (!snippet) return out;
    out += "\n";
    if (const source::SourceFile* file = sources.file(diagnostic.pos)) {
        const std::string_view line = file->line_text(at.line);
        out += "    " + std::string(line) + "\n    ";
        // Tabs are kept, so that the caret stands under its character at any tab width.
        for (int i = 0; i + 1 < at.column && static_cast<std::size_t>(i) < line.size(); ++i)
            out += line[static_cast<std::size_t>(i)] == '\t' ? '\t' : ' ';
        out += "^\n";
    }
    if (!diagnostic.hint.empty()) out += "    hint: " + diagnostic.hint + "\n";
    return out;
}

}  // namespace csp::diag
