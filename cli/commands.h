#pragma once

// The subcommands of csp. Each file cmd_<name>.cpp defines one; main.cpp lists them.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <csp/csp.hpp>

namespace CLI {
class App;
}

namespace csp::cli {

struct Command {
    const char* name;
    const char* arguments;
    const char* summary;
    int (*run)(const std::vector<std::string>& arguments);
};

int run(const std::vector<std::string>& arguments);
int check(const std::vector<std::string>& arguments);
int disasm(const std::vector<std::string>& arguments);
int doc(const std::vector<std::string>& arguments);
int test(const std::vector<std::string>& arguments);
int version(const std::vector<std::string>& arguments);

inline constexpr int kUsageError = 2;

/// A program as it stands in files.
struct ProgramFiles {
    std::vector<Source> sources;
    std::shared_ptr<ModuleLoader> modules;  ///< For the packages it imports.
};
/// Reads a file. False after it has said what is wrong.
bool read_source(const std::string& path, Source& source);
/// Reads files, a folder's files, or standard input for "-". None after it has said what is wrong.
std::optional<ProgramFiles> read_program(const std::vector<std::string>& paths);
/// Reads the options of a subcommand. The exit status when that is all there is to do: after --help or an error.
std::optional<int> parse_options(CLI::App& app, std::vector<std::string> arguments);

inline constexpr std::size_t kMostErrors = 10;
/// Shows up to `most` diagnostics on standard error; with source lines when that is a terminal.
void show(const std::vector<Diagnostic>& diagnostics, std::size_t most = kMostErrors);
/// The literal of a string, in JSON and in Csp.
std::string string_literal(std::string_view text);
/// An engine with the standard library and the settings of the environment (CSP_WORKERS).
Options options_from_environment();

}  // namespace csp::cli
