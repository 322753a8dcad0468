"""What the generators of programs share: each is run under csp and under real Go, seed by seed."""

import concurrent.futures
import pathlib
import shutil
import subprocess
import tempfile


def execute(command, place):
    """None when it does not end in time."""
    try:
        return subprocess.run(command, cwd=place, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None


def difference(place, ours):
    """None when the program that Go has built in `place` does what csp's run did, else what differs."""
    wanted = execute(["./x"], place)
    (place / "x").unlink()
    if wanted is None or ours is None:
        return None if wanted is ours else ("csp" if ours is None else "Go") + " alone does not end within a minute"
    if (wanted.returncode, wanted.stdout) == (ours.returncode, ours.stdout):
        return None
    theirs, mine = wanted.stdout.decode(errors="replace").split("\n"), ours.stdout.decode(errors="replace").split("\n")
    at = next((i for i, (a, b) in enumerate(zip(theirs, mine)) if a != b), min(len(theirs), len(mine)))
    return (f"status {ours.returncode}, Go's {wanted.returncode}; output differs from line {at + 1} on\n"
            f"  Go:  {theirs[at:at + 2]}\n  csp: {mine[at:at + 2]}\n{ours.stderr.decode(errors='replace')[:500]}")


def add_options(arguments, count):
    arguments.add_argument("--csp", type=pathlib.Path, default="build/csp")
    arguments.add_argument("--seed", type=int, default=1, help="of the first program")
    arguments.add_argument("--count", type=int, default=count)
    arguments.add_argument("--print", action="store_true", help="print the programs, run nothing")
    arguments.add_argument("-j", type=int, default=2)


def run(options, program, compare):
    """Prints each program(seed), or runs compare(seed, csp, a folder for it), which answers what is wrong; exit status."""
    seeds = range(options.seed, options.seed + options.count)
    if options.print:
        for seed in seeds:
            print(program(seed))
        return 0
    if not shutil.which("go"):
        print("SKIPPED: no Go toolchain here to compare with\n0 passed, 0 failed, 1 skipped")
        return 0
    csp = str(options.csp.resolve())
    failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        def one(seed):
            place = pathlib.Path(folder) / f"p{seed}"
            place.mkdir()
            return compare(seed, csp, place)

        for seed, problem in zip(seeds, pool.map(one, seeds)):
            if problem is not None:
                failed += 1
                print(f"FAILED seed {seed}: {problem}")
    print(f"{options.count - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
