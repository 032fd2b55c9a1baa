# SPDX-License-Identifier: MIT
"""The compositor without a screen, and programs in it, for tests. Waits for events, never sleeps."""

import io
import json
import os
import pathlib
import queue
import socket
import struct
import subprocess
import threading
import time

from PIL import Image

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
COMPOSITOR = BUILD / "compositor/vixos-compositor"
WINDOW_CLIENT = BUILD / "tests/integration/window-client"
SHELL_CLIENT = BUILD / "tests/integration/shell-client"
DOMAIN_CLIENT = BUILD / "tests/integration/domain-client"
TIMEOUT = 20

CONFIG = """
swaybg_command -
swaynag_command -
xwayland disable
set $mod Mod4
output * resolution 1280x720 position 0 0
bindsym $mod+d vm_menu
bindsym $mod+Shift+Return vm_shell
bindsym $mod+Shift+q kill
bindsym $mod+v splitv
bindsym $mod+x mark pressed
"""


class Program:
    """A program whose output is read line by line."""

    def __init__(self, argv, environment):
        self.process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True, bufsize=1)
        self.lines = []
        self.queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def wait_for(self, start, timeout=TIMEOUT):
        """The next line that starts so; what comes before it is kept in `lines`."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self.queue.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"'{start}' did not come; got {self.lines}") from None
            if line is None:
                raise AssertionError(f"the program ended before '{start}'; got {self.lines}")
            self.lines.append(line)
            if line.startswith(start):
                return line

    def send(self, command):
        """Runs a command of the test client, and returns what it printed until it was done."""
        before = len(self.lines)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.wait_for("done")
        return self.lines[before:]

    def drain(self):
        """Everything that it has printed by now."""
        while True:
            try:
                line = self.queue.get_nowait()
            except queue.Empty:
                return self.lines
            if line is not None:
                self.lines.append(line)

    def wait_for_end(self):
        while self.queue.get(timeout=TIMEOUT) is not None:
            pass
        return self.process.wait(TIMEOUT)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()


class Ipc:
    """i3's protocol: commands, queries, events."""

    RUN_COMMAND, GET_WORKSPACES, SUBSCRIBE, GET_OUTPUTS, GET_TREE = range(5)
    GET_INPUTS = 100

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))

    def _receive(self, size):
        data = b""
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            if not chunk:
                raise ConnectionError("the compositor closed the connection")
            data += chunk
        return data

    def receive(self):
        header = self._receive(14)
        size, kind = struct.unpack("=II", header[6:])
        return kind, json.loads(self._receive(size))

    def call(self, kind, payload=""):
        data = payload.encode()
        self.socket.sendall(b"i3-ipc" + struct.pack("=II", len(data), kind) + data)
        return self.receive()[1]


class Pointer:
    """A virtual pointer, spoken to in Wayland's own bytes: (object, opcode, arguments)."""

    REGISTRY, SYNC, MANAGER, POINTER = range(2, 6)

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self._send(1, 1, struct.pack("=I", self.REGISTRY))
        self._send(1, 0, struct.pack("=I", self.SYNC))
        interface = b"zwlr_virtual_pointer_manager_v1\0"
        self._send(self.REGISTRY, 0, struct.pack("=II", self._find(interface), len(interface)) + interface
                   + struct.pack("=II", 1, self.MANAGER))
        self._send(self.MANAGER, 0, struct.pack("=II", 0, self.POINTER))

    def _send(self, number, opcode, arguments):
        self.socket.sendall(struct.pack("=II", number, (len(arguments) + 8) << 16 | opcode) + arguments)

    def _find(self, interface):
        """The global's name, from the registry's events."""
        data = b""
        while True:
            data += self.socket.recv(65536)
            at = 0
            while at + 8 <= len(data):
                number, size = struct.unpack_from("=II", data, at)
                if at + (size >> 16) > len(data):
                    break
                if number == self.REGISTRY and data[at + 16:at + 16 + len(interface)] == interface:
                    return struct.unpack_from("=I", data, at + 8)[0]
                at += size >> 16

    def move(self, x, y, width=1280, height=720):
        self._send(self.POINTER, 1, struct.pack("=IIIII", 0, x, y, width, height))
        self._send(self.POINTER, 4, b"")

    def button(self, pressed, button=0x110):
        self._send(self.POINTER, 2, struct.pack("=III", 0, button, pressed))
        self._send(self.POINTER, 4, b"")

    def click(self, x, y):
        self.move(x, y)
        self.button(True)
        self.button(False)


def leaves(node):
    children = node.get("nodes", []) + node.get("floating_nodes", [])
    if not children and node["type"] in ("con", "floating_con"):
        yield node
    for child in children:
        yield from leaves(child)


