# SPDX-License-Identifier: MIT
"""Drag and drop: within a VM it works, and nothing of it gets out or in."""

import pytest

from compositor import count_color, leaves, rgb
from drag_fixture import DESKTOPS, DRAG_CLIENT, Desk, got

TYPES = "text/plain;charset=utf-8,application/x-secret"
COPY, MOVE = 1, 2


@pytest.fixture(params=DESKTOPS)
def desk(request, tmp_path):
    program = DESKTOPS[request.param]
    if not program:
        pytest.skip(f"{request.param} is not installed")
    with Desk(tmp_path, program) as desktop:
        desktop.is_ours = request.param == "vixos"
        yield desktop


@pytest.mark.parametrize("source_version", [3, 1])
@pytest.mark.parametrize("target_version", [3, 1])
def test_between_two_programs(desk, source_version, target_version):
    source = desk.client("source", "-d", "hello", "-v", source_version, vm="work")
    target = desk.client("target", "-v", target_version, vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    actions = {3: COPY | MOVE, 1: COPY}[source_version] if target_version == 3 else 0
    assert target.wait_for("enter") == f"enter {TYPES} actions {actions}"
    target.wait_for("answered")
    got(desk, source, "source target text/plain")
    action = MOVE if source_version == target_version == 3 else COPY
    if source_version == 3:
        got(desk, source, f"source action {action}")
    if target_version == 3:
        got(desk, target, f"offer action {action}")
    desk.wiggle("target")
    target.wait_for("motion")
    desk.drop()
    target.wait_for("drop")
    assert target.wait_for("received") == "received hello"
    if source_version == 3:
        got(desk, source, "source performed", "source send text/plain", "source finished")
    assert "source cancelled" not in source.drain()


def test_within_one_program(desk):
    program = desk.client("both", "-d", "to myself", vm="work")
    desk.begin("both", program)
    desk.wiggle("both")
    assert program.wait_for("enter") == f"enter {TYPES} actions 3"
    got(desk, program, "answered", "source action 2")
    desk.drop()
    got(desk, program, "drop", "received to myself", "source finished")


def test_again_and_back(desk):
    """One drag after another, in both directions, and the pointer comes back to life."""
    programs = {name: desk.client(name, "-d", f"from {name}", vm="work") for name in ("left", "right")}
    for source, target in (("left", "right"), ("right", "left"), ("left", "right")):
        desk.begin(source, programs[source])
        desk.point_at(target)
        programs[target].wait_for("answered")
        programs[source].wait_for("source action 2")
        desk.drop()
        assert programs[target].wait_for("received") == f"received from {source}"
        programs[source].wait_for("source finished")
        desk.wiggle(target)
        got(desk, programs[target], "pointer enter")


def test_without_a_source(desk):
    """Only the program's own windows hear of it."""
    source = desk.client("source", "-d", "-", "-n", vm="work")
    other = desk.client("other", vm="work")
    desk.begin("source", source)
    desk.point_at("other")
    desk.wiggle("other")
    desk.point_at("source")
    if desk.is_ours:
        # wlroots' own data devices leave the enter out.
        assert source.wait_for("enter") == "enter without offer"
        desk.wiggle("source")
        source.wait_for("motion")
    desk.drop()
    if desk.is_ours:
        source.wait_for("leave")
    desk.point_at("other")
    other.wait_for("pointer enter")
    assert not [line for line in other.lines if line.startswith("enter")]


def test_dropped_where_nobody_takes_it(desk):
    source = desk.client("source", "-d", "hello", vm="work")
    target = desk.client("target", "-r", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("enter")
    desk.drop()
    source.wait_for("source cancelled")
    target.wait_for("leave")
    assert "drop" not in target.drain()


def test_target_changes_its_mind(desk):
    source = desk.client("source", "-d", "hello", vm="work")
    target = desk.client("target", "-l", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("answered")
    source.wait_for("source action 2")
    desk.drop()
    target.wait_for("drop")
    source.wait_for("source cancelled")


def test_leaving_tells_the_source(desk):
    source = desk.client("source", "-d", "hello", vm="work")
    target = desk.client("target", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("enter")
    source.wait_for("source target text/plain")
    desk.point_at("source")
    target.wait_for("leave")
    got(desk, source, "source target none", "enter")


@pytest.mark.parametrize("victim", ["source", "target"])
def test_a_program_dies(desk, victim):
    source = desk.client("source", "-d", "hello", vm="work")
    target = desk.client("target", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("enter")
    if victim == "source":
        source.stop()
        target.wait_for("leave")
    else:
        target.stop()
        desk.wait_until(lambda: desk.find("target") is None, "the window's end")
        desk.drop()
        source.wait_for("source cancelled")


def test_invented_serial(desk):
    source = desk.client("source", "-d", "hello", vm="work")
    desk.point_at("source")
    source.send("forge 4242")
    got(desk, source, "source cancelled")
    assert "pointer leave" not in source.drain()


@pytest.mark.parametrize("size, shown", [(100, True), (600, False)])
def test_icon(desk, size, shown):
    """What is dragged is seen by the pointer, as long as it isn't too large."""
    source = desk.client("source", "-d", "hello", "-I", size, vm="work")
    target = desk.client("target", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("enter")
    x, y = desk.center("target")
    magenta = (255, 0, 255)
    if shown:
        desk.wait_until(lambda: desk.screenshot().getpixel((x + 20, y + 20)) == magenta, "the icon")
        assert desk.screenshot().getpixel((x - 20, y)) != magenta
        if desk.is_ours:
            # All around it is the VM's colour.
            image, color = desk.screenshot(), rgb(desk.find("source")["vm"]["color"])
            corners = [(x - 1, y - 1), (x + size, y + size), (x - 1, y + size), (x + size, y - 1)]
            assert [image.getpixel(corner) for corner in corners] == [color] * 4
        desk.drop()
        desk.wait_until(lambda: count_color(desk.screenshot(), magenta) == 0, "the icon's end")
    else:
        source.wait_for("source action")
        assert desk.screenshot().getpixel((x + 20, y + 20)) != magenta


def test_others_see_nothing(desk):
    """Neither the host's programs nor another VM's get to know what is dragged in a VM."""
    source = desk.client("source", "-d", "hello", vm="work")
    host = desk.client("host")
    stranger = desk.client("stranger", vm="other")
    target = desk.client("target", vm="work")
    desk.begin("source", source)
    for title in ("host", "stranger"):
        desk.point_at(title)
        desk.wiggle(title)
    desk.point_at("target")
    target.wait_for("enter")
    assert not [line for line in stranger.drain() if line.startswith(("enter", "drop", "motion"))]
    seen = [line for line in host.drain() if line.startswith("enter")]
    if desk.is_ours:
        assert seen == []
    else:
        # Other compositors ask everybody; what they show is a random token.
        assert all(line.startswith("enter application/x-vixos-drag;token=") and "," not in line for line in seen)
    desk.point_at("stranger")
    target.wait_for("leave")
    desk.drop()
    source.wait_for("source cancelled")
    desk.point_at("target")
    target.wait_for("pointer enter")
    assert not [line for line in stranger.drain() if line.startswith(("enter", "drop", "received"))]


def test_host_gets_no_data(desk):
    """A program of the host's that takes whatever is dragged over it."""
    source = desk.client("source", "-d", "hello", vm="work")
    host = desk.client("host")
    desk.begin("source", source)
    desk.point_at("host")
    desk.wiggle("host")
    desk.drop()
    source.wait_for("source")
    desk.point_at("source")
    source.wait_for("pointer enter")
    assert "source send" not in "\n".join(source.drain())
    assert not [line for line in host.drain() if line.startswith("received h")]


def test_hosts_drag_stays_out(desk):
    source = desk.client("source", "-d", "of the host")
    inside = desk.client("inside", vm="work")
    target = desk.client("target")
    desk.begin("source", source)
    desk.point_at("inside")
    desk.wiggle("inside")
    desk.point_at("target")
    assert target.wait_for("enter") == f"enter {TYPES} actions 3"
    target.wait_for("answered")
    source.wait_for("source action 2")
    desk.drop()
    assert target.wait_for("received") == "received of the host"
    desk.point_at("inside")
    inside.wait_for("pointer enter")
    assert not [line for line in inside.lines if line.startswith(("enter", "motion", "drop"))]


def test_hosts_drag_during_one_of_the_vm(desk):
    """An offer that isn't the VM's own, while a drag of the VM's is not finished yet."""
    source = desk.client("source", "-d", "hello", vm="work")
    holder = desk.client("holder", "-d", "of the host")
    target = desk.client("target", "-r", vm="work")
    desk.begin("source", source)
    desk.point_at("target")
    target.wait_for("enter")
    desk.drop()
    source.wait_for("source cancelled")
    desk.begin("holder", holder)
    desk.point_at("target")
    desk.wiggle("target")
    desk.point_at("source")
    desk.drop()
    holder.wait_for("source cancelled")
    desk.wiggle("target")
    target.wait_for("pointer enter")
    assert len([line for line in target.lines if line.startswith("enter")]) == 1


def test_clipboard_of_the_host_stays_out(desk):
    inside = desk.client("inside", vm="work")
    desk.program_in(None, "wl-copy", "--foreground", "of the host")
    plain = desk.client("plain")
    got(desk, plain, "selection text/plain")
    desk.command("[title=inside] focus")
    program = desk.client("second", vm="work")
    desk.command("[title=second] focus")
    program.send("device")
    inside.send("device")
    assert not [line for line in inside.drain() + program.drain() if line.startswith("selection text")]


def drag_until(desk, start, end, done):
    """
    Drags from one point to another, as often as it takes: when a toolkit's window is ready, and when it has answered,
    can't be seen from outside.
    """
    def attempt():
        desk.mouse.move(*start)
        desk.mouse.button(True)
        for step in range(1, 9):
            desk.mouse.move(*(a + (b - a) * step // 8 for a, b in zip(start, end)))
            desk.screenshot()
        for step in (3, 0):
            desk.mouse.move(end[0] + step, end[1])
            desk.screenshot()
        desk.mouse.button(False)
        return any(done(desk.screenshot()) for _ in range(10))
    desk.wait_until(attempt, "the drop's effect", 40)


def content(desk, place):
    """The upper left corner of what a program drew, windows from left to right."""
    rects = sorted((node["rect"]["x"], node["rect"]["y"]) for node in leaves(desk.tree()))
    frame, titlebar = (2, 21) if desk.is_ours else (0, 0)
    return rects[place][0] + frame, rects[place][1] + titlebar


def two_windows(desk, *argv):
    for count in (1, 2):
        desk.program_in("work", *argv)
        desk.wait_until(lambda: len(list(leaves(desk.tree()))) == count, f"window {count}")
    before = None
    while (now := desk.screenshot()) != before:
        before = now


def test_weston_dnd(desk):
    """An item goes from one window to an empty place of the other."""
    two_windows(desk, "weston-dnd")
    (x1, y1), (x2, y2) = content(desk, 0), content(desk, 1)
    box = (x2 + 30, y2 + 50, x2 + 80, y2 + 100)

    def is_empty(image):
        return count_color(image, (0, 0, 0), box) == 50 * 50
    desk.wait_until(lambda: is_empty(desk.screenshot()), "the empty place")
    drag_until(desk, (x1 + 134, y1 + 75), (x2 + 54, y2 + 75), lambda image: not is_empty(image))
    # The pointer and what it dragged are elsewhere: it is the window that shows it.
    desk.mouse.move(1270, 710)
    desk.wait_until(lambda: 300 < 50 * 50 - count_color(desk.screenshot(), (0, 0, 0), box), "the item")


def test_gtk(desk):
    """A colour goes from the palette of one window to an item of the other."""
    two_windows(desk, "gtk4-demo", "--run=dnd")
    (x1, _), (x2, y2) = content(desk, 0), content(desk, 1)
    red, yellow = (255, 0, 0), (255, 255, 0)
    desk.wait_until(lambda: desk.screenshot().getpixel((x1 + 24, 705)) == red, "the palette")
    item = x2 + 160, y2 + 150
    desk.wait_until(lambda: desk.screenshot().getpixel(item) == yellow, "the item")
    drag_until(desk, (x1 + 24, 705), (x2 + 188, y2 + 163), lambda image: image.getpixel(item) == red)


# What the compositor itself refuses, were vixos-proxy in a guest's hands: clients that are tagged as a VM's, and
# speak Wayland without it.


@pytest.fixture
def ours(tmp_path):
    with Desk(tmp_path, DESKTOPS["vixos"]) as desktop:
        yield desktop


def tagged(desk, title, vm, *arguments):
    return desk.client(title, "-e", "org.vixos", "-a", vm, "-i", vm, *arguments)


def test_tagged_drag_stays_in_the_vm(ours):
    source = tagged(ours, "source", "work", "-d", "hello")
    host = ours.client("host")
    stranger = tagged(ours, "stranger", "other")
    target = tagged(ours, "target", "work")
    ours.begin("source", source)
    for title in ("host", "stranger"):
        ours.point_at(title)
        ours.wiggle(title)
    ours.point_at("target")
    assert target.wait_for("enter") == f"enter {TYPES} actions 3"
    target.wait_for("answered")
    source.wait_for("source action 2")
    ours.drop()
    # Not even within the VM does the compositor carry a byte.
    assert target.wait_for("received") == "received "
    source.wait_for("source finished")
    assert "source send" not in "\n".join(source.drain())
    assert not [line for line in host.drain() + stranger.drain() if line.startswith(("enter", "motion", "drop"))]


def test_the_keyboard_is_where_the_focus_is_after_a_drag(ours):
    """While a drag lasts nobody can be given the keyboard: it must not stay with who has dragged."""
    mine = ours.window(title="mine")
    source = tagged(ours, "source", "work", "-d", "hello")
    ours.command("[title=source] focus")
    mine.wait_for("keyboard leave")
    ours.begin("source", source)
    ours.command("[title=mine] focus")
    ours.drop()
    source.wait_for("source cancelled")
    mine.wait_for("keyboard enter")
    ours.key("-k", "b")
    mine.wait_for("key ")


def test_tagged_client_gets_no_clipboard(ours):
    ours.program_in(None, "wl-copy", "--foreground", "of the host")
    plain = ours.client("plain")
    got(ours, plain, "selection text/plain")
    client = tagged(ours, "tagged", "work")
    ours.command("[title=tagged] focus")
    client.send("device")
    ours.command("[title=plain] focus")
    ours.command("[title=tagged] focus")
    client.send("device")
    assert not [line for line in client.drain() if line.startswith("selection")]


def test_tagged_client_sets_no_clipboard(ours):
    ours.program_in(None, "wl-copy", "--foreground", "of the host")
    plain = ours.client("plain")
    got(ours, plain, "selection text/plain")
    client = tagged(ours, "tagged", "work")
    ours.command("[title=tagged] focus")
    client.send("select mine")
    got(ours, client, "source cancelled")
    assert ours.run("wl-paste", "--no-newline").stdout == b"of the host"


@pytest.mark.parametrize("arguments", [("-v", "1"), ("-e", "org.vixos", "-i", "No VM's Name")])
def test_tagged_client_of_a_kind_that_has_no_drags(ours, arguments):
    """An old version, and a name that no VM can have."""
    program = ours.start(DRAG_CLIENT, "-e", "org.vixos", "-a", "work", "-i", "work", *arguments)
    program.wait_for_end()
    ours.client("still here")


def test_tagged_client_invents_serials(ours):
    client = tagged(ours, "tagged", "work", "-d", "hello", "-n")
    for serial in range(50):
        client.send(f"forge {serial}")
    assert "pointer leave" not in client.drain()
    assert "disconnected" not in client.drain()
