# SPDX-License-Identifier: MIT
"""Gestures on a touchpad, the pen of a tablet, and fingers, by a compositor with devices that do what they are told."""

import pytest

from compositor import BUILD, Compositor, Ipc, Program, count_color, rgb
from drag_fixture import GUEST, PROXY, Vm

FAKE_INPUT = BUILD / "tests/integration/fake-input"
TOUCH_CLIENT = BUILD / "tests/integration/touch-client"
CONFIG = """
bindgesture swipe:3:right workspace next
bindgesture swipe:3:left workspace prev
bindgesture --exact pinch:4:inward+down mark pinched
bindgesture hold:4 mark held
bindgesture --input-device=0:0:fake_touchpad swipe:4 mark from_touchpad
bindgesture --input-device=1:1:other swipe:5 mark from_other
mode gestures {
    bindgesture hold:4 mode default
}
"""

pytestmark = pytest.mark.skipif(not FAKE_INPUT.exists(), reason="the compositor is not built")


class Desk(Compositor):
    program = FAKE_INPUT

    def do(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def has_mark(self, mark):
        return mark in self.find("one")["marks"]


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path, CONFIG) as desk:
        yield desk


def workspace(desk):
    return next(found["name"] for found in desk.ipc.call(Ipc.GET_WORKSPACES) if found["focused"])


def test_swipes_switch_workspaces(desk):
    desk.window(title="one")
    desk.command("workspace 2")
    desk.window(title="two")
    desk.do("swipe 3 -200 10")
    desk.wait_until(lambda: workspace(desk) == "1", "workspace 1")
    desk.do("swipe 4 -200 10")
    desk.do("swipe 3 200 -10")
    desk.wait_until(lambda: workspace(desk) == "2", "workspace 2")


def test_pinch_hold_and_device(desk):
    desk.window(title="one")
    desk.do("pinch 4 1.5 0")
    desk.do("pinch 4 0.5 20")
    desk.do("swipe 5 1 0")
    desk.do("swipe 4 1 0")
    desk.wait_until(lambda: desk.has_mark("from_touchpad"), "the mark of the device's binding")
    assert not desk.has_mark("pinched") and not desk.has_mark("from_other")
    desk.do("hold 4")
    desk.wait_until(lambda: desk.has_mark("held"), "the mark of the hold")


def test_mode_has_gestures_of_its_own(desk):
    desk.command("mode gestures")
    desk.do("hold 4")
    desk.wait_until(lambda: desk.ipc.call(12)["name"] == "default", "the default mode")


def test_pen_is_a_pointer_where_no_tablet_is_known(desk):
    left = desk.window(title="left")
    desk.window(title="right")
    desk.do("tool 0.25 0.5")
    left.wait_for("pointer enter")
    desk.do("tip 1")
    desk.wait_until(lambda: desk.focused() == "left", "the focus at the pen")
    desk.do("tip 0")
    left.wait_for("button 272 0")
    desk.do("away")


def test_map_from_region_stretches(tmp_path):
    with Desk(tmp_path, "input type:tablet_tool map_from_region 0.5x0.5 1x1\n") as desk:
        left = desk.window(title="left")
        desk.window(title="right")
        desk.do("tool 0.6 0.75")
        left.wait_for("pointer enter")


def touched(desk, title, *options):
    client = desk.start(TOUCH_CLIENT, "-t", title, *options)
    desk.wait_until(lambda: desk.find(title), f"the window '{title}'")
    desk.wait_until(lambda: count_color(desk.screenshot(), rgb("#4060a0")) > 1000, "its picture")
    return client


def content(desk, title):
    node = desk.wait_until(lambda: (found := desk.find(title)) and found["window_rect"]["width"] and found, "its place")
    return node["rect"]["x"] + node["window_rect"]["x"], node["rect"]["y"] + node["window_rect"]["y"]


def finger(desk, verb, number, x, y):
    """`verb` at a pixel of the screen."""
    desk.do(f"{verb} {number} {x / 1280} {y / 720}")


def test_fingers_reach_a_client_that_knows_touch(desk):
    touch = touched(desk, "touch")
    desk.window(title="other")
    x, y = content(desk, "touch")
    finger(desk, "finger", 0, x + 50.5, y + 60.5)
    touch.wait_for("touch down 0 50 60")
    desk.wait_until(lambda: desk.focused() == "touch", "the focus at the finger")
    finger(desk, "finger", 1, x + 80.5, y + 60.5)
    touch.wait_for("touch down 1 80 60")
    finger(desk, "slide", 1, x + 90.5, y + 70.5)
    touch.wait_for("touch motion 1 90 70")
    desk.do("lift 1")
    touch.wait_for("touch up 1")
    desk.do("cancel 0")
    touch.wait_for("touch cancel")


def test_fingers_are_a_pointer_where_no_touch_is_known(desk):
    window = desk.window(title="window")
    x, y = content(desk, "window")
    finger(desk, "finger", 0, x + 50, y + 60)
    window.wait_for("button 272 1")
    desk.do("lift 0")
    window.wait_for("button 272 0")


def test_pen_reaches_a_client_that_knows_tablets(desk):
    touch = touched(desk, "touch")
    x, y = content(desk, "touch")
    desk.do(f"tool {(x + 50.5) / 1280} {(y + 60.5) / 720}")
    touch.wait_for("tool near")
    touch.wait_for("tool motion 50 60")
    desk.do("tip 1")
    touch.wait_for("tool down")
    desk.do("tip 0")
    touch.wait_for("tool up")
    desk.do("away")
    touch.wait_for("tool away")


@pytest.mark.skipif(not PROXY.exists() or not GUEST.exists(), reason="the proxy or the guest is not built")
def test_fingers_reach_a_program_in_a_vm(desk):
    vm = Vm(desk, "work")
    try:
        touch = Program([TOUCH_CLIENT, "-t", "touch"], desk.environment | {"WAYLAND_DISPLAY": str(vm.display)})
        desk.programs.append(touch)
        desk.wait_until(lambda: desk.find("touch"), "the window")
        assert desk.find("touch")["vm"]["name"] == "work"
        desk.wait_for_pixel(640, 400, rgb("#4060a0"))
        finger(desk, "finger", 0, 640, 400)
        touch.wait_for("touch down 0")
        finger(desk, "slide", 0, 660, 420)
        touch.wait_for("touch motion 0")
        desk.do("lift 0")
        touch.wait_for("touch up 0")
        touch.stop()
    finally:
        vm.stop()
