#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job, shown: two VMs, a real app in each, their windows side by side in the VMs' colours.

On a desktop the compositor opens as a window and stays until it is closed. Without one it runs headless, takes a
screenshot through the compositor's own screencopy, checks what is in it, and stops everything.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import build  # noqa: E402

# One VM each: name, colour, what its menu entry would say, and what is started in it.
VMS = [
    {"name": "work", "color": "#3465a4", "command": ["foot", "--", "sh", "-c",
     "echo; echo '  This terminal runs in a VM of its own:'; echo; uname -snrm; id; df -h / /usr; exec sh"]},
    {"name": "untrusted", "color": "#cc0000", "command": ["gtk4-node-editor"]},
]
VM_CONFIG = pathlib.Path(__file__).with_name("vms.scfg")
COMPOSITOR_CONFIG = pathlib.Path(__file__).with_name("compositor.config")
WINDOW_DEADLINE = 180.0  # seconds; software emulation takes about 15


class DemoError(Exception):
    """What failed, and what to do about it, in one sentence."""


class Demo:
    """The compositor and the VMs that were started, and their end."""

    def __init__(self, directory: pathlib.Path, headless: bool):
        self.directory, self.headless = directory, headless
        self.log = build.build_dir() / "demo.log"
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(directory),
            "VIXOS_CONFIG": str(VM_CONFIG),
            "PATH": ":".join([str(build.build_dir() / part) for part in
                              ("launcher/cli", "launcher/daemon", "compositor")] + [os.environ["PATH"]]),
        }
        if headless:
            self.environment |= {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman",
                                 "WLR_HEADLESS_OUTPUTS": "1", "WLR_LIBINPUT_NO_DEVICES": "1"}
            self.environment.pop("WAYLAND_DISPLAY", None)
            self.environment.pop("DISPLAY", None)
        self.compositor: subprocess.Popen | None = None

    def start_compositor(self) -> None:
        with self.log.open("wb") as log:
            self.compositor = subprocess.Popen(
                ["vixos-compositor", "-c", str(COMPOSITOR_CONFIG)], env=self.environment,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.environment["SWAYSOCK"] = str(self.wait_for_socket("sway-ipc.*.sock"))
        self.environment["WAYLAND_DISPLAY"] = self.wait_for_socket("wayland-*").name

    def wait_for_socket(self, pattern: str) -> pathlib.Path:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.compositor.poll() is not None:
                raise DemoError(f"vixos-compositor ended at once; its log is {self.log}")
            found = [path for path in self.directory.glob(pattern) if path.suffix != ".lock"]
            if found:
                return found[0]
            time.sleep(0.02)
        raise DemoError(f"vixos-compositor opened no socket within 20 s; its log is {self.log}")

    def run(self, argv: list[str], **options) -> subprocess.CompletedProcess:
        return subprocess.run(argv, env=self.environment, check=False, **options)

    def start_app(self, vm: dict) -> None:
        result = self.run(["vixos", "run", "--background", "--gui", "--name", vm["name"], *vm["command"]])
        if result.returncode != 0:
            raise DemoError(f"'vixos run' in VM '{vm['name']}' ended with status {result.returncode}")

    def tagged_windows(self) -> dict[str, dict]:
        """VM name to rectangle of the windows that the compositor shows."""
        tree = self.run(["swaymsg", "-t", "get_tree", "--raw"], stdout=subprocess.PIPE)
        windows = {}

        def walk(node):
            if node.get("vm"):
                windows[node["vm"]["name"]] = node["rect"]
            for child in node.get("nodes", []) + node.get("floating_nodes", []):
                walk(child)

        if tree.returncode == 0:
            walk(json.loads(tree.stdout))
        return windows

    def wait_for_window(self, name: str) -> None:
        """Returns when a window of the VM is there; woken by the compositor's window events."""
        deadline = time.monotonic() + WINDOW_DEADLINE
        while name not in self.tagged_windows():
            left = deadline - time.monotonic()
            if left <= 0:
                raise DemoError(f"no window of VM '{name}' came up within {WINDOW_DEADLINE:.0f} s; "
                                f"'vixos logs {name}' would show its console")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.run(["swaymsg", "-t", "subscribe", '["window"]'], stdout=subprocess.DEVNULL,
                         timeout=min(left, 1.0))

    def take_screenshot(self, path: pathlib.Path) -> None:
        if self.run(["grim", str(path)]).returncode != 0:
            raise DemoError("grim could not take a screenshot through the compositor's screencopy")

    def stop(self) -> None:
        if "SWAYSOCK" in self.environment:
            self.run(["vixos", "stop", "--all", "--quiet"], stderr=subprocess.DEVNULL)
        if self.compositor is not None and self.compositor.poll() is None:
            self.compositor.terminate()
            try:
                self.compositor.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.compositor.pid, signal.SIGKILL)


