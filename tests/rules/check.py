#!/usr/bin/env python3
"""The rules of the code base that a machine can check. Usage: check.py ROOT

- The folders include each other as layers.txt says: no edge that is not listed, none listed that is not used, no cycle.
- Slow foreign headers stay behind their fences.
- No thread_local, no std::any, no mutable statics, no sleeping in tests.
- No file longer than 700 lines; no header without #pragma once.
- Every package of the standard library has tests.
- A native of a package whose C++ makes calls of the system says what it needs of the host (//csp:needs).
"""

import pathlib
import re
import sys

FENCES = {
    "antlr4-runtime": "interpreter/parse",
    "boost/multiprecision": "interpreter/constant",
    "boost/context": "runtime/fiber",
    "gtest": "tests",
    "utf8proc": "stdlib/support",
    "openssl": "stdlib/crypto",
    "gmp": "stdlib/math/big",
    "re2/": ("stdlib/regexp", "stdlib/testing/internal/testdeps"),
}
MAX_LINES = 700


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("runtime", "interpreter") else parts[0]


def read_layers(path):
    layers = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, targets = line.partition(":")
            layers[name.strip()] = set(targets.split())
    return layers


def find_cycle(layers):
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        path.append(name)
        for target in sorted(layers.get(name, ())):
            found = visit(target)
            if found:
                return found
        path.pop()
        done.add(name)
        return None

    for name in layers:
        found = visit(name)
        if found:
            return found
    return None


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def check_includes(root, sources, problem):
    layers = read_layers(root / "tests/rules/layers.txt")
    cycle = find_cycle(layers)
    if cycle:
        problem("tests/rules/layers.txt", 0, "cycle: " + " -> ".join(cycle))
    used = {name: set() for name in layers}
    for name, text in sources.items():
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'#include [<"]([^>"]+)[>"]', line)
            if not match:
                continue
            header = match[1]
            for foreign, fence in FENCES.items():
                if header.startswith(foreign) and not name.startswith(fence):
                    problem(name, number, f"{header} may be included in {' and '.join([fence] if isinstance(fence, str) else fence)} only")
            if header.startswith("csp/"):
                target = "include"
            elif "/" in header and line.startswith('#include "'):
                target = folder_of(header)
            else:
                continue
            here = folder_of(name)
            if target == here or here in ("tests", "samples"):
                continue
            used.setdefault(here, set()).add(target)
            if target not in layers.get(here, ()):
                problem(name, number, f"{here} may not include {target} (tests/rules/layers.txt)")
    for name, targets in layers.items():
        for target in sorted(targets - used.get(name, set())):
            problem("tests/rules/layers.txt", 0, f"{name} does not include {target} any more")


PER_THREAD = "runtime/base/shuffle.cpp"  # shuffles threads, whatever runs on them


def check_code(sources, problem):
    refused = [
        (re.compile(r"\bthread_local\b"), "thread_local: a fiber may go on on another thread"),
        (re.compile(r"\bstd::any\b"), "std::any"),
        (re.compile(r"^\s*static (?!const|inline|void|bool|int |auto |std::string |Status |T |Slot )[\w:<>*& ]+ \w+(?: =|;|\{)", re.M),
         "mutable static"),
        (re.compile(r"\bassert\("), "assert: errors are values"),
    ]
    for name, text in sources.items():
        code = without_comments(text)
        for pattern, what in refused:
            if name == PER_THREAD and what.startswith("thread_local"):
                continue
            for match in pattern.finditer(code):
                problem(name, code[: match.start()].count("\n") + 1, what)
        if name.startswith("tests/") and re.search(r"\bsleep_for\b|\busleep\b", code):
            problem(name, 0, "tests wait for events, they do not sleep")
        if name.endswith((".h", ".hpp")) and "#pragma once" not in text:
            problem(name, 1, "no #pragma once")
        lines = text.count("\n")
        if lines > MAX_LINES:
            problem(name, lines, f"more than {MAX_LINES} lines")


CALLS_SYSTEM = re.compile(
    r"#include <(fcntl|unistd|spawn|signal|netdb|ifaddrs|resolv|dirent|poll|dlfcn|fstream|filesystem|sys/\w+)(\.h)?>|\bfopen\b|\bgetenv\b")
NEEDS = {"nothing", "read", "write", "dial", "listen", "environment", "input", "exec", "process", "system"}


def check_needs(root, sources, problem):
    """A line //csp:needs is about all declarations up to the next empty line, or the next such line."""
    calling = {str(pathlib.PurePath(name).parent) for name, text in sources.items()
               if name.startswith("stdlib/") and CALLS_SYSTEM.search(without_comments(text))}
    for path in sorted((root / "stdlib").rglob("*.csp")):
        name, told = str(path.relative_to(root)), False
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if match := re.match(r"\s*//csp:needs\b *(.*)", line):
                told = True
                if match[1] not in NEEDS:
                    problem(name, number, f"nobody can need {match[1]!r}")
            elif not line.strip():
                told = False
            elif re.match(r"func [^{]*$", line.replace("struct{}", "").replace("interface{}", "")) and not told and str(path.parent.relative_to(root)) in calling:
                problem(name, number, "a native of a package that calls the system says what it needs: //csp:needs (or nothing)")


def check_tests(root, problem):
    packages = {source.parent.relative_to(root / "stdlib") for source in (root / "stdlib").rglob("*.csp")}
    for package in sorted(packages):
        if not list((root / "tests/std" / package).glob("*.csp")):
            problem(f"stdlib/{package}", 0, f"no tests in tests/std/{package}")
    for path in list((root / "tests/lang").rglob("*.csp")) + list((root / "tests/std").rglob("*.csp")):
        head = [line for line in path.read_text().splitlines()[:2] if not line.startswith("#!")]
        if not re.match(r"// (run|reject|accept|fatal)\b", head[0]):
            problem(str(path.relative_to(root)), 1, "the first line does not say run, reject, accept or fatal")


def main():
    root = pathlib.Path(sys.argv[1])
    count = failed = 0

    def problem(name, line, what):
        nonlocal failed
        failed += 1
        print(f"{name}:{line}: {what}")

    sources = {}
    for folder in ("include", "runtime", "interpreter", "stdlib", "cli", "bench", "tests", "samples"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".h", ".hpp", ".inc") and path.is_file():
                sources[str(path.relative_to(root))] = path.read_text()
                count += 1
    check_includes(root, sources, problem)
    check_code(sources, problem)
    check_tests(root, problem)
    check_needs(root, sources, problem)
    print(f"{max(count - failed, 0)} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
