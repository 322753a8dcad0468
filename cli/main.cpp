// The csp command: a table of subcommands over the embedding interface.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "commands.h"

namespace {

using csp::cli::Command;

constexpr Command kCommands[] = {
    {"run", "FILE... [ARGS]", "compile and run a program: files, a folder, or - for standard input", csp::cli::run},
    {"check", "[-e] FILE...", "report the errors of a program without running it", csp::cli::check},
    {"doc", "[PACKAGE[.NAME]]", "show what a package exports; without arguments, the packages there are", csp::cli::doc},
    {"test", "[FLAGS] [FILES|DIRS]", "run tests, benchmarks and examples, those in *_test.csp files", csp::cli::test},
    {"disasm", "FILE", "show the bytecode of a program", csp::cli::disasm},
    {"version", "", "print the version", csp::cli::version},
};

void usage(std::FILE* to) {
    std::fprintf(to, "Csp runs concurrent scripts in Go's language.\n\nusage: csp COMMAND [ARGUMENTS]\n"
                     "       csp FILE [ARGS]          the same as csp run\n\n");
    for (const Command& command : kCommands)
        std::fprintf(to, "  %-8s %-21s %s\n", command.name, command.arguments, command.summary);
    std::fprintf(to, "  %-8s %-21s %s\n", "help", "", "print this text");
}

int dispatch(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        usage(stderr);
        return csp::cli::kUsageError;
    }
    const std::string& name = arguments[0];
    if (name == "help" || name == "-h" || name == "--help") {
        usage(stdout);
        return 0;
    }
    if (name == "--version" || name == "-v") return csp::cli::version({});
    for (const Command& command : kCommands)
        if (name == command.name) return command.run({arguments.begin() + 1, arguments.end()});
    std::error_code error;
    if (name == "-" || name.ends_with(".csp") || name.ends_with(".go") ||
        std::filesystem::is_regular_file(name, error))
        return csp::cli::run(arguments);
    std::fprintf(stderr, "csp: unknown command %s\nRun 'csp help' for usage.\n", name.c_str());
    return csp::cli::kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return dispatch({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "csp: %s\n", error.what());
        return 1;
    }
}
