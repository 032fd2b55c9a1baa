#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays scripts to a compositor and notes what its tree looks like after each step; README.md tells the format.

parity.py [SCRIPT...]    records goldens anew, all or those of the scripts named, from the sway that is installed
"""

import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from compositor import TIMEOUT, Compositor, Ipc  # noqa: E402

SCRIPTS = sorted((HERE / "scripts").glob("*.txt"))
SHOWN = ("layout", "orientation", "border", "current_border_width", "floating", "scratchpad_state",
         "fullscreen_mode", "sticky", "urgent", "focused", "visible", "num", "marks")
RECTS = ("rect", "window_rect", "deco_rect")
MODIFIERS = {"Mod4": "logo", "Shift": "shift", "Ctrl": "ctrl", "Mod1": "alt"}
BUTTONS = {"left": 0x110, "right": 0x111, "middle": 0x112}
# What differs from run to run, or with the version.
VOLATILE = ("id", "percent", "pid", "foreign_toplevel_identifier", "focus", "nodes", "floating_nodes")
STILL = 5  # so many equal trees in a row mean that all clients have answered


class Desk(Compositor):
    """The compositor under test, or sway, with a base configuration that both understand."""

    base = """
swaybg_command -
swaynag_command -
xwayland disable
output * resolution 1280x720 position 0 0
"""

    def __init__(self, directory, config, program=None):
        super().__init__(directory, config)
        self.program = program or self.program
        self.windows = {}
        self.events = None
        self.mouse = None

    def __enter__(self):
        super().__enter__()
        self.mouse = self.pointer()
        return self

    def __exit__(self, *arguments):
        self.mouse.socket.close()
        if self.events:
            self.events.socket.close()
        return super().__exit__(*arguments)

    def play(self, step):
        """Runs one step; the command's results, none for what is no command."""
        word, *rest = step.split()
        if word == "open":
            self.windows[rest[0]] = self.window("-n", rest[0], *rest[1:], title=rest[0])
        elif word == "close":
            self.windows.pop(rest[0]).process.stdin.close()
            self.wait_until(lambda: self.find(rest[0]) is None, f"the end of '{rest[0]}'")
        elif word == "client":
            self.windows[rest[0]].send(" ".join(rest[1:]))
        elif word == "key":
            *held, key = rest[0].split("+")
            held = [MODIFIERS[name] for name in held]
            self.key(*(word for name in held for word in ("-M", name)), "-k", key)
        elif word == "hold":
            self.hold(MODIFIERS[rest[0]])
        elif word == "pointer":
            self.wait_for_still_picture()
            self.mouse.move(int(rest[0]), int(rest[1]))
        elif word in ("press", "release"):
            self.mouse.button(word == "press", BUTTONS[rest[0]])
        elif word == "ask":
            return plain(self.ipc.call(QUERIES[rest[0]]))
        elif word == "listen":
            self.events = Ipc(self.environment["SWAYSOCK"])
            self.events.call(Ipc.SUBSCRIBE, json.dumps(rest))
        elif word == "hear":
            return [self.next_event() for _ in range(int(rest[0]))]
        else:
            return self.ipc.call(Ipc.RUN_COMMAND, step)
        return []

    def hold(self, modifier):
        """Until the end. The script binds F12 with it to `mark held`, which tells that it is down."""
        self.start("wtype", "-M", modifier, "-k", "F12", "-s", "100000000")
        self.wait_until(lambda: "held" in self.ipc.call(QUERIES["marks"]), "the held modifier")

    def wait_for_still_picture(self):
        """What the pointer meets is the picture, which may lag behind the tree."""
        before = None
        while (picture := self.run("grim", "-t", "ppm", "-").stdout) != before:
            before = picture

    def next_event(self):
        """What happened to which node; the whole event would repeat the tree."""
        event = self.events.receive()[1]
        named = {key: event[key].get("name") for key in ("container", "current", "old") if event.get(key)}
        return {"change": event.get("change")} | named | {
            key: plain(event[key]) for key in ("binding", "pango_markup", "payload", "first") if key in event}

    def state(self):
        return list(describe(self.tree()))


QUERIES = {"workspaces": Ipc.GET_WORKSPACES, "outputs": Ipc.GET_OUTPUTS, "marks": 5, "modes": 8, "mode": 12}


def plain(value):
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items() if key not in VOLATILE}
    return [plain(member) for member in value] if isinstance(value, list) else value


def describe(node, depth=0):
    """One line a node. Children are named by their place, because ids differ from run to run."""
    children = node["nodes"] + node["floating_nodes"]
    places = {child["id"]: place for place, child in enumerate(children)}
    fields = [f"{key}={node[key]}" for key in SHOWN if node.get(key) not in (None, False, [])]
    fields += ["{}={x},{y},{width}x{height}".format(key, **node[key]) for key in RECTS]
    if node.get("percent") is not None:
        fields.append(f"percent={node['percent']:.3f}")
    focus = [places[child] for child in node["focus"] if child in places]
    yield f"{'. ' * depth}{node['type']} {node['name']} {' '.join(fields)} focus={focus}"
    for child in children:
        yield from describe(child, depth + 1)


def read_script(path):
    """The lines of the configuration file, and the steps."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    config = [line.removeprefix("config ") for line in lines if line.startswith("config ")]
    return "\n".join(config) + "\n", [line for line in lines if not line.startswith("config ")]


def golden_of(script):
    return HERE / "goldens" / f"{script.stem}.json"


def settled(desk):
    """The tree once it stays the same."""
    end = time.monotonic() + TIMEOUT
    states = []
    while len(states) < STILL or any(state != states[-1] for state in states[-STILL:]):
        assert time.monotonic() < end, "the tree doesn't come to rest"
        states.append(desk.state())
        time.sleep(0.02)
    return states[-1]


def record(script, program):
    config, steps = read_script(script)
    with tempfile.TemporaryDirectory() as directory, Desk(directory, config, program) as desk:
        done = [{"step": step, "results": desk.play(step), "tree": settled(desk)} for step in steps]
    golden_of(script).write_text(json.dumps(done, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    sway = shutil.which("sway")
    if not sway:
        sys.exit("parity.py: sway is not installed")
    for script in map(pathlib.Path, sys.argv[1:] or SCRIPTS):
        record(script, sway)


if __name__ == "__main__":
    main()
