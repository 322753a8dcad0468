#!/usr/bin/env python3
"""Writes the tables of package unicode, as C++, from the Unicode Character Database: generate.py DATABASE OUTPUT."""

import collections
import pathlib
import re
import sys

LAST = 0x10FFFF
UNASSIGNED = "Cn"


def rows(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def read_characters(folder):
    """The category of each code point, and its upper, lower and title case where it has them."""
    category = [UNASSIGNED] * (LAST + 1)
    cases = {}
    first = None
    for row in rows(folder / "UnicodeData.txt"):
        point = int(row[0], 16)
        if row[1].endswith("First>"):
            first = point
            continue
        for p in range(point if first is None else first, point + 1):
            category[p] = row[2]
        first = None
        upper, lower, title = (int(field, 16) if field else None for field in row[12:15])
        if upper or lower or title or row[2] in ("Lu", "Ll", "Lt"):
            cases[point] = (upper, lower, title)
    return category, cases


def read_sets(path):
    sets = collections.defaultdict(set)
    for row in rows(path):
        ends = row[0].split("..")
        sets[row[1]].update(range(int(ends[0], 16), int(ends[-1], 16) + 1))
    return sets


def read_orbits(folder):
    """For each code point the next one that is the same but for its case; the last one's is the first."""
    same = collections.defaultdict(set)
    for row in rows(folder / "CaseFolding.txt"):
        if row[1] in "CS":
            target = int(row[2], 16)
            same[target] |= {target, int(row[0], 16)}
    following = {}
    for points in same.values():
        ordered = sorted(points)
        for point, after in zip(ordered, ordered[1:] + ordered[:1]):
            following[point] = after
    return following


def strides(points):
    """The points as (first, last, stride): each as long as it can be, with the stride of its first two."""
    ordered = sorted(points)
    inside = set(ordered)
    i = 0
    while i < len(ordered):
        low = high = ordered[i]
        i += 1
        if i == len(ordered):
            yield low, high, 1
            return
        stride = ordered[i] - low
        while i < len(ordered) and ordered[i] == high + stride:
            high = ordered[i]
            i += 1
        yield low, high, 1 if low == high else stride


def case_ranges(category, cases):
    """Runs of code points whose cases are equally far away, or that are upper and lower in turn."""
    def deltas(point):
        return tuple(0 if to is None else to - point for to in cases[point])

    def kind(point):
        upper, lower, title = cases[point]
        name = {"Lu": "upper", "Ll": "lower", "Lt": "title"}.get(category[point])
        return name or ("upper" if lower else "lower")

    alternating = {(0, 1, 0), (-1, 0, -1)}
    ranges = []
    for point in sorted(cases):
        now = deltas(point)
        if ranges and ranges[-1]["last"] == point - 1:
            run = ranges[-1]
            before = deltas(point - 1)
            turns = before != now and {before, now} == alternating
            steady = before == now and kind(point) == kind(point - 1)
            if (turns and run["kind"] in ("one", "turns")) or (steady and run["kind"] in ("one", "steady")):
                run["last"] = point
                run["kind"] = "turns" if turns else "steady"
                continue
        ranges.append({"first": point, "last": point, "kind": "one", "deltas": now})
    far = LAST + 1
    for run in ranges:
        if run["deltas"] == (0, 0, 0) and run["kind"] != "turns":
            continue
        turning = run["kind"] == "turns"
        yield run["first"], run["last"], *((far, far, far) if turning else run["deltas"])


def outside(points, orbits):
    """What is not in points but for its case."""
    found = set()
    for point in points:
        other = orbits.get(point, point)
        while other != point:
            if other not in points:
                found.add(other)
            other = orbits[other]
    return found


def make_tables(folder):
    category, cases = read_characters(folder)
    orbits = read_orbits(folder)
    categories = collections.defaultdict(set)
    for point, name in enumerate(category):
        categories[name].add(point)
        categories[name[0]].add(point)
        if name in ("Lu", "Ll", "Lt"):
            categories["LC"].add(point)
    scripts = read_sets(folder / "Scripts.txt")
    tables = {"category": categories, "script": scripts, "property": read_sets(folder / "PropList.txt")}
    proper = {name: points for name, points in categories.items() if name != "LC"}  # that would be the same as L
    for kind, sets in (("foldcategory", proper), ("foldscript", scripts)):
        tables[kind] = {name: found for name, points in sets.items() if (found := outside(points, orbits))}
    return tables, orbits, list(case_ranges(category, cases))


def main():
    folder, output = map(pathlib.Path, sys.argv[1:])
    tables, orbits, ranges = make_tables(folder)
    narrow, wide, index = [], [], []
    for kind in sorted(tables):
        for name in sorted(tables[kind]):
            start = len(narrow), len(wide)
            points = tables[kind][name]
            for low, high, stride in strides(p for p in points if p <= 0xFFFF):
                narrow.append((low, high, stride))
            for low, high, stride in strides(p for p in points if p > 0xFFFF):
                wide.append((low, high, stride))
            latin = sum(high <= 0xFF for _, high, _ in narrow[start[0]:])
            index.append(f'{{"{kind}", "{name}", {start[0]}, {len(narrow) - start[0]}, {start[1]}, {len(wide) - start[1]}, {latin}}}')

    def array(declaration, items):
        text = ",\n    ".join(", ".join(items[i:i + 8]) for i in range(0, len(items), 8))
        return f"constexpr {declaration}[] = {{\n    {text}}};\n"

    def numbers(tuples):
        return ["{" + ", ".join(map(str, t)) + "}" for t in tuples]

    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("// Written by stdlib/unicode/generate.py.\n" + array("NarrowRange kNarrow", numbers(narrow)) +
                      array("WideRange kWide", numbers(wide)) + array("TableEntry kTables", index) +
                      array("FoldEntry kFolds", numbers(sorted(orbits.items()))) + array("CaseEntry kCases", numbers(ranges)))


if __name__ == "__main__":
    main()