def parse_color(text: str) -> tuple[int, int, int]:
    return tuple(int(text[i:i + 2], 16) for i in (1, 3, 5))


def check_screenshot(path: pathlib.Path, demo: Demo) -> None:
    """Each window must stand in a border of its VM's colour and have something drawn in it."""
    from PIL import Image
    image = Image.open(path).convert("RGB")
    windows = demo.tagged_windows()
    for vm in VMS:
        rect = windows[vm["name"]]
        window = image.crop((rect["x"], rect["y"], rect["x"] + rect["width"], rect["y"] + rect["height"]))
        colors = dict((color, number) for number, color in window.getcolors(1 << 24))
        border = colors.get(parse_color(vm["color"]), 0)
        if border < rect["height"]:
            raise DemoError(f"the border of '{vm['name']}' ({vm['color']}) is not in the screenshot {path}")
        if len(colors) < 8:
            raise DemoError(f"the window of '{vm['name']}' shows nothing in the screenshot {path}")


def show(demo: Demo, screenshot: pathlib.Path) -> None:
    build.progress("starting vixos-compositor" + (" headless" if demo.headless else " as a window"))
    demo.start_compositor()
    for vm in VMS:
        build.progress(f"starting '{vm['command'][0]}' in VM '{vm['name']}'")
        demo.start_app(vm)
    for vm in VMS:
        demo.wait_for_window(vm["name"])
        build.progress(f"the window of VM '{vm['name']}' is there")
    if not demo.headless:
        build.progress("close the compositor's window to end the demo")
        demo.compositor.wait()
        return
    await_picture(demo, screenshot)
    build.progress(f"both windows are in their VMs' colours: {screenshot}")


def await_picture(demo: Demo, screenshot: pathlib.Path) -> None:
    """Apps redraw after their first frame (tiling resizes them): take pictures until one is right."""
    deadline = time.monotonic() + 60
    while True:
        try:
            demo.take_screenshot(screenshot)
            check_screenshot(screenshot, demo)
            return
        except DemoError:
            if time.monotonic() > deadline:
                raise
        with contextlib.suppress(subprocess.TimeoutExpired):
            demo.run(["swaymsg", "-t", "subscribe", '["window"]'], stdout=subprocess.DEVNULL, timeout=1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headless", action="store_true", help="also where there is a desktop")
    parser.add_argument("--output", metavar="PNG", type=pathlib.Path,
                        default=build.build_dir() / "demo.png", help="where the screenshot goes")
    arguments = parser.parse_args()
    headless = arguments.headless or not (os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY"))
    build.build([])
    directory = pathlib.Path(tempfile.mkdtemp(prefix="demo-", dir=os.environ.get("XDG_RUNTIME_DIR")))
    demo = Demo(directory, headless)
    try:
        show(demo, arguments.output)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        build.progress("stopping everything")
        demo.stop()
        shutil.rmtree(directory, ignore_errors=True)
    build.progress("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
