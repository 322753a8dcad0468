// A host program against the public headers alone.

#include <gtest/gtest.h>

#include <csp/csp.hpp>

namespace {

struct Host {
    std::string out;
    std::string err;
    csp::Options options() {
        csp::Options o;
        o.output = [this](int stream, std::string_view bytes) { (stream == 1 ? out : err) += bytes; };
        return o;
    }
};

TEST(Embed, RunsAScript) {
    Host host;
    csp::Engine engine(host.options());
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", "import \"fmt\"\nfmt.Println(\"hello\", 6*7)\n"}});
    ASSERT_TRUE(compiled.program) << (compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].text());
    EXPECT_EQ(engine.run(*compiled.program).status, 0);
    EXPECT_EQ(host.out, "hello 42\n");
}

TEST(Embed, RunsTheSameInterpretedAndAsMachineCode) {
    const char* const script = R"(
package main
func Collatz(limit int) int {
	longest := 0
	for n := 1; n < limit; n++ {
		steps := 0
		for x := n; x != 1; steps++ {
			if x%2 == 0 { x /= 2 } else { x = 3*x + 1 }
		}
		if steps > longest { longest = steps }
	}
	return longest
}
func Fails(n int) int {
	values := make([]int, 10000)
	for i := 0; ; i++ { values[i*n] = i }
}
func main() {}
)";
    for (const csp::Native native : {csp::Native::Off, csp::Native::Hot, csp::Native::Always}) {
        csp::Options options;
        options.native = native;
        csp::Engine engine(options);
        const auto compiled = engine.compile({{"a.csp", script}});
        ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
        std::string error;
        auto instance = engine.instantiate(*compiled.program, error);
        ASSERT_TRUE(instance) << error;
        const auto longest = instance->call<std::int64_t>("Collatz", std::int64_t{30000});
        ASSERT_TRUE(longest) << longest.error;
        EXPECT_EQ(*longest.value, 307);
        const auto failed = instance->call<std::int64_t>("Fails", std::int64_t{1});
        ASSERT_FALSE(failed);
        EXPECT_NE(failed.error.find("index out of range [10000] with length 10000"), std::string::npos) << failed.error;
    }
}

TEST(Embed, DiagnosticsAreValuesWithPositions) {
    csp::Engine engine;
    const auto found = engine.check({{"a.csp", "package main\n\nfunc main() {\n\tx := 1\n}\n"}});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].text(), "a.csp:4:2: declared and not used: x");
}

TEST(Embed, CallsAScriptFunctionWithTypedArguments) {
    csp::Engine engine;
    const auto compiled = engine.compile(
        {{"a.csp", "package main\nfunc Add(a, b int) int { return a + b }\n"
                   "func Greet(s string) string { return \"hi \" + s }\nfunc main() {}\n"}});
    ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
    std::string error;
    auto instance = engine.instantiate(*compiled.program, error);
    ASSERT_TRUE(instance) << error;
    const auto sum = instance->call<std::int64_t>("Add", std::int64_t{2}, std::int64_t{40});
    ASSERT_TRUE(sum) << sum.error;
    EXPECT_EQ(*sum.value, 42);
    const auto text = instance->call<std::string>("Greet", "you");
    ASSERT_TRUE(text) << text.error;
    EXPECT_EQ(*text.value, "hi you");
    const auto wrong = instance->call<bool>("Add", 1.5);
    EXPECT_FALSE(wrong);
    EXPECT_EQ(wrong.error, "Add has type func(a int, b int) int, not func(float64) bool");
}

TEST(Embed, BindsCppFunctions) {
    Host host;
    csp::Engine engine(host.options());
    engine.add(csp::standard_library());
    csp::Package package("host");
    int calls = 0;
    package.function("Twice", [&calls](std::int64_t x) {
        ++calls;
        return x * 2;
    });
    package.function("Join", [](std::string_view a, std::string_view b) { return std::string(a) + "-" + std::string(b); });
    package.function("Fail", [](bool b) { return csp::Error{b ? "it failed" : ""}; });
    engine.add(package);
    const auto compiled = engine.compile(
        {{"a.csp", "import (\"fmt\"; \"host\")\n"
                   "fmt.Println(host.Twice(21), host.Join(\"a\", \"b\"), host.Fail(false), host.Fail(true))\n"}});
    ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
    EXPECT_EQ(engine.run(*compiled.program).status, 0) << host.err;
    EXPECT_EQ(host.out, "42 a-b <nil> it failed\n");
    EXPECT_EQ(calls, 1);
}

TEST(Embed, APanicEndsTheRunNotTheHost) {
    Host host;
    csp::Engine engine(host.options());
    const auto compiled = engine.compile({{"a.csp", "package main\nfunc main() { var m map[string]int; m[\"a\"] = 1 }\n"}});
    ASSERT_TRUE(compiled.program);
    const csp::Ended ended = engine.run(*compiled.program);
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.message, "panic: assignment to entry in nil map");
    EXPECT_NE(host.err.find("a.csp:2"), std::string::npos);
    EXPECT_EQ(engine.run(*compiled.program).status, 2);
}

}  // namespace
