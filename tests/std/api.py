#!/usr/bin/env python3
"""Compares what the packages of the standard library export with what Go's do, and writes docs/stdlib.md.

Go's names come from the sources of the toolchain that is installed (api/names.go), Csp's from `csp doc -json`. A name
that is not here on purpose has a line `// Not here: Name (reason).` in its package's comment; the name `others` stands for all
without one. api.txt says which share
of a package's names is promised and which is reached. The check fails when docs/stdlib.md is not what --write writes,
when less is reached than before, or when a reason is given for what is here; with --complete also when less is reached
than promised. Without Go, or with another Go than the table was made with, it is skipped.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs/stdlib.md"
GOALS = HERE / "api.txt"
MODULE = "golang.org/x/sync"
KINDS = (("const", "Constants"), ("var", "Variables"), ("func", "Functions"))


def output_of(command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=True, **how).stdout


# --- Go's side

def go_environment(*names):
    """None without Go."""
    try:
        return output_of(["go", "env", *names]).splitlines()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None


def version_key(folder):
    return [int(n) for n in re.findall(r"\d+", folder.name)]


def go_folders(paths, goroot, modcache):
    """The folders of those packages that there are."""
    versions = sorted(pathlib.Path(modcache, MODULE).parent.glob("sync@v*"), key=version_key)
    folders = {}
    for path in paths:
        folder = pathlib.Path(goroot, "src", path)
        if path.startswith(MODULE + "/") and versions:
            folder = versions[-1] / path[len(MODULE) + 1:]
        if folder.is_dir():
            folders[path] = folder
    return folders


def go_names(folders, version):
    """{package: {name: kind}}; kept below build/, as reading Go's sources takes seconds."""
    reader = HERE / "api/names.go"
    wanted = [f"{path}={folder}" for path, folder in sorted(folders.items())]
    key = hashlib.sha256(reader.read_bytes() + "\n".join(wanted).encode()).hexdigest()
    cache = ROOT / f"build/api-{version}.json"
    if cache.exists():
        kept = json.loads(cache.read_text())
        if kept["key"] == key:
            return kept["packages"]
    packages = json.loads(output_of(["go", "run", str(reader), *wanted], cwd=HERE))
    cache.parent.mkdir(exist_ok=True)
    cache.write_text(json.dumps({"key": key, "packages": packages}))
    return packages


# --- Csp's side

class Described:
    """What `csp doc` tells of a package."""

    def __init__(self, csp, path):
        package = json.loads(output_of([csp, "doc", "-json", path], cwd=ROOT))
        self.doc = package.get("doc", "")
        self.kinds = {}  # of names and members: "Name", "Name.Member"
        self.own = set()  # those that the package itself adds: no promoted methods, no methods of interfaces
        self.types = {}
        for name in package["names"]:
            self.kinds[name["name"]] = name["kind"]
            self.own.add(name["name"])
            if name["kind"] != "type":
                continue
            members = name.get("members", [])
            self.types[name["name"]] = members
            alias = re.match(r"type \w+(\[[^=]*\])? = ", name.get("declaration", ""))
            for member in members:
                full = f"{name['name']}.{member['name']}"
                self.kinds[full] = member["kind"]
                if not alias and name.get("type") != "interface" and not member.get("through"):
                    self.own.add(full)

    def synopsis(self):
        text = " ".join(self.doc.split("\n\n")[0].split())
        text = re.sub(r"^Package \w+:? ", "", re.split(r"(?<=\.)\s|Not here:", text)[0]).rstrip(". ")
        return text[:1].upper() + text[1:]

    def reasons(self, problem):
        found = re.findall(r"Not here: ([\w., ]+?) \((.+?)\)\.(?=\s|$)", self.doc, re.S)
        if len(found) != self.doc.count("Not here:"):
            problem("a line that is not `Not here: Name (reason).`")
        return {name: " ".join(reason.split()) for names, reason in found for name in re.split(r", | and ", names)}


