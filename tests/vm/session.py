# SPDX-License-Identifier: MIT
"""A desktop session for tests: runtime folder, headless compositor, vixosd, and helpers that wait for events."""

import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

BUILD = pathlib.Path(os.environ["BUILD"])
VIXOS = BUILD / "launcher/cli/vixos"
VIXOSD = BUILD / "launcher/daemon/vixosd"
VIXOS_COMPOSITOR = BUILD / "compositor/vixos-compositor"
BOOT_TIMEOUT = 150  # seconds; software emulation on a busy machine


def can_run() -> str:
    """Why VMs can't be tested here; empty where they can."""
    for program in ("qemu-system-x86_64", "virsh", "sway", "foot"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    for program in (VIXOS, VIXOSD, BUILD / "proxy/host/vixos-proxy"):
        if not program.exists():
            return f"{program.name} was not built"
    if not list(pathlib.Path("/boot").glob("vmlinuz-*")):
        return "no kernel in /boot"
    return ""


def wait_until(condition, what: str, timeout: float = 30):
    """For what has no event to wait for: looks again and again, with a deadline; gives what was found."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {timeout} s"
        time.sleep(0.05)


def processes(name: str) -> list[int]:
    """Process ids of all that run the program `name` (of a path's last part)."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            argv = (folder / "cmdline").read_bytes().split(b"\0")
            program = os.fsdecode(argv[0]).rsplit("/", 1)[-1]
            is_zombie = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
            if program == name and not is_zombie:
                found.append(int(folder.name))
    return found


def kill_all(name: str) -> None:
    """kill -9 for all that run `name`; returns when their last threads, and so their sockets, are gone."""
    pids = processes(name)
    assert pids, f"no {name} runs"
    for pid in pids:
        # One of them may end because another did.
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                assert select.select([handle], [], [], 30)[0], f"{name} {pid} does not end"
            finally:
                os.close(handle)


class Sway:
    """A headless compositor that speaks sway's IPC."""

    def __init__(self, runtime: pathlib.Path, program: str = "sway"):
        self.runtime = runtime
        config = runtime / "compositor-config"
        config.write_text("output HEADLESS-1 resolution 1280x720\n"
                          "default_border normal\nfocus_follows_mouse no\n")
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "WLR_BACKENDS": "headless",
                       "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"}
        for name in ("WAYLAND_DISPLAY", "SWAYSOCK", "DISPLAY"):
            environment.pop(name, None)
        self.log = runtime / "compositor.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([program, "-c", str(config)], env=environment,
                                            stdout=log, stderr=log)
        self.display = wait_until(self._find_display, "the compositor's Wayland socket")
        self.socket_path = wait_until(self._find_ipc, "the compositor's IPC socket")

    def _find_display(self):
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        names = [path.name for path in self.runtime.glob("wayland-*") if path.is_socket()]
        return names[0] if names else None

    def _find_ipc(self):
        found = list(self.runtime.glob(f"*-ipc.*.{self.process.pid}.sock"))
        return str(found[0]) if found else None

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(30)
        connection.connect(self.socket_path)
        return connection

    @staticmethod
    def _send(connection, kind: int, payload: str) -> None:
        data = payload.encode()
        connection.sendall(b"i3-ipc" + struct.pack("<II", len(data), kind) + data)

    @staticmethod
    def _receive(connection):
        def exactly(size):
            data = b""
            while len(data) < size:
                chunk = connection.recv(size - len(data))
                assert chunk, "the compositor closed the IPC connection"
                data += chunk
            return data

        length, _ = struct.unpack("<II", exactly(14)[6:])
        return json.loads(exactly(length))

    def ask(self, kind: int, payload: str = ""):
        with self._connect() as connection:
            self._send(connection, kind, payload)
            return self._receive(connection)

    def windows(self) -> list[dict]:
        """All views of the tree."""
        found, nodes = [], [self.ask(4)]
        while nodes:
            node = nodes.pop()
            nodes += node["nodes"] + node["floating_nodes"]
            if node.get("pid") and node["type"] in ("con", "floating_con"):
                found.append(node)
        return found

    def wait_for_windows(self, wanted, timeout: float = 100) -> list[dict]:
        """Until `wanted(windows)` is true; wakes up with the compositor's window events."""
        end = time.monotonic() + timeout
        with self._connect() as connection:
            self._send(connection, 2, '["window"]')
            assert self._receive(connection)["success"]
            while True:
                windows = self.windows()
                if wanted(windows):
                    return windows
                left = end - time.monotonic()
                assert left > 0, f"windows are {[node['name'] for node in windows]}"
                if select.select([connection], [], [], left)[0]:
                    self._receive(connection)

    def screenshot(self, path: pathlib.Path):
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime),
                       "WAYLAND_DISPLAY": self.display}
        subprocess.run(["grim", str(path)], env=environment, check=True, timeout=30)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Session:
    """One user session. Programs of VixOS in it are started by `vixos` and `spawn`."""

    def __init__(self, config: str = "", has_home: bool = False, parent: str = "/tmp"):
        """With a home: its configuration is there, and definitions can be made. The runtime folder is in `parent`."""
        # Short: sockets of VMs below it must fit into 107 bytes.
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="vx", dir=parent))
        self.config = self.runtime / "config"
        self.config.write_text(config or "accel tcg\n")
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime),
                            "VIXOS_CONFIG": str(self.config), "LANG": "C.UTF-8"}
        for name in ("WAYLAND_DISPLAY", "DISPLAY", "SWAYSOCK"):
            self.environment.pop(name, None)
        if has_home:
            self.home = self.runtime / "home"
            self.config = self.home / ".config/vixos/config"
            self.config.parent.mkdir(parents=True)
            self.config.write_text(config or "accel tcg\n")
            self.environment["HOME"] = str(self.home)
            for name in ("VIXOS_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
                self.environment.pop(name, None)
        self.compositor = None
        self.children: list[subprocess.Popen] = []

    def start_compositor(self, program: str = "sway") -> Sway:
        self.compositor = Sway(self.runtime, program)
        self.environment["WAYLAND_DISPLAY"] = self.compositor.display
        return self.compositor

    def make_users_root(self) -> None:
        """In all its VMs from now on: what a guest could do whose user has broken its kernel."""
        programs = self.runtime / "programs"
        programs.mkdir()
        shutil.copy(BUILD / "tests/vm/rootful-init", programs / "vixos-init")
        for name in ("vixos-guest", "vixos-tool"):
            shutil.copy(BUILD / "launcher/agent" / name, programs)
        self.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
        self.environment["XDG_CACHE_HOME"] = str(self.runtime / "cache")

    # Programs

    def vixos(self, *words: str, timeout: float = BOOT_TIMEOUT, **options):
        """Runs vixos to its end; gives the CompletedProcess with text output."""
        options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
        if options["stdin"] is None:
            del options["stdin"]
        environment = {**self.environment, **options.pop("environment", {})}
        return subprocess.run([VIXOS, *words], env=environment, capture_output=True, text=True,
                              timeout=timeout, check=False, **options)

    def spawn(self, *words: str, **options) -> subprocess.Popen:
        """Starts vixos and leaves it running."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        child = subprocess.Popen([VIXOS, *words], env=self.environment, text=True, **options)
        self.children.append(child)
        return child

    def list(self) -> dict[str, dict]:
        result = self.vixos("list", "--json")
        assert result.returncode == 0, result.stderr
        return {vm["name"]: vm for vm in json.loads(result.stdout)}

    def wait_for_state(self, name: str, *states: str, timeout: float = BOOT_TIMEOUT) -> dict:
        def look():
            vm = self.list().get(name)
            return vm if (vm["state"] if vm else "gone") in states and (vm or True) else None

        return wait_until(look, f"VM {name} is {' or '.join(states)}", timeout)

    def start_vm(self, name: str, program: str = "sleep", *words: str) -> None:
        """A VM that stays until it is stopped."""
        result = self.vixos("run", "--background", "--name", name, program, *(words or ("100000",)))
        assert result.returncode == 0, result.stderr + self.log()

    def log(self) -> str:
        path = self.runtime / "vixos/vixosd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def vixosd_pid(self) -> int:
        found = [pid for pid in processes("vixosd") if self._is_ours(pid)]
        assert len(found) == 1, found
        return found[0]

    def _is_ours(self, pid: int) -> bool:
        try:
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"XDG_RUNTIME_DIR={self.runtime}\0".encode() in environment

    # What is left

    def domains(self) -> list[str]:
        result = subprocess.run(["virsh", "-q", "-c", "qemu:///session", "list", "--name", "--all"],
                                capture_output=True, text=True, check=True, env=self.environment,
                                timeout=60)
        return [name for name in result.stdout.split() if name.startswith("vixos-")]

    def leftovers(self) -> list[str]:
        """Everything of VMs that there still is."""
        found = [f"domain {name}" for name in self.domains()]
        found += [str(path) for path in pathlib.Path("/dev/shm").glob("vixos-*")]
        found += [str(path) for path in (self.runtime / "vixos/vm").glob("*")]
        found += [str(path) for path in (self.runtime / "libvirt/qemu/run/passt").glob("vixos-*")]
        for program in ("qemu-system-x86_64", "virtiofsd", "passt", "pasta", "vixos-net", "vixos-proxy", "vixos-usb"):
            found += [f"{program} {pid}" for pid in processes(program)]
        return found

    def assert_nothing_left(self) -> None:
        try:
            wait_until(lambda: not self.leftovers(), "nothing is left", 20)
        except AssertionError:
            raise AssertionError(f"left: {self.leftovers()}\n{self.log()}") from None

    def finish(self) -> None:
        """Ends everything and says what would not go."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        problems = []
        if (self.runtime / "vixos/org.vixos.Manager").exists():
            result = self.vixos("stop", "--all", "--kill")
            if result.returncode != 0:
                problems.append(result.stderr)
        for pid in [pid for pid in processes("vixosd") if self._is_ours(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            wait_until(lambda pid=pid: pid not in processes("vixosd"), "vixosd ends")
        if self.compositor is not None:
            self.compositor.stop()
        for program in ("virtqemud", "libvirtd"):
            for pid in [pid for pid in processes(program) if self._is_ours(pid)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                wait_until(lambda pid=pid, program=program: pid not in processes(program),
                           f"{program} ends")
        log = self.log()
        shutil.rmtree(self.runtime, ignore_errors=True)
        assert not problems, problems
        assert not re.search(r"AddressSanitizer|LeakSanitizer|runtime error", log), log
