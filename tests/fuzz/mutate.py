#!/usr/bin/env python3
"""Gives random mutations of Csp programs to `csp check` and `csp run`: nothing may crash or hang.

A crash is a signal, a sanitizer's report or an exit status that csp does not use. A hang of `csp check` is more than
10 seconds; a run that is still going after its time limit has to end at SIGTERM. Programs that fail are kept in the
folder given by --keep. With --seed the same mutations come again.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile

TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
WORDS = [b"chan", b"select", b"sync", b"go", b"defer", b"func", b"type", b"struct", b"interface", b"map", b"[]", b"...",
         b"<-", b":=", b"{", b"}", b"(", b")", b"0", b"-1", b"1<<63", b"nil", b"_", b"\"\"", b"'\\''", b"`", b"/*", b"case",
         b"range", b"goto", b"return", b"[1<<40]int", b"0x", b"1e999", b"\xff", b"*", b"&", b"fallthrough", b"T[int]"]


def mutate(text, others, rng):
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        tokens = TOKEN.findall(text)
        kind = rng.randrange(9)
        if not tokens:
            return rng.choice(others)
        i = rng.randrange(len(tokens))
        if kind == 0:
            del tokens[i]
        elif kind == 1:
            tokens.insert(i, tokens[rng.randrange(len(tokens))])
        elif kind == 2:
            j = rng.randrange(len(tokens))
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 3:
            tokens[i] = rng.choice(WORDS)
        elif kind == 4:
            tokens.insert(i, rng.choice(WORDS))
        elif kind == 5:
            position = rng.randrange(len(text))
            text = text[:position] + bytes([rng.randrange(256)]) + text[position + 1:]
            continue
        elif kind == 6:
            lines = text.split(b"\n")
            a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[a], lines[b] = lines[b], lines[a]
            text = b"\n".join(lines)
            continue
        elif kind == 7:
            text = text[: rng.randrange(len(text))]
            continue
        else:
            other = TOKEN.findall(rng.choice(others))
            j = rng.randrange(max(1, len(other)))
            tokens[i:i + rng.randrange(20)] = other[j:j + rng.randrange(40)]
        text = b"".join(tokens)
    return text


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))


def attempt(command, seconds, may_run_long, folder):
    """What was wrong, or None."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               preexec_fn=limits, cwd=folder)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        if not may_run_long:
            process.kill()
            process.communicate()
            return "hangs"
        process.terminate()
        try:
            output, _ = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "does not end at SIGTERM"
        return "sanitizer report" if b"ERROR: AddressSanitizer" in output else None
    if b"Sanitizer" in output:
        return "sanitizer report: " + output.decode(errors="replace")[-3000:]
    if re.search(rb"\.(cpp|h|inc|hpp):\d+:\d+: runtime error", output):
        return "undefined behaviour: " + output.decode(errors="replace")[-3000:]
    if process.returncode < 0 or process.returncode >= 126 or b"internal error" in output:
        return f"status {process.returncode}: " + output.decode(errors="replace")[-3000:]
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("seeds", nargs="+", help="programs, or folders of them, to begin with")
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--count", type=int, default=10000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments.add_argument("--keep", default="build/fuzz")
    options = arguments.parse_args()
    csp = str(pathlib.Path(options.csp).resolve())
    files = []
    for name in map(pathlib.Path, options.seeds):
        files += sorted(name.rglob("*.csp")) if name.is_dir() else [name]
    texts = [f.read_bytes() for f in files]
    keep = pathlib.Path(options.keep)
    outcome = collections.Counter()

    def one(index):
        rng = random.Random(options.seed * 1_000_003 + index)
        text = mutate(rng.choice(texts), texts, rng)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "m.csp"
            path.write_bytes(text)
            problem = attempt([csp, "check", path], 10, False, folder)
            if problem is None:
                problem = attempt([csp, "run", path], 2, True, folder)
        if problem is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{options.seed}-{index}.csp").write_bytes(text)
            print(f"{keep / f'{options.seed}-{index}.csp'}: {problem}", flush=True)
        outcome["failed" if problem else "passed"] += 1

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, range(options.count)))
    print(f"{outcome['passed']} passed, {outcome['failed']} failed, 0 skipped")
    return 1 if outcome["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
