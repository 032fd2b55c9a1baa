# SPDX-License-Identifier: MIT
"""Stock sway without a screen, vixos-proxy and vixos-guest with a socket between them: no VM."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

BUILD = pathlib.Path(os.environ["BUILD"])
PROXY = BUILD / "proxy/host/vixos-proxy"
GUEST = BUILD / "launcher/agent/vixos-guest"
LOAD = BUILD / "tests/bench/bench-load"
SINK = BUILD / "tests/bench/bench-sink"
VM = "work"
REGION_SIZE = 256 * 1024 * 1024

SWAY_CONFIG = """
xwayland disable
default_border none
output * bg #202020 solid_color
output HEADLESS-1 mode --custom 1280x720@60Hz
"""


def wait_until(condition, what, seconds=20):
    """The condition's first true value. Polls, because what is waited for is another process's doing."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


class Session:
    """Programs of one test, with a runtime directory of their own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.runtime = self.folder / "runtime"
        self.runtime.mkdir(mode=0o700)
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("DISPLAY", "WAYLAND_DISPLAY", "SWAYSOCK", "WAYLAND_DEBUG")}
        self.environment["XDG_RUNTIME_DIR"] = str(self.runtime)
        self.environment.update(GSK_RENDERER="cairo", GTK_A11Y="none", GDK_DEBUG="no-portals",
                                LIBGL_ALWAYS_SOFTWARE="1", NO_AT_BRIDGE="1")
        self.host_display = ""
        self.guest_display = str(self.runtime / "guest-0")
        self.processes = []
        self.proxy = self.guest = None

    def start(self, *argv, display=None, **options):
        name = f"{len(self.processes)}-{pathlib.Path(str(argv[0])).name}"
        environment = dict(self.environment, **options.pop("environment", {}))
        if display is not None:
            environment["WAYLAND_DISPLAY"] = display
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen([str(a) for a in argv], env=environment, cwd=self.folder,
                                   stdin=options.pop("stdin", subprocess.DEVNULL),
                                   stdout=options.pop("stdout", log), stderr=log, **options)
        process.log = self.folder / f"{name}.log"
        self.processes.append(process)
        return process

    def start_sway(self):
        config = self.folder / "sway.config"
        config.write_text(SWAY_CONFIG)
        self.start("sway", "-c", config, environment={
            "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"})
        wait_until(lambda: list(self.runtime.glob("sway-ipc.*")), "sway's start")
        self.environment["SWAYSOCK"] = str(next(self.runtime.glob("sway-ipc.*")))
        wait_until(lambda: (self.runtime / "wayland-1").is_socket(), "sway's socket")
        self.host_display = str(self.runtime / "wayland-1")
        # A keyboard that stays: the seat has none of its own, and programs look for one when they start.
        self.start("wtype", "-s", "1000000", "x", display=self.host_display)
        wait_until(lambda: self.sway("-t", "get_inputs") != [], "the keyboard")

    def start_sink(self):
        """A compositor that shows nothing and looks at every frame."""
        process = self.start(SINK, "sink-0", stdout=subprocess.PIPE)
        wait_until(lambda: (self.runtime / "sink-0").is_socket(), "the sink's socket")
        self.host_display = str(self.runtime / "sink-0")
        return process

    def start_forwarding(self, transport, vm=VM):
        link = self.runtime / "link"
        proxy, guest = [PROXY, "--listen", link], [GUEST, "--link", link, "--display", self.guest_display]
        proxy += ["--vm", vm] if vm else ["--untagged"]
        if transport == "region":
            region = pathlib.Path("/dev/shm") / f"region-{os.getpid()}"
            with open(region, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.truncate(REGION_SIZE)
            proxy += ["--region", region]
            guest += ["--region", region]
        else:
            guest += ["--region", "none"]
        self.proxy = self.start(*proxy, display=self.host_display)
        wait_until(link.is_socket, "vixos-proxy's socket")
        self.guest = self.start(*guest)
        wait_until(lambda: pathlib.Path(self.guest_display).is_socket(), "vixos-guest's socket")

    def run(self, *argv, display=None, **options):
        environment = dict(self.environment, WAYLAND_DISPLAY=display or self.guest_display)
        return subprocess.run([str(a) for a in argv], env=environment, cwd=self.folder, timeout=60,
                              stdin=options.pop("stdin", subprocess.DEVNULL), capture_output=True,
                              check=options.pop("check", True), **options).stdout

    def program(self, *argv):
        """Starts a program in the guest."""
        return self.start(*argv, display=self.guest_display)

    def sway(self, *argv):
        return json.loads(self.run("swaymsg", "-r", *argv, display=self.host_display) or "null")

    def windows(self):
        def walk(node):
            if node.get("app_id") is not None:
                yield node
            for child in node.get("nodes", []) + node.get("floating_nodes", []):
                yield from walk(child)
        return list(walk(self.sway("-t", "get_tree")))

    def wait_for_windows(self, count):
        return wait_until(lambda: (w := self.windows()) is not None and len(w) == count and (w or True),
                          f"{count} windows")

    def screenshot(self):
        """Width, height and the bytes of the pixels."""
        data = self.run("grim", "-t", "ppm", "-", display=self.host_display)
        kind, width, height, depth = data.split(None, 4)[:4]
        assert kind == b"P6" and depth == b"255"
        size = int(width) * int(height) * 3
        return int(width), int(height), data[-size:]

    def steady_screenshot(self):
        """One that the next one equals."""
        last = [self.screenshot()]

        def steady():
            image = self.screenshot()
            same, last[0] = image == last[0], image
            return same
        wait_until(steady, "a picture that stays")
        return last[0]

    def type(self, *arguments):
        self.run("wtype", *arguments, display=self.host_display)

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"/dev/shm/region-{os.getpid()}")
