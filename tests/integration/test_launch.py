# SPDX-License-Identifier: MIT
"""Where windows of launched programs open, and whether they may take the focus. Every case is the same on sway:
VIXOS_TEST_COMPOSITOR=sway."""

import os
import shlex

import pytest

from compositor import COMPOSITOR, WINDOW_CLIENT, Compositor, Ipc, leaves

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="the compositor is not built")


class Desk(Compositor):
    def exec(self, command):
        """Like a binding would."""
        self.command(f"exec {command}")

    def exec_later(self, *arguments):
        """A program that opens its window when the returned pipe is written to."""
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        self.exec(f"read line < {pipe} && exec {shlex.join([str(WINDOW_CLIENT), *arguments])} < {self.hold()}")
        return pipe

    def hold(self):
        """A standard input that never ends."""
        path = self.directory / "held"
        if not path.exists():
            os.mkfifo(path)
            self.held = os.open(path, os.O_RDWR)
        return path

    def environment_of_exec(self, options=""):
        path = self.directory / "environment"
        path.unlink(missing_ok=True)
        self.exec(f"{options} env > {path}.part && mv {path}.part {path}")
        self.wait_until(path.exists, "the environment")
        return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)

    def workspace_of(self, title):
        for output in self.tree()["nodes"]:
            for workspace in output["nodes"]:
                if any(leaf["name"] == title for leaf in leaves(workspace)):
                    return workspace["name"]
        return None

    def focused_workspace(self):
        return next(found["name"] for found in self.ipc.call(Ipc.GET_WORKSPACES) if found["focused"])


def ask_for_token(window, how=""):
    return next(line for line in window.send("token" + how) if line.startswith("token")).split()[1]


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path) as desk:
        yield desk


def test_window_opens_where_its_program_was_started(desk):
    pipe = desk.exec_later("-t", "late")
    desk.command("workspace 2")
    desk.window(title="here")
    pipe.write_text("go\n")
    assert desk.wait_until(lambda: desk.workspace_of("late"), "the late window") == "1"
    assert (desk.focused(), desk.focused_workspace()) == ("here", "2")


def test_its_workspace_is_made_anew(desk):
    desk.command("workspace old")
    pipe = desk.exec_later("-t", "late")
    desk.command("workspace 2")
    desk.window(title="here")
    pipe.write_text("go\n")
    assert desk.wait_until(lambda: desk.workspace_of("late"), "the late window") == "old"
    assert desk.focused_workspace() == "2"


def test_an_exec_counts_for_one_window(desk):
    pipe = desk.exec_later("-t", "late")
    desk.command("workspace 2")
    pipe.write_text("go\n")
    desk.wait_until(lambda: desk.workspace_of("late"), "the late window")
    desk.command("workspace 3")
    token = desk.environment_of_exec()["XDG_ACTIVATION_TOKEN"]
    desk.command("workspace 4")
    desk.window("-T", token, title="first")
    desk.window("-T", token, title="second")
    assert (desk.workspace_of("first"), desk.workspace_of("second")) == ("3", "4")


def test_assign_comes_before_the_launch(desk):
    desk.command('assign [app_id="^assigned$"] workspace 7')
    pipe = desk.exec_later("-t", "late", "-n", "assigned")
    desk.command("workspace 2")
    pipe.write_text("go\n")
    assert desk.wait_until(lambda: desk.workspace_of("late"), "the late window") == "7"


def test_token_in_the_environment(desk):
    environment = desk.environment_of_exec()
    assert environment["XDG_ACTIVATION_TOKEN"] == environment["DESKTOP_STARTUP_ID"] != ""
    environment = desk.environment_of_exec("--no-startup-id")
    assert environment["XDG_ACTIVATION_TOKEN"] and "DESKTOP_STARTUP_ID" not in environment


def test_a_launcher_hands_its_token_on(desk):
    launcher = desk.window(title="launcher")
    desk.command("workspace 2")
    desk.command("[title=launcher] focus")
    desk.key("x")
    launcher.wait_for("key")
    token = ask_for_token(launcher)
    desk.command("workspace 2")
    desk.window(title="here")
    desk.window("-T", token, title="launched")
    assert desk.workspace_of("launched") == "1"
    assert desk.focused() == "here"


@pytest.mark.parametrize(("mode", "visible", "focused", "urgent"), [
    ("urgent", False, False, True),
    ("urgent", True, False, True),
    ("focus", False, True, False),
    ("focus", True, True, False),
    ("smart", False, False, True),
    ("smart", True, True, False),
    ("none", False, False, False),
    ("none", True, False, False),
])
def test_what_a_token_of_exec_does(desk, mode, visible, focused, urgent):
    desk.command(f"focus_on_window_activation {mode}")
    target = desk.window(title="target")
    if not visible:
        desk.command("workspace 2")
    desk.window(title="here")
    target.send(f"activate {desk.environment_of_exec()['XDG_ACTIVATION_TOKEN']}")
    if focused:
        desk.wait_until(lambda: desk.focused() == "target", "the focus")
    if urgent:
        desk.wait_until(lambda: desk.find("target")["urgent"], "the urgency")
    assert (desk.focused() == "target", desk.find("target")["urgent"]) == (focused, urgent)


def test_token_of_the_focused_window_takes_the_focus(desk):
    desk.command("focus_on_window_activation focus")
    target = desk.window(title="target")
    here = desk.window(title="here")
    desk.key("x")
    here.wait_for("key")
    target.send(f"activate {ask_for_token(here)}")
    desk.wait_until(lambda: desk.focused() == "target", "the focus")


def test_token_without_a_key_makes_urgent(desk):
    desk.command("focus_on_window_activation focus")
    target = desk.window(title="target")
    desk.window(title="here")
    target.send(f"activate {ask_for_token(target, ' blind')}")
    desk.wait_until(lambda: desk.find("target")["urgent"], "the urgency")
    assert desk.focused() == "here"
    target.send("activate forged")
