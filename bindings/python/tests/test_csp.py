"""The Python module against libcsp.so, which CSP_LIBRARY names."""

import json
import threading
import unittest

import csp


def engine(*packages, **options):
    made = csp.Engine(workers=options.pop("workers", 1), **options)
    for package in packages:
        made.add(package)
    return made


def function(source, name, *packages, **options):
    return engine(*packages, **options).compile(source).instance().function(name)


class Runs(unittest.TestCase):
    def test_output_and_status(self):
        out = []
        program = engine(output=lambda stream, text: out.append((stream, text))).compile('import ("fmt"; "os"); fmt.Println("grüße"); os.Exit(3)')
        self.assertEqual(program.run(), csp.Ended(3, 0))
        self.assertEqual(out, [(1, "grüße\n")])

    def test_panic(self):
        program = engine(output=lambda *_: None).compile('panic("no")')
        with self.assertRaises(csp.ScriptError) as caught:
            program.run()
        self.assertEqual(str(caught.exception), "panic: no")

    def test_limits(self):
        program = engine().compile("for {}")
        with self.assertRaises(csp.LimitError) as caught:
            program.run(csp.Limits(fuel=1000))
        self.assertEqual((caught.exception.limit, str(caught.exception)[:19]), ("fuel", "fuel limit exceeded"))
        with self.assertRaises(csp.LimitError) as caught:
            program.run(csp.Limits(time=0.001))
        self.assertEqual(caught.exception.limit, "time")
        with self.assertRaises(csp.UseError):
            program.run(csp.Limits(time=-1))

    def test_stop_from_another_thread(self):
        stop = csp.Stop()
        host = csp.Package("host")
        started = threading.Event()
        host.function(started.set, name="Started", signature="func()")
        program = engine(host).compile('import "host"; host.Started(); for {}')
        thread = threading.Thread(target=lambda: (started.wait(), stop.request()))
        thread.start()
        with self.assertRaises(csp.LimitError) as caught:
            program.run(csp.Limits(stop=stop))
        thread.join()
        self.assertEqual(caught.exception.limit, "stop")

    def test_compile_errors(self):
        with self.assertRaises(csp.CompileError) as caught:
            engine().compile({"a.csp": "package main\nfunc main() {\n\tx := 1\n}\n", "b.csp": "package main\nvar y int = true\n"})
        error = caught.exception
        self.assertEqual((error.file, error.line, error.column), ("a.csp", 3, 2))
        self.assertEqual(str(error), "a.csp:3:2: declared and not used: x")
        self.assertEqual([d.file for d in error.diagnostics], ["a.csp", "b.csp"])
        self.assertIn("x := 1", error.diagnostics[0].snippet)

    def test_modules_packages_and_args(self):
        out = []
        made = engine(output=lambda _, text: out.append(text), args=["a", "b"], packages=["fmt", "os"],
                      modules=lambda path: {"m.csp": "package m\nconst X = 7\n"} if path == "my/m" else None)
        made.compile('import ("fmt"; "my/m"; "os"); fmt.Println(m.X, os.Args)').run()
        self.assertEqual(out, ["7 [a b]\n"])
        self.assertIn("fmt", made.packages())
        self.assertNotIn("net/http", made.packages())
        with self.assertRaises(csp.UnknownNameError):
            csp.Engine(packages=["fnt"])

    def test_version(self):
        self.assertEqual(len(csp.version()), 3)


