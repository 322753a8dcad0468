// Why runs and calls have failed, as values.

#include <gtest/gtest.h>

#include <csp/csp.hpp>
#include <string>

namespace {

csp::Options quiet() {
    csp::Options options;
    options.stack_limit = 1 << 20;
    options.output = [](int, std::string_view) {};
    return options;
}

csp::Program compile(csp::Engine& engine, const std::string& body) {
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", "package main\nimport (\"errors\"; \"os\"; \"time\")\nvar _, _, _ = errors.New, os.Exit, time.Sleep\n" + body}});
    if (!compiled.program) throw std::runtime_error(compiled.diagnostics[0].text());
    return *compiled.program;
}

csp::Failure failure(const std::string& body, const csp::Limits& limits = {}) {
    csp::Engine engine(quiet());
    const csp::Ended ended = engine.run(compile(engine, body), limits);
    return ended.failure ? *ended.failure : csp::Failure{csp::FailureKind::Panic, "none", {}, 0, {}};
}

std::string trace_of(const csp::Failure& failure) {
    std::string text;
    for (const csp::StackFrame& frame : failure.trace) text += frame.function + " " + frame.file + ":" + std::to_string(frame.line) + "\n";
    return text;
}

TEST(Failures, APanicHasItsValueTypeAndTrace) {
    const csp::Failure f = failure("type T struct{}\nfunc (T) Do(n int) {\n\tpanic(\"bo\" + string(rune('a'+n)))\n}\nfunc main() {\n\tT{}.Do(2)\n}");
    EXPECT_EQ(f.kind, csp::FailureKind::Panic);
    EXPECT_EQ(f.text, "boc");
    EXPECT_EQ(f.value_type, "string");
    EXPECT_EQ(trace_of(f), "main.T.Do a.csp:6\nmain.main a.csp:9\n");
}

TEST(Failures, TypesOfPanicValues) {
    EXPECT_EQ(failure("type myErr int\nfunc main() { panic(myErr(3)) }").value_type, "main.myErr");
    EXPECT_EQ(failure("func main() { panic(errors.New(\"no\")) }").value_type, "*errors.errorString");
    const csp::Failure index = failure("func main() { s := []int{}; i := 5; s[i] = 1 }");
    EXPECT_EQ(index.text, "runtime error: index out of range [5] with length 0");
    EXPECT_EQ(index.kind, csp::FailureKind::Panic);
}

TEST(Failures, ExitDeadlockFatalErrorAndLimit) {
    const csp::Failure exit = failure("func main() { os.Exit(9) }");
    EXPECT_EQ(exit.kind, csp::FailureKind::Exit);
    EXPECT_EQ(exit.status, 9);
    EXPECT_EQ(exit.text, "exit status 9");
    const csp::Failure deadlock = failure("func main() {\n\tselect {}\n}");
    EXPECT_EQ(deadlock.kind, csp::FailureKind::Deadlock);
    EXPECT_EQ(deadlock.text, "all goroutines are asleep - deadlock!");
    EXPECT_EQ(trace_of(deadlock), "main.main a.csp:5\n");
    const csp::Failure overflow = failure("func f(n int) int { return f(n+1) + 1 }\nfunc main() { f(0) }");
    EXPECT_EQ(overflow.kind, csp::FailureKind::FatalError);
    EXPECT_EQ(overflow.text, "stack overflow");
    EXPECT_EQ(overflow.trace.size(), 100U);
    const csp::Failure time = failure("func f() {\n\ttime.Sleep(time.Hour)\n}\nfunc main() {\n\tf()\n}", {.time = std::chrono::milliseconds(2)});
    EXPECT_EQ(time.kind, csp::FailureKind::Limit);
    EXPECT_EQ(time.text, "time limit exceeded");
    EXPECT_TRUE(trace_of(time).ends_with("main.main a.csp:8\n")) << trace_of(time);
    const csp::Failure fuel = failure("func main() {\n\tfor {}\n}", {.fuel = 100});
    EXPECT_EQ(fuel.text, "fuel limit exceeded");
    EXPECT_EQ(trace_of(fuel), "main.main a.csp:5\n");
}

TEST(Failures, CallsHaveThemToo) {
    csp::Engine engine(quiet());
    std::string error;
    auto instance = engine.instantiate(compile(engine, "func Half(n int) int {\n\tif n < 0 {\n\t\tpanic(\"negative\")\n\t}\n\treturn n / 2\n}\nfunc main() {}"), error);
    ASSERT_TRUE(instance) << error;
    const auto good = instance->call<std::int64_t>("Half", std::int64_t{8});
    EXPECT_EQ(good.value, 4);
    EXPECT_EQ(good.failure, nullptr);
    const auto bad = instance->call<std::int64_t>("Half", std::int64_t{-1});
    EXPECT_EQ(bad.error, "panic: negative");
    ASSERT_NE(bad.failure, nullptr);
    EXPECT_EQ(bad.failure->text, "negative");
    EXPECT_EQ(trace_of(*bad.failure), "main.Half a.csp:6\n");
    EXPECT_EQ(instance->call<std::int64_t>("Third").failure, nullptr);
}

TEST(Failures, NoneAfterANormalEnd) {
    csp::Engine engine(quiet());
    EXPECT_EQ(engine.run(compile(engine, "func main() { os.Exit(0) }")).failure, nullptr);
    EXPECT_EQ(engine.run(compile(engine, "func main() {}")).failure, nullptr);
}

}  // namespace
