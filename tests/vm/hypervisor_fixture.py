# SPDX-License-Identifier: MIT
"""Runs hypervisor-driver with tiny guests, and looks at what is left on the host."""

import os
import pathlib
import queue
import shutil
import subprocess
import threading
import time

BUILD = pathlib.Path(os.environ["BUILD"])
DRIVER = BUILD / "tests/vm/hypervisor-driver"
TINY_GUEST = BUILD / "tests/vm/tiny-guest"
RUNTIME = pathlib.Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
TIMEOUT = 60


def can_run() -> str:
    """Why VMs can't be tested here; empty where they can."""
    for program in ("qemu-system-x86_64", "virsh"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not DRIVER.exists():
        return "hypervisor-driver was not built"
    if not list(pathlib.Path("/boot").glob("vmlinuz-*")):
        return "no kernel in /boot"
    return ""


class Driver:
    """One run of hypervisor-driver. Lines it prints are matched by their beginning."""

    def __init__(self, directory: pathlib.Path, config: str = "accel tcg\n"):
        programs = directory / "programs"
        if not programs.exists():
            programs.mkdir(parents=True)
            for name in ("vixos-init", "vixos-guest", "vixos-tool"):
                shutil.copy(TINY_GUEST, programs / name)
        (directory / "config").write_text(config)
        environment = {**os.environ, "VIXOS_CONFIG": str(directory / "config"),
                       "VIXOS_GUEST_PROGRAMS": str(programs),
                       "XDG_CACHE_HOME": str(directory / "cache")}
        (directory / "cache").mkdir(exist_ok=True)
        self.process = subprocess.Popen([DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.seen: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def tell(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait_for(self, *beginnings: str, timeout: float = TIMEOUT) -> str:
        """The next line that begins with one of `beginnings`; lines before it are kept in `seen`."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self.lines.get(timeout=max(end - time.monotonic(), 0))
            except queue.Empty:
                raise AssertionError(f"no line with {beginnings}; last: {self.seen[-20:]}") from None
            assert line is not None, f"the driver ended; last: {self.seen[-20:]}"
            self.seen.append(line)
            if line.startswith(beginnings):
                return line

    def start(self, name: str) -> str:
        self.tell(f"start {name}")
        line = self.wait_for(f"done start {name}")
        assert " ok " in line, line
        return line

    def start_and_wait(self, name: str) -> str:
        line = self.start(name)
        self.wait_for(f"console {name}: ready")
        return line

    def quit(self) -> int:
        self.tell("quit")
        return self.process.wait(timeout=30)


def domains() -> list[str]:
    result = subprocess.run(["virsh", "-q", "-c", "qemu:///session", "list", "--name", "--all"],
                            capture_output=True, text=True, check=True)
    return [name for name in result.stdout.split() if name.startswith("vixos-")]


def regions() -> list[str]:
    return [path.name for path in pathlib.Path("/dev/shm").glob("vixos-*")]


def folders() -> list[str]:
    return [path.name for path in (RUNTIME / "vixos/vm").glob("*")]


def processes(program: str, word: str = "") -> list[int]:
    """Ids of this user's processes that run `program` with `word` on their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            comm = (path / "comm").read_text().strip()
            if (path.stat().st_uid == os.getuid() and comm == program[:15]
                    and word.encode() in (path / "cmdline").read_bytes()):
                found.append(int(path.name))
        except OSError:
            pass
    return found


def qemus(vm: str = "") -> list[int]:
    return processes("qemu-system-x86_64", f"guest=vixos-{vm}")


def wait_until(condition, what: str, timeout: float = 20) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def assert_nothing_left() -> None:
    wait_until(lambda: not domains(), f"domains are left: {domains()}")
    assert regions() == []
    assert folders() == []
    wait_until(lambda: not qemus(), "QEMU is left")
    wait_until(lambda: not processes("virtiofsd"), "virtiofsd is left")
