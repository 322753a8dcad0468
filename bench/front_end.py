"""What starting costs, and how fast programs are parsed, checked and compiled."""

import pathlib
import statistics
import subprocess
import sys

import catalog
import measure

RUNS = 20


def many_functions(lines):
    """A program of about so many lines, of ordinary code."""
    text = (catalog.HERE / "programs" / "sort_ints.csp").read_text()
    part = text.split("func main()")[0].split("package main")[1]
    program = "package main\n"
    count = 0
    while program.count("\n") < lines - 10:
        count += 1
        program += part.replace("quicksort", f"quicksort{count}")
    return program + "\nfunc main() {\n" + "".join(f"\tquicksort{i + 1}(nil)\n" for i in range(min(count, 5))) + "}\n"


def startup(options, scratch):
    """Prints and returns median seconds of short commands."""
    program = scratch / "check_600.csp"
    program.write_text(many_functions(600))
    lines = program.read_text().count("\n")
    cases = {"csp run hello": ["run", catalog.HERE / "programs" / "hello.csp"], f"csp check, {lines} lines": ["check", program]}
    found = {}
    for name, arguments in cases.items():
        times = []
        for _ in range(RUNS):
            report, output = measure.launch([options.csp, *arguments], options, scratch)
            if report["status"] != 0:
                raise SystemExit(f"{name}: {output.decode(errors='replace')}")
            times.append(report["seconds"])
        found[name] = statistics.median(times)
        print(f"{name:<24}{found[name] * 1000:>7.1f} ms, median of {RUNS}", flush=True)
    return found


def front_end(options, scratch):
    """Prints and returns the speed of the parser, and of checker and compiler, on a large generated program."""
    program = scratch / "large.csp"
    generator = catalog.ROOT / "tests/fuzz/generate.py"
    program.write_text(subprocess.run([sys.executable, generator, "--large", "20000", "--seed", "7"], check=True,
                                      capture_output=True, text=True).stdout)
    found = []
    for tool in ("csp_parse_bench", "csp_check_bench"):
        path = pathlib.Path(options.tools) / tool
        if path.exists():
            found.append(subprocess.run([path, program], check=True, capture_output=True, text=True).stdout.rstrip())
        else:
            found.append(f"front_end: SKIPPED, {tool} has not been built")
        print(found[-1], flush=True)
    return found
