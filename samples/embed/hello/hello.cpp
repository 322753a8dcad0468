#include <csp/csp.hpp>

#include <iostream>

int main() {
    csp::Engine engine;
    engine.add(csp::standard_library());
    engine.add(csp::Package("host").function("Twice", [](std::int64_t x) { return x * 2; }));

    const auto compiled = engine.compile({{"hello.csp", R"(
        import ("fmt"; "host")
        func Greet(name string) string { return fmt.Sprintf("hello, %s: %d", name, host.Twice(21)) }
        fmt.Println(Greet("script"))
    )"}});
    for (const auto& diagnostic : compiled.diagnostics) std::cerr << diagnostic.text() << "\n";
    if (!compiled.program) return 1;

    const int status = engine.run(*compiled.program).status;  // the whole script
    std::string error;
    auto instance = engine.instantiate(*compiled.program, error);  // for calls of single functions
    if (!instance) return 1;
    const auto greeting = instance->call<std::string>("Greet", "host");
    std::cout << (greeting ? *greeting.value : greeting.error) << "\n";
    return status;
}
