# SPDX-License-Identifier: MIT
"""Measures how long it takes until an app in a VM shows a window, phase by phase.

In one run and in turn: a bare boot of the kernel in QEMU up to its first process; the app on the host; a
cold start; a start from a preloaded VM; and the app in a VM that runs. Medians, and ratios of the same repeat.
"""

import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vm"))
import build  # noqa: E402
import chart  # noqa: E402
from budgets import Budget  # noqa: E402

APP = "foot"
MEMORY = "512M"
PHASES = ["vixos", "libvirt", "firmware", "kernel", "init", "agent", "app"]
PHASE_HELP = {
    "vixos": "vixos and vixosd: kernel and boot image are chosen, or a VM is taken",
    "libvirt": "QEMU and virtiofsd come up, or a VM is resumed",
    "firmware": "firmware, and the kernel before it has a clock",
    "kernel": "until process 1 runs",
    "init": "modules, shares, root",
    "agent": "until vixos-guest and vixos-proxy have met",
    "app": "until its first frame",
}


def session_module():
    import session  # pylint: disable=import-outside-toplevel; it reads $BUILD
    return session


def pad(milliseconds: float) -> float:
    return max(milliseconds, 0.0)


def cpio_entry(name: str, mode: int, data: bytes = b"") -> bytes:
    """One entry of an archive in the format 'newc', which the kernel unpacks."""
    fields = [1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    entry = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    entry += b"\0" * (-len(entry) % 4) + data
    return entry + b"\0" * (-len(entry) % 4)


def make_bare_image(folder: pathlib.Path) -> pathlib.Path:
    """A boot image with nothing but a process that says that it runs."""
    image = folder / "bare.cpio"
    image.write_bytes(cpio_entry("dev", 0o40755) +
                      cpio_entry("init", 0o100755, (build.build_dir() / "tests/bench/bench-init").read_bytes()) +
                      cpio_entry("TRAILER!!!", 0))
    return image


def bare_boot(kernel: pathlib.Path, image: pathlib.Path) -> float:
    """Milliseconds until the first process of a VM speaks that has a serial console and nothing else."""
    argv = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", MEMORY, "-smp", "2",
            "-nodefaults", "-display", "none", "-no-reboot", "-kernel", str(kernel), "-initrd", str(image),
            "-append", "console=ttyS0 quiet panic=-1", "-serial", "stdio"]
    begin = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as qemu:
        said = b""
        while b"bench: init" not in said:
            chunk = os.read(qemu.stdout.fileno(), 4096)
            if not chunk:
                sys.exit(f"bench: the bare VM ended: {said[-500:]}")
            said += chunk
        end = time.monotonic()
        qemu.kill()
    return (end - begin) * 1000


