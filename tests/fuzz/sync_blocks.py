#!/usr/bin/env python3
"""Writes programs at random in which sync blocks are left in every way, and compares them with real Go.

Go has no sync blocks. A loop over a function that locks, calls the body once, and unlocks in a deferred call means the
same there: jumps leave it, a defer statement in it belongs to the function around, and panics pass through.

A program is made from its seed alone, so `sync_blocks.py --seed N --count 1` shows a difference again; `--print` shows
the program. The locks only write down what is done to them.
"""

import argparse
import random
import subprocess
import sys

import against_go

PRELUDE = '''package main

import (
	"fmt"
	"runtime"
	"strings"
)

var out strings.Builder
var state uint32 = SEED
var steps int

func say(words ...any) { fmt.Fprint(&out, " ", fmt.Sprint(words...)) }

func chance(percent uint32) bool {
	state = state*1664525 + 1013904223
	return state>>8%100 < percent
}

type locker interface {
	Lock()
	Unlock()
}

// A lock of one word, one that an interface boxes, one without a value; and locks that come by embedding.
type named struct{ name string }
type word int
type pair struct {
	l *named
	n int
}
type empty struct{}
type outer struct {
	n int
	named
}
type dynamic struct{ locker }

func (l *named) Lock()   { say("+", l.name) }
func (l *named) Unlock() { say("-", l.name) }
func (l word) Lock()     { say("+", int(l)) }
func (l word) Unlock()   { say("-", int(l)) }
func (l pair) Lock()     { l.l.Lock(); say("+", l.n) }
func (l pair) Unlock()   { say("-", l.n); l.l.Unlock() }
func (empty) Lock()      { say("+empty") }
func (empty) Unlock()    { say("-empty") }

// One that fails now and then, and one that takes a while.
type failing struct{ name string }
type busy struct{ name string }

func (l *failing) Lock() {
	if chance(10) {
		panic("lock " + l.name)
	}
	say("+", l.name)
}
func (l *failing) Unlock() {
	say("-", l.name)
	if chance(30) {
		panic("unlock " + l.name)
	}
}
func (l busy) Lock() { say("+", l.name) }
func (l busy) Unlock() {
	defer say("--", l.name)
	BLOCK(&named{"inner " + l.name}) {
		say("busy")
	}
	func() {
		defer func() { say("r", recover()) }()
		if chance(50) {
			panic("handled")
		}
	}()
}

func hold(l locker) func(func() bool) {
	return func(yield func() bool) {
		l.Lock()
		defer l.Unlock()
		yield()
	}
}

func each(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer say("each")
		BLOCK(&named{fmt.Sprint("each", n)}) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		}
	}
}

func run(name string, f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { say("=>", recover()) }()
		f()
		say("returned")
	}()
	<-done
	fmt.Println(name, out.String())
	out.Reset()
}

var global = named{"global"}
'''
LOCKS = ['&named{"%s"}', 'word(%d)', '(pair{&named{"%s"}, 1})', '(empty{})', '&outer{1, named{"%s"}}', 'locker(word(%d))',
         'locker(&named{"%s"})', '(dynamic{&named{"%s"}})', '&failing{"%s"}', '(busy{"%s"})', 'global']
