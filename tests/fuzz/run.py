#!/usr/bin/env python3
"""Runs the fuzz targets: guided by coverage, with Clang and libFuzzer, or only replayed.

A target is a file in targets/, or one in library/, a script that gives the input to a parser of the standard library.
Inputs to begin with are in corpus/TARGET; what was found once stays there. A guided run keeps what it learns in
BUILD/corpus, and the inputs that crash in BUILD/findings. --replay BUILD takes the executables of a build without
libFuzzer: the inputs of the corpora, and for --seconds all in all changed ones, whatever code they reach.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# More inputs to begin with.
MORE = {"source": ["tests/lang", "samples/scripts"]}
# detect_leaks: memory belongs to the engine and the parser's caches to the process.
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0:handle_abort=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
MOST_FINDINGS = 5


def targets():
    """Arguments by name: the executable, and what it is to work on."""
    found = {path.stem: ["csp_fuzz_" + path.stem] for path in (HERE / "targets").glob("*.cpp") if path.stem != "library"}
    found |= {path.stem: ["csp_fuzz_library", f"--script={path}"] for path in (HERE / "library").glob("*.csp")}
    return found


def summary(output):
    """What went wrong, without the many lines of a sanitizer."""
    lines = [line for line in output.splitlines() if re.search(r"finding:|ERROR: |runtime error|SUMMARY|internal error", line)]
    return "\n    ".join(lines[:3]) or output[-500:]


class Guided:
    def __init__(self, build, seconds):
        self.build, self.seconds = build, seconds

    def prepare(self):
        clang = shutil.which("clang++")
        if clang is None:
            return "no clang++"
        steps = (["cmake", "-G", "Ninja", "-S", ROOT, "-B", self.build, f"-DCMAKE_CXX_COMPILER={clang}", "-DCSP_SANITIZE=address",
                  "-DCSP_FUZZ=ON"], ["ninja", "-C", self.build, "csp_fuzz_targets"])
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(done.stdout[-4000:] + done.stderr[-4000:])
        return None

    def run(self, name, executable, *arguments):
        """Text for the line of this target, and what was found."""
        learnt, kept = self.build / "corpus" / name, self.build / "findings" / name
        for folder in (learnt, kept):
            folder.mkdir(parents=True, exist_ok=True)
        folders = [learnt] + [f for f in [HERE / "corpus" / name] + [ROOT / f for f in MORE.get(name, [])] if f.exists()]
        tried, cover, findings, end = 0, ("0", "0"), [], time.monotonic() + self.seconds
        while len(findings) < MOST_FINDINGS and (left := int(end - time.monotonic())) > 0:
            done = subprocess.run([self.build / "tests/fuzz" / executable, *arguments, f"-max_total_time={left}", "-timeout=25",
                                   "-rss_limit_mb=3000", "-max_len=4096", "-print_final_stats=1", f"-artifact_prefix={kept}/",
                                   *folders], capture_output=True, text=True, errors="replace", cwd=self.build,
                                  env={**os.environ, **ENVIRONMENT})
            output = done.stdout + done.stderr
            tried += sum(map(int, re.findall(r"number_of_executed_units: (\d+)", output)))
            cover = (re.findall(r"cov: (\d+) ft: (\d+)", output) or [cover])[-1]
            if done.returncode == 0:
                break
            artifact = re.findall(r"Test unit written to (\S+)", output)
            findings.append(f"{artifact[-1] if artifact else 'no input'}\n    {summary(output)}")
        return f"{tried} executions, coverage {cover[0]}, features {cover[1]}", findings


class Replayed:
    def __init__(self, build, seconds, count):
        self.build, self.seconds = build, max(1, seconds // count) if seconds else 0

    def prepare(self):
        return None

    def run(self, name, executable, *arguments):
        last = self.build / "findings" / name
        last.parent.mkdir(exist_ok=True)
        done = subprocess.run([self.build / "tests/fuzz" / executable, *arguments, f"--seconds={self.seconds}", f"--last={last}",
                               HERE / "corpus" / name], capture_output=True, text=True, errors="replace",
                              env={**os.environ, **ENVIRONMENT})
        output = done.stdout + done.stderr
        if done.returncode != 0:
            return "failed", [f"{last}\n    {summary(output)}"]
        return output.strip(), []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all, if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target; with --replay, for all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/fuzz")
    parser.add_argument("--replay", type=pathlib.Path, metavar="BUILD")
    options = parser.parse_args()
    known = targets()
    names = options.names or sorted(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such target: {' '.join(unknown)}; there are {' '.join(sorted(known))}")
    missing = [name for name in known if not (HERE / "corpus" / name).is_dir()]
    if missing:
        sys.exit(f"without inputs to begin with, in tests/fuzz/corpus: {' '.join(missing)}")
    if options.replay is not None:
        runner = Replayed(options.replay.resolve(), options.seconds * options.jobs, len(names))
    else:
        runner = Guided(options.build.resolve(), options.seconds)
    reason = runner.prepare()
    if reason is not None:
        print(f"SKIPPED fuzz targets: {reason}\n0 passed, 0 failed, {len(names)} skipped")
        return 0

    def one(name):
        text, findings = runner.run(name, *known[name])
        print(f"{name}: {text}, {len(findings)} findings", *findings, sep="\n  ", flush=True)
        return not findings

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        passed = sum(pool.map(one, names))
    print(f"{passed} passed, {len(names) - passed} failed, 0 skipped")
    return 0 if passed == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
