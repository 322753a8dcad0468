// The parsers of the standard library. --script=FILE is a script with func Fuzz(data string), which gives the input to a
// parser: the folder library/ has one for each. A panic is a finding, parsers have none, and so is a hang.

#include <chrono>
#include <csp/csp.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "tests/fuzz/target.h"

#if defined(CSP_FUZZ)
#include "interpreter/vm/coverage.h"

namespace {
constexpr std::size_t kPlaces = 1 << 16;
__attribute__((section("__libfuzzer_extra_counters"))) std::uint8_t counters[kPlaces];
}  // namespace

/// Counts instructions by place: scripts, too, are guided by what they run.
void csp_fuzz_visit(const csp::bytecode::Instruction* instruction) {
    ++counters[(reinterpret_cast<std::uintptr_t>(instruction) / sizeof *instruction) % kPlaces];
}
#endif

namespace {

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "finding: %s\n", what.c_str());
    std::abort();
}

class Parser {
  public:
    explicit Parser(const std::string& script) : engine_(options()) {
        engine_.add(csp::standard_library());
        std::ifstream in(script);
        const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        const csp::Compiled compiled = engine_.compile({{script, text}});
        if (!compiled.program) fail(compiled.diagnostics.front().text());
        program_ = *compiled.program;
    }
    void run(std::string_view data) {
        if (!instance_) start();
        const auto result = (*fuzz_.value)(data);
        if (!result) fail(result.error);
    }

  private:
    static csp::Options options() {
        csp::Options options;
        options.workers = 1;
        options.seed = 1;
        options.native = csp::Native::Off;
        options.heap_limit = std::size_t{256} << 20;
        options.output = [](int, std::string_view) {};
        return options;
    }
    void start() {
        std::string error;
        csp::Limits limits;
        limits.time = std::chrono::seconds(10);
        instance_ = engine_.instantiate(*program_, error, limits);
        if (!instance_) fail(error);
        fuzz_ = instance_->function<void(std::string_view)>("Fuzz");
        if (!fuzz_) fail(fuzz_.error);
    }

    csp::Engine engine_;
    std::optional<csp::Program> program_;
    std::optional<csp::Instance> instance_;
    csp::Result<csp::Function<void(std::string_view)>> fuzz_;
};

std::unique_ptr<Parser> parser;

}  // namespace

int LLVMFuzzerInitialize(int* argc, char*** argv) {
    constexpr std::string_view kScript = "--script=";
    for (int i = 1; i < *argc; ++i) {
        const std::string_view argument = (*argv)[i];
        if (argument.starts_with(kScript)) parser = std::make_unique<Parser>(std::string(argument.substr(kScript.size())));
    }
    if (parser == nullptr) fail("no --script=FILE");
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parser->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
