#!/usr/bin/env python3
"""Runs the benchmark programs under csp and the peers that are installed, in turn, and prints medians and ratios.

Every program prints a result that must be the same everywhere; times are wall times of whole processes, start
included. Go programs are built first, which is not timed. `csp / go` is csp's time in Go's: below 1 csp is faster.
`startup` measures what starting costs, `front_end` how fast programs are parsed, checked and compiled, `figures` what
is not a run time: wake-up latency, speed-up, fairness; `calls` what calls between a host and scripts cost; `web` how many
requests a second web services answer.
`--count` counts instructions instead and compares them with the record (callgrind.py).
"""

import argparse
import datetime
import json
import os
import pathlib
import sys
import tempfile

import callgrind
import catalog
import calls
import figures
import front_end
import measure
import report
import web

EXTRAS = {"calls": calls.calls, "startup": front_end.startup, "front_end": front_end.front_end, "figures": figures.figures, "web": web.web}


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", help="programs, calls, startup, front_end, figures, web; all when none is named")
    arguments.add_argument("--csp", default="build/csp", type=os.path.abspath)
    arguments.add_argument("--compare", metavar="OTHER_CSP", type=os.path.abspath, help="a second csp, as the peer `other`")
    arguments.add_argument("--tools", default="build/release/bench", type=os.path.abspath,
                           help="the folder with the csp_*bench* programs")
    arguments.add_argument("--against", default=",".join(catalog.PEERS), help="peers, separated by commas; may be empty")
    arguments.add_argument("--group", choices=catalog.GROUPS, help="only the programs of this group")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", help="write the results to this file")
    arguments.add_argument("--count", action="store_true", help="count instructions with callgrind")
    arguments.add_argument("--update", action="store_true", help="with --count: rewrite the record")
    options = arguments.parse_args()
    options.launcher = pathlib.Path(options.tools) / "csp_bench_launch"
    return options


def chosen_peers(options):
    peers = ["other"] if options.compare else []
    for peer in filter(None, options.against.split(",")):
        if peer not in catalog.PEERS:
            raise SystemExit(f"no such peer: {peer}; there are {', '.join(catalog.PEERS)}")
        if catalog.is_installed(peer):
            peers.append(peer)
        else:
            print(f"SKIPPED: {peer} is not installed", file=sys.stderr)
    return peers


def chosen_names(options, programs):
    """What to run; with --group, or with names, only those."""
    names = options.names or ([] if options.group else list(EXTRAS)) + list(programs)
    unknown = [n for n in names if n not in programs and n not in EXTRAS]
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join([*EXTRAS, *programs])}")
    return [n for n in names if n in EXTRAS or options.group in (None, programs[n].group)]


def conditions(options, peers):
    """What a reader of the numbers has to know."""
    return {"date": datetime.date.today().isoformat(), "processors": os.cpu_count(), "rounds": options.rounds,
            "peers": {p: catalog.compiler_version(p) for p in peers if p not in ("other", "interpreted")}}


def run_all(names, programs, peers, options, scratch):
    extras, results = {}, []
    for name in names:
        if name in EXTRAS:
            extras[name] = EXTRAS[name](options, scratch)
        else:
            print(f"  {name} ...", file=sys.stderr, flush=True)
            results.append((programs[name], measure.measure(programs[name], ["csp", *peers], options, scratch)))
    return extras, results


def main():
    options = parse_arguments()
    if options.count:
        return callgrind.check(options.csp, options.update)
    if not options.launcher.exists():
        raise SystemExit(f"{options.launcher} has not been built; ./dev bench builds it")
    programs, peers = catalog.programs(), chosen_peers(options)
    names = chosen_names(options, programs)
    with tempfile.TemporaryDirectory() as folder:
        extras, results = run_all(names, programs, peers, options, pathlib.Path(folder))
    if results:
        print("\n".join(report.table(results, peers)))
    lines, serious = report.problems(results)
    print("".join(line + "\n" for line in lines), end="", file=sys.stderr)
    if options.json:
        data = {**conditions(options, peers), **extras, **report.as_json(results, peers)}
        pathlib.Path(options.json).write_text(json.dumps(data, indent=1) + "\n")
    return 1 if serious else 0


if __name__ == "__main__":
    sys.exit(main())