class Comparison:
    """One package here and in Go; either may be None."""

    def __init__(self, path, here, go, problem):
        self.path, self.here = path, here
        # The members of a type that Go only gives another name are the business of the package that declares it.
        aliases = {name for name, kind in (go or {}).items() if kind == "alias"}
        self.go = go = go and {name: "type" if name in aliases else kind for name, kind in go.items()}
        kinds = here.kinds if here else {}
        self.reasons = here.reasons(problem) if here else {}
        self.differ = sorted(name for name in go or () if name in kinds and kinds[name] != go[name])
        self.missing = sorted(name for name in go or () if name not in kinds)
        self.extra = sorted(name for name in (here.own if here and go else ())
                            if name not in go and name.split(".")[0] not in aliases)
        self.total = len(go or ())
        self.covered = self.total - len(self.missing) - len(self.differ)
        for name in sorted(self.reasons):
            if name in kinds:
                problem(f"says why {name} is not here, but it is")
            elif go is not None and name not in go and name != "others":
                problem(f"says why {name} is not here, but Go has no such name")

    def percent(self):
        return 100 * self.covered / self.total if self.total else 100.0

    def reason(self, name):
        return self.reasons.get(name) or self.reasons.get(name.split(".")[0])

    def row(self, goal):
        promised = f"{goal} %" if goal else ""
        if self.here is None:
            return f"| `{self.path}` | 0 of {self.total} | not there yet | {promised} |"
        anchor = re.sub(r"[^\w-]", "", self.path)
        if self.go is None:
            return f"| [`{self.path}`](#{anchor}) | {len(self.here.kinds)} | not a package of Go | |"
        # Rounded down: 100 % means all.
        share = f"{int(self.percent() * 10) / 10:.1f} %"
        return f"| [`{self.path}`](#{anchor}) | {self.covered} of {self.total} | {share} | {promised} |"

    def section(self):
        if self.here is None:
            return ""
        lines = [f"## {self.path}", ""]
        if self.here.synopsis():
            lines += [self.here.synopsis() + ".", ""]
        for kind, title in KINDS:
            names = sorted(name for name, of in self.here.kinds.items() if of == kind)
            if names:
                lines += [f"{title}: {quoted(names)}.", ""]
        if self.here.types:
            lines += ["Types:", ""]
            lines += ["- " + type_line(name, members) for name, members in sorted(self.here.types.items())] + [""]
        lines += self.differences()
        return "\n".join(lines)

    def differences(self):
        lines = []
        gone = {name for name in self.missing if "." not in name}
        shown = [name for name in self.missing if name.split(".")[0] not in gone or name in gone]  # a type stands for its members
        explained = [name for name in shown if self.reason(name)]
        open_ = [name for name in shown if not self.reason(name)]
        if explained:
            lines += ["Not here, for a reason:", ""] + [f"- `{name}`: {self.reason(name)}" for name in explained] + [""]
        if open_ and "others" in self.reasons:
            lines += [f"Not here are {len(open_)} others: {self.reasons['others']}.", ""]
        elif open_:
            lines += [f"Missing without a reason: {quoted(open_)}.", ""]
        if self.differ:
            lines += [f"`{name}` is a {self.here.kinds[name]}, in Go a {self.go[name]}." for name in self.differ] + [""]
        if self.extra:
            lines += [f"Not in Go: {quoted(self.extra)}.", ""]
        return lines


def quoted(names):
    return ", ".join(f"`{name}`" for name in names)


def type_line(name, members):
    fields = [member["name"] for member in members if member["kind"] == "field"]
    methods = [member["name"] for member in members if member["kind"] == "method"]
    parts = ([f"fields {quoted(fields)}"] if fields else []) + ([f"methods {quoted(methods)}"] if methods else [])
    return f"`{name}`" + (": " + "; ".join(parts) if parts else "")


# --- The page and the goals