class Calls(unittest.TestCase):
    SOURCE = """package main
import "errors"
func Size(s string) int { return len(s) }
func Back(a bool, b int8, c uint64, d float64, e string, f []byte) (bool, int8, uint64, float64, string, []byte) { return a, b, c, d, e, f }
func Check(n int) (int, error) { if n < 0 { return 0, errors.New("negative") }; return n, nil }
func Nothing() {}
func Map(map[int]int) {}
func main() {}
"""

    def test_values(self):
        instance = engine().compile(self.SOURCE).instance()
        self.assertEqual(instance.function("Size", "func(string) int")("abc"), 3)
        values = (True, -128, 2**64 - 1, -0.5, "grüße\0", b"\0\xff")
        self.assertEqual(instance.function("Back")(*values), values)
        self.assertIsNone(instance.function("Nothing")())

    def test_errors_are_raised(self):
        check = function(self.SOURCE, "Check")
        self.assertEqual(check(4), 4)
        with self.assertRaises(csp.ResultError) as caught:
            check(-1)
        self.assertEqual(str(caught.exception), "negative")

    def test_misuse(self):
        instance = engine().compile(self.SOURCE).instance()
        size, back = instance.function("Size"), instance.function("Back")
        for arguments in ((), (1,), (b"a",), ("a", "b")):
            with self.assertRaises(TypeError):
                size(*arguments)
        with self.assertRaises(OverflowError):
            back(True, 128, 0, 0, "", b"")
        with self.assertRaises(TypeError):
            back(1, 1, 0, 0, "", b"")
        with self.assertRaises(csp.UnknownNameError):
            instance.function("None")
        with self.assertRaises(csp.SignatureError) as caught:
            instance.function("Size", "func(int) int")
        self.assertEqual(str(caught.exception), "Size has type func(string) int, not func(int) int")
        with self.assertRaises(csp.SignatureError):
            instance.function("Map")

    def test_functions_outlive_the_rest(self):
        self.assertEqual(function(self.SOURCE, "Size")("ab"), 2)


class HostFunctions(unittest.TestCase):
    def test_annotations_make_signatures(self):
        host = csp.Package("host")

        @host.function
        def Mix(a: int, b: str, c: bytes, d: "uint8") -> tuple[str, float]:
            return f"{a}{b}{c!r}{d}", 0.5

        out = []
        engine(host, output=lambda _, text: out.append(text)).compile(
            'import ("fmt"; "host"); fmt.Println(host.Mix(1, "b", []byte("c"), 255))').run()
        self.assertEqual(out, ["1bb'c'255 0.5\n"])
        with self.assertRaises(TypeError):
            host.function(lambda x: x, name="F")
        with self.assertRaises(csp.SignatureError):
            host.function(lambda x: x, name="F", signature="func(map)")
        with self.assertRaises(csp.UseError):
            host.function(lambda: None, name="f", signature="func()")

    def test_exceptions_become_errors_or_panics(self):
        host = csp.Package("host")

        @host.function(signature="func(string) (int, error)")
        def Parse(text):
            return int(text)

        @host.function
        def Fail():
            raise KeyError("k")

        @host.function(signature="func() int8")
        def Wrong():
            return 300

        out = []
        program = engine(host, output=lambda _, text: out.append(text)).compile("""
            import ("fmt"; "host")
            fmt.Println(host.Parse("42"))
            fmt.Println(host.Parse("x"))
            func f(g func()) { defer func() { fmt.Println(recover()) }(); g() }
            f(host.Fail)
            f(func() { host.Wrong() })
        """)
        program.run()
        self.assertEqual("".join(out), "42 <nil>\n0 invalid literal for int() with base 10: 'x'\nKeyError: 'k'\n"
                                       "OverflowError: 300 is not from -128 to 127\n")

    def test_deep_recursion_has_its_stack(self):
        host = csp.Package("host")

        @host.function(signature="func(string) (int, error)")
        def Parse(text):
            return len(json.loads(text))

        parse = function('package main\nimport ("host"; "strings")\n'
                         'func F(n int) (int, error) { return host.Parse(strings.Repeat("[", n) + strings.Repeat("]", n)) }\nfunc main() {}', "F", host)
        self.assertEqual(parse(500), 1)
        with self.assertRaises(csp.ResultError) as caught:
            parse(100000)
        self.assertIn("recursion", str(caught.exception))

    def test_several_workers_call_at_once(self):
        host = csp.Package("host")
        host.function(lambda x: x + 1, name="Add", signature="func(int) int")
        add = function("""package main
            import ("host"; "sync/atomic")
            func F(n int) int {
                var sum atomic.Int64
                sync { for i := range n { go func() { sum.Add(int64(host.Add(i))) }() } }
                return int(sum.Load())
            }
            func main() {}""", "F", host, workers=4)
        self.assertEqual(add(1000), 500500)

    def test_in_use_is_busy(self):
        host = csp.Package("host")
        seen = []

        def again():
            try:
                call()
            except csp.BusyError as error:
                seen.append(str(error))

        host.function(again, name="Again", signature="func()")
        call = function('package main\nimport "host"\nfunc F() { host.Again() }\nfunc main() {}', "F", host)
        call()
        self.assertEqual(seen, ["the instance is in use"])


if __name__ == "__main__":
    unittest.main()
