#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Runs one program after another for tests/run.py. ./dev starts a worker in a development root of its own, so
that tests that run at the same time see neither each other's processes nor each other's files.

A job is a line of JSON on standard input, {"argv": [], "environment": {}, "log": PATH}; the answer is a line
with its exit status. An empty line or the end of input end it, and its root with all that runs there.
"""

import json
import os
import select
import signal
import subprocess
import sys


def run(job: dict) -> int | None:
    """The exit status; nothing if we are to end before."""
    with open(job["log"], "wb") as log:
        child = subprocess.Popen(job["argv"], env=job["environment"], cwd=job["environment"]["BUILD"],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    handle = os.pidfd_open(child.pid)
    ready, _, _ = select.select([handle, sys.stdin], [], [])
    os.close(handle)
    if handle in ready:
        return child.wait()
    child.terminate()
    return None


def main() -> None:
    # A shell ignores these for what it starts in the background; tests send them.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    while line := sys.stdin.readline().strip():
        status = run(json.loads(line))
        if status is None:
            return
        print(status, flush=True)


if __name__ == "__main__":
    main()
