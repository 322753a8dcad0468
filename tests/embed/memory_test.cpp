// What a host sees of a script's memory: a limit, and what happens at it.

#include <gtest/gtest.h>

#include <csp/csp.hpp>

namespace {

struct Memory : testing::Test {
    std::string out;
    std::string err;
    csp::Options options;
    void SetUp() override {
        options.heap_limit = std::size_t{32} << 20;
        options.output = [this](int stream, std::string_view bytes) { (stream == 1 ? out : err) += bytes; };
    }
    csp::Ended run(csp::Engine& engine, const char* text) {
        const auto compiled = engine.compile({{"a.csp", text}});
        EXPECT_TRUE(compiled.program) << (compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].text());
        return engine.run(*compiled.program);
    }
};

TEST_F(Memory, GarbageDoesNotCountAgainstTheLimit) {
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    const csp::Ended ended = run(engine,
                                 "package main\nimport \"fmt\"\nfunc main() {\n\tvar last []byte\n"
                                 "\tfor i := 0; i < 2000; i++ { last = make([]byte, 1<<20) }\n\tfmt.Println(len(last))\n}\n");
    EXPECT_EQ(ended.status, 0) << err;
    EXPECT_EQ(out, "1048576\n");
}

TEST_F(Memory, AScriptThatKeepsTooMuchEndsAndTheEngineGoesOn) {
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    const char* const hungry =
        "package main\ntype node struct { next *node; text string }\nvar list *node\n"
        "func grow() { list = &node{list, \"x\"} }\nfunc main() {\n\tfor { grow() }\n}\n";
    for (int round = 0; round < 3; ++round) {
        err.clear();
        const csp::Ended ended = run(engine, hungry);
        EXPECT_EQ(ended.status, 2);
        EXPECT_EQ(ended.message, "fatal error: runtime: out of memory");
        EXPECT_NE(err.find("a.csp:4"), std::string::npos) << err;
        EXPECT_EQ(run(engine, "import \"fmt\"\nfmt.Println(\"fine\")\n").status, 0);
    }
    EXPECT_EQ(out, "fine\nfine\nfine\n");
}

TEST_F(Memory, HugeRequestsAreRefusedBeforeTheyAreTried) {
    csp::Engine engine(options);
    for (const char* what : {"make([]int, 1<<30)", "make(chan [1000]int, 1<<20)", "make(map[int]int, 1<<34)"}) {
        const csp::Ended ended = run(engine, (std::string("package main\nfunc main() {\n\tx := ") + what + "\n\tprintln(len(x))\n}\n").c_str());
        EXPECT_EQ(ended.status, 2) << what;
        EXPECT_EQ(ended.message, "fatal error: runtime: out of memory") << what;
    }
}

TEST_F(Memory, ResultsOfNativesMeetTheLimitToo) {
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    csp::Package package("host");
    package.function("Big", [] { return std::string(std::size_t{64} << 20, 'x'); });
    engine.add(package);
    for (const char* body : {"host.Big()", "defer func() { recover() }(); host.Big()", "sync { for range 3 { go host.Big() } }",
                             "sort.Slice(make([]int, 2), func(i, j int) bool { return host.Big() == \"\" })"}) {
        const csp::Ended ended = run(engine, (std::string("import (\"host\"; \"sort\")\nfunc f() { ") + body + " }\nf()\n_ = sort.Ints\n").c_str());
        EXPECT_EQ(ended.message, "fatal error: runtime: out of memory") << body;
    }
}

TEST_F(Memory, StringsAndMapsAndSlicesMeetTheLimitToo) {
    csp::Engine engine(options);
    for (const char* body : {"s := \"x\"; for { s += s }", "m := map[int]string{}; for i := 0; ; i++ { m[i*7] = \"y\" }",
                             "var a []any; for { a = append(a, len(a)) }",
                             "var fs []func() int; for i := 0; ; i++ { fs = append(fs, func() int { return i }) }"}) {
        const csp::Ended ended = run(engine, (std::string("package main\nfunc main() {\n\t") + body + "\n}\n").c_str());
        EXPECT_EQ(ended.status, 2) << body;
        EXPECT_EQ(ended.message, "fatal error: runtime: out of memory") << body;
    }
}

TEST_F(Memory, NativesMeetTheLimitToo) {
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    for (const char* body : {"strings.Repeat(\"x\", 1000+i)", "strings.ToUpper(strings.Repeat(\"x\", 1000+i))", "fmt.Sprint(i)",
                             "strings.Join([]string{last, \"x\"}, last)", "func() string { defer func() { recover() }(); return strings.Repeat(last + \"x\", 2) }()"}) {
        const csp::Ended ended = run(engine, (std::string("package main\nimport (\"fmt\"; \"strings\")\nvar _, _ = fmt.Sprint, strings.Repeat\n"
                                                          "func main() {\n\tvar all []string; last := \"\"\n\tfor i := 0; ; i++ { last = ") +
                                              body + "; all = append(all, last) }\n}\n").c_str());
        EXPECT_EQ(ended.status, 2) << body;
        EXPECT_EQ(ended.message, "fatal error: runtime: out of memory") << body;
    }
}

TEST_F(Memory, ArgumentsOfManyCallsAreFreed) {
    csp::Engine engine(options);
    const auto compiled = engine.compile({{"a.csp", "package main\nvar last string\nfunc Take(s string) int { last = s; return len(s) }\nfunc main() {}\n"}});
    ASSERT_TRUE(compiled.program);
    std::string error;
    auto instance = engine.instantiate(*compiled.program, error);
    ASSERT_TRUE(instance) << error;
    const std::string text(1 << 20, 'x');
    for (int i = 0; i < 500; ++i) {
        const auto size = instance->call<std::int64_t>("Take", text);
        ASSERT_TRUE(size) << size.error;
        ASSERT_EQ(*size.value, 1 << 20);
    }
}

TEST_F(Memory, EnginesComeAndGo) {
    for (int i = 0; i < 300; ++i) {
        csp::Engine engine(options);
        ASSERT_EQ(run(engine, "package main\nvar keep [][]byte\nfunc main() { for i := 0; i < 20; i++ { keep = append(keep, make([]byte, 1<<18)) } }\n").status, 0);
    }
}

}  // namespace
