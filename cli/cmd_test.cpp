#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "commands.h"
#include "test_package.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

/// The settings of one csp test.
struct TestRun {
    std::vector<std::string> flags;  ///< For the test programs, as -test.x=y.
    bool immediate = false;          ///< Output is shown when it is written, not only after a failure.
    bool lists = false;
};

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

/// What a test program has written, and how it ended.
struct Outcome {
    std::string output;
    int status = 0;
};

Outcome run_program(const TestPackage& package, const Program& program, Options options, const TestRun& run) {
    Outcome outcome;
    options.output = [&](int, std::string_view bytes) {
        outcome.output += bytes;
        if (run.immediate) print(std::string(bytes));
    };
    // As with Go, tests stand in their folder: that is where their data are.
    const fs::path before = fs::current_path();
    fs::current_path(package.folder);
    {
        Engine engine(std::move(options));
        outcome.status = engine.run(program).status;
    }
    fs::current_path(before);
    return outcome;
}

/// Compiles and runs the tests of a package; false if something failed.
bool test_one(const TestPackage& package, const TestRun& run) {
    if (!package.has_tests()) {
        print("?   \t" + package.path + "\t[no test files]\n");
        return true;
    }
    Options options = options_from_environment();
    options.args = {fs::path(package.path).filename().string() + ".test"};
    options.args.insert(options.args.end(), run.flags.begin(), run.flags.end());
    options.modules = loader(package);
    Engine compiler(options);
    compiler.add(standard_library());
    const TestProgram built = compile(package, compiler);
    if (!built.compiled.program) {
        std::fprintf(stderr, "# %s\n", package.path.c_str());
        for (const std::string& problem : built.problems) std::fprintf(stderr, "%s\n", problem.c_str());
        show(built.compiled.diagnostics);
        print("FAIL\t" + package.path + (built.problems.empty() ? " [build failed]\n" : " [setup failed]\n"));
        return false;
    }
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = run_program(package, *built.compiled.program, options, run);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3fs", took.count());
    const bool ok = outcome.status == 0;
    if (!run.immediate && (!ok || run.lists)) print(outcome.output);
    if (!ok && !outcome.output.empty() && !outcome.output.ends_with('\n')) print("\n");
    std::string end = ok ? "ok  \t" : "FAIL\t";
    // Output that has been held back says enough.
    if (!ok && (run.immediate || outcome.output.empty())) end = "exit status " + std::to_string(outcome.status) + "\nFAIL\t";
    end += package.path + "\t" + seconds;
    if (ok && !run.immediate && outcome.output.find("testing: warning: no tests to run\n") != std::string::npos) end += " [no tests to run]";
    print(end + "\n");
    return ok;
}

/// The folders below one that hold sources, for `dir/...`.
void add_below(const fs::path& folder, std::vector<fs::path>& folders) {
    if (!source_files(folder).empty() || !test_files(folder).empty()) folders.push_back(folder);
    std::vector<fs::path> below;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory(error) && !name.starts_with('.') && !name.starts_with('_') && name != "testdata")
            below.push_back(entry.path());
    }
    std::sort(below.begin(), below.end());
    for (const fs::path& next : below) add_below(next.lexically_normal(), folders);
}

/// The packages that the command names; none after it has said what is wrong.
std::optional<std::vector<TestPackage>> find_packages(const std::vector<std::string>& names) {
    std::vector<fs::path> files;
    std::vector<fs::path> folders;
    std::error_code error;
    for (const std::string& name : names) {
        if (name == "..." || name.ends_with("/...")) {
            const std::string top = name.substr(0, name.size() - 3);
            add_below(top.empty() ? fs::path(".") : fs::path(top).lexically_normal(), folders);
        } else if (fs::is_directory(name, error)) {
            folders.emplace_back(name);
        } else {
            files.emplace_back(name);
        }
    }
    std::vector<TestPackage> packages;
    if (!files.empty()) {
        if (!folders.empty()) {
            std::fprintf(stderr, "csp: files and folders cannot be tested together: %s\n", files[0].c_str());
            return std::nullopt;
        }
        auto package = test_package(files, files[0].parent_path());
        if (!package) return std::nullopt;
        packages.push_back(std::move(*package));
    }
    for (const fs::path& folder : folders) {
        auto package = test_package({}, folder);
        if (!package) return std::nullopt;
        if (package->own.empty() && !package->has_tests()) {
            std::fprintf(stderr, "csp: no .csp or .go files in %s\n", folder.c_str());
            return std::nullopt;
        }
        packages.push_back(std::move(*package));
    }
    return packages;
}

