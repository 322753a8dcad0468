#include <CLI/CLI.hpp>

#include "commands.h"

namespace csp::cli {

int check(const std::vector<std::string>& arguments) {
    bool all = false;
    std::vector<std::string> paths;
    CLI::App app("Reports the errors of a program without running it.", "csp check");
    app.add_flag("-e,--all-errors", all, "report all errors, not just the first ten");
    app.add_option("FILE", paths, "the program's files, or a folder of them; - is standard input")->required();
    if (const auto status = parse_options(app, arguments)) return *status;
    const auto program = read_program(paths);
    if (!program) return 1;
    Options options = options_from_environment();
    options.modules = program->modules;
    Engine engine(std::move(options));
    engine.add(standard_library());
    const std::vector<Diagnostic> diagnostics = engine.check(program->sources);
    show(diagnostics, all ? diagnostics.size() : kMostErrors);
    return diagnostics.empty() ? 0 : 1;
}

}  // namespace csp::cli
