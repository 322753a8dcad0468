#!/usr/bin/env python3
"""Runs an installed Go toolchain's own test programs under csp, and prints a table of what passes and why what fails.

  run         the `// run` programs: exit status and output as the suite wants them
  errorcheck  the `// errorcheck` programs without compiler flags: rejected, and how many of the marked lines are reported

A program that imports a package that csp does not have is not counted. Programs that are out of the language by design
stand in conformance_excluded.txt with the reason; an entry that passes all the same is an error.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import re
import resource
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MARK = re.compile(r"// (?:GC_)?ERROR(?:AUTO)? (.*)")


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))


def execute(command, path, seconds, merged=False):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if merged else subprocess.PIPE, text=True, errors="replace",
                              timeout=seconds, cwd=path.parent, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return None
    return done


def run_program(path, command, seconds=60):
    """(kind, detail) of a `// run` program."""
    done = execute(command + [str(path)], path, seconds, merged=True)
    if done is None:
        return "time-out", ""
    lines = done.stdout.strip().split("\n")
    first = lines[0].replace(str(path), path.name)
    if done.returncode < 0 or done.returncode >= 128:
        return "crash", f"signal {done.returncode}"
    if done.returncode != 0:
        if "is not in std" in first:
            return "package", first.split("package ")[-1].split(" ")[0]
        return "rejected" if done.returncode == 1 and f"{path.name}:" in first else "fails", first
    wanted = path.with_suffix(".out")
    if wanted.exists() and wanted.read_text(errors="replace") != done.stdout:
        return "output", ""
    return "pass", ""


def marked_lines(path):
    """Line numbers with an ERROR marker, each with its patterns."""
    marked = {}
    for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1):
        if "////" in line:
            continue
        found = MARK.search(line)
        if found:
            marked[number] = re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', found[1])
    return marked


def check_program(path, command):
    """(kind, detail, lines marked, marked lines reported, lines reported without a mark) of an `// errorcheck` program."""
    done = execute(command + [str(path)], path, 60)
    marked = marked_lines(path)
    if done is None:
        return "time-out", "", len(marked), 0, []
    if done.returncode < 0 or done.returncode >= 128:
        return "crash", f"signal {done.returncode}", len(marked), 0, []
    reported = {int(n) for n in re.findall(rf"(?m)^{re.escape(str(path))}:(\d+):", done.stderr)}
    if "is not in std" in done.stderr:
        return "package", "", 0, 0, []
    missing = sorted(set(marked) - reported)
    extra = sorted(reported - set(marked))
    detail = "; ".join(filter(None, ["unreported lines " + ", ".join(map(str, missing)) if missing else "",
                                     "lines reported without a mark " + ", ".join(map(str, extra)) if extra else ""]))
    if not marked:
        return ("pass" if done.returncode == 0 else "rejected"), detail, 0, 0, extra
    if done.returncode == 0:
        return "accepted", detail, len(marked), 0, extra
    return ("pass" if not missing and not extra else "lines"), detail, len(marked), len(set(marked) & reported), extra


def excluded():
    out = {}
    for line in (HERE / "conformance_excluded.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            path, reason = line.split(":", 1)
            out[path] = reason.strip()
    return out


def kind_of(path):
    with path.open(errors="replace") as file:
        words = file.readline().split()
    if words == ["//", "run"]:
        return "run"
    if words == ["//", "errorcheck"]:
        return "errorcheck"
    return None


def percent(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "    –"


class Survey:
    """Counts over the programs of the suite, and what does not pass."""

    def __init__(self, root, csp, peer):
        self.root, self.csp, self.peer = root, csp, peer
        self.excluded = excluded()
        self.stale = [f"{name}: does not exist" for name in self.excluded if not (root / name).exists()]

    def counts(self, path, kind, count):
        """Whether a program counts; notes why when not."""
        name = str(path.relative_to(self.root))
        if name in self.excluded:
            count["excluded"] += 1
            if kind == "pass":
                self.stale.append(f"{name}: passes")
            return False
        count["package"] += kind == "package"
        return kind != "package"

    def runs(self, paths, pool, count):
        """The `// run` programs; yields a line for each that fails."""
        peers = pool.map(lambda p: run_program(p, self.peer, 20)[0], paths) if self.peer else [None] * len(paths)
        for path, (kind, detail), peer in zip(paths, pool.map(lambda p: run_program(p, [self.csp, "run"]), paths), peers):
            if not self.counts(path, kind, count):
                continue
            count["run"] += 1
            count[kind] += 1
            count["peer"] += peer == "pass"
            if kind != "pass":
                yield f"    {path.name}: {kind}: {detail[:150]}"

    def checks(self, paths, pool, count):
        """The `// errorcheck` programs; yields a line for each that is not reported as marked."""
        results = pool.map(lambda p: check_program(p, [self.csp, "check", "-e"]), paths)
        for path, (kind, detail, marked, reported, extra) in zip(paths, results):
            if not self.counts(path, kind, count):
                continue
            if marked == 0:  # nothing to reject: the compiler must accept it
                count["clean"] += 1
                count["wrongly rejected"] += kind != "pass"
            else:
                count["errorcheck"] += 1
                count["is rejected"] += kind in ("pass", "lines")
                count["marked"] += marked
                count["reported"] += reported
                count["unmarked"] += len(extra)
            if kind in ("crash", "time-out"):
                count[kind] += 1
            if kind != "pass":
                yield f"    {path.name}: {kind}: {detail[:150]}"

    def folder(self, folder, pool):
        """(counts, lines about what does not pass) of one folder."""
        paths = sorted((self.root / folder).glob("*.go"))
        kinds = {path: kind_of(path) for path in paths}
        count = collections.Counter()
        lines = list(self.runs([p for p in paths if kinds[p] == "run"], pool, count))
        lines += self.checks([p for p in paths if kinds[p] == "errorcheck"], pool, count)
        return count, lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="*", help="folders of the suite, all when none is given; . is the top")
    arguments.add_argument("--csp", default="build/csp")
    arguments.add_argument("--against", choices=["yaegi"], help="run the same programs under a peer as well")
    arguments.add_argument("-j", type=int, default=2)
    arguments.add_argument("-q", "--quiet", action="store_true", help="the table alone")
    options = arguments.parse_args()
    if not shutil.which("go"):
        print("SKIPPED: no Go toolchain here\n0 passed, 0 failed, 1 skipped")
        return 0
    root = pathlib.Path(subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True).stdout.strip()) / "test"
    if not root.is_dir():
        print(f"SKIPPED: the Go toolchain here comes without {root}\n0 passed, 0 failed, 1 skipped")
        return 0
    if options.against and not shutil.which(options.against):
        print(f"SKIPPED: {options.against} is not installed")
        options.against = None
    survey = Survey(root, str(pathlib.Path(options.csp).resolve()), [options.against, "run"] if options.against else None)
    total = collections.Counter()
    header = f"{'folder':<14}{'run':>6}{'pass':>6}{'':>9}"
    if options.against:
        header += f"{options.against:>8}{'':>9}"
    table = [header + f"{'errorcheck':>12}{'rejected':>10}{'':>9}{'lines':>7}{'reported':>10}{'':>9}"]
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for folder in options.folders or ["."] + sorted(p.name for p in root.iterdir() if p.is_dir()):
            count, lines = survey.folder(folder, pool)
            if not count:
                continue
            total += count
            table.append(row(folder, count, options.against))
            if lines and not options.quiet:
                print(f"{folder}:\n" + "\n".join(lines))
    table.append(row("all", total, options.against))
    print("\n".join(table))
    names = ["package", "excluded", "rejected", "fails", "output", "time-out", "crash", "clean", "wrongly rejected", "unmarked"]
    print("; ".join(f"{name} {total[name]}" for name in names))
    for entry in survey.stale:
        print(f"STALE entry of conformance_excluded.txt: {entry}")
    return 1 if survey.stale else 0


def row(folder, count, peer):
    text = f"{folder:<14}{count['run']:>6}{count['pass']:>6}{percent(count['pass'], count['run']):>9}"
    if peer:
        text += f"{count['peer']:>8}{percent(count['peer'], count['run']):>9}"
    return text + (f"{count['errorcheck']:>12}{count['is rejected']:>10}{percent(count['is rejected'], count['errorcheck']):>9}"
                   f"{count['marked']:>7}{count['reported']:>10}{percent(count['reported'], count['marked']):>9}")


if __name__ == "__main__":
    sys.exit(main())
