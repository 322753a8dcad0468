#!/usr/bin/env python3
"""Kills the key-value server of the samples under load, again and again, and looks for acknowledged writes that are lost.

Usage: kv.py --csp CSP [--kills N] [--seed N]
"""

import argparse
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SCRIPT = pathlib.Path(__file__).parents[2] / "samples/scripts/29_kv_server.csp"


class Server:
    def __init__(self, csp, path):
        self.process = subprocess.Popen([csp, "run", str(SCRIPT), "127.0.0.1:0", path], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("serving on "):
            sys.exit(f"the server has not begun: {line!r}")
        host, port = line.split()[2].rsplit(":", 1)
        self.address = (host, int(port))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Client:
    """Writes its own keys, one after the other, and remembers what each may be by now."""

    def __init__(self, name, seed):
        self.name, self.rng = name, random.Random(seed)
        self.known = {}    # what was acknowledged; None: deleted
        self.pending = {}  # what was asked for, but not acknowledged
        self.acknowledged = 0

    def run(self, address):
        try:
            with socket.create_connection(address) as s:
                answers = s.makefile()
                while True:
                    key = f"{self.name}-{self.rng.randrange(50)}"
                    value = str(self.rng.randrange(10**9)) if self.rng.random() < 0.8 else None
                    self.pending = {key: value}
                    s.sendall((f"DEL {key}\n" if value is None else f"SET {key} {value}\n").encode())
                    answer = answers.readline()
                    if answer != "OK\n":
                        return
                    self.known[key] = value
                    self.pending = {}
                    self.acknowledged += 1
        except OSError:
            return

    def check(self, address):
        """The keys whose value is neither what was acknowledged nor what was asked for last."""
        lost = []
        with socket.create_connection(address) as s:
            answers = s.makefile()
            for key in set(self.known) | set(self.pending):
                s.sendall(f"GET {key}\n".encode())
                answer = answers.readline().rstrip("\n")
                value = None if answer == "NONE" else answer.removeprefix("VALUE ")
                if value == self.known.get(key):
                    continue
                if key in self.pending and value == self.pending[key]:
                    self.known[key] = value
                    continue
                lost.append((key, self.known.get(key), answer))
        self.pending = {}
        return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csp", required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    clients = [Client(f"c{i}", options.seed * 100 + i) for i in range(8)]
    lost = []
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/data.log"
        for _ in range(options.kills):
            server = Server(options.csp, path)
            for client in clients:
                lost += client.check(server.address)
            threads = [threading.Thread(target=client.run, args=(server.address,)) for client in clients]
            for t in threads:
                t.start()
            time.sleep(rng.uniform(0.02, 0.3))
            server.kill()
            for t in threads:
                t.join()
        server = Server(options.csp, path)
        for client in clients:
            lost += client.check(server.address)
        server.kill()
    for key, known, answer in lost:
        print(f"LOST {key}: acknowledged {known!r}, found {answer!r}")
    print(f"{options.kills} kills, {sum(c.acknowledged for c in clients)} acknowledged writes, {len(lost)} lost")
    print(f"{int(not lost)} passed, {int(bool(lost))} failed")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
