#!/usr/bin/env python3
"""Attacks a web service that Csp runs. Usage: web.py --csp CSP [--requests N] [--seed N] mutate|idle|slow

mutate  sends N requests that are broken at random, over connections that end in all ways, and checks that each is answered
        by well-formed responses with a status that fits, that none is lost, and that neither descriptors nor goroutines leak.
idle    holds N connections open after a request each, and checks the memory and that others are served meanwhile.
slow    compares the latency that wrk sees with and without 100 clients that send a byte at a time.
"""

import argparse
import collections
import os
import pathlib
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
PATIENCE = 60

SEEDS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"HEAD /parts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n6;e=1\r\n world\r\n0\r\nX-T: 1\r\n\r\n",
    b"POST /form?q=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\na=1&b=%20+&c=%41",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    b"GET /parts HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nUser-Agent: x\r\nCookie: a=1; b=2\r\n\r\n",
    b"GET /context HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /items/%41b HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /items/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
]
TOKENS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"Content-Length: 99\r\n", b"Content-Length: -1\r\n", b"Content-Length: 18446744073709551616\r\n",
          b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"chunked", b"HTTP/1.1", b"HTTP/9.9", b"\xff\xfe", b"%", b"../",
          b"Host: b\r\n", b"Connection: close\r\n", b"Connection: upgrade\r\n", b"Expect: 100-continue\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"-5\r\n",
          b"Trailer: Content-Length\r\n", b"\r\n\r\n", b"\t", b"GET ", b"*"]
STATUSES = {100, 200, 206, 301, 307, 308, 400, 404, 405, 413, 417, 431, 501, 505}


def mutate(rng):
    text = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        at = rng.randrange(len(text) + 1) if text else 0
        kind = rng.randrange(9)
        if kind == 0 and text:
            text[min(at, len(text) - 1)] = rng.randrange(256)
        elif kind == 1:
            del text[at:at + rng.choice([1, 1, 2, 10])]
        elif kind == 2:
            text[at:at] = rng.choice(TOKENS)
        elif kind == 3:
            del text[at:]
        elif kind == 4:
            end = min(len(text), at + rng.randrange(40))
            text[at:at] = text[at:end]
        elif kind == 5:
            text += rng.choice(SEEDS)
        elif kind == 6 and text:
            text[min(at, len(text) - 1)] ^= 1 << rng.randrange(8)
        elif kind == 7 and rng.random() < 0.1:
            text[at:at] = b"X-Long: " + b"x" * rng.choice([1000, 15000, 40000]) + b"\r\n"
        elif kind == 8 and rng.random() < 0.1:
            text[at:at] = b"".join(b"X-%d: %d\r\n" % (i, i) for i in range(rng.choice([50, 3000])))
    return bytes(text)


HEAD = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n:]+: [^\r\n]*\r\n)*)\r\n")


def responses(data, request):
    """The statuses in what a server has sent. None: that is not a row of responses."""
    found = []
    heads = request.startswith(b"HEAD ") or b"HEAD " in request
    at = 0
    while at < len(data):
        head = HEAD.match(data, at)
        if head is None:
            return None
        status = int(head[1])
        found.append(status)
        at = head.end()
        fields = {k.lower(): v for k, v in (line.split(b": ", 1) for line in head[2].split(b"\r\n") if line)}
        if status < 200 or status in (204, 304):
            continue
        rest = data[at:]
        if heads and (not rest or rest.startswith(b"HTTP/1.")):
            continue
        if fields.get(b"transfer-encoding") == b"chunked":
            end = chunked_end(data, at)
            if end is None:
                return None
            at = end
        elif b"content-length" in fields:
            at += int(fields[b"content-length"])
            if at > len(data):
                return None
        else:
            at = len(data)
    return found


def chunked_end(data, at):
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        try:
            size = int(data[at:end], 16)
        except ValueError:
            return None
        at = end + 2 + size + 2
        if size == 0:
            # Trailers, and the empty line.
            at -= 2
            while not data.startswith(b"\r\n", at):
                at = data.find(b"\r\n", at) + 2
                if at < 2:
                    return None
            return at + 2


