#include <cstdio>

#include "commands.h"

namespace csp::cli {

int disasm(const std::vector<std::string>& arguments) {
    if (arguments.size() != 1) {
        std::fprintf(stderr, "usage: csp disasm FILE\n");
        return kUsageError;
    }
    const auto program = read_program(arguments);
    if (!program) return 1;
    Options options = options_from_environment();
    options.modules = program->modules;
    Engine engine(std::move(options));
    engine.add(standard_library());
    const Compiled compiled = engine.compile(program->sources);
    if (!compiled.program) {
        show(compiled.diagnostics);
        return 1;
    }
    const std::string text = compiled.program->disassemble();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

}  // namespace csp::cli
