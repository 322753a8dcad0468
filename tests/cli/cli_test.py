#!/usr/bin/env python3
"""The csp command as its users meet it: arguments, files, standard input, messages, exit statuses."""

import argparse
import pathlib
import re
import subprocess
import tempfile

HELLO = 'package main\n\nfunc main() { print("hello\\n") }\n'
ARGS = 'import "os"\nfor _, a := range os.Args[1:] {\n\tos.Stdout.WriteString("<" + a + ">")\n}\n'

# name, arguments, standard input, status, pattern of standard output, pattern of standard error
CASES = [
    ("no arguments show the usage", [], "", 2, "", r"usage: csp COMMAND"),
    ("help goes to standard output", ["help"], "", 0, r"usage: csp COMMAND[^$]*run +FILE", "^$"),
    ("--help as well", ["--help"], "", 0, r"usage: csp COMMAND", "^$"),
    ("version", ["version"], "", 0, r"^csp \d+\.\d+\.\d+\n$", "^$"),
    ("an unknown command", ["bogus"], "", 2, "^$", r"csp: unknown command bogus\nRun 'csp help' for usage\."),
    ("run without a file", ["run"], "", 2, "^$", r"usage: csp run FILE\.\.\. \[ARGS\]"),
    ("run a file", ["run", "hello.csp"], "", 0, "^$", r"^hello\n$"),
    ("a file without run", ["hello.csp"], "", 0, "^$", r"^hello\n$"),
    ("standard input", ["run", "-"], HELLO, 0, "^$", r"^hello\n$"),
    ("standard input with an error", ["run", "-"], "x", 1, "^$", r"^\S*std?in\S*:1:1: undefined: x"),
    ("a missing file", ["run", "no.csp"], "", 1, "^$", r"^csp: cannot open no\.csp: No such file or directory\n$"),
    ("a folder without sources", ["run", "nothing"], "", 1, "^$", r"^csp: no \.csp or \.go files in nothing\n$"),
    ("a folder with a package beside it", ["run", "app"], "", 0, r"^init util\ninit app\n\[\] 42 exported\n$", "^$"),
    ("a folder and arguments", ["run", "app", "x.csp", "y"], "", 0, r"\[x\.csp y\] 42", "^$"),
    ("several files and arguments", ["run", "app/main.csp", "app/more.csp", "z"], "", 0, r"\[z\] 42", "^$"),
    ("a module without a name", ["run", "plain/main.csp"], "", 0, r"^plain\n$", "^$"),
    ("a missing package", ["check", "missing"], "", 1, "^$",
     r"^missing/main\.csp:2:8: package example/app/utli is not in std\n    hint: did you mean example/app/util\? There are: .*example/app/util.*fmt"),
    ("names that are not exported, errors in the package", ["check", "badly"], "", 1, "^$",
     r"^badly/main\.csp:3:20: name hidden not exported by package util\n$"),
    ("an import cycle", ["check", "cycle"], "", 1, "^$",
     r"cycle/b/b\.csp:2:10: import cycle not allowed\n\texample/app/cycle/a imports example/app/cycle/b\n"
     r"\texample/app/cycle/b imports example/app/cycle/a\n$"),
    ("a program is not a package", ["check", "program"], "", 1, "^$",
     r"import \"example/app/app\" is a program, not an importable package"),
    ("a syntax error in a package", ["check", "broken"], "", 1, "^$", r"^broken/b/b\.csp:2:\d+: syntax error: [^\n]*\n$"),
    ("arguments", ["run", "args.csp", "a", "-b", "--c", ""], "", 0, r"^<a><-b><--c><>$", "^$"),
    ("arguments without run", ["args.csp", "-x"], "", 0, r"^<-x>$", "^$"),
    ("an empty file", ["run", "empty.csp"], "", 0, "^$", "^$"),
    ("bytes that are no text", ["run", "binary.csp"], "", 1, "^$", r"binary\.csp:1:1: invalid NUL character"),
    ("a package that is not main", ["run", "library.csp"], "", 1, "^$", r"package library is not a main package"),
    ("no function main", ["run", "nomain.csp"], "", 1, "^$", r"function main is undeclared in the main package"),
    ("check says nothing when all is well", ["check", "hello.csp"], "", 0, "^$", "^$"),
    ("check without a file", ["check"], "", 2, "^$", r"^csp check: FILE is required\nRun 'csp check --help' for usage\.\n$"),
    ("check with an unknown option", ["check", "-x", "hello.csp"], "", 2, "^$", r"^csp check: .*-x"),
    ("check --help", ["check", "--help"], "", 0, r"-e,--all-errors", "^$"),
    ("check shows ten errors", ["check", "eleven.csp"], "", 1, "^$", r"^(eleven.*\n    hint: .*\n){10}too many errors\n$"),
    ("check -e shows all", ["check", "-e", "eleven.csp"], "", 1, "^$", r"^(eleven.*\n    hint: .*\n){11}$"),
    ("check does not run", ["check", "exit.csp"], "", 0, "^$", "^$"),
    ("check shows the place, and what to do", ["check", "wrong.csp"], "", 1, "^$",
     r"^wrong\.csp:2:6: declared and not used: x\nwrong\.csp:3:6: undefined: y\n    hint: to declare a variable use :=\n$"),
    ("what to do about mistakes", ["check", "hints.csp"], "", 1, "^$",
     r"hints\.csp:9:2: undefined: fmt\n    hint: import \"fmt\"\n"
     r"hints\.csp:10:2: undefined: strngs\n    hint: did you mean strings\?\n"
     r"hints\.csp:11:5: undefined: os\.Exist\n    hint: did you mean Exit\?\n"
     r"hints\.csp:12:14: t\.Nome undefined \(type T has no field or method Nome\)\n    hint: did you mean Name\?\n"
     r"hints\.csp:13:13: cannot use t \(variable of struct type T\) as \*T value in variable declaration\n    hint: take its address: &t\n"
     r"hints\.csp:14:29: [^\n]*\(method Set has pointer receiver\)\n    hint: take its address: &T\{\}\n"
     r"hints\.csp:15:5: expression in go must be function call\n    hint: add \(\): main\(\)\n"),
    ("errors of two files of one program", ["check", "hello.csp", "second.csp"], "", 1, "^$",
     r"^second\.csp:4:6: main redeclared in this block\n\thello\.csp:3:6: other declaration of main\n"),
    ("exit status of os.Exit", ["run", "exit.csp"], "", 7, "^$", "^$"),
    ("exit status of a panic", ["run", "panic.csp"], "", 2, "^$", r"^panic: boom\n\ngoroutine 1 \[running\]:\nmain\.main\("),
    ("instances of one shape share code", ["disasm", "shapes.csp"], "", 0,
     r"func main\.count\[\.\.\.\] .*\n    shares the code of another instance\n", "^$"),
    ("instances that share code", ["run", "shapes.csp"], "", 0, r"^1 2 3\n\*main\.A \*main\.B int main\.C\n$", "^$"),
    ("doc lists the packages", ["doc"], "", 0, r"example/app/util +tools for everyone\n[^$]*strings +searching, splitting", "^$"),
    ("doc of a package of the module", ["doc", "util"], "", 0,
     r'^package util // import "example/app/util"\n\nPackage util: tools for everyone\. And more\.\n\nconst Name = "exported"\ntype T struct \{ \.\.\. \}\n$', "^$"),
    ("doc of a type", ["doc", "util.t"], "", 0, r"type T struct \{\n\tN int // how many\n\}\n    T has a number\.\n\nfunc \(t T\) Twice\(\) int\n$", "^$"),
    ("doc of a folder, a method", ["doc", "./util", "T.Twice"], "", 0, r"func \(t T\) Twice\(\) int\n    Twice doubles it\.\n$", "^$"),
    ("doc of everything", ["doc", "-all", "errors"], "", 0, r"func Is\(err, target error\) bool\n    Is reports", "^$"),
    ("doc as JSON", ["doc", "-json", "util"], "", 0,
     r'\{"kind":"field","name":"N","declaration":"N int","type":"int","doc":"how many","file":"util/util.csp","line":7\}', "^$"),
    ("doc of a folder with a syntax error", ["doc", "./broken/b"], "", 1, "^$", r"^\./broken/b/b\.csp:2:\d+: syntax error: [^\n]*\n$"),
    ("doc of a package with a syntax error", ["doc", "broken/b"], "", 1, "^$", r"^broken/b/b\.csp:2:\d+: syntax error: [^\n]*\n$"),
    ("doc of an unknown package", ["doc", "stirngs"], "", 1, "^$", r"^csp doc: no package stirngs\n    hint: did you mean strings\?\n$"),
    ("doc of an unknown name", ["doc", "strings.Bilder"], "", 1, "^$",
     r"^csp doc: package strings has no Bilder\n    hint: did you mean Builder\?\n$"),
    ("doc of an unknown method", ["doc", "strings.Builder.Writ"], "", 1, "^$",
     r"^csp doc: strings\.Builder has no field or method Writ\n    hint: did you mean Write\?\n$"),
    ("disassembly", ["disasm", "hello.csp"], "", 0, r"func main\.main ", "^$"),
    ("test of a package from inside and outside", ["test", "tested"], "", 0, r"^ok  \texample/app/tested\t\d+\.\d{3}s\n$", "^$"),
    ("test -v", ["test", "-v", "-run", "TestIn|TestOut|Ex", "tested"], "", 0,
     r"^=== RUN   TestIn\n    in_test\.csp:4: sum 3\n=== RUN   TestIn/sub_test\n--- PASS: TestIn \(\d\.\d\ds\)\n    --- PASS: TestIn/sub_test \(\d\.\d\ds\)\n"
     r"=== RUN   TestOut\n--- PASS: TestOut \(\d\.\d\ds\)\n=== RUN   ExampleAdd\n--- PASS: ExampleAdd \(\d\.\d\ds\)\nPASS\nok  \t", "^$"),
    ("test -run that chooses nothing", ["test", "-run=Nothing", "tested"], "", 0, r"^ok  \texample/app/tested\t\S+ \[no tests to run\]\n$", "^$"),
    ("test -list", ["test", "-list", ".", "tested"], "", 0, r"^TestIn\nTestOut\nBenchmarkAdd\nExampleAdd\nok  \t", "^$"),
    ("test -bench", ["test", "-run", "^$", "-bench", "Add", "-benchtime=5x", "tested"], "", 0,
     r"^goos: linux\ngoarch: amd64\npkg: example/app/tested\n(cpu: .*\n)?BenchmarkAdd\S* +\t +5\t +\S+ ns/op\nPASS\nok  \t", "^$"),
    ("test of a failing package", ["test", "failing"], "", 1,
     r"^--- FAIL: TestBad \(\d\.\d\ds\)\n    f_test\.csp:4: bad 1\n--- FAIL: TestHelped \(\d\.\d\ds\)\n    f_test\.csp:6: helped\n"
     r"--- FAIL: Example \(\d\.\d\ds\)\ngot:\nno\nwant:\nyes\nFAIL\nFAIL\texample/app/failing\t\S+s\nFAIL\n$", "^$"),
    ("test -failfast", ["test", "-failfast", "-v", "failing"], "", 1, r"--- FAIL: TestBad [^$]*FAIL\nexit status 1\nFAIL\t", "^$"),
    ("test that panics", ["test", "-run=TestBoom", "-short", "panicking"], "", 1,
     r"^--- FAIL: TestBoom \(\d\.\d\ds\)\n    p_test\.csp:4: before true\n    --- FAIL: TestBoom/sub \(\d\.\d\ds\)\npanic: boom \[recovered\][^$]*p_test\.csp:5[^$]*\nFAIL\texample/app/panicking\t", "^$"),
    ("test that hangs", ["test", "-run=TestHang", "-timeout=100ms", "panicking"], "", 1,
     r"^panic: test timed out after 100ms\n\trunning tests:\n\t\tTestHang \(0s\)\n[^$]*goroutine \d+ \[chan receive\]:\nexample/app/panicking\.TestHang\(\.\.\.\)\n\tpanicking/p_test\.csp:7", "^$"),
    ("test with TestMain and flags of its own", ["test", "-v", "withmain", "-args", "-own=x"], "", 0, r"^before\n=== RUN   TestX\n[^$]*PASS\nafter 0 x\nok  \t", "^$"),
    ("test of a program", ["test", "testedmain"], "", 0, r"^ok  \texample/app/testedmain\t", "^$"),
    ("test of a script", ["test", "-v", "script_test.csp"], "", 0, r"^=== RUN   TestTwice\n--- PASS: TestTwice [^$]*ok  \tcommand-line-arguments\t", "^$"),
    ("test of folders", ["test", "./..."], "", 1, r"\?   \texample/app/program\t\[no test files\]\nok  \texample/app/tested\t[^$]*\nFAIL\n$", r"# example/app/badtest"),
    ("test of code with errors", ["test", "badtest"], "", 1, r"^FAIL\texample/app/badtest \[build failed\]\nFAIL\n$", r"^# example/app/badtest\nbadtest/b_test\.csp:3:32: undefined: x\n"),
    ("test with a wrong signature", ["test", "wrongtest"], "", 1, r"^FAIL\texample/app/wrongtest \[setup failed\]\nFAIL\n$",
     r"^# example/app/wrongtest\nwrongtest/w_test\.csp:3:1: wrong signature for TestW, must be: func TestW\(t \*testing\.T\)\n$"),
    ("test of nothing", ["test", "nothing"], "", 1, "^$", r"^csp: no \.csp or \.go files in nothing\n$"),
    ("test with an unknown option", ["test", "-bogus", "tested"], "", 2, "^$", r"^csp test: .*--bogus"),
    ("test --help", ["test", "--help"], "", 0, r"--benchtime", "^$"),
]
FILES = {
    "tested/t.csp": "package tested\n\n// Add adds.\nfunc Add(a, b int) int { return a + b }\nfunc hidden() int { return Add(1, 2) }\n",
    "tested/in_test.csp": 'package tested\n\nimport "testing"\nfunc TestIn(t *testing.T) { t.Log("sum", hidden()); t.Run("sub test", func(t *testing.T) {}) }\n'
                          'func BenchmarkAdd(b *testing.B) { for b.Loop() { Add(1, 2) } }\n',
    "tested/out_test.csp": 'package tested_test\n\nimport (\n\t"example/app/tested"\n\t"fmt"\n\t"testing"\n)\n'
                           'func TestOut(t *testing.T) { if tested.Add(1, 2) != 3 { t.Error("no") } }\n'
                           'func ExampleAdd() {\n\tfmt.Println(tested.Add(2, 2), "}") // not this\n\n\t// Output:\n\t// 4 }\n}\nfunc ExampleNone() { fmt.Println("not run") }\n',
    "failing/f_test.csp": 'package failing\n\nimport ("fmt"; "testing")\nfunc TestBad(t *testing.T) { t.Errorf("bad %d", 1) }\nfunc check(t *testing.T) { t.Helper(); t.Fatal("helped") }\n'
                          'func TestHelped(t *testing.T) { check(t); t.Error("not reached") }\nfunc Example() {\n\tfmt.Println("no")\n\t// Output: yes\n}\n',
    "panicking/p_test.csp": 'package panicking\n\nimport "testing"\nfunc TestBoom(t *testing.T) { t.Log("before", testing.Short()); t.Run("sub", func(t *testing.T) {\n\tpanic("boom") })\n}\n'
                            'func TestHang(t *testing.T) { <-make(chan int) }\n',
    "withmain/m_test.csp": 'package withmain\n\nimport ("flag"; "fmt"; "os"; "testing")\nvar own = flag.String("own", "", "")\n'
                           'func TestMain(m *testing.M) { fmt.Println("before"); code := m.Run(); fmt.Println("after", code, *own); os.Exit(code) }\nfunc TestX(t *testing.T) {}\n',
    "testedmain/main.csp": 'package main\n\nfunc f() int { return 7 }\nfunc main() { panic("main runs") }\n',
    "testedmain/main_test.csp": 'package main\n\nimport "testing"\nfunc TestF(t *testing.T) { if f() != 7 { t.Error(f()) } }\n',
    "script_test.csp": 'import "testing"\n\nfunc twice(x int) int { return 2 * x }\nfunc TestTwice(t *testing.T) { if twice(2) != 4 { t.Fail() } }\nprintln("statements do not run")\n',
    "badtest/b_test.csp": 'package badtest\n\nimport "testing"; var y int =  x\nfunc TestB(t *testing.T) {}\n',
    "wrongtest/w_test.csp": 'package wrongtest\n\nfunc TestW(s string) {}\n',
    "hello.csp": HELLO,
    "args.csp": ARGS,
    "nothing/readme": "",
    "csp.mod": "// a module\nmodule example/app // here\n",
    "util/util.csp": '// Package util: tools for everyone. And more.\npackage util\n\nimport "fmt"\n\n// T has a number.\n'
                     'type T struct{ N int // how many\n}\n\n// Twice doubles it.\nfunc (t T) Twice() int { return 2 * t.N }\n'
                     'func hidden() {}\nconst Name = "exported"\nfunc init() { fmt.Println("init util") }\n',
    "util/util_test.csp": "package util; not parsed",
    "app/main.csp": 'package main\n\nimport (\n\t"example/app/util"\n\t"fmt"\n\t"os"\n)\n\nfunc init() { fmt.Println("init app") }\n'
                    'func main() { fmt.Println(os.Args[1:], util.T{21}.Twice(), more()) }\n',
    "app/more.csp": 'package main\n\nimport u "example/app/util"\n\nfunc more() string { return u.Name }\n',
    "plain/csp.mod": "",
    "plain/main.csp": 'package main\n\nimport "lib"\n\nfunc main() { lib.Hello() }\n',
    "plain/lib/lib.csp": 'package lib\n\nimport "fmt"\n\nfunc Hello() { fmt.Println("plain") }\n',
    "missing/main.csp": 'package main\nimport "example/app/utli"\nfunc main() {}\n',
    "badly/main.csp": 'package main\nimport "example/app/util"\nfunc main() { util.hidden() }\n',
    "cycle/main.csp": 'package main\nimport _ "example/app/cycle/a"\nfunc main() {}\n',
    "cycle/a/a.csp": 'package a\nimport _ "example/app/cycle/b"\n',
    "cycle/b/b.csp": 'package b\nimport _ "example/app/cycle/a"\n',
    "program/main.csp": 'package main\nimport "example/app/app"\nfunc main() { app.main() }\n',
    "broken/main.csp": 'package main\nimport "example/app/broken/b"\nfunc main() { b.F() }\n',
    "broken/b/b.csp": 'package b\nfunc F( {}\n',
    "empty.csp": "",
    "binary.csp": "\0\xff",
    "library.csp": "package library\n\nfunc main() {}\n",
    "nomain.csp": "package main\n",
    "wrong.csp": "package main; func main() {\n     x := 1\n     y = 2 }\n",
    "hints.csp": 'package main\n\nimport "os"\n\ntype T struct{ Name string }\n\nfunc (t *T) Set() {}\nfunc main() {\n'
                 '\tfmt.Println()\n\tstrngs.Join(nil, "")\n\tos.Exist(1)\n\tt := T{}; t.Nome = ""\n\tvar p *T = t\n'
                 '\tvar i interface{ Set() } = T{}\n\tgo main\n\t_, _ = p, i\n}\n',
    "shapes.csp": 'package main\n\nimport "fmt"\n\ntype A struct{ a int }\ntype B struct{ b string }\ntype C int\n'
                  'func count[T any](s []T) int { n := 0; f := func() { n++ }; for range s { f() }; return n }\n'
                  'func name[T any](x T) string { return fmt.Sprintf("%T", x) }\n'
                  'func main() {\n\tfmt.Println(count([]*A{nil}), count([]*B{nil, nil}), count([]C{1, 2, 3}))\n'
                  '\tfmt.Println(name(&A{}), name(&B{}), name(1), name(C(1)))\n}\n',
    "second.csp": 'package main\n\nimport "fmt"\nfunc main() { fmt.Println() }\n',
    "eleven.csp": "x = 1\n" * 11,
    "exit.csp": 'package main\n\nimport "os"\n\nfunc main() { os.Exit(7) }\n',
    "panic.csp": 'package main\n\nfunc main() { panic("boom") }\n',
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--csp", type=pathlib.Path, default="build/csp")
    csp = arguments.parse_args().csp.resolve()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("latin-1"))
        for name, args, stdin, status, out, err in CASES:
            done = subprocess.run([csp, *args], input=stdin, capture_output=True, text=True, cwd=folder, timeout=30)
            problems = []
            if done.returncode != status:
                problems.append(f"status {done.returncode}, not {status}")
            if not re.search(out, done.stdout):
                problems.append(f"standard output does not match {out!r}:\n{done.stdout}")
            if not re.search(err, done.stderr):
                problems.append(f"standard error does not match {err!r}:\n{done.stderr}")
            if problems:
                failed += 1
                print(f"FAILED {name}: " + "\n".join(problems))
    print(f"{len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
