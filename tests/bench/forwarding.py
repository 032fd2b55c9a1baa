# SPDX-License-Identifier: MIT
"""Measures forwarding against its peers.

'memcpy' is one copy of each frame between two pieces of shared memory, at the same pace: the limit of a
forwarder that copies once. 'relays' are two blind byte relays, the floor of any two-process forwarder. Targets
take turns within each repeat, and ratios are of the same repeat, because this steadies a noisy machine.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import build
from budgets import Budget

TICK = os.sysconf("SC_CLK_TCK")
REGION_BYTES = 256 * 1024 * 1024
SIZES = ("1280x720", "1920x1080", "3840x2160")


def program(path: str) -> str:
    return str(build.build_dir() / path)


def wait_for(path: pathlib.Path, deadline: float = 10.0) -> None:
    """Waits for a socket to appear."""
    end = time.monotonic() + deadline
    while not path.exists():
        if time.monotonic() > end:
            sys.exit(f"bench: {path.name} did not appear within {deadline:.0f} s")
        time.sleep(0.005)


def process_cpu_seconds(process: pathlib.Path, stat: list[str]) -> float:
    """Time on a CPU: to the nanosecond of threads that run, to the tick of threads and children that have ended."""
    own, children = (sum(map(int, stat[first:first + 2])) / TICK for first in (11, 13))
    running = sum(int(task.read_text().split()[0]) for task in process.glob("task/*/schedstat")) / 1e9
    return max(own, running) + children


def cpu_seconds(session: int) -> float:
    """Time on a CPU of all processes of a session (waypipe forks one per client)."""
    total = 0.0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (process / "stat").read_text().rsplit(")", 1)[1].split()
            if int(stat[3]) == session:
                total += process_cpu_seconds(process, stat)
    return total


def resident_mib(pid: int) -> float:
    """Resident memory without shared memory, which is the region."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssFile")) / 1024


class Target:
    """A way from the load to the sink; commands() gives (argv, socket it makes) in starting order."""

    def __init__(self, name: str, make_commands, available: bool = True):
        self.name, self.make_commands, self.available = name, make_commands, available


def relay_commands(directory):
    return [([program("tests/bench/bench-relay"), f"{directory}/near", f"{directory}/sink"], "near"),
            ([program("tests/bench/bench-relay"), f"{directory}/guest", f"{directory}/near"], "guest")]


def vixos_commands(directory, region):
    return [([program("proxy/host/vixos-proxy"), "--vm", "bench", "--untagged", "--listen", f"{directory}/link",
              "--display", f"{directory}/sink", *region], "link"),
            ([program("launcher/agent/vixos-guest"), "--link", f"{directory}/link",
              "--display", f"{directory}/guest", *(region or ["--region", "none"])], "guest")]


def vixos_region_commands(directory):
    region = pathlib.Path(directory) / "region"
    with region.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, REGION_BYTES)
    return vixos_commands(directory, ["--region", str(region)])


def waypipe_commands(compression):
    def commands(directory):
        common = ["waypipe", "-c", compression, "-s", f"{directory}/link"]
        return [([*common, "client"], "link"),
                ([*common, "--display", f"{directory}/guest", "server", "--", "sleep", "1000"], "guest")]
    return commands


HAS_WAYPIPE = shutil.which("waypipe") is not None
WAYPIPES = ["waypipe", "waypipe-lz4"]
TARGETS = [
    Target("direct", lambda directory: []),
    Target("relays", relay_commands),
    Target("vixos", vixos_region_commands),
    Target("vixos-inline", lambda directory: vixos_commands(directory, [])),
    Target("waypipe", waypipe_commands("none"), HAS_WAYPIPE),
    Target("waypipe-lz4", waypipe_commands("lz4"), HAS_WAYPIPE),
]


def run_once(target: Target, load: list[str]) -> dict:
    """One run of the load through the target: rates, CPU per frame, age and memory."""
    # In memory: a region on a disk would be written to it.
    with tempfile.TemporaryDirectory(prefix="bench", dir="/dev/shm") as name, contextlib.ExitStack() as stack:
        directory = pathlib.Path(name)
        environment = {**os.environ, "XDG_RUNTIME_DIR": name, "WAYLAND_DISPLAY": f"{name}/sink"}

        def start(argv, socket, **options):
            process = subprocess.Popen(argv, env=environment, start_new_session=True, **options)
            stack.callback(lambda: (os.killpg(process.pid, signal.SIGKILL), process.wait()))
            wait_for(directory / socket)
            return process

        sink = start([program("tests/bench/bench-sink"), "sink"], "sink", stdout=subprocess.PIPE)
        processes = [start(argv, socket, stderr=subprocess.DEVNULL)
                     for argv, socket in target.make_commands(name)]
        environment["WAYLAND_DISPLAY"] = f"{name}/guest" if processes else f"{name}/sink"
        before = [cpu_seconds(process.pid) for process in processes]
        result = json.loads(subprocess.run([program("tests/bench/bench-load"), *load], env=environment,
                                           stdout=subprocess.PIPE, check=True, timeout=120).stdout)
        used = sum(cpu_seconds(process.pid) for process in processes) - sum(before)
        memory = [] if target.name == "relays" else [resident_mib(process.pid) for process in processes]
        sink.send_signal(signal.SIGTERM)
        result |= json.loads(sink.stdout.read())
    frames = result["arrived"] or result["done"]
    return {"rate": frames / result["seconds"], "cpu_ms": used * 1000 / max(frames, 1),
            "age_ms": result["age_ms"], "wrong": result["wrong"], "memory": memory}


