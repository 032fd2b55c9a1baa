# SPDX-License-Identifier: MIT
"""The compositor as a desktop: start and end, tiling, keys, panels, lock, outputs, hostile clients."""

import os
import subprocess

import pytest

from compositor import COMPOSITOR, SHELL_CLIENT, Compositor, Ipc, count_color, leaves, rgb

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")


@pytest.fixture
def desk(tmp_path):
    with Compositor(tmp_path) as compositor:
        yield compositor


def test_starts_and_ends_clean(tmp_path):
    with Compositor(tmp_path) as desk:
        assert desk.tree()["type"] == "root"
        desk.process.terminate()
        assert desk.process.wait(20) == 0
    assert list(desk.runtime.glob("*.sock")) == []
    assert not (desk.runtime / "wayland-1").exists()


def test_exit_command(tmp_path):
    with Compositor(tmp_path) as desk:
        desk.ipc.socket.sendall(b"i3-ipc\x04\0\0\0\0\0\0\0exit")
        assert desk.process.wait(20) == 0


def test_command_line(tmp_path):
    def run(*arguments):
        return subprocess.run([str(COMPOSITOR), *arguments], capture_output=True, text=True, timeout=20)
    assert "--validate" in run("--help").stdout
    assert run("--version").stdout.startswith("vixos-compositor version ")
    assert run("--nonsense").returncode == 2
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("gaps inner 5\n")
    bad.write_text("gaps inner 5\nfrobnicate 3\n")
    assert run("-C", "-c", str(good)).returncode == 0
    result = run("-C", "-c", str(bad))
    assert result.returncode != 0 and f"{bad}:2" in result.stderr
    assert run("-C", "-c", str(tmp_path / "none")).returncode != 0


def test_foot_side_by_side_and_stacked(desk):
    for title in ("one", "two"):
        desk.start("foot", "-T", title, "-e", "sleep", "1000")
        desk.wait_until(lambda: desk.find(title), title)
    one, two = desk.find("one")["rect"], desk.find("two")["rect"]
    assert one["width"] == two["width"] == 640 and two["x"] == 640
    desk.command("splitv")
    desk.start("foot", "-T", "three", "-e", "sleep", "1000")
    desk.wait_until(lambda: desk.find("three"), "three")
    two, three = desk.find("two")["rect"], desk.find("three")["rect"]
    assert three["x"] == two["x"] == 640 and three["y"] > two["y"]


def test_keys_reach_bindings_before_clients(desk):
    window = desk.window(title="plain")
    window.wait_for("keyboard enter")
    desk.key("-M", "logo", "-k", "x", "-m", "logo")
    desk.wait_until(lambda: "pressed" in desk.find("plain")["marks"], "the mark")
    desk.key("-k", "a")
    window.wait_for("key ")
    keys = [line for line in window.drain() if line.startswith("key ")]
    # 'a' is the client's to see; x, which the binding took, isn't.
    assert len([line for line in keys if line.endswith("pressed")]) == 1, keys


def test_kill_key_and_borders(desk):
    desk.window("-c", "203040", title="left")
    desk.window("-c", "405060", title="right")
    desk.wait_for_pixel(1000, 400, rgb("405060"))
    image = desk.screenshot("borders")
    assert image.getpixel((100, 400)) == rgb("203040")
    # sway's colours: the focused title bar and border, the unfocused title bar.
    assert image.getpixel((1200, 12)) == rgb("285577")
    assert image.getpixel((600, 12)) == rgb("222222")
    assert image.getpixel((1279, 400)) in (rgb("285577"), rgb("2e9ef4"))
    desk.key("-M", "logo", "-M", "shift", "-k", "q", "-m", "shift", "-m", "logo")
    desk.wait_until(lambda: not desk.find("right"), "the end of the window")
    assert desk.focused() == "left"


def test_output_hot_unplug_moves_windows(desk):
    desk.window(title="stays")
    desk.command("create_output")
    outputs = desk.ipc.call(Ipc.GET_OUTPUTS)
    assert [output["name"] for output in outputs] == ["HEADLESS-1", "HEADLESS-2"]
    desk.command("move container to output HEADLESS-2")
    desk.command("output HEADLESS-2 unplug")
    assert desk.find("stays")["rect"]["x"] < 1280
    desk.command("output HEADLESS-1 unplug")
    desk.command("create_output")
    assert desk.find("stays")


def test_panel_takes_its_place(desk):
    desk.window("-c", "405060", title="tile")
    desk.wait_for_pixel(600, 400, rgb("405060"))
    whole = desk.find("tile")["rect"]["height"]
    desk.start(SHELL_CLIENT, "panel", "30", "335577").wait_for("shown")
    assert desk.find("tile")["rect"]["height"] == whole - 30
    desk.wait_for_pixel(600, 15, rgb("335577"))


