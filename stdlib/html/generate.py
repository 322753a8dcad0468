#!/usr/bin/env python3
"""Writes the named character references of HTML, as C++: generate.py OUTPUT. Python's library has them."""

import html.entities
import pathlib
import sys


def main():
    output = pathlib.Path(sys.argv[1])
    output.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, text in sorted(html.entities.html5.items()):
        points = [ord(c) for c in text] + [0]
        rows.append(f'{{"{name}", {points[0]}, {points[1]}}}')
    lines = [", ".join(rows[i:i + 4]) for i in range(0, len(rows), 4)]
    output.write_text("// Written by stdlib/html/generate.py.\nconstexpr Entity kEntities[] = {\n    " + ",\n    ".join(lines) + "};\n")


if __name__ == "__main__":
    main()
