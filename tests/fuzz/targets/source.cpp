// Source text: it compiles, or there are messages that name places in it; what compiles runs to its end or to a limit, as
// bytecode and as machine code. What one of them prints, the other prints, where nothing but the text decides that.

#include <algorithm>
#include <chrono>
#include <csp/csp.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

using namespace std::chrono_literals;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "finding: %s\n", what.c_str());
    std::abort();
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

/// An engine in one of the modes, and what its scripts print.
struct Side {
    std::string output;
    csp::Engine engine;

    explicit Side(csp::Native native) : engine(options(native)) { engine.add(csp::standard_library()); }

    csp::Options options(csp::Native native) {
        csp::Options options;
        options.workers = 1;
        options.seed = 1;
        options.virtual_time = true;
        options.native = native;
        options.heap_limit = std::size_t{32} << 20;
        options.stack_limit = std::size_t{4} << 20;
        options.output = [this](int, std::string_view bytes) { output += bytes; };
        return options;
    }
    csp::Ended run(const csp::Program& program) {
        output.clear();
        csp::Limits limits;
        limits.time = 200ms;
        limits.goroutines = 1000;
        limits.output = 1 << 16;
        return engine.run(program, limits);
    }
};

struct Sides {
    Side code{csp::Native::Off};
    Side machine{csp::Native::Always};
};

std::unique_ptr<Sides> sides;

void check_messages(const csp::Compiled& compiled, std::string_view text) {
    if (compiled.program.has_value() != compiled.diagnostics.empty()) fail("a program and messages, or neither");
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const csp::Diagnostic& d : compiled.diagnostics) {
        if (mentions(d.message, {"internal error"})) fail(d.text());
        if (d.file == "fuzz.csp" && (d.line < 1 || d.line > lines || d.column < 1)) fail("no such place: " + d.text());
        if (d.message.empty()) fail("an empty message");
    }
}

}  // namespace

int LLVMFuzzerInitialize(int*, char***) {
    sides = std::make_unique<Sides>();
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const csp::Compiled compiled = sides->code.engine.compile({{"fuzz.csp", text}});
    check_messages(compiled, text);
    // What reaches files, processes and the network is compiled only.
    if (!compiled.program || mentions(text, {"os", "net", "syscall", "file", "log", "testing", "plugin", "\\"})) return 0;
    const csp::Ended a = sides->code.run(*compiled.program);
    const csp::Ended b = sides->machine.run(*compiled.program);
    if (a.limit != csp::Limit::None || b.limit != csp::Limit::None) return 0;
    // Goroutines take turns elsewhere; the time, memory and addresses are no result.
    if (mentions(text, {"go", "time", "rand", "runtime", "maphash", "sync", "chan", "%", "print", "iter", "weak", "hash", "panic"})) return 0;
    if (mentions(a.message + b.message, {"memory", "stack"})) return 0;
    if (a.status != b.status || a.message != b.message || sides->code.output != sides->machine.output)
        fail("as bytecode: " + a.message + "\n" + sides->code.output + "\nas machine code: " + b.message + "\n" + sides->machine.output);
    return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

#if defined(CSP_FUZZ)
namespace {

bool in_word(std::uint8_t c) { return std::isalnum(c) || c == '_' || c >= 0x80; }

/// Where tokens begin, and the end: words, and one each of everything else.
std::vector<std::size_t> tokens(const std::uint8_t* data, std::size_t size) {
    std::vector<std::size_t> begins;
    for (std::size_t i = 0; i < size; ++i)
        if (i == 0 || !in_word(data[i]) || !in_word(data[i - 1])) begins.push_back(i);
    begins.push_back(size);
    return begins;
}

}  // namespace

/// Half of the changes move, copy or drop runs of tokens: those of bytes alone seldom come past the lexer.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
    if (size == 0 || seed % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
    const std::vector<std::size_t> begins = tokens(data, size);
    const std::size_t count = begins.size() - 1;
    const auto pick = [&](unsigned shift, std::size_t n) { return (seed >> shift) % n; };
    const std::size_t from = pick(3, count);
    const std::size_t to = pick(11, count);
    const std::size_t until = std::min(count, from + 1 + pick(19, 8));
    const std::string before(data, data + begins[to]);
    const std::string run(data + begins[from], data + begins[until]);
    const bool drops = pick(1, 4) == 0;
    const bool replaces = pick(1, 4) == 1;
    std::string out;
    if (drops)
        out.assign(data, data + begins[from]).append(data + begins[until], data + size);
    else
        out = before + run + std::string(data + begins[replaces ? to + 1 : to], data + size);
    out.resize(std::min(out.size(), max_size));
    std::memcpy(data, out.data(), out.size());
    return out.size();
}
#endif
