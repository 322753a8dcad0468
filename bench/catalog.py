"""The benchmark programs, their groups, and the peers that can run them."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
GROUPS = ["cpu", "concurrency"]
# interpreted: csp without machine code. luajit-joff: LuaJIT without.
PEERS = ["go", "interpreted", "luajit", "luajit-joff", "lua5.4", "yaegi"]


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    path: pathlib.Path
    group: str = ""


def programs():
    """All programs by name. The first line of each says its group: `// bench: cpu`."""
    found = {}
    for path in sorted((HERE / "programs").glob("*.csp")):
        tag = re.match(r"// bench: (\w+)\n", path.read_text())
        if not tag:
            raise SystemExit(f"{path}: the first line is not `// bench: GROUP`")
        if tag[1] in GROUPS:
            found[path.stem] = Program(path.stem, path, tag[1])
    return found


def is_installed(peer):
    return peer == "interpreted" or shutil.which(peer.removesuffix("-joff")) is not None


def compiler_version(peer):
    """The first line of what the peer says about itself."""
    command = {"go": ["go", "version"], "yaegi": ["yaegi", "version"]}.get(peer, [peer.removesuffix("-joff"), "-v"])
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return (done.stdout.splitlines() or ["?"])[0]


def command_for(peer, program, options, scratch):
    """The command that runs a program under a peer; None when there is no such program for it.

    Raises CalledProcessError when the program cannot be built.
    """
    if peer in ("csp", "other"):
        return [options.csp if peer == "csp" else options.compare, "run", program.path]
    if peer == "interpreted":
        return ["env", "CSP_NATIVE=off", options.csp, "run", program.path]
    if peer == "go":
        binary = scratch / program.name
        subprocess.run(["go", "build", "-o", binary, go_source(program, scratch)], check=True, capture_output=True)
        return [binary]
    if peer == "yaegi":
        return ["yaegi", "run", go_source(program, scratch)]
    script = program.path.with_suffix(".lua")
    if not script.exists():
        return None
    return ["luajit", "-joff", script] if peer == "luajit-joff" else [peer, script]


def go_source(program, scratch):
    """A copy whose name ends as Go wants it."""
    source = scratch / (program.name + ".go")
    shutil.copy(program.path, source)
    return source
