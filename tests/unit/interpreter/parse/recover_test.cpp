// Several syntax errors of one file.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "interpreter/parse/parse.h"
#include "runtime/base/arena.h"

namespace csp::parse {
namespace {

std::vector<std::string> errors_of(std::string text) {
    source::SourceSet sources;
    base::Arena arena;
    diag::Sink sink;
    const ast::File* tree = parse_file(sources.add("t.csp", std::move(text)), arena, sink);
    EXPECT_EQ(tree == nullptr, !sink.empty());
    std::vector<std::string> out;
    for (const diag::Diagnostic& d : sink.sorted()) out.push_back(diag::render(d, sources, false));
    return out;
}

TEST(Recover, ReportsTheErrorsOfSeveralStatements) {
    const auto errors = errors_of("package main\n\nfunc f() {\n\tx := 5 6\n\ty := 7\n\tfor i := {\n\t}\n}\n\nfunc g() {\n\tgo\n}\n");
    ASSERT_EQ(errors.size(), 3u);
    EXPECT_EQ(errors[0].substr(0, 10), "t.csp:4:9:");
    EXPECT_EQ(errors[1].substr(0, 8), "t.csp:6:");
    EXPECT_EQ(errors[2].substr(0, 9), "t.csp:12:");
}

TEST(Recover, ReportsOneErrorALineAndTenAFile) {
    std::string text = "package main\nfunc f() {\n";
    for (int i = 0; i < 30; ++i) text += "\tx := = 1\n";
    EXPECT_EQ(errors_of(text + "}\n").size(), 10u);
    EXPECT_EQ(errors_of("package main\nfunc f() { a b; c d; e f }\n").size(), 1u);
}

TEST(Recover, EndsOnAnyPrefixOfAProgram) {
    const std::string text =
        "package main\nimport \"fmt\"\ntype T[P any] struct { a, b int `tag` }\nfunc (t *T) m(x ...int) (n int, err error) {\n"
        "\tselect { case v, ok := <-c: f(v); case c <- 1: default: }\n\tswitch x := y.(type) { case int: }\n"
        "\tL: for i, v := range m[1:2:3] { if a := b; c { continue L } else { goto L } }\n"
        "\tsync mu { defer func() {}() }\n\treturn map[string][]int{\"a\": {1, 2}}, nil\n}\n";
    for (std::size_t size = 0; size < text.size(); ++size) errors_of(text.substr(0, size));
    EXPECT_TRUE(errors_of(text).empty());
}

}  // namespace
}  // namespace csp::parse
