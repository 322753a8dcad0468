"""Counts the instructions of the programs in counted/ under callgrind and compares them with the record.

Times on a shared machine differ by several percent from run to run; these counts hardly differ at all, because the
environment is empty, addresses are not randomised and there is one worker. So a small difference is one of the code.
Counts depend on the compiler and on the libraries: the record says which it was made with.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RECORD = HERE / "instructions.json"
# Ten times the largest difference seen when code that does not run was added (0.017 %); repeated runs differ by less.
TOLERANCE = 0.2  # percent


def toolchain(csp):
    """What csp was built with and runs on, as far as counts depend on it."""
    comment = subprocess.run(["readelf", "-p", ".comment", csp], capture_output=True, text=True).stdout
    compilers = re.findall(r"^\s*\[\s*\w+\]\s+(.*)$", comment, re.M)
    return {"compiler": "; ".join(sorted(compilers)), "libc": " ".join(os.confstr("CS_GNU_LIBC_VERSION").split()),
            "machine": os.uname().machine,
            "valgrind": subprocess.run(["valgrind", "--version"], capture_output=True, text=True).stdout.strip()}


def count(csp, program, folder, native):
    """Instructions of one run, with machine code (hot) or without (off). Handling a longer path takes more of them, so the paths are always the same."""
    shutil.copy(program, folder / "program.csp")
    link = folder / "csp"
    link.unlink(missing_ok=True)
    link.symlink_to(csp)
    command = ["env", "-i", "CSP_WORKERS=1", f"CSP_NATIVE={native}", "setarch", "-R", shutil.which("valgrind"), "--tool=callgrind",
               "--callgrind-out-file=profile", "./csp", "run", "program.csp"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(f"{program}: status {done.returncode}\n{done.stderr}")
    return total(folder / "profile")


def total(profile):
    """All instructions but those of strcmp: dynamic_cast calls it a great deal while ANTLR starts and parses, and it takes
    more of them when a type's name happens to lie near the end of a page, so its share changes with every link."""
    lines = subprocess.run(["callgrind_annotate", "--threshold=100", profile], check=True, capture_output=True, text=True).stdout
    costs = re.findall(r"^\s*([\d,]+) \([ \d.]+%\)\s+(.*)$", lines, re.M)
    numbers = {what: int(cost.replace(",", "")) for cost, what in costs}
    return numbers["PROGRAM TOTALS"] - sum(n for what, n in numbers.items() if re.search(r":(__)?strcmp", what))


def missing():
    return [tool for tool in ("valgrind", "callgrind_annotate", "setarch", "readelf") if not shutil.which(tool)]


def show(counts, recorded):
    """Prints the comparison; returns the names whose count is out of tolerance."""
    changed = []
    print(f"{'program':<18}{'instructions':>15}{'recorded':>15}{'difference':>13}")
    for name, number in counts.items():
        if name not in recorded:
            print(f"{name:<18}{number:>15,}{'-':>15}{'-':>13}")
            changed.append(name)
            continue
        difference = (number / recorded[name] - 1) * 100
        print(f"{name:<18}{number:>15,}{recorded[name]:>15,}{difference:>+11.3f} %")
        if abs(difference) > TOLERANCE:
            changed.append(name)
    return changed


def check(csp, update):
    """0: all counts are as recorded, or cannot be compared here. 1: some are not."""
    if missing():
        print(f"SKIPPED: instruction counts need {', '.join(missing())}")
        return 0
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"toolchain": None, "instructions": {}}
    here = toolchain(csp)
    if not update and record["toolchain"] != here:
        print(f"SKIPPED: the record was made with {record['toolchain']}, this is {here}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        counts = {p.stem + ending: count(csp, p, pathlib.Path(folder), native)
                  for p in sorted((HERE / "counted").glob("*.csp")) for ending, native in (("", "off"), (", native", "hot"))}
    changed = show(counts, record["instructions"])
    if update:
        RECORD.write_text(json.dumps({"toolchain": here, "instructions": counts}, indent=1) + "\n")
        return 0
    if changed:
        print(f"more than {TOLERANCE} % from the record: {', '.join(changed)}; ./dev bench --count --update accepts it")
    return 1 if changed else 0