class Starts:
    """A session in which VMs are started."""

    def __init__(self, vms: int):
        self.vms = vms
        self.session = session_module().Session("accel tcg\n")
        self.session.start_compositor()
        self.count = 0

    def configure(self, text: str) -> None:
        self.session.config.write_text(f"accel tcg\ndefaults {{\n memory {MEMORY}\n}}\n{text}")
        assert self.session.vixos("list").returncode == 0

    def name(self) -> str:
        self.count += 1
        return f"bench{self.count}"

    def wait_for_window(self, begin: float, tag) -> float:
        """Milliseconds since `begin` until there is a window of the VM `tag` (None: of the host)."""
        self.session.compositor.wait_for_windows(
            lambda windows: any(node.get("sandbox_instance_id") == tag for node in windows), 300)
        return (time.monotonic() - begin) * 1000

    def times(self, name: str) -> dict:
        inspect = lambda: json.loads(self.session.vixos("inspect", name).stdout)["times"]  # noqa: E731
        return session_module().wait_until(
            lambda: inspect() if "firstFrameMs" in inspect() else None, "the first frame")

    def stop(self, name: str) -> None:
        self.session.vixos("stop", "--kill", name)

    def on_host(self) -> dict:
        environment = {**self.session.environment}
        begin = time.monotonic()
        with subprocess.Popen([APP], env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as app:
            total = self.wait_for_window(begin, None)
            app.terminate()
        self.session.compositor.wait_for_windows(lambda windows: not windows)
        return {"total": total, "app": total}

    def spoke_at(self, name: str) -> float:
        """When vixos-init's first line was on the console."""
        ring = self.session.runtime / f"vixos/vm/{name}/console.ring"
        end = time.monotonic() + 300
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if b"init of VM" in ring.read_bytes():
                    return time.monotonic()
            time.sleep(0.005)
        sys.exit("bench: the VM doesn't say anything")

    def cold(self) -> dict:
        name = self.name()
        begin = time.monotonic()
        self.session.spawn("run", "-q", "--name", name, APP)
        spoke = self.spoke_at(name)
        total = self.wait_for_window(begin, name)
        times = self.times(name)
        stamps = [float(stamp) * 1000 for stamp in re.findall(
            r"vixos: \[([0-9.]+)\]", self.session.vixos("logs", name).stdout)]
        self.stop(name)
        # The guest's clock begins when its kernel has one; what came before is the rest.
        resumed = total - times["firstFrameMs"] - times["bootMs"]
        firmware = pad((spoke - begin) * 1000 - resumed - stamps[0])
        kernel, init = stamps[0], stamps[-1] - stamps[0]
        return {"total": total, "libvirt": times["libvirtMs"], "vixos": pad(resumed - times["libvirtMs"]),
                "firmware": firmware, "kernel": kernel, "init": init,
                "agent": pad(times["bootMs"] - firmware - kernel - init), "app": times["firstFrameMs"]}

    def preloaded(self) -> dict:
        self.configure("preload 1\n")
        session_module().wait_until(
            lambda: '"preloaded"' in self.session.vixos("list", "--all", "--json").stdout,
            "a preloaded VM", 300)
        # So that none boots meanwhile.
        name = self.name()
        begin = time.monotonic()
        self.session.spawn("run", "-q", "--name", name, APP)
        total = self.wait_for_window(begin, name)
        self.configure("")
        times = self.times(name)
        if f"'{name}' takes" not in self.session.log() or times["bootMs"] > 2000:
            sys.exit("bench: no preloaded VM was taken:\n" + self.session.log()[-2000:])
        self.stop(name)
        agent, app = times["bootMs"], times["firstFrameMs"]
        return {"total": total, "libvirt": times["libvirtMs"], "agent": agent, "app": app,
                "vixos": pad(total - times["libvirtMs"] - agent - app)}

    def running(self) -> dict:
        name = self.name()
        self.session.start_vm(name)
        begin = time.monotonic()
        self.session.spawn("exec", name, APP)
        total = self.wait_for_window(begin, name)
        self.stop(name)
        return {"total": total, "app": total}

    def many(self) -> dict:
        """All at once, each until its program has run."""
        self.configure("")
        names = [self.name() for _ in range(self.vms)]
        begin = time.monotonic()
        children = [self.session.spawn("run", "-q", "--name", name, "true") for name in names]
        for child in children:
            if child.wait(1800) != 0:
                sys.exit(f"bench: one of {self.vms} VMs failed: {child.stderr.read()}")
        return {"total": (time.monotonic() - begin) * 1000}


def newest_kernel() -> pathlib.Path:
    return max(pathlib.Path("/boot").glob("vmlinuz-*"), key=lambda path: path.stat().st_mtime)


def median(rows: list[dict]) -> dict:
    return {key: statistics.median(row.get(key, 0) for row in rows) for key in rows[0]}


def ratios(rows: list[dict], others: list[dict]) -> list[float]:
    return [row["total"] / other["total"] for row, other in zip(rows, others)]


def measure(starts: Starts, repeats: int) -> dict[str, list[dict]]:
    """Every way of starting, in turn."""
    rows: dict[str, list[dict]] = {name: [] for name in ("bare", "host", "cold", "preloaded", "running")}
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        image = make_bare_image(pathlib.Path(folder))
        starts.configure("")
        starts.cold()  # makes the boot image, and starts libvirt
        for _ in range(repeats):
            rows["bare"].append({"total": bare_boot(newest_kernel(), image)})
            rows["host"].append(starts.on_host())
            rows["cold"].append(starts.cold())
            rows["preloaded"].append(starts.preloaded())
            rows["running"].append(starts.running())
    return rows


def print_table(rows: dict[str, list[dict]]) -> None:
    print(f"\nuntil the first window of {APP}, milliseconds (medians)")
    print(f"  {'':10} {'total':>7}  " + " ".join(f"{phase:>8}" for phase in PHASES))
    for name, results in rows.items():
        middle = median(results)
        cells = " ".join(f"{middle[phase]:8.0f}" if phase in middle else f"{'':8}" for phase in PHASES)
        print(f"  {name:10} {middle['total']:7.0f}  {cells}")
    running = statistics.median(ratios(rows["preloaded"], rows["running"]))
    print(f"  preloaded start against the app in a VM that runs {running:6.2f}", flush=True)


def write_chart(rows: dict[str, list[dict]], path: pathlib.Path) -> None:
    labels = {"bare": "bare QEMU, to process 1", "cold": "cold start", "preloaded": "preloaded VM",
              "running": "VM that runs", "host": "on the host"}
    bars = []
    for name in ("bare", "cold", "preloaded", "running", "host"):
        middle = median(rows[name])
        parts = [(phase, middle[phase]) for phase in PHASES if middle.get(phase)]
        bars.append((labels[name], parts or [("kernel", middle["total"])]))
    path.write_text(chart.stacked_bars(f"From the command to the first window of {APP}", bars, PHASE_HELP))
    print(f"  the chart is {path}")


def run(repeats: int, vms: int) -> list[Budget]:
    starts = Starts(vms)
    try:
        rows = measure(starts, repeats)
        print_table(rows)
        write_chart(rows, build.build_dir() / "start.svg")
        if vms > 0:
            total = starts.many()["total"]
            one = median(rows["cold"])
            print(f"  {vms} VMs at once: {total:.0f} ms, {total / vms:.0f} ms each; "
                  f"{total / vms / (one['total'] - one['app']):.2f} of one alone")
        return [Budget("cold start to the first window, of a bare boot to process 1", 1.5, "most",
                       ratios(rows["cold"], rows["bare"])),
                Budget("preloaded start to the first window, of the app's on the host", 1.3, "most",
                       ratios(rows["preloaded"], rows["host"]))]
    finally:
        starts.session.finish()
