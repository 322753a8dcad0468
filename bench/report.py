"""Tables and JSON from outcomes: ratios of csp to each peer, memory beside Go, geometric means."""

import math
import statistics

import catalog

MIB = 2**20


def ratio_of(outcomes, peer):
    """Time of csp in times of the peer; None unless both ran."""
    if outcomes["csp"].state != "ok" or outcomes[peer].state != "ok":
        return None
    return outcomes["csp"].seconds / outcomes[peer].seconds


def memory_ratio(outcomes):
    if "go" not in outcomes or outcomes["csp"].state != "ok" or outcomes["go"].state != "ok":
        return None
    return outcomes["csp"].peak / outcomes["go"].peak


def geometric_mean(values):
    """Mean and number of the values that are there; (None, 0) when there is none."""
    known = [v for v in values if v is not None]
    return (math.exp(statistics.fmean(map(math.log, known))) if known else None), len(known)


def means(results, peers):
    """Per group and peer, and for memory: {"mean", "count", "of"}."""
    found = {}
    for group in catalog.GROUPS:
        members = [outcomes for program, outcomes in results if program.group == group]
        if not members:
            continue
        columns = {peer: [ratio_of(o, peer) for o in members] for peer in peers}
        if "go" in peers:
            columns["memory"] = [memory_ratio(o) for o in members]
        found[group] = {}
        for column, values in columns.items():
            mean, count = geometric_mean(values)
            found[group][column] = {"mean": mean, "count": count, "of": len(members)}
    return found


def time_cell(outcomes, peer):
    ratio = ratio_of(outcomes, peer)
    if ratio is not None:
        return f"{ratio:.2f}"
    return "-" if outcomes[peer].state in ("ok", "none") else outcomes[peer].state


def memory_cells(outcomes):
    peaks = [f"{outcomes[p].peak / MIB:.1f}" if outcomes[p].state == "ok" else "-" for p in ("csp", "go") if p in outcomes]
    ratio = memory_ratio(outcomes)
    return peaks + ([f"{ratio:.2f}" if ratio is not None else "-"] if "go" in outcomes else [])


def mean_row(group, columns):
    cells = [f"{c['mean']:.2f} ({c['count']}/{c['of']})" if c["count"] else f"- (0/{c['of']})" for c in columns.values()]
    if "memory" in columns:
        cells[-1:] = ["", "", cells[-1]]
    return [f"mean, {group}", "", *cells]


def table(results, peers):
    """Lines of text, one a program; `csp / go` is csp's time in Go's, and peaks are in MiB."""
    rows = [["program", "csp s", *(f"csp / {p}" for p in peers), "csp MiB"]]
    if "go" in peers:
        rows[0] += ["go MiB", "memory"]
    averages = means(results, peers)
    for group, columns in averages.items():
        for program, outcomes in results:
            if program.group == group:
                own = f"{outcomes['csp'].seconds:.3f}" if outcomes["csp"].state == "ok" else outcomes["csp"].state
                rows.append([program.name, own, *(time_cell(outcomes, p) for p in peers), *memory_cells(outcomes)])
        if columns:
            rows.append(mean_row(group, columns))
    return aligned(rows)


def aligned(rows):
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    sizes = [max(len(row[i]) for row in rows) for i in range(width)]
    return ["  ".join([row[0].ljust(sizes[0]), *(c.rjust(s) for c, s in zip(row[1:], sizes[1:]))]).rstrip() for row in rows]


def problems(results):
    """A line for each peer that failed or printed something else, and whether it was csp's fault."""
    lines, serious = [], False
    for program, outcomes in results:
        for peer, outcome in outcomes.items():
            if outcome.reason:
                lines.append(f"{program.name} under {peer}: {outcome.state}: {outcome.reason.strip()}")
            serious = serious or outcome.state == "differs" or peer == "csp" and outcome.state != "ok"
    return lines, serious


def as_json(results, peers):
    entries = {}
    for program, outcomes in results:
        entries[program.name] = {"group": program.group, "peers": {
            peer: {"state": o.state, "seconds": o.seconds if o.state == "ok" else None, "times": o.times, "peak": o.peak}
            for peer, o in outcomes.items()}}
    return {"programs": entries, "means": means(results, peers)}
