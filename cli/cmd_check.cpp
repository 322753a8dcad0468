#include <CLI/CLI.hpp>

#include "commands.h"

namespace csp::cli {

int check(const std::vector<std::string>& arguments) {
    bool all = false;
    std::vector<std::string> paths;
    CLI::App app("Reports the errors of a program without running it.", "csp check");
    app.add_flag("-e,--all-errors", all, "report all errors, not just the first ten");
    app.add_option("FILE", paths, "the program's files; - is standard input")->required();
    if (const auto status = parse_options(app, arguments)) return *status;
    std::vector<Source> sources;
    for (const std::string& path : paths)
        if (!read_source(path, sources.emplace_back())) return 1;
    Engine engine;
    engine.add(standard_library());
    const std::vector<Diagnostic> diagnostics = engine.check(sources);
    show(diagnostics, all ? diagnostics.size() : kMostErrors);
    return diagnostics.empty() ? 0 : 1;
}

}  // namespace csp::cli
