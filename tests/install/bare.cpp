// A host whose scripts have no standard library: nothing of it gets into the program.

#include <csp/csp.hpp>

int main() {
    csp::Engine engine;
    const auto compiled = engine.compile({{"bare.csp", "func Twice(x int) int { return 2 * x }"}});
    std::string error;
    auto instance = compiled.program ? engine.instantiate(*compiled.program, error) : std::nullopt;
    return instance && instance->call<std::int64_t>("Twice", std::int64_t{21}).value == 42 ? 0 : 1;
}
