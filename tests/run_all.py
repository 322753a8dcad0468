#!/usr/bin/env python3
"""Everything `./dev test` runs after the build: unit tests, language tests, samples, sanitizer builds, rules."""

import argparse
import os
import pathlib
import re
import subprocess
import sys


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=pathlib.Path, required=True)
    root = arguments.parse_args().root
    totals = [0, 0, 0]

    def count(name, command, env=None):
        """Runs a step; its closing line is either ours or GoogleTest's."""
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=root,
                              env=dict(os.environ, **(env or {})))
        text = done.stdout + done.stderr
        ours = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", text, re.M)
        if ours:
            numbers = [int(n or 0) for n in ours[-1]]
        else:
            passed = re.findall(r"\[  PASSED  \] (\d+) test", text)
            failed = re.findall(r"\[  FAILED  \] (\d+) test", text)
            skipped = re.findall(r"\[  SKIPPED \] (\d+) test", text)
            numbers = [int(x[-1]) if x else 0 for x in (passed, failed, skipped)]
        if done.returncode != 0:
            numbers[1] = max(numbers[1], 1)
            print(f"--- {name}\n{text[-6000:]}")
        for i in range(3):
            totals[i] += numbers[i]
        for line in re.findall(r"^(?:SKIPPED|SIZE).*", text, re.M):
            print(f"{name}: {line}")
        print(f"{name}: {numbers[0]} passed, {numbers[1]} failed, {numbers[2]} skipped.", flush=True)

    release = root / "build/release"
    csp = str(root / "build/csp")
    for binary in sorted((release / "tests").glob("csp_*_tests")):
        count(binary.name, [str(binary)])
    python = sys.executable
    scripts = ("tests/lang", "tests/std", "samples/scripts")
    for folder in scripts:
        count(folder, [python, "tests/run.py", "--csp", csp, folder])
    for folder in scripts:
        count(f"{folder}, collecting at every allocation", [python, "tests/run.py", "--csp", csp, folder], {"CSP_GCSTRESS": "1"})
    for folder in scripts:
        count(f"{folder}, as machine code", [python, "tests/run.py", "--csp", csp, folder], {"CSP_NATIVE": "always"})
    count("schedules", [python, "tests/stress/schedules.py", "--csp", csp, "--seeds", "1:5"])
    count("an attack on a web service", [python, "tests/stress/web.py", "--csp", csp, "--requests", "5000", "mutate"])
    count("idle connections to a web service", [python, "tests/stress/web.py", "--csp", csp, "--requests", "1000", "idle"])
    count("a key-value server, killed", [python, "tests/stress/kv.py", "--csp", csp, "--kills", "5"])
    count("models", [python, "tests/models/check.py"])
    count("an installed Csp", [python, "tests/install/install_test.py"])
    count("tests/cli", [python, "tests/cli/cli_test.py", "--csp", csp])
    count("names of the standard library against Go's", [python, "tests/std/api.py", "--csp", csp])
    count("the reference of the public headers", [str(root / "dev"), "reference"])
    count("rules", [python, "tests/rules/check.py", str(root)])
    count("the language tests against real Go", [python, "tests/run.py", "--oracle", "go", *scripts])
    count("generated programs against real Go", [python, "tests/fuzz/generate.py", "--csp", csp, "--count", "10"])
    count("generated sync blocks against loops in real Go", [python, "tests/fuzz/sync_blocks.py", "--csp", csp, "--count", "10"])
    # detect_leaks: memory belongs to the engine and the parser's caches to the process.
    for kind, env in (("address", {"ASAN_OPTIONS": "detect_leaks=0"}), ("thread", {})):
        folder = root / "build" / kind
        configured = subprocess.run(["cmake", "-G", "Ninja", "-S", str(root), "-B", str(folder), f"-DCSP_SANITIZE={kind}"],
                                    capture_output=True, text=True)
        built = subprocess.run(["ninja", "-C", str(folder), "csp_runtime_tests", "csp_embed_tests", "csp",
                                *(("csp_failure_tests", "csp_fuzz_targets") if kind == "address" else ())], capture_output=True, text=True)
        if configured.returncode != 0 or built.returncode != 0:
            print(configured.stderr[-2000:], built.stdout[-4000:])
            totals[1] += 1
            continue
        count(f"runtime tests under {kind} sanitizer", [str(folder / "tests/csp_runtime_tests")], env)
        count(f"host programs under {kind} sanitizer", [str(folder / "tests/csp_embed_tests")], env)
        count(f"soak under {kind} sanitizer", [python, "tests/stress/soak.py", "--csp", str(folder / "csp"), "--seconds", "10"], env)
        sanitized = str(folder / "csp")
        those = scripts if kind == "address" else ("tests/lang/concurrency", "tests/lang/csp", "samples/scripts")
        count(f"scripts under {kind} sanitizer", [python, "tests/run.py", "--csp", sanitized, *those], env)
        count(f"schedules under {kind} sanitizer",
              [python, "tests/stress/schedules.py", "--csp", sanitized, "--seeds", "1:2" if kind == "address" else "1:3"], env)
        if kind == "address":
            count("scripts as machine code under address sanitizer",
                  [python, "tests/run.py", "--csp", sanitized, "tests/lang", "samples/scripts"], {**env, "CSP_NATIVE": "always"})
            count("failures under address sanitizer", [str(folder / "tests/csp_failure_tests")], env)
            # Guided by coverage they would need a build by Clang, of seven minutes on one processor: ./dev fuzz.
            count("fuzz targets under address sanitizer",
                  [python, "tests/fuzz/run.py", "--replay", str(folder), "--seconds", "40"], env)
            count("an attack on a web service under address sanitizer",
                  [python, "tests/stress/web.py", "--csp", sanitized, "--requests", "3000", "mutate"], env)
            count("mutations under address sanitizer",
                  [python, "tests/fuzz/mutate.py", "samples/scripts", "--csp", sanitized, "--count", "200"], env)
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
