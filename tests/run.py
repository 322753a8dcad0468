#!/usr/bin/env python3
"""Runs language tests: scripts that say in comments what they must do.

The first line tells the kind:
  // run [workers=1,2,4] [csp-only] [env=TZ=Asia/Tokyo]
                                      exit status 0, standard output as in the `// Output:` block at the end
                                      (`// Unordered output:` compares sorted lines); with variables (env=A=1,B=2)
  // fatal [status=2]                 ends with that status; each `// Stderr: "regex"` matches standard error
  // reject                           `csp check` reports each line marked `// ERROR "regex"`, and no other
  // accept                           `csp check` reports nothing
A first line `#!...` is passed over. `--oracle go` checks the tests themselves against real Go; `--oracle go --update`
writes what Go printed into the `// Output:` blocks of `run` tests, or adds them.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile


def parse(path):
    text = path.read_text()
    lines = text.split("\n")
    head = lines[1] if lines[0].startswith("#!") else lines[0]
    words = head.removeprefix("//").split()
    options = dict(w.split("=", 1) for w in words[1:] if "=" in w)
    return {
        "kind": words[0] if words else "?",
        "flags": [w for w in words[1:] if "=" not in w],
        "options": options,
        "lines": lines,
        "text": text,
    }


def expected_output(lines):
    for i, line in enumerate(lines):
        if line.strip() in ("// Output:", "// Unordered output:"):
            body = []
            for out in lines[i + 1:]:
                if not out.startswith("//"):
                    break
                body.append(out[3:] if out.startswith("// ") else out[2:])
            return "\n".join(body) + "\n" if body else "", line.strip() == "// Unordered output:"
    return None, False


def environment(test):
    return dict(setting.split("=", 1) for setting in test["options"].get("env", "").split(",") if setting)


def run(command, env=None, cwd=None, timeout=30):
    full = dict(os.environ, **(env or {}))
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout,
                              env=full, cwd=cwd, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return None, "", "timed out"


def compare_output(test, out):
    want, unordered = expected_output(test["lines"])
    if want is None:
        return ""
    if unordered:
        want, out = ("".join(sorted(t.splitlines(True))) for t in (want, out))
    if want == out:
        return ""
    return "".join(difflib.unified_diff(want.splitlines(True), out.splitlines(True), "expected", "got"))


def check_errors(test, stderr, name):
    wanted = {}
    for number, line in enumerate(test["lines"], 1):
        for marker in re.findall(r'// ERROR(?:-CSP)? ((?:"(?:[^"\\]|\\.)*"\s*)+)', line):
            wanted[number] = [p.replace('\\"', '"') for p in re.findall(r'"((?:[^"\\]|\\.)*)"', marker)]
    got = {}
    for line in stderr.splitlines():
        match = re.match(re.escape(name) + r":(\d+):\d+: (.*)", line)
        if match:
            got.setdefault(int(match[1]), []).append(match[2])
        elif got and line.startswith("\t"):
            got[max(got)][-1] += "\n" + line
    problems = []
    for number, patterns in wanted.items():
        for pattern in patterns:
            if not any(re.search(pattern, message) for message in got.get(number, [])):
                problems.append(f"line {number}: no error matches {pattern!r}; got {got.get(number)}")
    for number in got:
        if number not in wanted:
            problems.append(f"line {number}: unexpected error {got[number]}")
    return "\n".join(problems)


def run_test(path, csp):
    test = parse(path)
    kind = test["kind"]
    if kind in ("reject", "accept"):
        status, out, err = run([csp, "check", "-e", str(path)])
        if status is None:
            return "timed out"
        if kind == "accept":
            return "" if status == 0 else f"status {status}\n{err}"
        return (f"status {status}, not 1\n" if status != 1 else "") + check_errors(test, err, str(path))
    for workers in test["options"].get("workers", "0").split(","):
        env = environment(test) | ({} if workers == "0" else {"CSP_WORKERS": workers})
        status, out, err = run([csp, "run", str(path)], env)
        where = f"[workers={workers}] " if workers != "0" else ""
        want = int(test["options"].get("status", "2" if kind == "fatal" else "0"))
        if status != want:
            return f"{where}status {status}, not {want}\n{out[-1000:]}{err[-2000:]}"
        problem = compare_output(test, out)
        if problem:
            return where + problem
        at = 0
        for pattern in re.findall(r'^// Stderr: "((?:[^"\\]|\\.)*)"', test["text"], re.M):
            found = re.search(pattern.replace('\\"', '"'), err[at:])
            if not found:
                return f"{where}standard error does not match {pattern!r}:\n{err}"
            at += found.end()
    return ""


def write_expected(path, test, out):
    lines = test["lines"]
    marks = [i for i, line in enumerate(lines) if line.strip() in ("// Output:", "// Unordered output:")]
    head = lines[:marks[0] + 1] if marks else "\n".join(lines).rstrip("\n").split("\n") + ["", "// Output:"]
    body = [f"// {line}" if line else "//" for line in out.removesuffix("\n").split("\n")]
    path.write_text("\n".join(head + (body if out else [])) + "\n")


def fetch_module(folder, module):
    """Makes the folder a Go module that requires this one."""
    if not (pathlib.Path(folder) / "go.mod").exists() and run(["go", "mod", "init", "x"], cwd=folder)[0] != 0:
        return False
    return run(["go", "get", module], cwd=folder, timeout=120)[0] == 0


def run_oracle(path, update=False):
    test = parse(path)
    if "csp-only" in test["flags"]:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "x.go"
        source.write_text(test["text"])
        for module in sorted(set(re.findall(r'^\s*(?:import )?"(golang\.org/x/\w+)', test["text"], re.M))):
            if not fetch_module(folder, module):
                print(f"SKIPPED {path}: the module {module} cannot be had, so this was not checked against Go")
                return None
        status, out, err = run(["go", "build", "-gcflags=-e", "-o", "x", "x.go"], cwd=folder, timeout=120)
        if test["kind"] == "reject":
            return "Go accepts it" if status == 0 else check_errors(test, err.replace("./x.go", "x.go"), "x.go")
        if status != 0:
            return err
        if test["kind"] == "accept":
            return ""
        status, out, err = run(["./x"], environment(test), folder)
        want = int(test["options"].get("status", "2" if test["kind"] == "fatal" else "0"))
        if status != want:
            return f"Go: status {status}, not {want}\n{err}"
        for pattern in re.findall(r'^// Stderr: "((?:[^"\\]|\\.)*)"', test["text"], re.M):
            if not re.search(pattern.replace('\\"', '"'), err):
                return f"Go's standard error does not match {pattern!r}:\n{err}"
        if update and test["kind"] == "run":
            write_expected(path, test, out)
            return ""
        return compare_output(test, out)


def main():
    # Whoever starts this in the background may have these ignored, and programs would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("paths", nargs="*", type=pathlib.Path, help="files or folders")
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--oracle", choices=["go"])
    arguments.add_argument("--update", action="store_true", help="with --oracle: write what it printed into the tests")
    arguments.add_argument("-j", type=int, default=os.cpu_count())
    options = arguments.parse_args()
    files = []
    for path in options.paths or [pathlib.Path("tests/lang"), pathlib.Path("tests/std")]:
        files += sorted(path.rglob("*.csp")) if path.is_dir() else [path]
    if options.oracle and not shutil.which("go"):
        print("SKIPPED: no Go toolchain here, so nothing was checked against it")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    one = (lambda path: run_oracle(path, options.update)) if options.oracle else lambda path: run_test(path, options.csp)
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for path, problem in zip(files, pool.map(one, files)):
            if problem is None:
                skipped += 1
            elif problem:
                failed += 1
                print(f"FAILED {path}\n{problem}\n")
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
