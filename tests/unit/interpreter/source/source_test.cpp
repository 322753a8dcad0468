// Positions for people.

#include "interpreter/source/source.h"

#include <gtest/gtest.h>

namespace csp::source {
namespace {

TEST(Source, FindsFileLineAndColumnOfAPosition) {
    SourceSet sources;
    const SourceFile& a = sources.add("a.csp", "one\ntwo\n\nfour");
    const SourceFile& b = sources.add("b.csp", "x");
    const auto check = [&](Pos pos, std::string_view file, int line, int column) {
        const Position at = sources.position(pos);
        EXPECT_EQ(at.file, file);
        EXPECT_EQ(at.line, line);
        EXPECT_EQ(at.column, column);
    };
    check(a.pos(0), "a.csp", 1, 1);
    check(a.pos(3), "a.csp", 1, 4);
    check(a.pos(4), "a.csp", 2, 1);
    check(a.pos(8), "a.csp", 3, 1);
    check(a.pos(13), "a.csp", 4, 5);
    check(b.pos(0), "b.csp", 1, 1);
    check(Pos(), "", 0, 0);
    EXPECT_EQ(a.line_text(2), "two");
    EXPECT_EQ(a.line_text(4), "four");
}

}  // namespace
}  // namespace csp::source
