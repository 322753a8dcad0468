#!/usr/bin/env python3
"""Runs the programs in schedules/ under many schedules: for each seed all of them, in an order of its own.

CSP_SHUFFLE=SEED makes the runtime of a sanitizer build yield and wait at random between its steps; other builds run the
programs as they are. Each program has a verdict that does not depend on the schedule, in the form that tests/run.py
knows: `// run` (exit status 0 and the output at the end) or `// fatal` (that status and texts on standard error);
`csp-only` keeps it from real Go. One that is still running after --timeout counts as failed.

A failure is told with the command that repeats it. The seed also chooses, where that is `mixed`, the number of workers
(2, 3, 4, 1) and the mode of the native tier. `--oracle go` runs the programs with real Go instead, once for each
seed; with GOFLAGS=-race in the environment, they have no data races but closes that race with sends on purpose
(close_and_senders, select_close), and deadlock is not found out by Go.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shlex
import shutil
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import run as language_tests  # tests/run.py

MODES = ["hot", "always", "off"]
WORKERS = ["2", "3", "4", "1"]
# detect_leaks: memory belongs to the engine and the parser's caches to the process.
SANITIZERS = {"TSAN_OPTIONS": "halt_on_error=1 exitcode=66", "ASAN_OPTIONS": "detect_leaks=0"}
SANITIZERS = {name: f"{os.environ.get(name, '')} {words}".strip() for name, words in SANITIZERS.items()}


def settings(seed, options):
    """The environment variables that make the schedule."""
    mode = options.native if options.native != "mixed" else MODES[seed % len(MODES)]
    workers = options.workers if options.workers != "mixed" else WORKERS[seed // len(MODES) % len(WORKERS)]
    chosen = {"CSP_SHUFFLE": str(seed), "CSP_WORKERS": workers}
    if mode != "hot":
        chosen["CSP_NATIVE"] = mode
    return chosen


def problem_of(test, options, environment):
    """What is wrong with one run, or an empty text."""
    kind = test["kind"]
    status, out, err = language_tests.run([options.csp, "run", str(test["path"])], environment, timeout=options.timeout)
    if status is None:
        return f"still running after {options.timeout} s"
    head = "\n".join((out + err).splitlines()[: options.lines])
    want = int(test["options"].get("status", "2" if kind == "fatal" else "0"))
    if status != want:
        return f"status {status}, not {want}\n{head}"
    if language_tests.compare_output(test, out):
        return f"another output than expected\n{head}"
    for pattern in re.findall(r'^// Stderr: "((?:[^"\\]|\\.)*)"', test["text"], re.M):
        if not re.search(pattern.replace('\\"', '"'), err):
            return f"standard error does not match {pattern!r}\n{head}"
    return ""


def repeat(test, options, environment):
    """The command that runs the program under the same schedule."""
    words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    return " ".join(words + [shlex.quote(options.csp), "run", shlex.quote(os.path.relpath(test["path"]))])


def seeds_of(text):
    first, _, last = text.partition(":")
    return range(int(first), int(last or first) + 1)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--seeds", type=seeds_of, default=range(1, 2), help="FROM:TO, both included; or one")
    arguments.add_argument("--jobs", "-j", type=int, default=os.cpu_count())
    arguments.add_argument("--native", choices=[*MODES, "mixed"], default="mixed")
    arguments.add_argument("--workers", default="mixed", help="a number, or mixed")
    arguments.add_argument("--timeout", type=float, default=60, help="seconds for one run of a program")
    arguments.add_argument("--filter", default="", help="only programs whose names match this regular expression")
    arguments.add_argument("--lines", type=int, default=12, help="of a failed program's output and errors")
    arguments.add_argument("--oracle", choices=["go"])
    options = arguments.parse_args()

    tests = []
    for path in sorted((FOLDER / "schedules").glob("*.csp")):
        if re.search(options.filter, path.stem):
            tests.append({**language_tests.parse(path), "path": path})
    if options.oracle and not shutil.which("go"):
        print("SKIPPED: no Go toolchain here, so nothing was checked against it")
        print("0 passed, 0 failed, 1 skipped")
        return 0

    def one(job):
        seed, test = job
        if options.oracle:
            problem = language_tests.run_oracle(test["path"])
            return problem and f"real Go: {problem}\n"
        environment = settings(seed, options)
        problem = problem_of(test, options, {**SANITIZERS, **environment})
        return problem and f"{problem}\nTo repeat: {repeat(test, options, environment)}\n"

    def jobs():
        for seed in options.seeds:
            order = list(tests)
            random.Random(seed).shuffle(order)
            yield from ((seed, test) for test in order)

    begin = time.monotonic()
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = jobs()
        for chunk in iter(lambda: [job for _, job in zip(range(100 * options.jobs), work)], []):
            for (seed, test), problem in zip(chunk, pool.map(one, chunk)):
                if problem is None:
                    skipped += 1
                elif problem:
                    failed += 1
                    print(f"FAILED {test['path'].stem}, seed {seed}: {problem}", flush=True)
                else:
                    passed += 1
    print(f"{len(tests)} programs, {len(options.seeds)} seeds, {time.monotonic() - begin:.1f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
