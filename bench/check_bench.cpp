// csp_check_bench FILE: lines per second of the checker and of the compiler, the parser apart; the best of several runs.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "csp/stdlib.hpp"
#include "interpreter/check/check.h"
#include "interpreter/compile/compiler.h"
#include "interpreter/engine/library.h"
#include "interpreter/engine/runtime_package.h"
#include "interpreter/parse/parse.h"

namespace {

double seconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
    double parse = 1e9, check = 1e9, compile = 1e9, both = 1e9;
    bool ok = true;
};

/// One compilation, from the text on.
void measure(const std::string& name, const std::string& text, const csp::engine::PackageMap& packages, Times& best) {
    using namespace csp;
    base::Arena arena;
    diag::Sink sink;
    source::SourceSet sources;
    types::Universe universe(arena);
    const runtime::Grants grants(Access::everything());
    engine::Library library({packages, nullptr, grants}, sources, arena, sink);
    check::Checker checker(universe, arena, sources, library, sink);
    check::PackageSource program;
    program.path = program.name = "main";
    const source::SourceFile& file = sources.add(name, text);
    const double parse = seconds([&] { program.files.push_back(parse::parse_file(file, arena, sink)); });
    types::Package* runtime = checker.check(*library.load("runtime"));
    types::Package* main = nullptr;
    const double check = seconds([&] { main = checker.check(program); });
    best.ok = sink.empty();
    if (!best.ok) std::fprintf(stderr, "%s\n", diag::render(sink.sorted()[0], sources, false).c_str());
    if (!best.ok) return;
    runtime::TypeTable table;
    bytecode::Program code;
    code.sources = &sources;
    std::vector<compile::Unsupported> unsupported;
    const double compile = seconds([&] {
        compile::Compiler(universe, checker, library, table, code).compile(*main, *runtime, unsupported);
    });
    best.parse = std::min(best.parse, parse);
    best.check = std::min(best.check, check);
    best.compile = std::min(best.compile, compile);
    best.both = std::min(best.both, check + compile);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: csp_check_bench FILE\n");
        return 2;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    csp::engine::PackageMap packages;
    std::vector<csp::Package> library = csp::standard_library();
    library.push_back(csp::engine::runtime_package());
    for (const csp::Package& package : library) packages.insert_or_assign(package.path(), package);
    Times best;
    for (int i = 0; i < 10 && best.ok; ++i) measure(argv[1], text, packages, best);
    if (!best.ok) {
        std::fprintf(stderr, "%s has errors\n", argv[1]);
        return 1;
    }
    const auto lines = static_cast<double>(std::count(text.begin(), text.end(), '\n'));
    std::printf("check and compile       %.0f lines; %.0f lines/s (check %.0f, compile %.0f; parse %.0f)\n", lines,
                lines / best.both, lines / best.check, lines / best.compile, lines / best.parse);
    return 0;
}