def read_goals():
    """{package: (percent promised, percent reached)}."""
    lines = (line.split() for line in GOALS.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return {path: (int(goal), int(reached)) for path, goal, reached in lines}


def raise_goals(compared):
    lines = []
    for line in GOALS.read_text().splitlines():
        path = line.split()[0] if line.strip() and not line.startswith("#") else None
        if path in compared:
            _, goal, reached = line.split()
            line = f"{path} {goal} {max(int(reached), int(compared[path].percent()))}"
        lines.append(line)
    GOALS.write_text("\n".join(lines) + "\n")


def old_parts(path):
    """The row and the section that the page has of a package, for one that cannot be compared on this machine."""
    page = PAGE.read_text() if PAGE.exists() else ""
    row = re.search(rf"^\| \[?`{re.escape(path)}`.*$", page, re.M)
    section = re.search(rf"^## {re.escape(path)}\n.*?(?=^## |\Z)", page, re.M | re.S)
    return row[0] if row else "", section[0].rstrip("\n") + "\n" if section else ""


def render(paths, compared, goals, version):
    rows, sections = [], []
    for path in paths:
        here = compared.get(path)
        row, section = (here.row(goals.get(path, (0, 0))[0]), here.section()) if here else old_parts(path)
        rows += [row] if row else []
        sections += [section] if section else []
    ours = [c for path, c in compared.items() if c.go is not None and not path.startswith(MODULE + "/")]
    there = [c for c in ours if c.here is not None]
    covered, total = sum(c.covered for c in there), sum(c.total for c in there)
    return "\n".join([
        "# The standard library", "",
        "Written by `./dev docs` from the packages' own text and a Go toolchain; `./dev test` checks that it is up to date.",
        "`csp doc PACKAGE` shows the same names with declarations and comments.", "",
        f"{len(there)} of Go's packages are here, with {covered} of their {total} names as of Go {version}: functions, types,",
        "methods, exported fields, methods of interfaces, constants and variables. The last column is the share that is promised.",
        "", "| package | names | share | promised |", "| --- | --- | --- | --- |", *rows, "", "\n".join(sections).rstrip("\n"), ""])


def made_with():
    match = re.search(r"as of Go (\d+\.\d+)", PAGE.read_text()) if PAGE.exists() else None
    return match[1] if match else None


def skip(why):
    print(f"SKIPPED: {why}\n0 passed, 0 failed, 1 skipped")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csp", default=str(ROOT / "build/csp"))
    parser.add_argument("--write", action="store_true", help="write docs/stdlib.md, raise what api.txt says is reached")
    parser.add_argument("--complete", action="store_true", help="fail for packages that are missing or below what is promised")
    options = parser.parse_args()
    environment = go_environment("GOVERSION", "GOROOT", "GOMODCACHE")
    if environment is None:
        if options.write:
            sys.exit("docs/stdlib.md compares with Go: there is no go command")
        return skip("no Go toolchain: docs/stdlib.md and the share of Go's names are not checked")
    go_version, goroot, modcache = environment
    version = re.match(r"go(\d+\.\d+)", go_version)[1]
    if not options.write and made_with() not in (None, version):
        return skip(f"docs/stdlib.md was made with Go {made_with()}, here is Go {version}")

    csp = str(pathlib.Path(options.csp).resolve())
    goals = read_goals()
    available = set(output_of([csp, "doc", "-json"], cwd=ROOT).split())
    paths = sorted(available | set(goals))
    go = go_names(go_folders(paths, goroot, modcache), go_version)
    problems, skipped = {path: [] for path in paths}, []
    compared = {}
    for path in paths:
        if path not in go and path.startswith(MODULE + "/"):
            skipped.append(path)
            continue
        here = Described(csp, path) if path in available else None
        compared[path] = Comparison(path, here, go.get(path), problems[path].append)
    for path, comparison in compared.items():
        goal, reached = goals.get(path, (0, 0))
        percent = comparison.percent() if comparison.here else 0
        if percent < reached:
            problems[path].append(f"{percent:.1f} % of Go's names; it was {reached} % (tests/std/api.txt)")
        if options.complete and percent < goal:
            problems[path].append(f"{percent:.1f} % of Go's names; promised are {goal} %")

    if options.write:
        raise_goals(compared)
    page = render(paths, compared, goals, version)
    if options.write:
        PAGE.write_text(page)
    stale = not PAGE.exists() or PAGE.read_text() != page
    for path in skipped:
        print(f"SKIPPED: {path} is not in the module cache")
    for path in paths:
        for problem in problems[path]:
            print(f"{path}: {problem}")
    if stale:
        print("docs/stdlib.md is not up to date: ./dev docs writes it")
    failed = sum(1 for path in paths if problems[path]) + stale
    print(f"{len(compared) + 1 - failed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
