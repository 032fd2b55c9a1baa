# SPDX-License-Identifier: MIT
"""An input method and a text field: who hears what, whose the keys are, and where the popup is shown."""

import pytest
from PIL import Image, ImageChops

from compositor import BUILD, COMPOSITOR, Compositor, rgb

FIELD = BUILD / "tests/integration/text-client"
METHOD = BUILD / "tests/integration/method-client"
GREEN = rgb("#00ff00")

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="the compositor is not built")


class Desk(Compositor):
    def method(self):
        method = self.start(METHOD)
        method.wait_for("ready")
        return method

    def field(self, title="field"):
        field = self.start(FIELD, "-t", title)
        self.wait_until(lambda: self.arranged(title), f"the window '{title}'")
        field.wait_for("field enter")
        return field

    def arranged(self, title):
        node = self.find(title)
        return node and node["window_rect"]["width"] > 0 and node["rect"]["y"] >= node["deco_rect"]["height"] > 0

    def content(self, title):
        """Where the client's own rectangle begins."""
        node = self.find(title)
        return (node["rect"]["x"] + node["window_rect"]["x"], node["rect"]["y"] + node["window_rect"]["y"])

    def wait_for_popup(self, box):
        """Where the green is, to the pixel."""
        self.wait_until(lambda: green_box(self.screenshot()) == box, f"the popup at {box}")


def green_box(image):
    difference = ImageChops.difference(image, Image.new("RGB", image.size, GREEN))
    return difference.convert("L").point([255] + [0] * 255).getbbox()


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path) as desk:
        yield desk


def test_text_goes_into_the_focused_field(desk):
    method = desk.method()
    field = desk.field()
    field.send("enable 10 10 1 20")
    assert method.wait_for("state")
    assert method.lines[-3:] == ["activate", "surrounding before 6 6", "state 1"]
    method.send("preedit n")
    field.wait_for("preedit n 0 1")
    method.send("commit ni")
    field.wait_for("commit ni")
    desk.window(title="other")
    field.wait_for("field leave")
    method.wait_for("deactivate")
    desk.command("[title=field] focus")
    field.wait_for("field enter")


def test_a_second_method_is_told_that_there_is_one(desk):
    desk.method()
    desk.start(METHOD).wait_for("unavailable")


def test_the_method_takes_the_keys_until_it_lets_go(desk):
    method = desk.method()
    field = desk.field()
    field.send("enable")
    method.wait_for("state")
    method.send("grab")
    desk.key("-k", "b")
    method.wait_for("key")
    method.wait_for("key")
    method.send("ungrab")
    desk.key("-k", "b")
    field.wait_for("key")
    field.wait_for("key")
    assert sum(line.startswith("key") for line in field.lines) == 2


def test_bindings_come_before_the_method(desk):
    method = desk.method()
    field = desk.field()
    field.send("enable")
    method.wait_for("state")
    method.send("grab")
    desk.key("-M", "logo", "-k", "x")
    desk.wait_until(lambda: desk.find("field")["marks"] == ["pressed"], "the mark of the binding")


def test_popup_is_below_the_cursor_or_where_there_is_room(desk):
    method = desk.method()
    field = desk.field()
    x, y = desk.content("field")
    method.send("popup 80x40")
    field.send("enable 100 110 4 20")
    desk.wait_for_popup((x + 100, y + 130, x + 180, y + 170))
    method.wait_for("rectangle 0 -20 4 20")
    field.send("enable 1240 660 4 20")
    desk.wait_for_popup((x + 1164, y + 620, x + 1244, y + 660))
    method.wait_for("rectangle 76 40 4 20")
    method.send("popup 30x10")
    desk.wait_for_popup((x + 1240, y + 680, x + 1270, y + 690))


def test_popup_goes_with_its_window_and_above_others(desk):
    method = desk.method()
    desk.window("-c", "202020", title="other")
    field = desk.field()
    method.send("popup 80x40")
    field.send("enable 100 100 4 20")
    x, y = desk.content("field")
    desk.wait_for_popup((x + 100, y + 120, x + 180, y + 160))
    desk.command("move left")
    left, top = desk.content("field")
    assert left < x
    desk.wait_for_popup((left + 100, top + 120, left + 180, top + 160))
    desk.command("[title=other] floating enable, resize set 600 500, move position 0 0")
    desk.wait_for_popup((desk.content("field")[0] + 100, top + 120, desk.content("field")[0] + 180, top + 160))
    desk.command("fullscreen")
    desk.wait_for_popup((100, 120, 180, 160))


def test_popup_is_hidden_with_its_field(desk):
    method = desk.method()
    field = desk.field()
    method.send("popup 80x40")
    field.send("enable 100 100 4 20")
    x, y = desk.content("field")
    shown = (x + 100, y + 120, x + 180, y + 160)
    desk.wait_for_popup(shown)
    field.send("disable")
    desk.wait_for_popup(None)
    field.send("enable 100 100 4 20")
    desk.wait_for_popup(shown)
    desk.command("workspace 2")
    desk.wait_for_popup(None)
    desk.command("workspace 1")
    field.wait_for("field enter")
    field.send("enable 100 100 4 20")
    desk.wait_for_popup(shown)
    method.stop()
    field.wait_for("field leave")
    desk.wait_for_popup(None)


def test_the_pointer_reaches_the_popup(desk):
    pointer = desk.pointer()
    method = desk.method()
    field = desk.field()
    method.send("popup 80x40")
    field.send("enable 100 100 4 20")
    x, y = desk.content("field")
    desk.wait_for_popup((x + 100, y + 120, x + 180, y + 160))
    pointer.click(x + 110, y + 130)
    method.wait_for("button 272 1")
    assert desk.focused() == "field"


def test_absurd_cursor_rectangles_do_no_harm(desk):
    method = desk.method()
    field = desk.field()
    method.send("popup 80x40")
    for rectangle in ("2147483647 2147483647 2147483647 2147483647", "-2147483648 -2147483648 -1 -1"):
        field.send(f"enable {rectangle}")
        method.wait_for("rectangle")
    x, y = desk.content("field")
    field.send("enable 0 0 0 0")
    desk.wait_for_popup((x, y, x + 80, y + 40))
