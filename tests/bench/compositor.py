#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures vixos-compositor against sway in one run, on the same scene, and prints ratios.

Each measurement is repeated, the two in turn; what is printed is the median of each, and of the repeats'
ratios with their range, because this steadies a noisy machine.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import build  # noqa: E402
from budgets import Budget, print_table  # noqa: E402

CONFIG = """
output * resolution 1280x720 position 0 0
swaybg_command -
swaynag_command -
xwayland disable
"""
RUN_COMMAND, GET_TREE = 0, 4
PATIENCE = 60  # seconds, for anything
STARTS = 7  # so many starts are one repeat's measurement: they are short
# What is measured: (key, text, unit, budget of the ratio to sway or None, "most" or "least").
MEASURES = [
    ("start", "start-up to a client's first frame", "ms", 1.0, "most"),
    ("startcpu", "start-up to a client's first frame, CPU", "ms", 1.0, "most"),
    ("memory1", "resident memory with 1 window", "MiB", 1.0, "most"),
    ("memory50", "resident memory with 50 windows", "MiB", 1.0, "most"),
    ("memory200", "resident memory with 200 windows", "MiB", 1.0, "most"),
    ("frame", "CPU per frame, one window of 50 animates", "ms", 1.0, "most"),
    ("tree", "get_tree with 50 windows", "/s", 2.0, "least"),
    ("command", "run_command", "/s", None, "least"),
    ("open200", "200 windows open", "ms", None, "most"),
    ("close200", "200 windows close", "ms", None, "most"),
    ("layout500", "layout of 500 windows: CPU per change", "ms", None, "most"),
    ("layout500wall", "layout of 500 windows: until the answer", "ms", None, "most"),
]


class Ipc:
    """As much of i3's protocol as it takes."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")

    def call(self, kind, payload=""):
        """The reply's bytes: reading it is not what is measured."""
        data = payload.encode()
        self.socket.sendall(b"i3-ipc" + struct.pack("=II", len(data), kind) + data)
        return self.file.read(struct.unpack("=II", self.file.read(14)[6:])[0])

    def command(self, text):
        results = json.loads(self.call(RUN_COMMAND, text))
        assert all(result["success"] for result in results), (text, results)


