# SPDX-License-Identifier: MIT
"""Bars, menus, mirrors, players and toolkits on the running compositor, each with an effect seen from outside."""

import json
import socket
import struct

import pytest
from PIL import ImageChops

from compositor import COMPOSITOR, TIMEOUT, Ipc, count_color, leaves, rgb
from test_programs import desk, needs, wait_for_color  # noqa: F401

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")

RED, GREEN, BLUE = rgb("#ff0000"), rgb("#00c000"), rgb("#0000ff")
BROWSER_TIMEOUT = 120  # seconds; a browser's first start under load


def find_color(image, color):
    """The first pixel of this colour, row by row; None where there is none."""
    at = image.tobytes().hex().find(bytes(color).hex())
    while at % 6 != 0 and at >= 0:
        at = image.tobytes().hex().find(bytes(color).hex(), at + 1)
    return None if at < 0 else ((at // 6) % image.width, (at // 6) // image.width)


def find_app(desk, app_id):  # noqa: F811
    return next((node for node in leaves(desk.tree()) if node.get("app_id") == app_id), None)


@needs("waybar", "dbus-run-session")
def test_waybar_shows_and_switches_workspaces(desk):  # noqa: F811
    config, style = desk.directory / "waybar", desk.directory / "style.css"
    config.write_text(json.dumps({"position": "top", "height": 30, "modules-left": ["sway/workspaces", "sway/mode"],
                                  "modules-center": ["sway/window"], "sway/workspaces": {"format": " "}}))
    style.write_text("* { border: none; border-radius: 0; box-shadow: none; text-shadow: none; transition: none }\n"
                     "window#waybar { background: #ff0000 }\n"
                     "#workspaces button { background: #00c000; min-width: 60px }\n"
                     "#workspaces button.focused { background: #0000ff }\n")
    desk.window(title="kept")
    desk.command("workspace 2")
    pointer = desk.pointer()  # there before the bar, which would miss a click while it binds it
    desk.start("dbus-run-session", "waybar", "-c", config, "-s", style)
    wait_for_color(desk, RED, 10000, (0, 0, 1280, 30))
    assert desk.ipc.call(Ipc.GET_WORKSPACES)[-1]["rect"]["y"] >= 30
    desk.wait_until(lambda: find_color(desk.screenshot(), GREEN), "the button of workspace 1")
    desk.wait_until(lambda: still(desk), "a still picture")  # buttons come first and find their places later
    button = find_color(desk.screenshot(), GREEN)
    pointer.click(button[0] + 20, button[1] + 10)
    desk.wait_until(lambda: desk.focused() == "kept", "workspace 1")


@needs("waybar", "dbus-run-session")
def test_waybar_hides_and_comes_back_as_the_bar_that_it_is(desk):  # noqa: F811
    """It is started by the bar block, follows `bar mode`, and isn't started anew for that."""
    config, style, starts = (desk.directory / name for name in ("waybar", "style.css", "starts"))
    config.write_text(json.dumps({"position": "top", "height": 30, "ipc": True, "modules-left": ["sway/mode"]}))
    style.write_text("window#waybar { background: #ff0000; border: none; transition: none }\n")
    program = desk.directory / "bar"
    program.write_text(f"#!/bin/sh\necho $$ >> {starts}\n"
                       f'exec dbus-run-session waybar -c {config} -s {style} "$@"\n')
    program.chmod(0o755)
    with open(desk.directory / "config", "a", encoding="utf-8") as file:
        file.write(f"bar {{\n    id main\n    swaybar_command {program}\n}}\n")
    desk.command("reload")
    wait_for_color(desk, RED, 30000, (0, 0, 1280, 30))
    desk.command("bar main mode invisible")
    desk.wait_until(lambda: count_color(desk.screenshot(), RED) == 0, "the end of the bar")
    desk.command("bar mode dock main")
    wait_for_color(desk, RED, 30000, (0, 0, 1280, 30))
    desk.command("bar main mode toggle")
    desk.wait_until(lambda: count_color(desk.screenshot(), RED) == 0, "the hidden bar")
    assert len(starts.read_text().splitlines()) == 1


@needs("wofi")
def test_wofi_takes_keys_and_answers(desk):  # noqa: F811
    out = desk.directory / "choice"
    before = desk.screenshot().tobytes()
    menu = desk.start("sh", "-c", f"printf 'apple\\npear\\n' | wofi --dmenu --conf /dev/null > {out}")
    desk.wait_until(lambda: desk.screenshot().tobytes() != before, "the menu")
    opened = desk.wait_until(lambda: still(desk), "a still picture")
    desk.key("pear")
    desk.wait_until(lambda: desk.screenshot().tobytes() != opened, "the typed word")
    desk.wait_until(lambda: still(desk), "a still picture")  # wofi filters a little later than it shows the word
    desk.key("-k", "Return")
    menu.wait_for_end()
    assert out.read_text() == "pear\n"


class Vnc:
    """As much of RFB 3.3 as it takes to look at the screen and to press a key."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")
        assert self.file.read(12).startswith(b"RFB 003.")
        self.socket.sendall(b"RFB 003.003\n")
        assert struct.unpack(">I", self.file.read(4))[0] == 1, "authentication is wanted"
        self.socket.sendall(b"\1")
        self.width, self.height = struct.unpack(">HH", self.file.read(4))
        self.file.read(16)
        self.file.read(struct.unpack(">I", self.file.read(4))[0])
        # 32 bits a pixel, true colour, red in the lowest byte; raw encoding only.
        self.socket.sendall(struct.pack(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 255, 255, 255, 0, 8, 16))
        self.socket.sendall(struct.pack(">BxHi", 2, 1, 0))

    def pixel(self, x, y):
        """The colour there, from a picture of the whole screen."""
        self.socket.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, self.width, self.height))
        assert self.file.read(2)[0] == 0
        found = None
        for _ in range(struct.unpack(">H", self.file.read(2))[0]):
            left, top, width, height, encoding = struct.unpack(">HHHHi", self.file.read(12))
            assert encoding == 0
            data = self.file.read(width * height * 4)
            if left <= x < left + width and top <= y < top + height:
                at = ((y - top) * width + x - left) * 4
                found = tuple(data[at:at + 3])
        return found

    def press(self, keysym):
        for down in (1, 0):
            self.socket.sendall(struct.pack(">BBxxI", 4, down, keysym))


@needs("wayvnc")
def test_wayvnc_shows_the_screen_and_types(desk):  # noqa: F811
    window = desk.window("-c", "00c000", title="seen")
    path = desk.directory / "vnc"
    desk.start("wayvnc", "--unix-socket", "-C", "/dev/null", path)
    desk.wait_until(path.exists, "the VNC socket")
    vnc = Vnc(path)
    assert (vnc.width, vnc.height) == (1280, 720)
    desk.wait_until(lambda: vnc.pixel(640, 400) == GREEN, "the window's colour over VNC")
    vnc.press(ord("q"))
    window.wait_for("key ")


@needs("wl-mirror")
def test_wl_mirror_shows_the_other_output(desk):  # noqa: F811
    desk.window("-c", "00c000", title="seen")
    desk.command("create_output")
    desk.command("output HEADLESS-2 resolution 1280x720 position 1280 0")
    desk.command("focus output HEADLESS-2")
    desk.start("wl-mirror", "HEADLESS-1")
    wait_for_color(desk, GREEN, 100000, (1280, 30, 2560, 720))


@needs("mpv")
def test_mpv_plays_and_goes_fullscreen(desk):  # noqa: F811
    desk.start("mpv", "--no-config", "--vo=wlshm", "--no-osc", "--loop=inf", "--title=film", "--really-quiet",
               "av://lavfi:color=c=0x0000ff:s=320x240")
    desk.wait_until(lambda: find_app(desk, "mpv"), "the player")
    desk.wait_until(lambda: count_blue(desk.screenshot()) > 100000, "the picture")
    desk.key("f")
    desk.wait_until(lambda: find_app(desk, "mpv")["fullscreen_mode"] == 1, "fullscreen")
    desk.wait_until(lambda: count_blue(desk.screenshot()) >= 900 * 720, "the picture over the whole screen")


def count_blue(image):
    """Pixels about as blue as a video's conversion to RGB leaves them."""
    red, green, blue = (channel.point(lambda v: 255 if v > 100 else 0) for channel in image.split())
    other = ImageChops.lighter(red, green)
    return ImageChops.subtract(blue, other).histogram()[255]


@needs("featherpad")
def test_qt_program_edits_a_file(desk):  # noqa: F811
    text = desk.directory / "note.txt"
    text.write_text("\n")
    desk.environment["QT_QPA_PLATFORM"] = "wayland"
    desk.start("featherpad", text)
    desk.wait_until(lambda: "note.txt" in (desk.focused() or ""), "the editor")
    desk.key("hello")
    desk.wait_until(lambda: desk.focused().startswith("*"), "the mark of a changed text")
    desk.key("-M", "ctrl", "-k", "s")
    desk.wait_until(lambda: text.read_text() == "hello\n", "the saved text")


@needs("gtk4-demo", "dbus-run-session")
def test_gtk4_program_opens_its_menu(desk):  # noqa: F811
    desk.start("dbus-run-session", "gtk4-demo")
    window = desk.wait_until(lambda: find_app(desk, "org.gtk.Demo4"), "the program", BROWSER_TIMEOUT)
    assert window["shell"] == "xdg_shell" and window["focused"]
    before = desk.wait_until(lambda: still(desk), "a still picture")
    desk.key("-k", "F10")
    desk.wait_until(lambda: desk.screenshot().tobytes() != before, "the menu")
    opened = desk.wait_until(lambda: still(desk), "a still picture")
    desk.key("-k", "Escape")
    desk.wait_until(lambda: desk.screenshot().tobytes() != opened, "the end of the menu")


def still(desk):  # noqa: F811
    """The picture, where two in a row are equal."""
    picture = desk.screenshot().tobytes()
    return picture if desk.screenshot().tobytes() == picture else None


PAGE = ("<title>page</title><body bgcolor='#0000ff' onkeydown=\"document.title='key '+event.key;"
        "document.body.bgColor='#00c000'\">")


def browse(desk, argv):  # noqa: F811
    """A page in a colour, which a key changes."""
    page = desk.directory / "page.html"
    page.write_text(PAGE)
    pointer = desk.pointer()
    desk.start(*argv, f"file://{page}")
    desk.wait_until(lambda: (desk.focused() or "").startswith("page"), "the page's title", BROWSER_TIMEOUT)
    desk.wait_until(lambda: count_color(desk.screenshot(), BLUE) > 200000, "the page", BROWSER_TIMEOUT)
    pointer.click(640, 500)
    desk.key("x")
    desk.wait_until(lambda: desk.focused().startswith("key x"), "the key's effect", BROWSER_TIMEOUT)
    wait_for_color(desk, GREEN, 200000)


@needs("firefox-esr")
def test_firefox_shows_a_page_and_takes_keys(desk):  # noqa: F811
    profile = desk.directory / "profile"
    profile.mkdir()
    (profile / "user.js").write_text('user_pref("browser.aboutwelcome.enabled", false);\n'
                                     'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n')
    desk.environment["MOZ_ENABLE_WAYLAND"] = "1"
    browse(desk, ["firefox-esr", "--no-remote", "--profile", profile])


@pytest.mark.on_request
@needs("chromium")
def test_chromium_shows_a_page_and_takes_keys(desk):  # noqa: F811
    browse(desk, ["chromium", "--ozone-platform=wayland", "--no-sandbox", "--disable-gpu", "--no-first-run",
                  f"--user-data-dir={desk.directory / 'profile'}"])


@needs("autotiling")
def test_autotiling_splits_by_shape(desk):  # noqa: F811
    desk.window(title="one")
    desk.window(title="two")
    desk.start("autotiling")

    def is_split():
        """Focus changes are what it acts on; it says nowhere when it has begun to listen."""
        desk.command("[title=one] focus; [title=two] focus")
        return parent_layout(desk, "two") == "splitv"

    desk.wait_until(is_split, "a split below the tall window")
    desk.window(title="three")
    one, two, three = (desk.find(title)["rect"] for title in ("one", "two", "three"))
    assert one["y"] == two["y"] and one["x"] < two["x"]
    assert two["x"] == three["x"] and two["y"] < three["y"]


def parent_layout(desk, title):  # noqa: F811
    def search(node):
        for child in node["nodes"]:
            if child["name"] == title:
                return node["layout"]
            found = search(child)
            if found:
                return found
        return None
    return search(desk.tree())


@needs("i3-msg")
def test_i3_msg(desk):  # noqa: F811
    desk.environment["I3SOCK"] = desk.environment["SWAYSOCK"]
    assert json.loads(desk.run("i3-msg", "workspace 5").stdout)[0] == {"success": True}
    names = [workspace["name"] for workspace in json.loads(desk.run("i3-msg", "-t", "get_workspaces").stdout)]
    assert names == ["5"]


@needs("wlsunset")
def test_wlsunset_hears_that_an_output_has_no_gamma(desk):  # noqa: F811
    """No headless output has a gamma table; the colours themselves can only be seen on hardware."""
    program = desk.start("sh", "-c", "exec wlsunset -t 3000 -T 3100 2>&1")
    program.wait_for("gamma control of output")
    desk.command("create_output")
    program.wait_for("gamma control of output")
    assert program.process.poll() is None
