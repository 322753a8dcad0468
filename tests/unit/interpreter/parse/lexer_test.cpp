// The scanner: where semicolons come from, and what malformed tokens are told.

#include "interpreter/parse/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace csp::parse {
namespace {

struct Scan {
    explicit Scan(std::string text) : file(sources.add("t.csp", std::move(text))), tokens(scan(file, sink, Limits{})) {}

    /// The texts of the tokens; "·" for an inserted semicolon.
    std::string spelled() const {
        std::string out;
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (!out.empty()) out += ' ';
            out += tokens[i].size == 0 ? "·" : file.text().substr(tokens[i].offset, tokens[i].size);
        }
        return out;
    }
    std::vector<std::string> errors() const {
        std::vector<std::string> out;
        for (const diag::Diagnostic& d : sink.sorted()) out.push_back(d.message);
        return out;
    }

    source::SourceSet sources;
    source::SourceFile& file;
    diag::Sink sink;
    std::vector<Token> tokens;
};

TEST(Lexer, InsertsSemicolonsAfterTheTokensOfTheSpecification) {
    EXPECT_EQ(Scan("x\ny").spelled(), "x · y ·");
    EXPECT_EQ(Scan("return\nbreak\n").spelled(), "return · break ·");
    EXPECT_EQ(Scan("f()\na[i]\nS{}\n").spelled(), "f ( ) · a [ i ] · S { } ·");
    EXPECT_EQ(Scan("i++\n1\n'c'\n\"s\"\n").spelled(), "i ++ · 1 · 'c' · \"s\" ·");
}

TEST(Lexer, InsertsNoneWhereALineCannotEnd) {
    EXPECT_EQ(Scan("a +\nb").spelled(), "a + b ·");
    EXPECT_EQ(Scan("f(\nx,\n)").spelled(), "f ( x , ) ·");
    EXPECT_EQ(Scan("if x {\n").spelled(), "if x {");
    EXPECT_EQ(Scan("\n\n\n").spelled(), "");
}

TEST(Lexer, CommentsCountAsSpaceOrAsNewline) {
    EXPECT_EQ(Scan("a /* x */ b").spelled(), "a b ·");
    EXPECT_EQ(Scan("a /* x\n */ b").spelled(), "a · b ·");
    EXPECT_EQ(Scan("a // to the end\nb").spelled(), "a · b ·");
    EXPECT_EQ(Scan("#!/usr/bin/env csp\na").spelled(), "a ·");
}

TEST(Lexer, TakesTheLongestOperator) {
    EXPECT_EQ(Scan("a<-b &^= c<<=d ...").spelled(), "a <- b &^= c <<= d ...");
    EXPECT_EQ(Scan("x&^y a&&b a||b a!=b a:=b").spelled(), "x &^ y a && b a || b a != b a := b ·");
}

TEST(Lexer, SaysWhatIsWrongWithATokenAndGoesOn) {
    EXPECT_EQ(Scan("x := \"abc\ny").errors(), std::vector<std::string>{"newline in string"});
    EXPECT_EQ(Scan("'ab'").errors(), std::vector<std::string>{"more than one character in rune literal"});
    EXPECT_EQ(Scan("0x").errors(), std::vector<std::string>{"hexadecimal literal has no digits"});
    EXPECT_EQ(Scan("089").errors().size(), 1u);
    EXPECT_EQ(Scan("`raw").errors(), std::vector<std::string>{"string not terminated"});
    EXPECT_EQ(Scan("/* open").errors(), std::vector<std::string>{"comment not terminated"});
    EXPECT_EQ(Scan("a @ b").spelled(), "a b ·");
}

TEST(Lexer, RefusesBracketsNestedBeyondTheLimit) {
    const Scan deep(std::string(10000, '('));
    ASSERT_EQ(deep.errors().size(), 1u);
    EXPECT_EQ(deep.errors()[0], "syntax error: brackets nested too deeply");
}

}  // namespace
}  // namespace csp::parse
