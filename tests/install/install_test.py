#!/usr/bin/env python3
"""Host programs against what `cmake --install` puts below a prefix, and against a built tree's shared library.

Takes a build folder where everything is built; compiles nothing of Csp. --update writes symbols.txt.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HELLO = ROOT / "samples/embed/hello"
HELLO_C = ROOT / "samples/embed/hello_c/hello.c"
OUTPUT = "hello, script: 42\nhello, host: 42\n"
CXX = os.environ.get("CXX", "c++")
CC = os.environ.get("CC", "cc")
FILES = """bin/csp include/csp/csp.hpp include/csp/version.hpp lib/libcsp.a lib/pkgconfig/csp.pc lib/pkgconfig/csp-c.pc include/csp/csp.h lib/cmake/csp/cspConfig.cmake
           lib/cmake/csp/cspConfigVersion.cmake lib/cmake/csp/cspTargets.cmake share/doc/csp/LICENSE share/doc/csp/README.md"""


class Failed(Exception):
    pass


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def same(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: {found!r}, not {expected!r}")


def report_size(program, what):
    run("strip", "--strip-unneeded", program)
    objects = [line.split()[:3] for line in run("size", program).splitlines()[1:]]
    text, data, bss = (sum(int(one[i]) for one in objects) for i in range(3))
    print(f"SIZE of {what}, stripped: text {text}, data {data}, bss {bss}, file {program.stat().st_size} bytes")


def check_hello(program, how):
    same(run(program), OUTPUT, "output")
    report_size(program, f"hello by {how}")


class Tests:
    def __init__(self, build, work, update):
        self.build, self.work, self.update = build, work, update
        self.prefix = work / "prefix"

    def test_installs_the_files(self):
        run("cmake", "--install", self.build, "--prefix", self.prefix)
        missing = [name for name in FILES.split() if not (self.prefix / name).exists()]
        same(missing, [], "missing files")
        version = re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text())[1]
        same(run(self.prefix / "bin/csp", "version"), f"csp {version}\n", "csp version")

        archive = self.work / "libcsp.a"
        shutil.copy(self.prefix / "lib/libcsp.a", archive)
        report_size(archive, "libcsp.a")

    def test_headers_stand_alone(self):
        for header in sorted((self.prefix / "include/csp").glob("*.hpp")):
            run(CXX, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", self.prefix / "include",
                "-include", header, "-xc++", os.devnull)

    def test_find_package(self):
        folder = self.work / "cmake"
        run("cmake", "-S", HELLO, "-B", folder, f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", folder)
        check_hello(folder / "hello", "find_package")

    def compile(self, source, program, compiler=CXX, package="csp"):
        flags = run("pkg-config", "--cflags", "--libs", "--static", package,
                    env={**os.environ, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")})
        run(*compiler.split(), source, *flags.split(), "-o", program)

    def test_pkg_config(self):
        program = self.work / "hello-pkg-config"
        self.compile(HELLO / "hello.cpp", program)
        check_hello(program, "pkg-config")

    def test_c_header_stands_alone(self):
        header = self.prefix / "include/csp/csp.h"
        for compiler, language, standard in ((CC, "c", "c11"), (CXX, "c++", "c++11")):
            run(compiler, f"-std={standard}", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes" if language == "c" else "-Wshadow",
                "-Werror", "-include", header, f"-x{language}", os.devnull)

    def test_c_host(self):
        program = self.work / "hello-c"
        self.compile(HELLO_C, program, f"{CC} -std=c11 -Wall -Wextra -Wpedantic -Werror", "csp-c")
        same(run(program), "hello, script: 42\n", "output")
        report_size(program, "hello in C by pkg-config")
        lines = len(HELLO_C.read_text().splitlines())
        if lines > 30:
            raise Failed(f"{HELLO_C} has {lines} lines")

    def test_no_standard_library(self):
        program = self.work / "bare"
        self.compile(HERE / "bare.cpp", program)
        run(program)
        same(re.findall(r"csp::stdlib::.*", run("nm", "-C", program)), [], "symbols of the standard library")
        report_size(program, "a host without the standard library by pkg-config")

    def test_shared_library(self):
        run("cmake", "--build", self.build, "--target", "csp_shared")
        folder = self.build / "packaging"
        program = self.work / "hello-shared"
        run(CXX, "-std=c++20", "-I", self.prefix / "include", HELLO / "hello.cpp", folder / "libcsp.so", f"-Wl,-rpath,{folder}",
            "-o", program)
        check_hello(program, "libcsp.so")
        library = self.work / "libcsp.so"
        shutil.copy(folder / "libcsp.so", library)
        report_size(library, "libcsp.so")
        needed = re.findall(r"NEEDED.*\[(libcsp.*)\]", run("readelf", "-d", program))
        same(needed, ["libcsp.so.0"], "library that hello needs")

    def test_python_module(self):
        done = subprocess.run([sys.executable, "-m", "unittest", "discover", "-s", ROOT / "bindings/python/tests"], capture_output=True, text=True,
                              env={**os.environ, "CSP_LIBRARY": str(self.build / "packaging/libcsp.so"), "PYTHONPATH": str(ROOT / "bindings/python"),
                                   "PYTHONDONTWRITEBYTECODE": "1"})
        if done.returncode != 0 or not re.search(r"^Ran [1-9]\d* tests", done.stderr, re.M):
            raise Failed(f"status {done.returncode}\n{done.stderr[-3000:]}")

    def test_exported_symbols(self):
        found = run("nm", "-D", "--defined-only", "--format=just-symbols", self.build / "packaging/libcsp.so").split()
        text = run("c++filt", input="\n".join(sorted(found)) + "\n")
        record = HERE / "symbols.txt"
        if self.update:
            record.write_text(text)
        known = set(record.read_text().splitlines())
        same(sorted(set(text.splitlines()) ^ known), [], "symbols exported or in symbols.txt, but not both")

    def test_add_subdirectory(self):
        folder = self.work / "subproject"
        own = {name: value for name, value in os.environ.items() if name != "CXXFLAGS"}
        run("cmake", "-G", "Ninja", "-S", HERE / "subproject", "-B", folder, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", env=own)
        commands = json.loads((folder / "compile_commands.json").read_text())
        flags = {flag for command in commands for flag in command["command"].split()}
        same(sorted(flags & {"-Wall", "-Wextra", "-O2"}), [], "flags that the host did not give")
        host = next(command["command"] for command in commands if "hello.cpp" in command["file"])
        same(re.findall(r"-I *(\S+)", host), [f"{ROOT}/include", f"{folder}/_deps/csp-build/include"],
             "folders of headers that the host sees")

    def test_readme_shows_the_program(self):
        readme = (ROOT / "README.md").read_text()
        for name in ("hello.cpp", "CMakeLists.txt"):
            if (HELLO / name).read_text() not in readme:
                raise Failed(f"README.md does not show samples/embed/hello/{name} as it is")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    arguments.add_argument("--update", action="store_true")
    options = arguments.parse_args()
    failed = 0
    names = [name for name in vars(Tests) if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as work:
        tests = Tests(options.build.resolve(), pathlib.Path(work), options.update)
        for name in names:
            try:
                getattr(tests, name)()
            except Failed as problem:
                failed += 1
                print(f"FAILED {name}: {problem}")
    print(f"{len(names) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
