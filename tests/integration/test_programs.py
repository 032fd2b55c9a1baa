# SPDX-License-Identifier: MIT
"""Programs that sway's users run, each with an effect that can be seen from outside."""

import json
import shutil
import subprocess
import sys

import pytest

from compositor import COMPOSITOR, TIMEOUT, Compositor, Ipc, count_color, rgb

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")

RED, GREEN = rgb("#ff0000"), rgb("#00c000")


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture
def desk(tmp_path):
    with Compositor(tmp_path) as compositor:
        yield compositor


def wait_for_color(desk, color, least, box=None):
    desk.wait_until(lambda: count_color(desk.screenshot(), color, box) >= least, f"{least} pixels of {color}")


@needs("swaymsg")
def test_swaymsg(desk):
    desk.window(title="plain")
    desk.run("swaymsg", "mark", "named")
    assert json.loads(desk.run("swaymsg", "-r", "-t", "get_marks").stdout) == ["named"]
    for kind in ("get_workspaces", "get_outputs", "get_tree", "get_inputs", "get_seats", "get_version"):
        assert desk.run("swaymsg", "-p", "-t", kind).stdout, kind


@needs("swaymsg")
def test_swaymsg_subscribes(desk):
    listener = desk.start("swaymsg", "-r", "-m", "-t", "subscribe", '["tick", "workspace"]')
    assert json.loads(listener.wait_for("{"))["first"]
    desk.command("workspace 7")
    assert json.loads(listener.wait_for("{"))["change"] in ("init", "focus")


@needs("swaymsg", "wtype")
def test_a_hidden_bar_hears_of_its_modifier(tmp_path):
    with Compositor(tmp_path, "bar {\n mode hide\n modifier Mod4\n swaybar_command true\n}\n") as desk:
        listener = desk.start("swaymsg", "-r", "-m", "-t", "subscribe", '["tick", "bar_state_update"]')
        listener.wait_for("{")
        desk.key("-M", "logo", "-m", "logo")
        assert [json.loads(listener.wait_for("{"))["visible_by_modifier"] for _ in range(2)] == [True, False]


@needs("swaybar", "i3status")
def test_swaybar_with_i3status(tmp_path):
    status = tmp_path / "i3status"
    status.write_text('general { output_format = "i3bar" colors = false interval = 1 }\n'
                      'order += "tztime local"\ntztime local { format = "00:00" }\n')
    bar = (f"bar {{\n status_command i3status -c {status}\n position top\n"
           " colors {\n background #ff0000\n }\n}\n")
    with Compositor(tmp_path, bar) as desk:
        wait_for_color(desk, RED, 1280 * 10, (0, 0, 1280, 40))
        height = desk.ipc.call(Ipc.GET_WORKSPACES)[0]["rect"]["y"]
        assert height > 0
        box = (640, 0, 1280, height)
        desk.wait_until(lambda: count_color(desk.screenshot(), RED, box) < 640 * height, "the status line's text")


@needs("swaybg")
def test_swaybg(tmp_path):
    config = "swaybg_command swaybg\noutput * background #ff0000 solid_color\n"
    with Compositor(tmp_path, config) as desk:
        wait_for_color(desk, RED, 1280 * 720)


@needs("swaylock")
def test_swaylock_locks_and_holds_when_killed(desk):
    desk.window("-c", "00c000", title="secret")
    wait_for_color(desk, GREEN, 100000)
    locker = desk.start("swaylock", "-c", "ff0000", "-u")
    wait_for_color(desk, RED, 500000)
    assert count_color(desk.screenshot(), GREEN) == 0
    locker.process.kill()
    locker.process.wait()
    desk.wait_until(lambda: count_color(desk.screenshot(), RED) < 1280 * 720, "the end of the locker's picture")
    assert count_color(desk.screenshot(), GREEN) == 0


@needs("swayidle")
def test_swayidle(desk):
    mark = desk.directory / "idle"
    desk.start("swayidle", "-C", "/dev/null", "timeout", "1", f"touch {mark}")
    desk.wait_until(mark.exists, "the idle command")


@needs("fuzzel")
def test_fuzzel_takes_keys_and_answers(desk):
    out = desk.directory / "choice"
    before = desk.screenshot().tobytes()
    menu = desk.start("sh", "-c", f"printf 'apple\\npear\\n' | fuzzel --config=/dev/null --dmenu > {out}")
    desk.wait_until(lambda: desk.screenshot().tobytes() != before, "the menu")
    desk.key("pear", "-k", "Return")
    menu.wait_for_end()
    assert out.read_text() == "pear\n"


