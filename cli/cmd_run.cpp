#include <cstdio>

#include "commands.h"

namespace csp::cli {

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        std::fprintf(stderr, "usage: csp run FILE... [ARGS]\n");
        return kUsageError;
    }
    // Several .csp or .go files in a row are one program; what follows are its arguments.
    std::vector<std::string> paths;
    std::size_t i = 0;
    for (; i < arguments.size(); ++i) {
        const std::string& path = arguments[i];
        const bool source = path.ends_with(".csp") || path.ends_with(".go");
        if (i > 0 && (!source || arguments[0] == "-")) break;
        paths.push_back(path);
        if (!source) {  // a folder, or a file with a name of its own
            ++i;
            break;
        }
    }
    const auto program = read_program(paths);
    if (!program) return 1;
    Options options = options_from_environment();
    options.args.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i - 1), arguments.end());
    options.args[0] = arguments[0];
    options.modules = program->modules;
    Engine engine(std::move(options));
    engine.add(standard_library());
    const Compiled compiled = engine.compile(program->sources);
    if (!compiled.program) {
        show(compiled.diagnostics);
        return 1;
    }
    return engine.run(*compiled.program).status;
}

}  // namespace csp::cli
