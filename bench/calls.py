"""What calls between a host and its scripts cost, and an engine: embed/csp_calls.cpp, beside Lua 5.4 through its C interface
where that is installed (liblua5.4-dev)."""

import pathlib
import shutil
import statistics
import subprocess
import sys

import catalog


def lua_host(scratch):
    """The compiled host; None where there is no Lua to compile it with."""
    if shutil.which("pkg-config") is None or subprocess.run(["pkg-config", "--exists", "lua5.4"], check=False).returncode != 0:
        print("SKIPPED: Lua, whose development files (liblua5.4-dev) are not installed", file=sys.stderr)
        return None
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "lua5.4"], capture_output=True, text=True, check=True).stdout.split()
    made = pathlib.Path(scratch) / "lua_calls"
    subprocess.run(["cc", "-O2", str(catalog.HERE / "embed/lua_calls.c"), "-o", str(made), *flags], check=True)
    return str(made)


def calls(options, scratch):
    """Prints and returns medians of nanoseconds."""
    hosts = {"csp": str(pathlib.Path(options.tools) / "csp_bench_calls")}
    lua = lua_host(scratch)
    if lua is not None:
        hosts["lua5.4"] = lua
    taken = {host: {} for host in hosts}
    for _ in range(options.rounds):
        for host, command in hosts.items():
            for line in subprocess.run([command], capture_output=True, text=True, check=True).stdout.splitlines():
                name, number = line.split()
                taken[host].setdefault(name, []).append(float(number))
    print(f"{'nanoseconds':<34}" + "".join(f"{host:>14}" for host in hosts))
    found = {host: {name: statistics.median(numbers) for name, numbers in of.items()} for host, of in taken.items()}
    for name in found["csp"]:
        print(f"  {name:<32}" + "".join(f"{found[host][name]:>14.1f}" for host in hosts))
    return found
