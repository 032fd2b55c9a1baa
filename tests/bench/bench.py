#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures forwarding against its peers, and the compositor against sway, in one run, and prints ratios.

Every measurement is repeated, the targets in turn within each repeat; what is printed is the median of the
repeats' ratios, because this steadies a noisy machine. 'memcpy' is one copy of each frame, the limit of a
forwarder that copies once; 'relays' are two blind byte relays, the floor of any two-process forwarder.
"""

import argparse
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import build  # noqa: E402
import compositor  # noqa: E402
import start  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
REGION_BYTES = 256 * 1024 * 1024


def program(path: str) -> str:
    return str(build.build_dir() / path)


def wait_for(path: pathlib.Path, deadline: float = 10.0) -> None:
    """Waits for a socket to appear."""
    end = time.monotonic() + deadline
    while not path.exists():
        if time.monotonic() > end:
            sys.exit(f"bench: {path.name} did not appear within {deadline:.0f} s")
        time.sleep(0.005)


def cpu_seconds(session: int) -> float:
    """User and system time of all processes of a session (waypipe forks one per client)."""
    ticks = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == session:
                ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def resident_mib(pid: int) -> float:
    """Resident memory without what is shared or mapped from files."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


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


TARGETS = [
    Target("direct", lambda directory: []),
    Target("relays", relay_commands),
    Target("vixos", vixos_region_commands),
    Target("vixos-inline", lambda directory: vixos_commands(directory, [])),
    Target("waypipe", waypipe_commands("none"), shutil.which("waypipe") is not None),
    Target("waypipe-lz4", waypipe_commands("lz4"), shutil.which("waypipe") is not None),
]


def run_once(target: Target, load: list[str]) -> dict:
    """One run of the load through the target: rates, CPU per frame, age and memory."""
    with tempfile.TemporaryDirectory(prefix="bench") as name, contextlib.ExitStack() as stack:
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
        memory = [resident_mib(process.pid) for process in processes]
        sink.send_signal(signal.SIGTERM)
        result |= json.loads(sink.stdout.read())
    frames = result["arrived"] or result["done"]
    return {"rate": frames / result["seconds"], "cpu_ms": used * 1000 / max(result["done"], 1),
            "age_ms": result["age_ms"], "wrong": result["wrong"], "memory": memory}


def memcpy_once(size: str, seconds: str) -> dict:
    """The limit: copies a second, and the milliseconds of one."""
    result = json.loads(subprocess.run([program("tests/bench/bench-load"), "memcpy", size, seconds, "0"],
                                       stdout=subprocess.PIPE, check=True).stdout)
    rate = result["done"] / result["seconds"]
    return {"rate": rate, "cpu_ms": 1000 / rate, "age_ms": 1000 / rate}


def measure(title: str, load: list[str], repeats: int, names: list[str], peers: list[str]) -> None:
    """Runs the load through each target and prints the medians and ratios to the peers."""
    targets = [target for target in TARGETS if target.available and target.name in names]
    rows: dict[str, list[dict]] = {target.name: [] for target in targets}
    for _ in range(repeats):
        if "memcpy" in peers:
            rows.setdefault("memcpy", []).append(memcpy_once(load[1], load[2]))
        for target in targets:
            rows[target.name].append(run_once(target, load))
    print(f"\n{title}")
    for name, results in rows.items():
        median = {key: statistics.median(result[key] for result in results)
                  for key in ("rate", "cpu_ms", "age_ms")}
        line = f"  {name:13} {median['rate']:10.0f}/s  cpu {median['cpu_ms']:7.3f} ms  age {median['age_ms']:7.3f} ms"
        for peer in peers:
            if peer in rows and peer != name:
                ratios = [mine["rate"] / theirs["rate"] for mine, theirs in zip(results, rows[peer])]
                line += f"  {statistics.median(ratios):6.2f}x {peer}"
        wrong = sum(result.get("wrong", 0) for result in results)
        print(line + (f"  {wrong} WRONG FRAMES" if wrong else ""), flush=True)
    for name in ("vixos", "vixos-inline"):
        if name in rows:
            host, guest = rows[name][-1]["memory"]
            print(f"  {name}: anonymous memory of vixos-proxy {host:.1f} MiB, of vixos-guest {guest:.1f} MiB")


def measure_forwarding(arguments: argparse.Namespace) -> None:
    names = arguments.targets.split(",")
    for size in ("1280x720", "1920x1080", "3840x2160"):
        measure(f"frames {size}, all damaged, unpaced", ["frames", size, arguments.seconds, "0"],
                arguments.repeats, names, ["memcpy", "waypipe"])
    measure("frames 1280x720 at 60 Hz", ["frames", "1280x720", arguments.seconds, "60"],
            arguments.repeats, names, ["memcpy"])
    measure("64x64 damaged of 1280x720, unpaced", ["partial", "1280x720", arguments.seconds, "0"],
            arguments.repeats, names, ["direct", "waypipe"])
    measure("round trips", ["roundtrips", arguments.seconds], arguments.repeats, names, ["relays"])
    measure("small requests", ["requests", arguments.seconds], arguments.repeats, names, ["relays"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", default="2")
    parser.add_argument("--only", choices=["forwarding", "compositor", "start"],
                        help="one of the parts")
    parser.add_argument("--vms", type=int, default=20, help="how many are started at once; 0: none")
    parser.add_argument("--targets", default=",".join(target.name for target in TARGETS))
    arguments = parser.parse_args()
    # As packages are built; with LTO gcc warns of what it has inlined too far to understand.
    build.build(["--buildtype=release", "-Db_lto=true", "-Dwerror=false"])
    if arguments.only in (None, "forwarding"):
        measure_forwarding(arguments)
    if arguments.only in (None, "compositor"):
        compositor.run(arguments.repeats, float(arguments.seconds))
    if arguments.only in (None, "start"):
        start.run(arguments.repeats, arguments.vms)


if __name__ == "__main__":
    main()
