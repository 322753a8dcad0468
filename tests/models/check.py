#!/usr/bin/env python3
"""Runs the models in this folder through Spin: none may have an error, all their known-wrong variants must have one.

A model's head says at which sizes: `check: FLAGS` here, `large: FLAGS` with --large, `wrong: WRONG_X FLAGS` for a
variant that needs other flags than the first check. Every statement of a model must be reached in one of its checks.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
INCOMPLETE = ("max search depth too small", "out of memory", "reached -DMEMLIM", "Search not completed", "VECTORSZ")


class Model:
    def __init__(self, path):
        self.path = path
        text = path.read_text()
        head = text[: text.index("*/")]
        self.checks = [line.split() for line in re.findall(r"^ \* check:(.*)$", head, re.M)]
        self.large = [line.split() for line in re.findall(r"^ \* large:(.*)$", head, re.M)]
        with_flags = {words[0]: words[1:] for words in map(str.split, re.findall(r"^ \* wrong:(.*)$", head, re.M))}
        directives = "\n".join(re.findall(r"^#\s*(?:if|elif).*$", text, re.M))
        self.wrong = {name: with_flags.pop(name, self.checks[0])
                      for name in sorted(set(re.findall(r"\bWRONG_\w+", directives)))}
        if with_flags:
            sys.exit(f"{path.name}: no such variant: {', '.join(with_flags)}")


class Run:
    """One search. `finding`: what is wrong with it, if anything; `error`: Spin's, if it found one."""

    def __init__(self, model, flags, limits, optimize, breadth_first=False):
        begin = time.monotonic()
        self.error = self.finding = None
        self.states, self.reached, self.statements, self.trail = 0, set(), {}, ""
        liveness = "-DLIVENESS" in flags
        with tempfile.TemporaryDirectory() as folder:
            def call(command, seconds=60):
                done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=seconds)
                return done.stdout + done.stderr

            said = call(["spin", "-a", *flags, str(model.path)])
            kind = ["-DNFAIR=4"] if liveness else ["-DSAFETY", "-DBFS"] if breadth_first else ["-DSAFETY"]
            said += call(["gcc", optimize, "-w", "-DCOLLAPSE", f"-DMEMLIM={limits.megabytes}", *kind, "-o", "pan",
                          "pan.c"])
            if not (pathlib.Path(folder) / "pan").exists():
                self.finding = "is not accepted: " + said
                return
            try:
                said = call(["./pan", "-w22", "-m200000", *(["-a", "-f"] if liveness else [])], limits.seconds)
            except subprocess.TimeoutExpired:
                self.finding = f"takes more than {limits.seconds} s"
                return
            errors = re.search(r"errors: (\d+)", said)
            states = re.search(r"^\s*(\S+) states, stored", said, re.M)
            if not errors or not states:
                self.finding = "has no result: " + said[-2000:]
                return
            self.states = int(float(states[1]))
            if errors[1] != "0":
                self.error = re.search(r"^pan:\d+: (.*)$", said, re.M)[1]
                self.trail = call(["spin", *flags, "-p", "-g", "-k", f"{model.path.name}.trail", "-t", str(model.path)])
            else:
                self.finding = next((f"is not complete: {sign}" for sign in INCOMPLETE if sign in said), None)
                self._note_reached(call(["./pan", "-d"]), said)
        self.seconds = time.monotonic() - begin

    def _note_reached(self, tables, said):
        """The lines with statements, and those of them that were reached in some place (an inline has several)."""
        unreached, name = set(), ""
        for line in said.splitlines():
            if line.startswith("unreached in "):
                name = line.split()[-1]
            elif found := re.match(r"\t\S+:\d+, state (\d+), ", line):
                unreached.add((name, found[1]))
        for line in tables.splitlines():
            if found := re.match(r"(?:proctype|init|claim|never)\s*(\S*)", line):
                name = found[1] or "init"
            elif found := re.match(r"\s*state\s+(\d+) -\(tr.*\[.*\] \S*?:(\d+) => (.*)$", line):
                if found[3] not in ("-end-", ".(goto)"):
                    self.statements[int(found[2])] = found[3]
                    if (name, found[1]) not in unreached:
                        self.reached.add(int(found[2]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("only", nargs="*", help="names of models or of WRONG_ variants; without: all")
    arguments.add_argument("--large", action="store_true", help="the larger sizes instead: minutes, and up to 4 GB")
    arguments.add_argument("--trail", action="store_true", help="print the shortest way into each error")
    options = arguments.parse_args()
    limits = argparse.Namespace(megabytes=4000 if options.large else 1400, seconds=1800 if options.large else 120)
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed (Debian package {tool}), so NO MODEL WAS CHECKED")
            print("0 passed, 0 failed, 1 skipped")
            return 0

    totals = [0, 0]

    def report(name, problem, detail):
        totals[problem is not None] += 1
        print(f"{'ok    ' if problem is None else 'FAILED'}  {name:64} {detail}", flush=True)
        if problem is not None:
            print(f"        {problem}")

    def figures(run):
        return f"{run.states:10,} states {run.seconds:6.1f} s" if run.states else ""

    models = [Model(path) for path in sorted(HERE.glob("*.pml"))]
    known = {model.path.stem for model in models}.union(*(model.wrong for model in models))
    unknown = set(options.only) - known
    if unknown:
        sys.exit(f"no such model or variant: {', '.join(sorted(unknown))}")
    for model in models:
        path = model.path
        named = not options.only or path.stem in options.only
        statements, reached = {}, set()
        for flags in (model.large if options.large else model.checks) if named else []:
            run = Run(model, flags, limits, "-O1")
            problem = run.finding or (run.error and f"{run.error}\n{run.trail if options.trail else ''}")
            report(f"{path.stem} {' '.join(flags)}", problem, figures(run))
            statements.update(run.statements)
            reached |= run.reached
        if named and not options.large:
            missed = [f"{path.name}:{line}: {statements[line]}" for line in sorted(set(statements) - reached)]
            problem = "\n        ".join(missed) or (None if statements else "none was")
            report(f"{path.stem}: every statement is reached", problem, "")
        for name, flags in model.wrong.items():
            if options.large or not (named or name in options.only):
                continue
            run = Run(model, [f"-D{name}", *flags], limits, "-O0", breadth_first=options.trail)
            problem = run.finding or (None if run.error else "has no error, but it is known to be wrong")
            report(f"{path.stem} {name}", problem, f"{figures(run)}  {(run.error or '')[:60]}")
            if options.trail:
                print(run.trail)
    print(f"{totals[0]} passed, {totals[1]} failed, 0 skipped")
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
