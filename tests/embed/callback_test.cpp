// Panics, Goexit and sync blocks on both sides of a native that calls back.

#include <gtest/gtest.h>

#include <csp/csp.hpp>

namespace {

/// func Each(n int, f func(int)): calls f for 0 up to n - 1; -1: panics instead.
csp::Status each(csp::Call& call, const csp::NativeEntry&) {
    const auto count = static_cast<std::int64_t>(call.slots()[0]);
    if (count < 0) return call.panic("native");
    for (std::int64_t i = 0; i < count; ++i) {
        const auto argument = static_cast<csp::Slot>(i);
        const csp::Status status = call.call(call.slots()[1], &argument, 1, nullptr, 0);
        if (status != csp::Status::Ok) return status;
    }
    return csp::Status::Ok;
}

constexpr const char* kScript = R"(
package main

import (
	"fmt"
	"host"
	"runtime"
)

type lock string

func (l lock) Lock()   { fmt.Print(" +", string(l)) }
func (l lock) Unlock() { fmt.Print(" -", string(l)) }

func try(name string, f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { fmt.Print(" => ", recover()) }()
		fmt.Print(name, ":")
		f()
	}()
	<-done
	fmt.Println()
}

func nested(depth int, at int, leave func()) {
	defer fmt.Print(" end", depth)
	sync lock(fmt.Sprint("a", depth)) {
		host.Each(2, func(i int) {
			sync lock(fmt.Sprint("b", depth, i)) {
				if depth == 0 && i == at {
					leave()
				} else if depth > 0 && i == 0 {
					nested(depth-1, at, leave)
				}
			}
		})
	}
}

func recovers(leave func()) {
	sync lock("r") {
		host.Each(1, func(int) {
			defer func() { fmt.Print(" got ", recover()) }()
			nested(0, 1, leave)
		})
	}
}

func main() {
	ways := map[string]func(){
		"panic":  func() { panic("x") },
		"native": func() { host.Each(-1, nil) },
		"goexit": runtime.Goexit,
		"none":   func() {},
	}
	for _, how := range []string{"none", "panic", "native", "goexit"} {
		try("nested "+how, func() { nested(1, 1, ways[how]) })
		try("recovers "+how, func() { recovers(ways[how]) })
	}
	try("in a deferred call", func() {
		defer nested(0, 0, func() { panic("second") })
		sync lock("c") {
			nested(0, 1, func() { panic("first") })
		}
	})
	try("in a deferred call, recovered there", func() {
		defer recovers(func() { panic("second") })
		sync lock("c") {
			panic("first")
		}
	})
	try("while unlocking", func() {
		sync unlocks(func() { nested(0, 0, func() { panic("second") }) }) {
			sync lock("c") {
				panic("first")
			}
		}
	})
	try("many times", func() {
		for range 3000 {
			func() {
				defer func() { recover() }()
				sync quiet(0) {
					host.Each(2, func(i int) {
						sync quiet(i) {
							var s []int
							s[i]++
						}
					})
				}
			}()
		}
		fmt.Print(" held ", held)
	})
}

type unlocks func()

func (u unlocks) Lock()   {}
func (u unlocks) Unlock() { u() }

type quiet int

var held int

func (quiet) Lock()   { held++ }
func (quiet) Unlock() { held-- }
)";

constexpr const char* kOutput =
    "nested none: +a1 +b1 0 +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 -b1 0 +b1 1 -b1 1 -a1 end1 => <nil>\n"
    "recovers none: +r +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 got <nil> -r => <nil>\n"
    "nested panic: +a1 +b1 0 +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 -b1 0 -a1 end1 => x\n"
    "recovers panic: +r +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 got x -r => <nil>\n"
    "nested native: +a1 +b1 0 +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 -b1 0 -a1 end1 => native\n"
    "recovers native: +r +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 got native -r => <nil>\n"
    "nested goexit: +a1 +b1 0 +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 -b1 0 -a1 end1 => <nil>\n"
    "recovers goexit: +r +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 got <nil> -r => <nil>\n"
    "in a deferred call: +c +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 -c +a0 +b0 0 -b0 0 -a0 end0 => second\n"
    "in a deferred call, recovered there: +c -c +r +a0 +b0 0 -b0 0 +b0 1 -b0 1 -a0 end0 got second -r => first\n"
    "while unlocking: +c -c +a0 +b0 0 -b0 0 -a0 end0 => second\n"
    "many times: held 0 => <nil>\n";

TEST(Callbacks, AreLeftInOrderByPanics) {
    for (const csp::Native native : {csp::Native::Off, csp::Native::Hot, csp::Native::Always}) {
        std::string out;
        csp::Options options;
        options.native = native;
        options.output = [&out](int, std::string_view bytes) { out += bytes; };
        csp::Engine engine(options);
        engine.add(csp::standard_library());
        csp::Package package("host");
        package.raw("Each", each).source("host.csp", "package host\n\nfunc Each(n int, f func(int))\n");
        engine.add(package);
        const auto compiled = engine.compile({{"a.csp", kScript}});
        ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
        EXPECT_EQ(engine.run(*compiled.program).status, 0);
        EXPECT_EQ(out, kOutput);
    }
}

}  // namespace
