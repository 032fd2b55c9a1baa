# SPDX-License-Identifier: MIT
"""Gestures on a touchpad and the pen of a tablet, by a compositor with devices that do what they are told."""

import pytest

from compositor import BUILD, Compositor, Ipc

FAKE_INPUT = BUILD / "tests/integration/fake-input"
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