FAILURES = ['panic("p%d")', 'panic(%d)', 'list[%d+len(list)]++', 'table["%d"] = 1', 'say(1 / zero, %d)', 'missing.n = %d']


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.lines = []
        self.depth = 0
        self.count = 0
        self.labels = []   # of the loops around, in this function
        self.functions = 0
        self.budget = 0

    def emit(self, line):
        self.lines.append("\t" * self.depth + line)

    def open(self, line):
        self.emit(line)
        self.depth += 1

    def close(self, line="}"):
        self.depth -= 1
        self.emit(line)

    def number(self):
        self.count += 1
        return self.count

    def lock(self):
        form = self.random.choice(LOCKS)
        if "%s" in form:
            return form % f"l{self.number()}"
        return form % self.number() if "%d" in form else form

    def body(self, least=1, most=4):
        for _ in range(self.random.randint(least, most)):
            self.statement()

    def loop(self):
        label = f"L{self.number()}"
        self.emit(f"{label}:")
        over = self.random.choice(["{n}", "each({n})", "each({n})"]).format(n=self.random.randint(1, 3))
        self.open(f"for range {over} {{")
        self.open("if steps++; steps > 400 {")
        self.emit(f"break {label}")
        self.close()
        self.labels.append(label)
        self.body()
        self.labels.pop()
        self.close()

    def function(self):
        """The inside of a function literal."""
        labels, self.labels = self.labels, []
        self.body()
        self.labels = labels

    def deferred(self):
        self.open("defer func() {")
        if self.random.random() < 0.5:
            self.emit(f'say("r{self.number()}", recover())')
        self.function()
        self.close("}()")

    def jump(self):
        ways = ["return", "return"] + [f"{how} {label}" for how in ("break", "continue") for label in self.labels]
        self.emit(self.random.choice(ways))

    def fail(self):
        if self.random.random() < 0.15:
            self.emit("runtime.Goexit()")
        else:
            self.emit(self.random.choice(FAILURES) % self.number())

    def statement(self):
        self.budget -= 1
        kinds = ["say", "defer say", "collect"]
        if self.budget > 0 and self.depth < 9:
            kinds += ["block"] * 5 + ["loop", "if jump", "if jump", "if fail", "if fail", "call", "deferred", "deferred", "literal", "if"]
        kind = self.random.choice(kinds)
        if kind in ("say", "defer say"):
            self.emit(f"{kind}({self.number()})")
        elif kind == "collect":
            self.emit("runtime.GC()" if self.random.random() < 0.1 else f"say({self.number()})")
        elif kind == "block":
            self.open(f"BLOCK({self.lock()}) {{")
            self.body(0)
            self.close()
        elif kind == "loop":
            self.loop()
        elif kind.startswith("if"):
            self.open(f"if chance({self.random.randint(15, 60)}) {{")
            self.jump() if kind == "if jump" else self.fail() if kind == "if fail" else self.body()
            self.close()
        elif kind == "call" and self.functions > 0:
            self.emit(f"f{self.random.randrange(self.functions)}()")
        elif kind == "deferred":
            self.deferred()
        elif kind == "literal":
            self.open("func() {")
            self.function()
            self.close("}()")

    def program(self, block):
        for _ in range(6):
            self.budget = 40
            self.open(f"func f{self.functions}() {{")
            self.emit("var list []int")
            self.emit("var table map[string]int")
            self.emit("var missing *outer")
            self.emit("zero := 0")
            self.emit("_, _, _, _ = list, table, missing, zero")
            self.open("if steps++; steps > 400 {")
            self.emit("return")
            self.close()
            self.body(3, 8)
            self.close()
            self.emit("")
            self.functions += 1
        self.open("func main() {")
        self.open("for i := range 60 {")
        for i in range(self.functions):
            self.emit("steps = 0")
            self.emit(f'run(fmt.Sprint(i, " f{i}"), f{i})')
        self.close()
        self.close()
        text = PRELUDE.replace("SEED", str(self.seed)) + "\n" + "\n".join(self.lines) + "\n"
        return block(text)


def with_sync(text):
    return text.replace("BLOCK(", "sync (")


def with_loops(text):
    """A package-level variable is locked by its address."""
    return text.replace("BLOCK(global)", "BLOCK(&global)").replace("BLOCK(", "for range hold(")


def compare(seed, csp, place):
    """None when both agree, else what differs."""
    (place / "x.go").write_text(Generator(seed).program(with_loops))
    (place / "x.csp").write_text(Generator(seed).program(with_sync))
    built = subprocess.run(["go", "build", "-o", "x", "x.go"], cwd=place, capture_output=True, text=True)
    if built.returncode != 0:
        return f"Go rejects it:\n{built.stderr}"
    return against_go.difference(place, against_go.execute([csp, "run", "x.csp"], place))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    against_go.add_options(arguments, count=50)
    return against_go.run(arguments.parse_args(), lambda seed: Generator(seed).program(with_sync), compare)


if __name__ == "__main__":
    sys.exit(main())
