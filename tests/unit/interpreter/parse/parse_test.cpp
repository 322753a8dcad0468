// What is taken as correct syntax where that is not obvious.

#include "interpreter/parse/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "runtime/base/arena.h"

namespace csp::parse {
namespace {

/// The first error of `text`, or nothing.
std::string error_of(const std::string& text) {
    source::SourceSet sources;
    base::Arena arena;
    diag::Sink sink;
    parse_file(sources.add("t.csp", text), arena, sink);
    return sink.empty() ? "" : diag::render(sink.sorted()[0], sources, false);
}

TEST(Parse, TellsTypeParametersFromArrayLengths) {
    for (const char* decl : {"type A[P any] struct{}", "type A[P, Q any] struct{}", "type A[N]int", "type A[N * 2]int",
                             "type A[P *T,] struct{}", "type A[P *T | int, Q any] struct{}", "type A[P interface{ *T }] struct{}",
                             "type A[P ~int | ~string] []P", "type A[P any,] = []P", "type A [N]int", "type A []int",
                             "type A[K comparable, V any] map[K]V", "type A[...]int"})
        EXPECT_EQ(error_of(std::string("package p\n") + decl + "\n"), "") << decl;
    EXPECT_EQ(error_of("package p\ntype A[1 + 2, Q any] int\n"),
              "t.csp:2:8: syntax error: unexpected expression, expected type parameter name");
}

TEST(Parse, TellsCompositeLiteralsFromBlocks) {
    for (const char* statement : {"if x == (T{}) {\n}", "for _, v := range []T{{1}, {2}} {\n}", "switch (T{1}).x {\n}",
                                  "if f(T{1}) {\n}", "if v := map[string]T{}; v != nil {\n}", "for range x {\n}",
                                  "if x.y {\n}", "switch x {\n}", "if func() bool { return T{} == y }() {\n}"})
        EXPECT_EQ(error_of(std::string("package p\nfunc f() {\n") + statement + "\n}\n"), "") << statement;
    EXPECT_NE(error_of("package p\nfunc f() {\nif x == T{} {\n}\n}\n"), "");
}

TEST(Parse, TakesScriptsWithoutAPackageClause) {
    EXPECT_EQ(error_of("import \"fmt\"\nx := 1\nfmt.Println(x)\nfunc f() {}\nf()\nif x > 0 {\n}\n"), "");
    EXPECT_EQ(error_of("#!/usr/bin/env csp\n\n"), "");
    EXPECT_EQ(error_of(""), "");
}

TEST(Parse, TakesSyncBlocksBesideThePackage) {
    EXPECT_EQ(error_of("package p\ntype T struct {\n\tsync bool\n}\nfunc f(sync T) {\nsync := T{}\nsync.sync = true\n}\n"), "");
    EXPECT_EQ(error_of("package p\nimport \"sync\"\nvar mu sync.Mutex\nfunc f() {\nsync mu {\n}\nsync {\n}\nsync x.y[1].mu {\n}\n}\n"), "");
}

}  // namespace
}  // namespace csp::parse