/// Go's flags have names of several letters behind one minus sign, and those of tests also a prefix.
std::string in_long_form(const std::string& argument) {
    if (argument.size() < 2 || argument[0] != '-') return argument;
    std::string name = argument.substr(argument[1] == '-' ? 2 : 1);
    if (name.starts_with("test.")) name = name.substr(5);
    return "--" + name;
}

}  // namespace

int test(const std::vector<std::string>& arguments) {
    std::vector<std::string> own;
    std::vector<std::string> theirs;
    bool behind = false;
    for (const std::string& argument : arguments) {
        if (behind)
            theirs.push_back(argument);
        else if (argument == "-args" || argument == "--args")
            behind = true;
        else
            own.push_back(in_long_form(argument));
    }
    std::vector<std::string> names;
    bool verbose = false, short_mode = false, fail_fast = false, bench_mem = false, full_path = false;
    std::string timeout = "10m";
    CLI::App app("Runs tests, benchmarks and examples: functions TestXxx, BenchmarkXxx and ExampleXxx in files *_test.csp.\n"
                 "DIR/... is all folders below. What stands behind -args is for the tests.",
                 "csp test");
    struct Passed {
        const char* name;
        const char* help;
        std::string value;
    };
    std::vector<Passed> passed = {
        {"run", "run only tests and examples matching this pattern", ""},
        {"skip", "do not run tests matching this pattern", ""},
        {"bench", "run benchmarks matching this pattern", ""},
        {"benchtime", "run each benchmark for this duration, or N times: Nx", ""},
        {"count", "run everything so often", ""},
        {"parallel", "run at most so many tests in parallel", ""},
        {"shuffle", "the order of tests: off, on, or a number to begin with", ""},
        {"list", "list what matches this pattern instead of running it", ""},
    };
    for (Passed& flag : passed) app.add_option("--" + std::string(flag.name), flag.value, flag.help);
    app.add_option("--timeout", timeout, "end with the traces of all goroutines after this duration; 0: never");
    app.add_flag("--v", verbose, "show all tests and what they say");
    app.add_flag("--short", short_mode, "tests may leave out what takes long");
    app.add_flag("--failfast", fail_fast, "start no more tests after one has failed");
    app.add_flag("--benchmem", bench_mem, "show allocations of benchmarks");
    app.add_flag("--fullpath", full_path, "show whole file names in messages");
    app.add_option("FILE|DIR", names, "files of one package, or folders; the current one without any");
    if (const auto status = parse_options(app, own)) return *status;

    TestRun run;
    run.immediate = names.empty() || verbose || !passed[2].value.empty();
    run.lists = app.count("--list") > 0;
    run.flags.push_back("-test.timeout=" + timeout);
    if (verbose) run.flags.emplace_back("-test.v");
    if (short_mode) run.flags.emplace_back("-test.short");
    if (fail_fast) run.flags.emplace_back("-test.failfast");
    if (bench_mem) run.flags.emplace_back("-test.benchmem");
    if (full_path) run.flags.emplace_back("-test.fullpath");
    for (const Passed& flag : passed)
        if (app.count("--" + std::string(flag.name)) > 0) run.flags.push_back("-test." + std::string(flag.name) + "=" + flag.value);
    run.flags.insert(run.flags.end(), theirs.begin(), theirs.end());

    const bool listed = !names.empty();
    if (!listed) names.emplace_back(".");
    const auto packages = find_packages(names);
    if (!packages) return 1;
    bool ok = true;
    for (const TestPackage& package : *packages) {
        if (!ok && fail_fast) break;
        ok = test_one(package, run) && ok;
    }
    if (!ok && listed) print("FAIL\n");
    return ok ? 0 : 1;
}

}  // namespace csp::cli
