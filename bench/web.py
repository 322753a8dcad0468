"""Requests a second that web services answer under wrk, csp and Go in turn. The services in web/ print their address."""

import re
import shutil
import statistics
import subprocess
import sys

import catalog

LOAD = ["wrk", "-t2", "-c100", "-d3s"]
PATHS = {"hello": "/", "notes": "/notes/1"}


def answered(command, path):
    """Requests a second; the service lives only while it is asked."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            address = service.stdout.readline().strip()
            if not address:
                raise SystemExit(f"{command[0]} has not begun to serve")
            done = subprocess.run([*LOAD, f"http://{address}{path}"], capture_output=True, text=True, check=True)
        finally:
            service.kill()
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(done.stdout)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def web(options, scratch):
    """Prints and returns the medians of each service."""
    if shutil.which("wrk") is None:
        print("SKIPPED: wrk is not installed", file=sys.stderr)
        return {}
    peers = ["csp"] + (["go"] if "go" in options.against.split(",") and catalog.is_installed("go") else [])
    found = {}
    print(f"{'requests a second':<34}" + "".join(f"{peer:>14}" for peer in peers) + (f"{'csp / go':>14}" if "go" in peers else ""))
    for path in sorted((catalog.HERE / "web").glob("*.csp")):
        program = catalog.Program(path.stem, path)
        commands = {peer: catalog.command_for(peer, program, options, scratch) for peer in peers}
        rounds = {peer: [] for peer in peers}
        for _ in range(options.rounds):
            for peer in peers:
                rounds[peer].append(answered(commands[peer], PATHS[program.name]))
        medians = {peer: statistics.median(rates) for peer, rates in rounds.items()}
        found[program.name] = medians
        ratio = f"{medians['csp'] / medians['go']:>14.2f}" if "go" in peers else ""
        print(f"{program.name:<34}" + "".join(f"{medians[peer]:>14,.0f}" for peer in peers) + ratio, flush=True)
    return found
