#include <cstdio>

#include "commands.h"

namespace csp::cli {

int check(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        std::fprintf(stderr, "usage: csp check FILE...\n");
        return kUsageError;
    }
    std::vector<Source> sources;
    for (const std::string& path : arguments)
        if (!read_source(path, sources.emplace_back())) return 1;
    Engine engine;
    engine.add(standard_library());
    const std::vector<Diagnostic> diagnostics = engine.check(sources);
    show(diagnostics);
    return diagnostics.empty() ? 0 : 1;
}

}  // namespace csp::cli