class Compositor:
    """One running compositor; a context manager that also checks its clean end."""

    # VIXOS_TEST_COMPOSITOR=sway plays the same tests to sway: is it us or the program?
    program = os.environ.get("VIXOS_TEST_COMPOSITOR", COMPOSITOR)
    base = CONFIG

    def __init__(self, directory, config="", scale=1):
        self.directory = pathlib.Path(directory)
        self.runtime = self.directory / "runtime"
        self.runtime.mkdir(mode=0o700)
        (self.directory / "config").write_text(self.base + config)
        self.environment = {
            key: value for key, value in os.environ.items()
            if key not in ("WAYLAND_DISPLAY", "DISPLAY", "SWAYSOCK", "I3SOCK")
        } | {
            "XDG_RUNTIME_DIR": str(self.runtime), "HOME": str(self.directory),
            "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_HEADLESS_OUTPUTS": "1", "XCURSOR_SIZE": "24",
        }
        self.programs = []
        self.process = None

    def __enter__(self):
        self.log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen([str(self.program), "-d", "-c", str(self.directory / "config")],
                                        env=self.environment, stdin=subprocess.PIPE, stdout=self.log,
                                        stderr=self.log)
        self.wait_until(self._sockets, "the compositor's sockets")
        self.environment["WAYLAND_DISPLAY"] = "wayland-1"
        self.environment["SWAYSOCK"] = str(self._sockets())
        self.ipc = self.wait_until(self._connect, "the IPC connection")
        # A keyboard that stays, so that clients have one before the first key is typed.
        self.start("wtype", "-s", "100000000", "-k", "a")
        self.wait_until(lambda: self.ipc.call(Ipc.GET_INPUTS), "a keyboard")
        return self

    def __exit__(self, kind, value, trace):
        for program in self.programs:
            program.stop()
        self.ipc.socket.close()
        self.process.stdin.close()
        status = self.stop() if self.process.poll() is None else self.process.returncode
        self.log.close()
        if kind is None:
            assert status == 0, (self.directory / "log").read_text(errors="replace")[-6000:]

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _sockets(self):
        assert self.process.poll() is None, (self.directory / "log").read_text()[-3000:]
        found = list(self.runtime.glob("sway-ipc.*.sock"))
        return found[0] if found and (self.runtime / "wayland-1").exists() else None

    def _connect(self):
        """None between the socket's bind and listen."""
        try:
            return Ipc(self.environment["SWAYSOCK"])
        except ConnectionRefusedError:
            return None

    def wait_until(self, condition, what, timeout=TIMEOUT):
        """For what no event tells of: asks again until the condition holds."""
        end = time.monotonic() + timeout
        while True:
            result = condition()
            if result:
                return result
            assert time.monotonic() < end, f"{what} did not come"
            assert self.process is None or self.process.poll() is None, "the compositor is gone"
            time.sleep(0.02)

    def run(self, *argv):
        """Runs a program to its end."""
        return subprocess.run([str(a) for a in argv], env=self.environment, check=True,
                              capture_output=True, timeout=TIMEOUT)

    def start(self, *argv):
        program = Program(argv, self.environment)
        self.programs.append(program)
        return program

    def window(self, *arguments, title="window", vm=None, wait=True):
        """A window of the test client, tagged with a VM's name where given."""
        tag = ["-e", "org.vixos", "-a", vm, "-i", vm] if vm else []
        program = self.start(WINDOW_CLIENT, *tag, "-t", title, *arguments)
        if wait:
            self.wait_until(lambda: self.find(title), f"the window '{title}'")
        return program

    def command(self, text):
        results = self.ipc.call(Ipc.RUN_COMMAND, text)
        assert all(result["success"] for result in results), results
        return results

    def pointer(self):
        return Pointer(self.runtime / "wayland-1")

    def tree(self):
        return self.ipc.call(Ipc.GET_TREE)

    def find(self, title):
        for node in leaves(self.tree()):
            if node["name"] == title:
                return node
        return None

    def focused(self):
        for node in leaves(self.tree()):
            if node["focused"]:
                return node["name"]
        return None

    def key(self, *arguments):
        self.run("wtype", *arguments)

    def screenshot(self, name=None, cursor=False):
        data = self.run("grim", *(["-c"] if cursor else []), "-").stdout
        image = Image.open(io.BytesIO(data)).convert("RGB")
        image.save(self.directory / f"{name or 'screen'}.png")
        return image

    def wait_for_pixel(self, x, y, color):
        self.wait_until(lambda: self.screenshot().getpixel((x, y)) == color, f"{color} at {x},{y}")


def rgb(text):
    return tuple(int(text.lstrip("#")[i:i + 2], 16) for i in (0, 2, 4))


def count_color(image, color, box=None):
    """How many pixels of exactly this colour there are."""
    region = image.crop(box) if box else image
    wanted = bytes(color)
    data = region.tobytes()
    return sum(1 for i in range(0, len(data), 3) if data[i:i + 3] == wanted)
