# SPDX-License-Identifier: MIT
"""A desktop with VMs' programs on it, to drag things about with a pointer: our compositor, or stock sway."""

import pathlib
import shutil
import subprocess

from compositor import BUILD, COMPOSITOR, Compositor, Program
from forwarding_fixture import GUEST, PROXY

DRAG_CLIENT = BUILD / "tests/integration/drag-client"
SWAY = shutil.which("sway")
DESKTOPS = {"vixos": COMPOSITOR, "sway": SWAY}


def listens(path):
    """Does somebody listen on the socket? That it exists is not enough."""
    accepting = "00010000"
    lines = (line.split() for line in pathlib.Path("/proc/net/unix").read_text().splitlines())
    # The list is of the whole network namespace: another run may have a socket of that name in its own /tmp.
    return path.exists() and any(fields[-1] == str(path) and fields[3] == accepting for fields in lines)


class Vm:
    """vixos-proxy and vixos-guest on the desktop, without a machine between them."""

    def __init__(self, desk, name):
        self.desk, self.name = desk, name
        link = desk.runtime / f"link-{name}"
        self.display = desk.runtime / f"guest-{name}"
        self.proxy = self._start("proxy", PROXY, "--vm", name, "--listen", link)
        desk.wait_until(lambda: listens(link), "vixos-proxy's socket")
        self.guest = self._start("guest", GUEST, "--link", link, "--display", self.display, "--region", "none")
        desk.wait_until(lambda: listens(self.display), "vixos-guest's socket")

    def _start(self, part, *argv):
        with open(self.log(part), "wb") as log:
            return subprocess.Popen([str(a) for a in argv], env=self.desk.environment, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log)

    def log(self, part):
        return pathlib.Path(self.desk.directory) / f"{self.name}-{part}.log"

    def stop(self):
        """Both halves must have lived until now, and end cleanly."""
        alive = self.proxy.poll() is None and self.guest.poll() is None
        self.guest.terminate()
        status = self.guest.wait(20), self.proxy.wait(20)
        text = self.log("proxy").read_text() + self.log("guest").read_text()
        assert alive and status == (0, 0) and "Sanitizer" not in text, text


class Desk(Compositor):
    """Windows are side by side, each known by its title."""

    base = """
swaybg_command -
swaynag_command -
xwayland disable
output * resolution 1280x720 position 0 0
default_border none
focus_follows_mouse no
"""

    def __init__(self, directory, program):
        super().__init__(directory)
        self.program = program
        self.vms = {}
        self.clients = {}

    def __enter__(self):
        super().__enter__()
        self.mouse = self.pointer()
        return self

    def __exit__(self, kind, value, trace):
        for program in self.programs:
            program.stop()
        try:
            for vm in self.vms.values():
                vm.stop()
        finally:
            super().__exit__(kind, value, trace)

    def vm(self, name):
        if name not in self.vms:
            self.vms[name] = Vm(self, name)
        return self.vms[name]

    def program_in(self, vm, *argv):
        """A program in a VM, or on the host where that is None."""
        display = self.vm(vm).display if vm else self.environment["WAYLAND_DISPLAY"]
        # Toolkits must neither look for a session bus nor wait for one.
        program = Program(argv, self.environment | {"WAYLAND_DISPLAY": str(display), "GSK_RENDERER": "cairo",
                                                    "GTK_A11Y": "none", "GDK_DEBUG": "no-portals"})
        self.programs.append(program)
        return program

    def client(self, title, *arguments, vm=None):
        """The test's client, its window shown."""
        program = self.program_in(vm, DRAG_CLIENT, "-t", title, *arguments)
        program.wait_for("ready")
        self.clients[title] = program
        self.wait_until(lambda: all(map(self._has_its_place, self.clients)), "the windows' places")
        before = self.screenshot()
        while (now := self.screenshot()) != before:
            before = now
        return program

    def _has_its_place(self, title):
        """Has it drawn itself in the size that the tree has, but for a VM's frame?"""
        node = self.find(title)
        sizes = [line.split()[1] for line in self.clients[title].drain() if line.startswith("configured")]
        width, height = map(int, sizes[-1].split("x")) if sizes else (0, 0)
        return node and all(0 <= whole - part <= 30 for whole, part in (
            (node["window_rect"]["width"], width), (node["window_rect"]["height"], height)))

    def center(self, title):
        rect = self.find(title)["rect"]
        return rect["x"] + rect["width"] // 2, rect["y"] + rect["height"] // 2

    def point_at(self, title):
        self.mouse.move(*self.center(title))

    def wiggle(self, title):
        """The pointer moves within the window: motion follows."""
        x, y = self.center(title)
        self.mouse.move(x + 5, y)
        self.mouse.move(x, y)

    def begin(self, title, program):
        """Presses on a window that drags, and waits until the compositor has the drag."""
        self.point_at(title)
        self.mouse.button(True)
        program.wait_for("dragging")
        program.wait_for("pointer leave")

    def drop(self):
        self.mouse.button(False)


def got(desk, program, *starts):
    """Waits until lines that start so came, in any order."""
    def missing():
        lines = program.drain()
        return [start for start in starts if not any(line.startswith(start) for line in lines)]
    desk.wait_until(lambda: not missing(), f"all of {starts}: got {program.lines}")
