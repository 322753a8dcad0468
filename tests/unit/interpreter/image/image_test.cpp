// Images of parsed files: what is read is what was written, and damage is noticed or harmless.

#include <gtest/gtest.h>

#include <string>

#include "interpreter/image/image.h"
#include "interpreter/parse/parse.h"
#include "runtime/base/arena.h"

namespace csp::image {
namespace {

constexpr std::string_view kText = R"(package p

import (
	. "fmt"
	x "strings"
)

const (
	a, b = iota, "s"
	c, d
)

type T struct {
	*U `tag`
	f func(int, ...string) (n int, err error)
}
type I interface{ m(); ~int | string }

func G[P any](p P) []P { return []P{p} }

func (t *T) Method(v map[string]chan<- int) {
	defer func() { recover() }()
outer:
	for i, w := range v {
		switch y := any(w).(type) {
		case nil, int:
			break outer
		default:
			_ = y
		}
		select {
		case w <- i[1:2:3]:
		}
	}
	sync t.mu {
		go t.Method(nil)
	}
	sync {
	}
	if z := 1.5e3i; z != 'x' {
	} else if !true {
		goto outer
	}
	t.f, x = *x, &T{f: nil}
}
)";

std::string image_of(source::SourceSet& sources, base::Arena& arena) {
    diag::Sink sink;
    const source::SourceFile& file = sources.add("p.csp", std::string(kText));
    ast::File* tree = parse::parse_file(file, arena, sink);
    EXPECT_TRUE(sink.empty());
    return tree == nullptr ? "" : write(file, *tree);
}

TEST(Image, WritesTheSameAgainAfterReading) {
    source::SourceSet sources;
    base::Arena arena;
    const std::string first = image_of(sources, arena);
    ASSERT_EQ(text_of(first), kText);
    const source::SourceFile& file = sources.add_view("p.csp", text_of(first));
    ast::File* tree = read(first, file, arena);
    ASSERT_NE(tree, nullptr);
    EXPECT_EQ(write(file, *tree), first);
}

TEST(Image, IsRefusedWhenItIsNone) {
    EXPECT_EQ(text_of(""), "");
    EXPECT_EQ(text_of("package p\n"), "");
}

}  // namespace
}  // namespace csp::image