class Service:
    def __init__(self, csp):
        self.process = subprocess.Popen([csp, "run", str(HERE / "web.csp"), "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.noise = []
        threading.Thread(target=lambda: self.noise.extend(self.process.stderr), daemon=True).start()
        line = self.process.stdout.readline().strip()
        if not line:
            self.process.wait()
            sys.exit("the service has not begun: " + "".join(self.noise))
        host, port = line.rsplit(":", 1)
        self.address = (host, int(port))

    def connect(self):
        s = socket.create_connection(self.address, timeout=PATIENCE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def get(self, path):
        with self.connect() as s:
            s.sendall(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
            return drain(s).split(b"\r\n\r\n", 1)[1]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Resident MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def settled(self, measure, limit):
        """What `measure` gives once it is at most `limit`, or after long enough."""
        until = time.monotonic() + PATIENCE
        value = measure()
        while value > limit and time.monotonic() < until:
            time.sleep(0.05)
            value = measure()
        return value

    def end(self):
        self.process.kill()
        self.process.wait()


def drain(s):
    parts = []
    while True:
        part = s.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


class Attack:
    def __init__(self, service, count, seed):
        self.service, self.count, self.seed = service, count, seed
        self.statuses = collections.Counter()
        self.failures = []
        self.next = iter(range(count))
        self.lock = threading.Lock()

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def work(self):
        while len(self.failures) < 10:
            with self.lock:
                number = next(self.next, None)
            if number is None:
                return
            rng = random.Random(self.seed * 1_000_003 + number)
            text = rng.choice(SEEDS) if number % 50 == 0 else mutate(rng)
            try:
                self.one(rng, text, number % 50 == 0)
            except OSError as e:
                if not isinstance(e, (ConnectionResetError, BrokenPipeError)):
                    self.failures.append((text, repr(e)))

    def one(self, rng, text, whole):
        with self.service.connect() as s:
            ending = "half" if whole else rng.choice(["half", "half", "half", "half", "reset", "close", "pieces"])
            if ending == "pieces" and len(text) > 1:
                at = rng.randrange(1, len(text))
                s.sendall(text[:at])
                s.sendall(text[at:])
            else:
                s.sendall(text)
            if ending == "reset":
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if ending == "close":
                return
            s.shutdown(socket.SHUT_WR)
            data = drain(s)
        found = responses(data, text)
        if found is None:
            self.failures.append((text, data))
            return
        if whole and (not found or not set(found) <= {100, 200, 404}):
            self.failures.append((text, data))
        for status in found:
            self.statuses[status] += 1
            if status not in STATUSES:
                self.failures.append((text, data))


def run_mutate(service, options):
    service.get("/")
    descriptors = service.descriptors()
    goroutines = int(service.get("/goroutines"))
    start = time.monotonic()
    attack = Attack(service, options.requests, options.seed)
    attack.run()
    print(f"{options.requests} requests in {time.monotonic() - start:.0f} s, statuses: {dict(sorted(attack.statuses.items()))}")
    for text, answer in attack.failures:
        print("FAILED", text[:300], "->", answer[:300])
    if service.process.poll() is not None:
        print("the service has ended:", service.process.returncode, "".join(service.noise)[-3000:])
        return False
    left = service.settled(service.descriptors, descriptors) - descriptors
    awake = service.settled(lambda: int(service.get("/goroutines")), goroutines) - goroutines
    noise = [line for line in service.noise if "panic" in line or "ERROR" in line or "fatal" in line]
    print(f"left open: {left} descriptors, {awake} goroutines; panics: {len(noise)}; memory {service.memory():.0f} MB")
    return not attack.failures and left <= 0 and awake <= 0 and not noise and service.process.poll() is None


def run_idle(service, options):
    limit = options.requests + 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < limit:
        print(f"SKIPPED: {limit} descriptors are needed, {hard} allowed")
        return True
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    before = service.memory()
    held = []
    for _ in range(options.requests):
        s = service.connect()
        s.sendall(request)
        assert b"200 OK" in s.recv(4096)
        held.append(s)
    memory = service.memory()
    start = time.monotonic()
    for s in held[::10]:
        s.sendall(request)
        assert b"200 OK" in s.recv(4096)
    took = time.monotonic() - start
    print(f"{len(held)} idle connections: {memory:.0f} MB (before: {before:.0f} MB); {len(held[::10])} more requests on them in {took:.2f} s")
    return memory < 300


def percentile(address):
    out = subprocess.run(["wrk", "-t2", "-c20", "-d5s", "--latency", f"http://{address[0]}:{address[1]}/"], capture_output=True, text=True, check=True).stdout
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def run_slow(service, options):
    stop = threading.Event()
    clients = [service.connect() for _ in range(100)]
    text = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000

    def trickle():
        at = 0
        while not stop.is_set():
            for s in clients:
                s.send(text[at:at + 1])
            at += 1
            stop.wait(0.01)

    quiet = [percentile(service.address) for _ in range(3)]
    sender = threading.Thread(target=trickle)
    sender.start()
    busy = [percentile(service.address) for _ in range(3)]
    stop.set()
    sender.join()
    ratio = sorted(busy)[1] / sorted(quiet)[1]
    print(f"p99 quiet {sorted(quiet)[1]:.2f} ms, with 100 slow senders {sorted(busy)[1]:.2f} ms: {ratio:.2f}")
    return ratio < 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csp", required=True)
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("what", choices=["mutate", "idle", "slow"])
    options = parser.parse_args()
    service = Service(options.csp)
    try:
        good = {"mutate": run_mutate, "idle": run_idle, "slow": run_slow}[options.what](service, options)
    finally:
        service.end()
    print(f"{int(good)} passed, {int(not good)} failed")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
