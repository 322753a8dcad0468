"""What is not a program's run time: wake-up latency, speed-up, fairness. The programs in figures/ print lines
`name: value unit`; csp's and Go's stand side by side."""

import subprocess

import catalog
import measure


def lines_of(output):
    """{"name": "value unit"} in the order of the lines."""
    return dict(line.split(": ", 1) for line in output.decode().splitlines() if ": " in line)


def figures(options, scratch):
    """Prints and returns the figures of each program."""
    peers = ["csp"] + (["go"] if "go" in options.against.split(",") and catalog.is_installed("go") else [])
    found = {}
    for path in sorted((catalog.HERE / "figures").glob("*.csp")):
        program = catalog.Program(path.stem, path)
        columns = {}
        for peer in peers:
            try:
                command = catalog.command_for(peer, program, options, scratch)
            except subprocess.CalledProcessError as problem:
                raise SystemExit(f"{path.name} under {peer}: {problem.stderr.decode(errors='replace')}") from problem
            report, output = measure.launch(command, options, scratch)
            if not report["in_time"] or report["status"] != 0:
                raise SystemExit(f"{path.name} under {peer}: {output.decode(errors='replace')[:measure.REASON]}")
            columns[peer] = lines_of(output)
        found[program.name] = columns
        print(f"{program.name:<34}" + "".join(f"{peer:>14}" for peer in peers))
        for name in columns["csp"]:
            print(f"  {name:<32}" + "".join(f"{columns[peer].get(name, '-'):>14}" for peer in peers), flush=True)
    return found