class Desk:
    """One running compositor with one client."""

    def __init__(self, program):
        self.stack = contextlib.ExitStack()
        self.directory = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        (self.directory / "config").write_text(CONFIG)
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "SWAYSOCK")} | {
            "XDG_RUNTIME_DIR": str(self.directory), "HOME": str(self.directory), "WAYLAND_DISPLAY": "wayland-1",
            "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_HEADLESS_OUTPUTS": "1"}
        self.client = self._start([str(build.build_dir() / "tests/bench/bench-windows")], environment,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.send("first")
        del environment["WAYLAND_DISPLAY"]
        started = time.monotonic_ns()
        self.compositor = self._start([program, "-c", str(self.directory / "config")], environment,
                                      stderr=subprocess.DEVNULL)
        self.start_ms = (self.answer()[0] - started) / 1e6
        self.ipc = Ipc(next(self.directory.glob("sway-ipc.*.sock")))

    def _start(self, argv, environment, **options):
        process = subprocess.Popen(argv, env=environment, **options)
        self.stack.callback(lambda: (process.kill(), process.wait()))
        return process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.kill()
        self.client.wait()
        self.stack.close()

    def send(self, text):
        self.client.stdin.write(text + "\n")

    def answer(self):
        """(nanoseconds, count) once the client has done what it was sent."""
        line = self.client.stdout.readline().split()
        assert line, "the compositor or the client has died"
        return int(line[0]), int(line[1])

    def ask(self, text):
        self.send(text)
        return self.answer()

    def windows(self):
        return self.ipc.call(GET_TREE).count(b'"app_id"')

    def wait_for(self, count):
        """Until the tree has so many windows; in milliseconds."""
        start = time.monotonic()
        while self.windows() != count:
            assert time.monotonic() < start + PATIENCE, f"{count} windows did not come"
        return (time.monotonic() - start) * 1000

    def cpu_ms(self):
        """Time on a CPU of all threads."""
        tasks = pathlib.Path(f"/proc/{self.compositor.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.compositor.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def rate(self, kind, payload, seconds):
        """Calls a second."""
        count, start = 0, time.monotonic()
        while time.monotonic() < start + seconds:
            self.ipc.call(kind, payload)
            count += 1
        return count / (time.monotonic() - start)


def open_grid(desk, columns, rows):
    """Columns of windows, instead of slivers; one window is there."""
    desk.ask(f"open {columns - 1}")
    for _ in range(columns):
        desk.ipc.command("splitv")
        desk.ask(f"open {rows - 1}")
        desk.ipc.command("focus parent; focus left; focus child")


def measure(program, seconds):
    """All figures of one compositor."""
    with Desk(program) as desk:
        found = {"memory1": desk.memory_mib()}
        open_grid(desk, 10, 5)
        desk.wait_for(50)
        found["memory50"] = desk.memory_mib()
        found["tree"] = desk.rate(GET_TREE, "", seconds)
        found["command"] = desk.rate(RUN_COMMAND, "nop bench", seconds)
        before = desk.cpu_ms()
        frames = desk.ask(f"animate {seconds}")[1]
        found["frame"] = (desk.cpu_ms() - before) / max(frames, 1)
        desk.ask("close")
        desk.wait_for(0)
        start = time.monotonic_ns()
        found["open200"] = (desk.ask("open 200")[0] - start) / 1e6 + desk.wait_for(200)
        found["memory200"] = desk.memory_mib()
        start = time.monotonic_ns()
        found["close200"] = (desk.ask("close")[0] - start) / 1e6 + desk.wait_for(0)
        desk.ask("open 500")
        desk.wait_for(500)
        found |= layouts(desk, 10)
    return found


def layouts(desk, changes):
    cpu, start = desk.cpu_ms(), time.monotonic()
    for _ in range(changes):
        desk.ipc.command("layout toggle split")
    wall = (time.monotonic() - start) * 1000
    desk.ask("open 0")
    return {"layout500wall": wall / changes, "layout500": (desk.cpu_ms() - cpu) / changes}


def start_only(program):
    """Milliseconds, and milliseconds on a CPU; the former hold one interval of the output's clock."""
    with Desk(program) as desk:
        return desk.start_ms, desk.cpu_ms()


def report(rows):
    """One line a measure: the medians and the ratio. The budgets, where there are any."""
    budgets = []
    for key, text, unit, budget, kind in MEASURES:
        pairs = [(ours[key], theirs[key]) for ours, theirs in rows]
        ours, theirs = (statistics.median(column) for column in zip(*pairs))
        ratios = [a / b for a, b in pairs]
        print(f"  {text:42} {ours:9.2f} {unit:4} sway {theirs:9.2f} {unit:4} {statistics.median(ratios):6.2f}x"
              f" ({min(ratios):.2f}-{max(ratios):.2f})", flush=True)
        if budget is not None:
            budgets.append(Budget(f"compositor: {text}, of sway's", budget, kind, ratios))
    return budgets


def run(repeats=3, seconds=2.0):
    program = str(build.build_dir() / "compositor/vixos-compositor")
    sway = shutil.which("sway")
    print("\nthe compositor, headless, 1280x720")
    if sway is None:
        print("  skipped: sway, which it is compared with, is not installed", flush=True)
        return []
    rows = []
    for _ in range(repeats):
        rows.append((measure(program, seconds), measure(sway, seconds)))
        starts = [(start_only(program), start_only(sway)) for _ in range(STARTS)]
        for found, column in zip(rows[-1], zip(*starts)):
            found["start"], found["startcpu"] = map(statistics.median, zip(*column))
    return report(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    print_table(run(arguments.repeats, arguments.seconds))


if __name__ == "__main__":
    main()
