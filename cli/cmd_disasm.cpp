#include <cstdio>

#include "commands.h"

namespace csp::cli {

int disasm(const std::vector<std::string>& arguments) {
    if (arguments.size() != 1) {
        std::fprintf(stderr, "usage: csp disasm FILE\n");
        return kUsageError;
    }
    Source source;
    if (!read_source(arguments[0], source)) return 1;
    Engine engine;
    engine.add(standard_library());
    const Compiled compiled = engine.compile({source});
    if (!compiled.program) {
        show(compiled.diagnostics);
        return 1;
    }
    const std::string text = compiled.program->disassemble();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

}  // namespace csp::cli