@needs("mako", "makoctl", "dbus-run-session", "gdbus")
def test_mako_shows_a_notification(desk):
    desk.start("dbus-run-session", "sh", "-c",
               "mako --config /dev/null --background-color '#ff0000' & "
               "gdbus wait --session --timeout 10 org.freedesktop.Notifications && "
               "gdbus call --session --dest org.freedesktop.Notifications "
               "--object-path /org/freedesktop/Notifications --method org.freedesktop.Notifications.Notify "
               "test 0 '' title body '[]' '{}' 0; wait")
    wait_for_color(desk, RED, 5000, (640, 0, 1280, 360))


@needs("slurp", "grim")
def test_slurp_tells_the_region(desk):
    pointer = desk.pointer()
    out = desk.directory / "region"
    before = desk.screenshot().tobytes()
    chooser = desk.start("sh", "-c", f"slurp < /dev/null > {out}")
    desk.wait_until(lambda: desk.screenshot().tobytes() != before, "the selection")
    pointer.move(100, 100)
    pointer.button(True)
    pointer.move(300, 200)
    pointer.button(False)
    chooser.wait_for_end()
    x, y, width, height = map(int, out.read_text().replace(",", " ").replace("x", " ").split())
    assert (x, y) == (100, 100) and abs(width - 200) <= 1 and abs(height - 100) <= 1
    desk.run("grim", "-g", out.read_text().strip(), desk.directory / "cut.png")


def paste(desk, *options):
    """What wl-paste prints; nothing while there is no selection, where it fails."""
    return subprocess.run(["wl-paste", "-n", *options], env=desk.environment, capture_output=True, check=False,
                          timeout=TIMEOUT).stdout


@needs("wl-copy", "wl-paste")
def test_clipboard_round_trip(desk):
    for option in ([], ["--primary"]):
        desk.start("wl-copy", "--foreground", *option, "copied text")
        desk.wait_until(lambda o=option: paste(desk, *o) == b"copied text", "the text")


@needs("wtype", "foot")
def test_wtype_types_into_foot(desk):
    out = desk.directory / "typed"
    desk.start("foot", "-T", "shell", "sh", "-c", f"read line; echo \"$line\" > {out}")
    desk.wait_until(lambda: desk.focused() == "shell", "the terminal")
    desk.key("hällo")
    desk.key("-k", "Return")
    desk.wait_until(lambda: out.exists() and out.read_text() == "hällo\n", "the text")


@needs("wlr-randr")
def test_wlr_randr_sets_the_mode(desk):
    desk.run("wlr-randr", "--output", "HEADLESS-1", "--custom-mode", "800x600", "--scale", "2")
    output = desk.ipc.call(Ipc.GET_OUTPUTS)[0]
    assert output["rect"]["width"] == 400 and output["scale"] == 2


@needs("kanshi")
def test_kanshi_applies_its_profile(desk):
    config = desk.directory / "kanshi"
    config.write_text("profile {\n\toutput HEADLESS-1 mode --custom 1000x500 position 0,0\n}\n")
    desk.start("kanshi", "-c", config)
    desk.wait_until(lambda: desk.ipc.call(Ipc.GET_OUTPUTS)[0]["rect"]["width"] == 1000, "the profile's mode")


@needs("xeyes", "Xwayland")
def test_x11_program(tmp_path):
    # The base configuration turns Xwayland off; the later line counts.
    with Compositor(tmp_path, "xwayland enable\n") as desk:
        desk.command("exec xeyes")
        window = desk.wait_until(lambda: desk.find("xeyes"), "the X11 window")
        assert window["shell"] == "xwayland" and window["window_properties"]["class"] == "XEyes"


def test_i3ipc(desk):
    pytest.importorskip("i3ipc")
    script = ("import i3ipc\ni3 = i3ipc.Connection()\n"
              "def split(i3, event):\n i3.command('splitv'); print('split', flush=True)\n"
              "i3.on(i3ipc.Event.WINDOW_FOCUS, split)\nprint('ready', flush=True)\ni3.main()\n")
    tiler = desk.start(sys.executable, "-c", script)
    tiler.wait_for("ready")
    desk.window(title="one")
    tiler.wait_for("split")
    desk.window(title="two")
    one, two = (desk.find(title)["rect"] for title in ("one", "two"))
    assert one["x"] == two["x"] and one["y"] != two["y"]