def test_lock_hides_everything_and_survives_its_locker(desk):
    window = desk.window("-c", "aa5500", title="secret")
    desk.wait_for_pixel(600, 400, rgb("aa5500"))
    locker = desk.start(SHELL_CLIENT, "lock", "112233")
    locker.wait_for("locked")
    desk.wait_until(lambda: count_color(desk.screenshot("locked"), rgb("112233")) > 100000, "the lock")
    assert count_color(desk.screenshot("locked"), rgb("aa5500")) == 0
    before = len(window.drain())
    desk.key("-k", "a")
    locker.process.kill()
    locker.process.wait()
    desk.wait_until(lambda: desk.screenshot("dead").getpixel((600, 400)) == (0, 0, 0), "black")
    desk.key("-k", "b")
    assert not [line for line in window.drain()[before:] if line.startswith("key")]
    assert count_color(desk.screenshot("dead"), rgb("aa5500")) == 0


@pytest.mark.parametrize("arguments", [
    ("-d", "5000"),                # a subsurface chain thousands deep
    ("-w", "6000", "-h", "6000"),  # always larger than told
    ("-w", "1", "-h", "1"),
    ("-o",),                       # never acknowledges a configure
    ("-m", "200"),                 # draws far outside its geometry
    ("-s",),                       # a subsurface over everything
])
@pytest.mark.parametrize("vm", [None, "work"])
def test_hostile_window(desk, arguments, vm):
    desk.window("-c", "00ff7f", title="victim")
    hostile = desk.window("-c", "ff0000", *arguments, title="hostile", vm=vm, wait=False)
    hostile.wait_for("configure")
    for command in ("layout tabbed", "layout splith", "floating toggle", "fullscreen", "floating disable"):
        desk.ipc.call(Ipc.RUN_COMMAND, command)
    desk.screenshot("hostile")
    desk.window("-c", "00ff7f", title="another")
    assert desk.find("victim") and desk.find("another")


def test_state_burst(desk):
    hostile = desk.window(title="hostile", vm="work")
    hostile.send("burst")
    desk.command("splitv")
    assert desk.find("hostile")


def test_many_windows(desk):
    for i in range(40):
        desk.window(title=f"w{i}", wait=False)
    desk.wait_until(lambda: len(list(leaves(desk.tree()))) == 40, "forty windows")
    desk.command("layout tabbed")
    desk.screenshot("many")
    desk.command("[title=w] kill")
    desk.wait_until(lambda: not list(leaves(desk.tree())), "their end")


def test_reload_keeps_windows(desk):
    desk.window(title="kept")
    with open(desk.directory / "config", "a", encoding="utf-8") as config:
        config.write("default_border pixel 7\n")
    desk.command("reload")
    desk.window(title="new")
    assert desk.find("kept") and desk.find("new")["current_border_width"] == 7


@pytest.mark.skipif("sanitize" in os.environ.get("BUILD", ""), reason="slow under sanitizers")
def test_menu_without_vixosd(desk):
    desk.command("vm_menu")
    desk.screenshot("menu_empty")
    desk.key("-k", "Escape")
    desk.window(title="after")


def test_x11_app(tmp_path):
    with Compositor(tmp_path, "xwayland enable\n") as desk:
        display = desk.ipc.call(Ipc.RUN_COMMAND, f"exec echo $DISPLAY > {desk.directory}/display")
        assert display[0]["success"]
        shown = desk.wait_until(lambda: [p.read_text().strip() for p in [desk.directory / "display"] if p.exists()
                                         and p.read_text().strip()], "DISPLAY")
        desk.environment |= {"DISPLAY": shown[0], "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo",
                             "GTK_A11Y": "none", "NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        desk.start("gtk4-demo", "--run=dialog")
        nodes = desk.wait_until(lambda: [n for n in leaves(desk.tree()) if n["shell"] == "xwayland"], "an X11 window", 60)
        assert nodes[0]["window"] and nodes[0]["window_properties"]["class"]
        assert "vm" not in nodes[0] or nodes[0]["vm"] is None
        desk.command("[shell=xwayland] kill")
        desk.wait_until(lambda: not list(leaves(desk.tree())), "its end")


@pytest.mark.parametrize("floating", [True, False])
def test_window_dies_while_it_is_dragged(desk, floating):
    desk.window(title="stays")
    window = desk.window(title="dragged")
    if floating:
        desk.command("floating enable, move position 200 200")
    pointer = desk.pointer()
    desk.wait_until(lambda: len(desk.ipc.call(Ipc.GET_INPUTS)) > 1, "the pointer")
    node = desk.find("dragged")
    x, y = node["rect"]["x"] + node["deco_rect"]["width"] // 2, node["rect"]["y"] - 10
    pointer.move(x, y)
    pointer.button(True)
    pointer.move(x + 40, y + 60)
    desk.screenshot("drag")
    window.stop()
    desk.wait_until(lambda: not desk.find("dragged"), "its end")
    pointer.move(x + 80, y + 90)
    pointer.button(False)
    desk.screenshot("drag")
    assert desk.focused() == "stays"
