#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "commands.h"
#include "modules.h"

namespace csp::cli {

bool read_source(const std::string& path, Source& source) {
    source.name = path;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "csp: cannot open %s: %s\n", path.c_str(), std::strerror(errno));
        return false;
    }
    source.text.assign(std::istreambuf_iterator<char>(file), {});
    return true;
}

std::string string_literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::optional<ProgramFiles> read_program(const std::vector<std::string>& paths) {
    ProgramFiles program;
    std::vector<std::string> files = paths;
    std::error_code error;
    std::filesystem::path folder = std::filesystem::path(paths[0]).parent_path();
    if (std::filesystem::is_directory(paths[0], error)) {
        folder = paths[0];
        files.clear();
        for (const std::filesystem::path& file : source_files(folder)) files.push_back(file.string());
        if (files.empty()) {
            std::fprintf(stderr, "csp: no .csp or .go files in %s\n", paths[0].c_str());
            return std::nullopt;
        }
    }
    for (const std::string& file : files) {
        Source& source = program.sources.emplace_back();
        if (file == "-")
            source = {"stdin.csp", {std::istreambuf_iterator<char>(std::cin), {}}};
        else if (!read_source(file, source))
            return std::nullopt;
    }
    program.modules = std::make_shared<Modules>(folder.empty() ? "." : folder);
    return program;
}

std::optional<int> parse_options(CLI::App& app, std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        return 0;
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "%s: %s\nRun '%s --help' for usage.\n", app.get_name().c_str(), error.what(),
                     app.get_name().c_str());
        return kUsageError;
    }
}

void show(const std::vector<Diagnostic>& diagnostics, std::size_t most) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    std::string text;
    for (std::size_t i = 0; i < diagnostics.size() && i < most; ++i) {
        const Diagnostic& d = diagnostics[i];
        text += d.text() + "\n";
        if (terminal && !d.snippet.empty()) text += d.snippet + (d.snippet.ends_with('\n') ? "" : "\n");
        if (!terminal && !d.hint.empty()) text += "    hint: " + d.hint + "\n";
    }
    if (diagnostics.size() > most) text += "too many errors\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

Options options_from_environment() {
    Options options;
    options.access = Access::everything();
    for (const char* name : {"CSP_WORKERS", "GOMAXPROCS"}) {
        const char* value = std::getenv(name);
        if (value == nullptr) continue;
        const int workers = std::atoi(value);
        if (workers >= 1 && workers <= 256) {
            options.workers = workers;
            break;
        }
    }
    if (const char* percent = std::getenv("GOGC"))
        options.gc_percent = std::strcmp(percent, "off") == 0 ? -1 : std::max(std::atoi(percent), 1);
    const auto is_set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
    };
    if (const char* seed = std::getenv("CSP_SHUFFLE")) options.shuffle_seed = std::strtoull(seed, nullptr, 10);
    options.gc_trace = is_set("CSP_GCTRACE");
    options.gc_stress = is_set("CSP_GCSTRESS");
    if (const char* native = std::getenv("CSP_NATIVE")) {
        if (std::strcmp(native, "off") == 0 || std::strcmp(native, "0") == 0) options.native = Native::Off;
        if (std::strcmp(native, "always") == 0) options.native = Native::Always;
    }
    return options;
}

}  // namespace csp::cli
