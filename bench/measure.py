"""Runs one program under csp and its peers, in turn, and keeps times, peaks and outputs."""

import dataclasses
import json
import statistics
import subprocess

import catalog

LIMIT = 20  # seconds a run
TOO_SLOW = f"> {LIMIT} s"
REASON = 200  # characters of a failure that are shown


@dataclasses.dataclass
class Outcome:
    """What came of one program under one peer. `state` is ok, none (no such program), failed, differs or `> 20 s`."""

    state: str = "ok"
    times: list = dataclasses.field(default_factory=list)
    peak: int = 0  # bytes
    reason: str = ""

    @property
    def seconds(self):
        return statistics.median(self.times)

    def stop(self, state, reason=""):
        self.state, self.reason = state, " | ".join(reason.split("\n"))[:REASON]


def launch(command, options, scratch):
    """Report and output of one run. Standard error counts as output: println writes there."""
    report = scratch / "report.json"
    done = subprocess.run([options.launcher, report, str(LIMIT), *command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=catalog.ROOT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(done.stdout.decode(errors="replace"))
    return json.loads(report.read_text()), done.stdout


def run_once(command, outcome, options, scratch):
    """One run; returns its output, or None if it did not end as it should."""
    report, output = launch(command, options, scratch)
    if not report["in_time"]:
        outcome.stop(TOO_SLOW)
        return None
    if report["status"] != 0:
        outcome.stop("failed", f"status {report['status']}: {output.decode(errors='replace')}")
        return None
    outcome.times.append(report["seconds"])
    outcome.peak = max(outcome.peak, report["peak"])
    return output


def prepare(program, peers, options, scratch):
    """The commands of the peers that can run the program, and an outcome for every peer."""
    commands, outcomes = {}, {peer: Outcome() for peer in peers}
    for peer in peers:
        try:
            commands[peer] = catalog.command_for(peer, program, options, scratch)
        except subprocess.CalledProcessError as problem:
            outcomes[peer].stop("failed", problem.stderr.decode(errors="replace"))
            continue
        if commands[peer] is None:
            outcomes[peer].stop("none")
    return commands, outcomes


def measure(program, peers, options, scratch):
    """The outcome of each peer. A peer that failed is not run again; csp's first output is the right one."""
    commands, outcomes = prepare(program, peers, options, scratch)
    wanted = None
    for _ in range(options.rounds):
        for peer in peers:
            outcome = outcomes[peer]
            if outcome.state != "ok":
                continue
            output = run_once(commands[peer], outcome, options, scratch)
            if output is None:
                continue
            wanted = output if wanted is None else wanted
            if output != wanted:
                outcome.stop("differs", f"prints {output[:80]!r} instead of {wanted[:80]!r}")
    return outcomes
