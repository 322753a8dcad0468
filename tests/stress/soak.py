#!/usr/bin/env python3
"""Runs soak.csp for a time and watches its memory: nothing is lost, and the process stays near its live set.

The live set is what the collector reports (CSP_GCTRACE) at the end of its cycles. --ratio bounds the peak of the whole
process over the largest live set; sanitizer builds, whose memory is their own matter, are run without it.
"""

import argparse
import os
import re
import subprocess
import sys
import threading

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--csp", default="build/csp")
parser.add_argument("--seconds", type=int, default=10)
parser.add_argument("--live", type=int, default=64, help="MB that soak.csp keeps")
parser.add_argument("--ratio", type=float, help="the largest peak over live set that passes")
options = parser.parse_args()

environment = dict(os.environ, CSP_GCTRACE="1", CSP_WORKERS="2")
process = subprocess.Popen([options.csp, "run", os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak.csp"),
                            str(options.seconds), str(options.live)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
trace = []
reader = threading.Thread(target=lambda: trace.extend(process.stderr))
reader.start()
output = process.stdout.read()
_, status, usage = os.wait4(process.pid, 0)
reader.join()
text = "".join(trace)
live = [float(m) for m in re.findall(r"->([\d.]+) MiB, goal", text)]
ok = os.waitstatus_to_exitcode(status) == 0 and output.startswith("ok") and live
print(output.strip())
if live:
    peak = usage.ru_maxrss / 1024
    print(f"{len(live)} cycles, live set at most {max(live):.0f} MiB, peak {peak:.0f} MiB: ratio {peak / max(live):.2f}")
    if options.ratio and peak / max(live) > options.ratio:
        ok = False
if not ok:
    print(text[-2000:])
print("1 passed, 0 failed" if ok else "0 passed, 1 failed")
sys.exit(0 if ok else 1)