def copy_once(load: list[str]) -> dict:
    """The limit, at the load's pace."""
    result = json.loads(subprocess.run([program("tests/bench/bench-copy"), *load[1:]],
                                       stdout=subprocess.PIPE, check=True).stdout)
    return {"rate": result["done"] / result["seconds"], "cpu_ms": result["cpu_seconds"] * 1000 / result["done"],
            "age_ms": result["age_ms"]}


def in_turn(items: list, start: int) -> list:
    """Whoever is first in one repeat is last in the next."""
    start %= len(items)
    return items[start:] + items[:start]


def take_turns(load: list[str], repeats: int, names: list[str], with_copy: bool) -> dict[str, list[dict]]:
    measures = {target.name: (lambda target=target: run_once(target, load))
                for target in TARGETS if target.available and target.name in names}
    if with_copy:
        measures["memcpy"] = lambda: copy_once(load)
    rows: dict[str, list[dict]] = {name: [] for name in measures}
    for repeat in range(repeats):
        for name in in_turn(list(measures), repeat):
            rows[name].append(measures[name]())
    return rows


def ratios(rows: dict, key: str, name: str, peer: str) -> list[float]:
    """A repeat each; none where one of the two wasn't measured."""
    return [mine[key] / theirs[key] for mine, theirs in zip(rows.get(name, []), rows.get(peer, []))
            if theirs[key] > 0]


def spread(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def report(title: str, rows: dict[str, list[dict]], peers: list[str]) -> None:
    """Medians, and ratios to the peers with the range of the repeats."""
    print(f"\n{title}")
    for name, results in rows.items():
        median = {key: statistics.median(result[key] for result in results)
                  for key in ("rate", "cpu_ms", "age_ms")}
        line = f"  {name:13} {median['rate']:10.0f}/s  cpu {median['cpu_ms']:8.4f} ms  age {median['age_ms']:7.3f} ms"
        for peer in peers:
            if peer != name and (found := ratios(rows, "rate", name, peer)):
                line += f"  {spread(found, '.2f')} x {peer}"
        wrong = sum(result.get("wrong", 0) for result in results)
        print(line + (f"  {wrong} WRONG FRAMES" if wrong else ""), flush=True)


def best_waypipe(rows: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Beside the rows, a peer that is in each repeat as good as the better of waypipe's modes."""
    modes = [rows[name] for name in WAYPIPES if name in rows]
    best = [{"rate": max(mode["rate"] for mode in repeat), "cpu_ms": min(mode["cpu_ms"] for mode in repeat)}
            for repeat in zip(*modes)]
    return {**rows, "best waypipe": best}


def frame_budgets(size: str, rows: dict[str, list[dict]]) -> list[Budget]:
    rows = best_waypipe(rows)
    limit = ratios(rows, "rate", "memcpy", "best waypipe")
    note = f"one memcpy a frame and nothing else: {statistics.median(limit):.2f}" if limit else ""
    return [
        Budget(f"{size} unpaced: frames/s, of memcpy's", 0.7, "least", ratios(rows, "rate", "vixos", "memcpy")),
        Budget(f"{size} unpaced: CPU per frame, of memcpy's", 1.3, "most",
               ratios(rows, "cpu_ms", "vixos", "memcpy")),
        Budget(f"{size} unpaced: frames/s, of the better waypipe's", 8, "least",
               ratios(rows, "rate", "vixos", "best waypipe"), note=note),
        Budget(f"{size} unpaced: CPU per frame, of the better waypipe's", round(1 / 12, 3), "most",
               ratios(rows, "cpu_ms", "vixos", "best waypipe")),
    ]


def paced_budgets(rows: dict[str, list[dict]]) -> list[Budget]:
    pairs = zip(rows.get("vixos", []), rows.get("memcpy", []))
    return [Budget("1280x720 at 60 Hz: age on arrival, over a memcpy at 60 Hz", 0.3, "most",
                   [mine["age_ms"] - theirs["age_ms"] for mine, theirs in pairs], " ms")]


def run(repeats: int, seconds: str, names: list[str]) -> list[Budget]:
    budgets = []
    for size in SIZES:
        rows = take_turns(["frames", size, seconds, "0"], repeats, names, True)
        report(f"frames {size}, all damaged, unpaced", rows, ["memcpy", *WAYPIPES])
        budgets += frame_budgets(size, rows)
    rows = take_turns(["frames", "1280x720", seconds, "60"], repeats, names, True)
    report("frames 1280x720 at 60 Hz", rows, [])
    budgets += paced_budgets(rows)
    memory = [row["memory"][0] for row in rows.get("vixos", [])]
    rows = take_turns(["partial", "1280x720", seconds, "0"], repeats, names, False)
    report("64x64 damaged of 1280x720, unpaced", rows, ["direct", "waypipe"])
    for load, title in (("roundtrips", "round trips"), ("requests", "small requests")):
        rows = take_turns([load, seconds], repeats, names, False)
        report(title, rows, ["relays"])
        budgets.append(Budget(f"{title}/s, of two blind relays'", 0.9, "least",
                              ratios(rows, "rate", "vixos", "relays")))
    budgets.append(Budget("resident memory of vixos-proxy, region aside", 6, "most", memory, " MiB"))
    return budgets
