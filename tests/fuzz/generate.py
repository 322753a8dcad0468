#!/usr/bin/env python3
"""Writes well-typed programs at random and compares what csp and real Go do with them: output and exit status.

A program is made from its seed alone, so `generate.py --seed N --count 1` shows a difference again; `--print` shows the
program. Every program ends: loops count, calls go to functions declared earlier. Constants never meet each other in an
expression, since the compilers would have to reject overflow.
"""

import argparse
import random
import subprocess
import sys

import against_go

INTS = {"int": (-2**63, 2**63 - 1), "int8": (-128, 127), "int16": (-2**15, 2**15 - 1), "int32": (-2**31, 2**31 - 1),
        "int64": (-2**63, 2**63 - 1), "uint": (0, 2**64 - 1), "uint8": (0, 255), "uint16": (0, 2**16 - 1),
        "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1)}
SCALARS = list(INTS) + ["float64", "float32", "string", "bool", "complex128"]
PRELUDE = '''package main

import "fmt"

type Shape interface {
	Area() int
	Name() string
}

type Square struct {
	side int
	tag  string
}

type Circle struct {
	Square
	r float64
}

type Celsius float64

func (s Square) Area() int   { return s.side * s.side }
func (s Square) Name() string { return "square" + s.tag }
func (s *Square) Grow(by int) { s.side += by }
func (c *Circle) Area() int   { return int(c.r) * 3 }
func (c Celsius) Area() int   { return int(c) }
func (c Celsius) Name() string { return fmt.Sprint("c", float64(c)) }

type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

type Pair[A, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) Swap() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Pop() (T, bool) {
	var zero T
	if len(s.items) == 0 {
		return zero, false
	}
	x := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

func Sum[T Number](xs ...T) T {
	var total T
	for _, x := range xs {
		total += x
	}
	return total
}

func Map[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Count[K comparable](xs []K) map[K]int {
	m := map[K]int{}
	for _, x := range xs {
		m[x]++
	}
	return m
}

func UpTo[T Number](n T) func(func(T) bool) {
	return func(yield func(T) bool) {
		var i T
		for ; i < n && i < 20; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func id[T any](x T) T { return x }

func at[T any](s []T, i int) T {
	var zero T
	if i < 0 || i >= len(s) {
		return zero
	}
	return s[i]
}

func as[T any](x any) T {
	t, _ := x.(T)
	return t
}

func guard(name string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Println(name, "panics:", p)
		}
	}()
	f()
}

'''


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.depth = 0
        self.scopes = []          # lists of (name, type)
        self.functions = []       # (name, [param types], result type)
        self.names = 0
        self.loops = []           # labels
        self.budget = 0

    # ---- helpers ----
    def pick(self, options):
        return self.random.choice(options)

    def chance(self, p):
        return self.random.random() < p

    def fresh(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def emit(self, text):
        self.lines.append("\t" * self.depth + text)

    def variables(self, of):
        return [name for scope in self.scopes for name, kind in scope if kind == of]

    def type(self, deep=2):
        if deep == 0 or self.chance(0.55):
            return self.pick(SCALARS)
        return self.pick([lambda: "[]" + self.type(deep - 1), lambda: f"[{self.random.randint(1, 4)}]" + self.type(deep - 1),
                          lambda: f"map[{self.pick(['int', 'string', 'bool', 'int8'])}]" + self.type(deep - 1),
                          lambda: "Square", lambda: "Celsius", lambda: "Shape",
                          lambda: "*Square", lambda: f"func({self.pick(SCALARS)}) {self.pick(SCALARS)}",
                          lambda: f"Pair[{self.type(deep - 1)}, {self.pick(SCALARS)}]", lambda: "any"])()

    # ---- expressions ----
    def literal(self, kind):
        r = self.random
        if kind in INTS:
            low, high = INTS[kind]
            value = self.pick([r.randint(0, 9), r.randint(0, 100), low, high, r.randint(low, high)])
            value = max(low, min(high, value))
            return f"{kind}({value})"
        if kind in ("float64", "float32"):
            return f"{kind}({self.pick([0, 1, -1, 0.5, 3.25, 1e10, -2.75, 100])})"
        if kind == "string":
            return self.pick(['"a"', '"bc"', '""', '"héllo"', '"x\\x00y"', '"\\xff"', '"日本"', '`raw\\n`'])
        if kind == "bool":
            return self.pick(["true", "false"])
        if kind == "complex128":
            return self.pick(["complex128(1)", "complex128(2i)", "complex128(1.5-3i)"])
        return self.composite(kind)

    def composite(self, kind, deep=2):
        sub = lambda t: self.expression(t, deep - 1)
        if kind.startswith("[]"):
            return kind + "{" + ", ".join(sub(kind[2:]) for _ in range(self.random.randint(0, 4))) + "}"
        if kind.startswith("["):
            n, elem = kind[1:].split("]", 1)
            return kind + "{" + ", ".join(sub(elem) for _ in range(self.random.randint(0, int(n)))) + "}"
        if kind.startswith("map["):
            key, elem = kind[4:].split("]", 1)
            return kind + "{" + ", ".join(f"{k}: {sub(elem)}" for k in self.keys(key)) + "}"
        if kind == "Square":
            return f"Square{{{sub('int')}, {sub('string')}}}"
        if kind == "Celsius":
            return f"Celsius({sub('float64')})"
        if kind == "*Square":
            return f"&Square{{side: {sub('int')}}}"
        if kind == "Shape":
            return f"Shape({self.pick([self.composite('Square', 1), self.composite('Celsius', 1), '&Circle{Square{1, `t`}, 2.5}'])})"
        if kind == "any":
            inner = self.pick(SCALARS + ["Square", "[]int"])
            return f"any({self.expression(inner, deep - 1)})"
        if kind.startswith("func("):
            param, result = kind[5:].split(") ", 1)
            name = self.fresh("p")
            self.scopes.append([(name, param)])
            body = self.expression(result, 1)
            self.scopes.pop()
            return f"func({name} {param}) {result} {{ _ = {name}; return {body} }}"
        if kind.startswith("Pair["):
            first, second = self.pair(kind)
            return f"{kind}{{{sub(first)}, {sub(second)}}}"
        raise AssertionError(kind)

    @staticmethod
    def pair(kind):
        inner, level = kind[5:-1], 0
        for i, c in enumerate(inner):
            level += (c in "[({") - (c in "])}")
            if c == "," and level == 0:
                return inner[:i], inner[i + 2:]
        raise AssertionError(kind)

    def keys(self, kind):
        all_keys = {"int": ["1", "2", "-3", "40"], "int8": ["0", "5", "-7"], "string": ['"k"', '"l"', '""'], "bool": ["true", "false"]}
        return self.random.sample(all_keys[kind], self.random.randint(0, 2))

    def value(self, kind):
        """Something that is no constant."""
        names = self.variables(kind)
        if names and self.chance(0.9):
            return self.pick(names)
        if kind in SCALARS:
            return f"id({self.literal(kind)})"
        return self.literal(kind) if kind != "any" else self.composite("any", 1)

    def expression(self, kind, deep=3):
        if deep <= 0 or self.chance(0.15):
            return self.value(kind) if self.chance(0.7) else self.literal(kind)
        options = [lambda: self.value(kind)]
        call = [f for f in self.functions if f[2] == kind]
        if call:
            options.append(lambda: self.call(self.pick(call), deep))
        sub = lambda t: self.expression(t, deep - 1)
        if kind in INTS:
            options += [lambda: f"({self.value(kind)} {self.pick(['+', '-', '*', '&', '|', '^', '&^'])} {sub(kind)})"] * 3
            options += [lambda: f"({self.value(kind)} {self.pick(['/', '%'])} ({self.value(kind)} | 1))",
                        lambda: f"({self.value(kind)} {self.pick(['<<', '>>'])} ({self.value(self.pick(['uint8', 'uint']))} & {self.pick([7, 31, 127])}))",
                        lambda: f"{self.pick(['-', '^'])}{self.value(kind)}",
                        lambda: f"{kind}({self.value(self.pick(list(INTS)))})",
                        lambda: f"{self.pick(['min', 'max'])}({self.value(kind)}, {sub(kind)})",
                        lambda: f"Sum({self.value(kind)}, {sub(kind)})"]
        if kind == "int":
            options += [lambda: f"len({self.value(self.pick(['string', '[]int', 'map[int]string']))})",
                        lambda: f"{self.value('Shape')}.Area()", lambda: f"{self.value('Square')}.side",
                        lambda: f"Count({self.value('[]int')})[{sub('int')}]"]
        if kind in ("float64", "float32"):
            options += [lambda: f"({self.value(kind)} {self.pick(['+', '-', '*', '/'])} {sub(kind)})",
                        lambda: f"{kind}({self.value(self.pick(['int8', 'int32', 'uint16', 'float32', 'float64']))})"]
        if kind == "complex128":
            options += [lambda: f"({self.value(kind)} {self.pick(['+', '-', '*'])} {sub(kind)})",
                        lambda: f"complex({sub('float64')}, {self.value('float64')})"]
        if kind == "float64":
            options += [lambda: f"{self.pick(['real', 'imag'])}({self.value('complex128')})"]
        if kind == "string":
            options += [lambda: f"({self.value(kind)} + {sub(kind)})", lambda: f"{self.value('Shape')}.Name()",
                        lambda: f"fmt.Sprint({self.expression(self.pick(SCALARS), deep - 1)})",
                        lambda: f"string(rune({self.value('uint16')}))", lambda: f"string([]byte({self.value('string')}))",
                        lambda: f'fmt.Sprintf("%T", {self.expression(self.type(1), deep - 1)})']
        if kind == "bool":
            other = self.pick(SCALARS[:-2])
            options += [lambda: f"({self.value(other)} {self.pick(['==', '!='])} {sub(other)})",
                        lambda: f"({self.value(kind)} {self.pick(['&&', '||'])} {sub(kind)})", lambda: f"!{self.value(kind)}"]
            if other != "bool":
                options.append(lambda: f"({self.value(other)} {self.pick(['<', '<=', '>', '>='])} {sub(other)})")
            options.append(lambda: f"(any({self.value('Square')}) == any({sub('Square')}))")
        for name, of in [(n, t) for scope in self.scopes for n, t in scope]:
            if of == "[]" + kind:
                options.append(lambda n=name: f"at({n}, {self.value('int')})")
            elif of.startswith("map[") and of.split("]", 1)[1] == kind:
                key = of[4:].split("]", 1)[0]
                options.append(lambda n=name, k=key: f"{n}[{sub(k)}]")
            elif of.startswith("func(") and of.endswith(") " + kind):
                param = of[5:].split(") ", 1)[0]
                options.append(lambda n=name, p=param: f"{n}({sub(p)})")
            elif of.startswith("Pair["):
                first, second = self.pair(of)
                if first == kind:
                    options.append(lambda n=name: f"{n}.First")
                if second == kind:
                    options.append(lambda n=name: f"{n}.Swap().First")
            elif of == "any":
                options.append(lambda n=name: f"as[{kind}]({n})")
        if kind.startswith("[]"):
            options += [lambda: f"append({self.value(kind)}, {sub(kind[2:])})", lambda: self.composite(kind, deep),
                        lambda: f"append({kind}(nil), {self.value(kind)}...)"]
            if kind[2:] in SCALARS:
                source = self.pick(SCALARS)
                options.append(lambda: f"Map({self.value('[]' + source)}, {self.composite(f'func({source}) {kind[2:]}', 1)})")
        elif kind not in SCALARS:
            options.append(lambda: self.composite(kind, deep))
        return self.pick(options)()

    def call(self, function, deep):
        return f"{function[0]}({', '.join(self.expression(t, deep - 1) for t in function[1])})"

    # ---- statements ----
    def block(self, size, extra=()):
        self.depth += 1
        self.scopes.append(list(extra))
        for _ in range(size):
            self.statement()
        self.scopes.pop()
        self.depth -= 1

    def declare(self, kind, value):
        name = self.fresh("v")
        self.emit(self.pick([f"var {name} {kind} = {value}", f"{name} := {kind}({value})" if kind in SCALARS else f"var {name} {kind} = {value}"]))
        self.emit(f"_ = {name}")
        self.scopes[-1].append((name, kind))

    def statement(self):
        self.budget -= 1
        nested = self.budget > 0 and self.depth < 6
        choice = self.random.random()
        if choice < 0.30 or not nested:
            kind = self.type()
            self.declare(kind, self.expression(kind))
        elif choice < 0.45:
            kind = self.pick(SCALARS + ["[]int", "Square"])
            names = self.variables(kind)
            if names:
                self.emit(f"{self.pick(names)} = {self.expression(kind)}")
        elif choice < 0.55:
            kind = self.type(1) if self.chance(0.7) else self.pick(SCALARS)
            if not kind.startswith(("func", "*")):
                self.emit(f"fmt.Println({self.expression(kind)})")
        elif choice < 0.63:
            self.emit(f"if {self.expression('bool')} {{")
            self.block(2)
            if self.chance(0.5):
                self.emit("} else {")
                self.block(2)
            self.emit("}")
        elif choice < 0.70:
            i = self.fresh("i")
            self.loop(f"for {i} := 0; {i} < {self.random.randint(1, 5)}; {i}++ {{", [(i, "int")])
        elif choice < 0.76:
            k, v = self.fresh("k"), self.fresh("e")
            elem = self.pick(SCALARS)
            header, extra = self.pick([(f"for {k}, {v} := range {self.expression('[]' + elem)} {{", [(k, "int"), (v, elem)]),
                                       (f"for {k}, {v} := range {self.value('string')} {{", [(k, "int"), (v, "int32")]),
                                       (f"for {k} := range UpTo({self.value('int8')}) {{", [(k, "int8")]),
                                       (f"for {k} := range {self.random.randint(1, 4)} {{", [(k, "int")])])
            self.loop(header, extra)
        elif choice < 0.82:
            kind = self.pick(["int8", "string", "uint16", "bool"])
            self.emit(f"switch {self.value(kind)} {{")
            for _ in range(2):
                self.emit(f"case {self.value(kind)}, {self.value(kind)}:")
                self.block(1)
                if self.chance(0.2):
                    self.emit("\tfallthrough")
            self.emit("default:")
            self.block(1)
            self.emit("}")
        elif choice < 0.87:
            name = self.fresh("t")
            self.emit(f"switch {name} := {self.expression('any')}.(type) {{")
            for kind in self.random.sample(["int", "string", "Square", "[]int", "float64", "bool"], 3):
                self.emit(f"case {kind}:")
                self.emit(f"\t_ = {name}")
                self.block(1, [(name, kind)])
            self.emit("default:")
            self.emit(f"\tfmt.Println({name})")
            self.emit("}")
        elif choice < 0.91:
            self.emit(f"defer fmt.Println({', '.join(self.expression(self.pick(SCALARS)) for _ in range(2))})")
        elif choice < 0.95:
            self.emit(f"guard(\"{self.fresh('g')}\", func() {{")
            outer, self.loops = self.loops, []
            self.block(2)
            self.depth += 1
            self.emit(self.pick([f"panic({self.expression(self.pick(['string', 'int']))})",
                                 f"_ = {self.value('[]int')}[{self.value('int')}]", f"_ = 1 / {self.value('int')}",
                                 f"_ = {self.value('any')}.(string)", "var m map[string]int; m[\"x\"] = 1",
                                 f"_ = {self.value('string')}[{self.value('int')}:]"]))
            self.depth -= 1
            self.loops = outer
            self.emit("})")
        elif self.loops:
            self.emit(f"if {self.expression('bool', 2)} {{ {self.pick(['break', 'continue'])} {self.pick(self.loops)} }}")

    def loop(self, header, extra):
        label = self.fresh("L")
        self.emit(f"{label}:")
        self.emit(header)
        for name, _ in extra:
            self.emit(f"\t_ = {name}")
        self.loops.append(label)
        self.block(self.random.randint(1, 3), extra)
        self.loops.pop()
        self.emit(f"\tif false {{ continue {label} }}")
        self.emit("}")

    def function(self):
        name = self.fresh("f")
        params = [self.type(1) for _ in range(self.random.randint(0, 3))]
        result = self.pick(SCALARS + ["[]int", "Square"])
        names = [(self.fresh("a"), t) for t in params]
        named = self.chance(0.3)
        header = f"func {name}({', '.join(n + ' ' + t for n, t in names)}) " + (f"(res {result})" if named else result) + " {"
        self.emit(header)
        self.budget = 12
        self.depth += 1
        self.scopes.append(list(names) + ([("res", result)] if named else []))
        for _ in range(self.random.randint(1, 5)):
            self.statement()
        self.emit(f"return {self.expression(result)}")
        self.scopes.pop()
        self.depth -= 1
        self.emit("}")
        self.emit("")
        self.functions.append((name, params, result))

    def large(self, lines):
        """A program of so many lines or a few more, for measuring the compiler; it runs none of its functions."""
        self.lines.append(PRELUDE)
        self.scopes = [[]]
        while sum(text.count("\n") + 1 for text in self.lines) < lines:
            self.function()
        uses = "\n".join(f"\t_ = {name}" for name, _, _ in self.functions)
        return "\n".join(self.lines) + f"\nfunc main() {{\n{uses}\n}}\n"

    def program(self):
        self.lines.append(PRELUDE)
        self.scopes = [[]]
        for _ in range(self.random.randint(2, 6)):
            self.function()
        self.emit("func main() {")
        self.budget = 60
        self.depth += 1
        self.scopes.append([])
        for kind in ("int", "string", "[]int", "Square", "uint8", "any"):
            self.declare(kind, self.literal(kind))
        for _ in range(self.random.randint(8, 20)):
            self.statement()
        for function in self.functions:
            if self.chance(0.7):
                self.emit(f"fmt.Println({self.call(function, 2)})")
        self.depth -= 1
        self.emit("}")
        return "\n".join(self.lines) + "\n"


def compare(seed, csp, place):
    """None when both agree, else what differs."""
    source = place / "x.go"
    source.write_text(Generator(seed).program())
    built = subprocess.run(["go", "build", "-o", "x", "x.go"], cwd=place, capture_output=True, text=True)
    ours = against_go.execute([csp, "run", "x.go"], place)
    if built.returncode != 0:
        if ours is not None and ours.returncode == 1 and b"x.go:" in ours.stderr:
            return f"not well-typed, which is the generator's fault:\n{built.stderr}"
        return f"Go rejects it:\n{built.stderr}\ncsp: status {ours and ours.returncode}\n"
    return against_go.difference(place, ours)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    against_go.add_options(arguments, count=200)
    arguments.add_argument("--large", type=int, metavar="LINES", help="print one program of so many lines, run nothing")
    options = arguments.parse_args()
    if options.large:
        print(Generator(options.seed).large(options.large))
        return 0
    return against_go.run(options, lambda seed: Generator(seed).program(), compare)


if __name__ == "__main__":
    sys.exit(main())
