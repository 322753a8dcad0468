#!/usr/bin/env python3
"""Runs the `// run` programs of an installed Go toolchain's own test suite under csp, and says which fail and why."""

import argparse
import collections
import concurrent.futures
import pathlib
import resource
import shutil
import subprocess
import sys


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))


def run(path, csp):
    command = [csp, "run", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, cwd=path.parent,
                              preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return path, "time-out", ""
    lines = (done.stderr or done.stdout).strip().split("\n")
    first = lines[0].replace(str(path), path.name)
    if done.returncode < 0 or done.returncode >= 128:
        return path, "crash", f"signal {done.returncode}"
    if done.returncode != 0:
        if "is not in std" in first:
            return path, "package", first.split("package ")[-1].split(" ")[0]
        if "not supported yet" in first or "generic" in first:
            return path, "not yet", first
        return path, "compile" if done.returncode == 1 and ".go:" in first else "fails", first
    wanted = path.with_suffix(".out")
    if wanted.exists() and wanted.read_text(errors="replace") not in (done.stdout, done.stderr, done.stdout + done.stderr):
        return path, "output", ""
    return path, "pass", ""


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", nargs="*", default=["chan", "ken", "interface"])
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--all", action="store_true", help="every single-file program of the suite")
    options = arguments.parse_args()
    if not shutil.which("go"):
        print("SKIPPED: no Go toolchain here\n0 passed, 0 failed, 1 skipped")
        return 0
    root = pathlib.Path(subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True).stdout.strip()) / "test"
    folders = [""] + sorted(p.name for p in root.iterdir() if p.is_dir()) if options.all else options.folders
    csp = str(pathlib.Path(options.csp).resolve())
    total = collections.Counter()
    for folder in folders:
        files = [p for p in sorted((root / folder).glob("*.go"))
                 if p.open(errors="replace").readline().split() == ["//", "run"]]
        if not files:
            continue
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda p: run(p, csp), files))
        counts = collections.Counter(kind for _, kind, _ in results)
        total += counts
        print(f"{folder or '.'}: {counts['pass']} of {len(results)}")
        for path, kind, why in results:
            if kind != "pass":
                print(f"    {path.name}: {kind}: {why[:150]}")
    print(f"{total['pass']} passed, {sum(total.values()) - total['pass']} failed", dict(total))
    return 0


if __name__ == "__main__":
    sys.exit(main())
