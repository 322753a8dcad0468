#!/usr/bin/env python3
"""Runs the benchmark programs under csp and the peers that are installed, in turn, and prints medians and ratios.

Every program prints a result that must be the same everywhere; times are wall times of whole processes, start
included. Go programs are built first, which is not timed. `--bytes` adds the peak memory; for parked_million that is
bytes a goroutine as well. `startup` measures what starting costs, `front_end` how fast programs are parsed, checked and compiled.
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 20  # seconds; a peer that takes longer is left out
PEERS = ["go", "luajit-joff", "lua5.4", "yaegi"]


def timed(command):
    """Seconds, peak bytes and output of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    patience = threading.Timer(LIMIT, process.kill)
    patience.start()
    output = process.stdout.read()
    patience.cancel()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: status {process.returncode}\n{output.decode(errors='replace')}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024, output


def command_for(peer, program, csp, scratch):
    lua = program.with_suffix(".lua")
    if peer == "csp":
        return [csp, "run", program]
    if peer == "go":
        source, binary = scratch / (program.stem + ".go"), scratch / program.stem
        shutil.copy(program, source)
        subprocess.run(["go", "build", "-o", binary, source], check=True, capture_output=True)
        return [binary]
    if peer == "yaegi":
        source = scratch / (program.stem + ".go")
        shutil.copy(program, source)
        return ["yaegi", "run", source]
    if not lua.exists():
        return None
    return ["luajit", "-joff", lua] if peer == "luajit-joff" else [peer, lua]


def measure(program, peers, options, scratch):
    commands = {}
    for peer in ["csp", *peers]:
        try:
            command = command_for(peer, program, options.csp, scratch)
        except subprocess.CalledProcessError:
            command = None
        if command is not None:
            commands[peer] = command
    seconds, peak, wanted = {p: [] for p in commands}, {}, None
    for _ in range(options.rounds):
        for peer, command in list(commands.items()):
            try:
                took, bytes_, output = timed(command)
            except RuntimeError as problem:
                if peer == "csp":
                    raise
                print(f"    {peer} does not run {program.stem}: {str(problem).splitlines()[0]}", file=sys.stderr)
                del commands[peer], seconds[peer]
                continue
            if wanted is None:
                wanted = output
            if output != wanted:
                raise RuntimeError(f"{program.stem}: {peer} prints {output!r}, csp prints {wanted!r}")
            seconds[peer].append(took)
            peak[peer] = max(peak.get(peer, 0), bytes_)
    return {p: statistics.median(s) for p, s in seconds.items()}, peak


def table(results, peers, show_bytes):
    print(f"{'program':<18}{'csp s':>9}" + "".join(f"{'csp / ' + p:>19}" for p in peers))
    ratios = {p: [] for p in peers}
    for name, (seconds, peak) in results.items():
        line = f"{name:<18}{seconds['csp']:>9.3f}"
        for peer in peers:
            if peer in seconds:
                ratio = seconds["csp"] / seconds[peer]
                ratios[peer].append(ratio)
                line += f"{ratio:>19.2f}"
            else:
                line += f"{'-':>19}"
        if show_bytes:
            line += f"   peak {peak['csp'] / 2**20:.0f} MiB"
        if name == "parked_million":
            line += f"   {peak['csp'] / 1e6:.0f} bytes a goroutine"
        print(line)
    means = [f"{math.exp(statistics.fmean(map(math.log, r))):>19.2f}" if r else f"{'-':>19}" for r in ratios.values()]
    print(f"{'geometric mean':<27}" + "".join(means))


def many_functions(lines):
    """A program of about so many lines, of ordinary code."""
    part = (HERE / "programs" / "sort_ints.csp").read_text().split("func main()")[0].split("package main")[1]
    text = "package main\n"
    count = 0
    while text.count("\n") < lines - 10:
        count += 1
        text += part.replace("quicksort", f"quicksort{count}")
    return text + "\nfunc main() {\n" + "".join(f"\tquicksort{i + 1}(nil)\n" for i in range(min(count, 5))) + "}\n"


def startup(options, scratch):
    program = scratch / "check_600.csp"
    program.write_text(many_functions(600))
    cases = {
        "csp run hello": [options.csp, "run", HERE / "programs" / "hello.csp"],
        f"csp check, {program.read_text().count(chr(10))} lines": [options.csp, "check", program],
    }
    for name, command in cases.items():
        runs = sorted(timed(command)[0] for _ in range(20))
        print(f"{name:<24}{statistics.median(runs) * 1000:>7.1f} ms, median of 20")


def front_end(options, scratch):
    """Speed of the parser, and of checker and compiler, on a large generated program."""
    program = scratch / "large.csp"
    generator = pathlib.Path(__file__).resolve().parent.parent / "tests/fuzz/generate.py"
    program.write_text(subprocess.run([sys.executable, generator, "--large", "20000", "--seed", "7"], check=True,
                                      capture_output=True, text=True).stdout)
    for tool in ("csp_parse_bench", "csp_check_bench"):
        path = pathlib.Path(options.tools or "") / tool
        if not options.tools or not path.exists():
            print(f"front_end: SKIPPED, {tool} has not been built")
            continue
        subprocess.run([path, program], check=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", help="programs, startup, front_end; all when none is named")
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--tools", help="the folder with csp_parse_bench and csp_check_bench")
    arguments.add_argument("--against", default=",".join(PEERS), help="peers, separated by commas")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--bytes", action="store_true", help="show peak memory")
    arguments.add_argument("--json", help="write the results to this file")
    options = arguments.parse_args()

    peers = []
    for peer in filter(None, options.against.split(",")):
        if shutil.which(peer.removesuffix("-joff")):
            peers.append(peer)
        else:
            print(f"SKIPPED: {peer} is not installed", file=sys.stderr)
    programs = {p.stem: p for p in sorted((HERE / "programs").glob("*.csp")) if p.stem != "hello"}
    names = options.names or ["startup", "front_end", *programs]
    unknown = [n for n in names if n not in programs and n not in ("startup", "front_end")]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are startup, front_end, {', '.join(programs)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        if "startup" in names:
            startup(options, scratch)
        if "front_end" in names:
            front_end(options, scratch)
        results = {}
        for name in names:
            if name in programs:
                results[name] = measure(programs[name], peers, options, scratch)
        if results:
            table(results, peers, options.bytes)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({n: {"seconds": s, "peak": p} for n, (s, p) in results.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
