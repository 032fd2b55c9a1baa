# SPDX-License-Identifier: MIT
"""What is special about the windows of VMs: frames, labels, walls, the menu."""

import pytest

from compositor import COMPOSITOR, DOMAIN_CLIENT, SHELL_CLIENT, WINDOW_CLIENT, Compositor, count_color, leaves, rgb

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")

BLUE, RED, GREEN = "3050e0", "e02020", "20a040"
CLIENT = "c0c0c0"

PRIVILEGED = """
ext_data_control_manager_v1 ext_foreign_toplevel_list_v1 ext_image_copy_capture_manager_v1
ext_session_lock_manager_v1 ext_transient_seat_manager_v1 ext_workspace_manager_v1
wp_security_context_manager_v1 zwlr_data_control_manager_v1
zwlr_export_dmabuf_manager_v1 zwlr_foreign_toplevel_manager_v1 zwlr_gamma_control_manager_v1
zwlr_layer_shell_v1 zwlr_output_manager_v1 zwlr_output_power_manager_v1 zwlr_screencopy_manager_v1
zwlr_virtual_pointer_manager_v1 zwp_input_method_manager_v2
zwp_keyboard_shortcuts_inhibit_manager_v1 zwp_virtual_keyboard_manager_v1 zxdg_output_manager_v1
""".split()

# From VMs these are hidden too.
WALLED = """
ext_foreign_toplevel_image_capture_source_manager_v1 ext_idle_notifier_v1
ext_output_image_capture_source_manager_v1 wp_tearing_control_manager_v1
zwp_idle_inhibit_manager_v1 zwp_pointer_constraints_v1 zwp_primary_selection_device_manager_v1
zwp_relative_pointer_manager_v1 zxdg_exporter_v1 zxdg_exporter_v2 zxdg_importer_v1 zxdg_importer_v2
""".split()


@pytest.fixture
def desk(tmp_path):
    with Compositor(tmp_path) as compositor:
        yield compositor


@pytest.fixture
def manager(desk):
    program = desk.start(DOMAIN_CLIENT)
    program.wait_for("ready")
    for line in (f"domain work {BLUE} 2 Work", f"domain untrusted {RED} 0 untrusted",
                 f"domain vault {GREEN} 5 vault", "message vault no kernel was found",
                 "app work foot Terminal", "app work firefox Firefox", "app untrusted mpv Film player",
                 "commit work", "commit untrusted", "commit vault"):
        program.send(line)
    return program


def content_box(desk, title):
    """Where the tree has the window's content, in the layout."""
    node = desk.find(title)
    rect, window = node["rect"], node["window_rect"]
    left, top = rect["x"] + window["x"], rect["y"] + window["y"]
    return left, top, left + window["width"], top + window["height"]


def assert_framed(image, box, color, client=rgb(CLIENT)):
    """All around what the client drew there are at least two pixels of the VM's colour."""
    left, top, right, bottom = box
    inside = [(x, y) for x in range(left, right, 3) for y in range(top, bottom, 3)
              if image.getpixel((x, y)) == client]
    assert inside, "the client is not shown"
    xs, ys = [x for x, _ in inside], [y for _, y in inside]
    middle_x, middle_y = (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        x, y = middle_x, middle_y
        while image.getpixel((x, y)) == client:
            x, y = x + dx, y + dy
        assert image.getpixel((x, y)) == color, f"at {x},{y}"
        assert image.getpixel((x + dx, y + dy)) == color, f"at {x + dx},{y + dy}"


def test_colour_and_label(desk, manager):
    desk.window("-c", CLIENT, title="plain")
    desk.window("-c", CLIENT, title="of work", vm="work")
    desk.window("-c", CLIENT, title="of untrusted", vm="untrusted")
    desk.wait_until(lambda: count_color(desk.screenshot("tagged"), rgb(CLIENT)) > 700000, "three windows")
    image = desk.screenshot("tagged")
    for title, color in (("of work", rgb(BLUE)), ("of untrusted", rgb(RED))):
        left, top, right, bottom = content_box(desk, title)
        assert_framed(image, (left + 2, top, right - 2, bottom), color)
        # The label begins at the left end of the title bar, full height.
        assert image.getpixel((left + 2, 4)) == image.getpixel((left + 2, 20)) == color
    left, _, right, _ = content_box(desk, "plain")
    for color in (BLUE, RED):
        assert count_color(image, rgb(color), (left - 2, 0, right + 2, 720)) == 0
    assert desk.find("of work")["vm"] == {"name": "work", "color": f"#{BLUE}", "label": "Work"}
    assert "vm" not in desk.find("plain") or desk.find("plain")["vm"] is None


@pytest.mark.parametrize("command", ["border pixel 2", "border pixel 1", "border none", "fullscreen",
                                     "floating enable, border none", "layout tabbed", "layout stacking",
                                     "gaps inner 20", "floating enable, resize set 120 90"])
def test_frame_is_always_there(desk, manager, command):
    desk.window("-c", CLIENT, title="tagged", vm="work")
    desk.command(command)
    desk.wait_until(lambda: count_color(desk.screenshot("frame"), rgb(CLIENT)) > 500, "the client")
    image = desk.screenshot("frame")
    assert_framed(image, (0, 0, 1280, 720), rgb(BLUE))
    # The label, 31 pixels wide at least, is above the client.
    assert count_color(image, rgb(BLUE)) > 2 * 2 * (90 + 60)


def test_frame_with_smart_borders(tmp_path):
    with Compositor(tmp_path, "smart_borders on\nhide_edge_borders both\ndefault_border none\n") as desk:
        desk.window("-c", CLIENT, title="tagged", vm="work")
        desk.wait_until(lambda: count_color(desk.screenshot(), rgb(CLIENT)) > 500000, "the client")
        color = rgb(desk.find("tagged")["vm"]["color"])
        assert_framed(desk.screenshot("smart"), (0, 0, 1280, 720), color)


@pytest.mark.parametrize("arguments", [("-m", "100"), ("-s",), ("-w", "3000", "-h", "3000"), ("-w", "50", "-h", "40")])
def test_client_cannot_leave_its_rectangle(desk, manager, arguments):
    """Neither with subsurfaces nor with surfaces larger than their geometry or than they were told."""
    desk.window("-c", "101010", title="neighbour")
    desk.window("-c", CLIENT, *arguments, title="tagged", vm="work")
    desk.command("[title=tagged] border none")
    desk.wait_until(lambda: count_color(desk.screenshot("rectangle"), rgb(CLIENT)) > 500, "the client")
    image = desk.screenshot("rectangle")
    assert count_color(image, rgb(CLIENT), (0, 0, 640, 720)) == 0
    if arguments != ("-w", "50", "-h", "40"):
        assert_framed(image, (640, 0, 1280, 720), rgb(BLUE))
    desk.command("[title=tagged] floating enable")
    desk.wait_until(lambda: desk.find("tagged")["type"] == "floating_con", "floating")

    def stays_inside():
        """The picture follows the tree after a moment."""
        shown = desk.screenshot("rectangle_floating")
        left, top, right, bottom = content_box(desk, "tagged")
        inside = (max(left, 0), max(top, 0), min(right, 1280), min(bottom, 720))
        return count_color(shown, rgb(CLIENT)) == count_color(shown, rgb(CLIENT), inside)

    desk.wait_until(stays_inside, "a picture with the client in its rectangle only")


def test_popup_is_outlined_and_stays_on_the_output(desk, manager):
    window = desk.window("-c", CLIENT, title="tagged", vm="work")
    window.send("popup 300x200 1200 600")
    desk.wait_until(lambda: count_color(desk.screenshot("popup"), rgb("00ff00")) > 0, "the popup")
    image = desk.screenshot("popup")
    assert count_color(image, rgb("00ff00")) == 300 * 200
    assert_framed(image, (0, 0, 1280, 720), rgb(BLUE), rgb("00ff00"))


def test_popup_larger_than_the_screen(desk, manager):
    window = desk.window("-c", CLIENT, title="tagged", vm="work")
    window.send("popup 5000x5000 -3000 -3000")
    desk.wait_until(lambda: count_color(desk.screenshot("popup"), rgb("00ff00")) > 0, "the popup")
    image = desk.screenshot("popup")
    for x, y in ((0, 300), (1, 300), (1279, 300), (640, 0), (640, 1), (640, 719)):
        assert image.getpixel((x, y)) == rgb(BLUE)


def keys_since(window, before):
    return [line for line in window.drain()[before:] if line.startswith("key ")]


def test_popup_grab_takes_no_keys_of_others(desk):
    """A VM's popup asks for all input, with an invented serial, while another window has the focus."""
    thief = desk.window(title="thief", vm="untrusted")
    mine = desk.window(title="mine", vm="vault")
    desk.command("[title=mine] focus")
    mine.wait_for("keyboard enter")
    thief.send("grab-popup 7")
    desk.key("-k", "b")
    mine.wait_for("key ")
    third = desk.window(title="third", vm="vault")
    desk.command("[title=third] focus")
    third.wait_for("keyboard enter")
    before = len(mine.drain())
    desk.key("-k", "b")
    third.wait_for("key ")
    assert not keys_since(thief, 0) and not keys_since(mine, before)


@pytest.mark.parametrize("grab", ["grab-popup", "grab-hidden"])
def test_popup_grab_ends_with_the_focus(desk, grab):
    """A VM has the keyboard when its popup asks for all input, and keeps nothing when the user goes elsewhere."""
    mine = desk.window(title="mine", vm="vault")
    thief = desk.window(title="thief", vm="untrusted")
    desk.command("[title=thief] focus")
    thief.wait_for("keyboard enter")
    assert "popup shown" in thief.send(f"{grab} 7")
    before = len(thief.drain())
    desk.command("[title=mine] focus")
    mine.wait_for("keyboard enter")
    desk.key("-k", "b")
    mine.wait_for("key ")
    desk.command("workspace 9")
    thief.wait_for("keyboard leave")
    desk.key("-k", "c")
    thief.send("title still here")
    assert not keys_since(thief, before)


def test_popup_grab_gives_way_to_the_lock(desk):
    """The password isn't typed into a menu that was open before."""
    thief = desk.window(title="thief", vm="untrusted")
    desk.command("[title=thief] focus")
    thief.wait_for("keyboard enter")
    thief.send("grab-hidden 7")
    locker = desk.start(SHELL_CLIENT, "lock", "112233")
    locker.wait_for("locked")
    thief.wait_for("keyboard leave")
    before = len(thief.drain())
    desk.key("-k", "b")
    thief.send("title still here")
    assert not keys_since(thief, before)


def test_cursor_image_is_limited(desk, manager):
    window = desk.window("-c", CLIENT, title="tagged", vm="work")
    pointer = desk.pointer()
    pointer.move(600, 400)
    window.wait_for("pointer enter")
    window.send("cursor 48")
    desk.wait_until(lambda: count_color(desk.screenshot(cursor=True), rgb("ff00ff")) == 48 * 48, "the cursor")
    window.send("cursor 400")
    desk.wait_until(lambda: count_color(desk.screenshot(cursor=True), rgb("ff00ff")) == 0, "the default cursor")
    plain = desk.window("-c", CLIENT, title="plain")
    pointer.move(1000, 400)
    plain.wait_for("pointer enter")
    plain.send("cursor 400")
    desk.wait_until(lambda: count_color(desk.screenshot(cursor=True), rgb("ff00ff")) > 48 * 48, "a big cursor")


def test_privileged_globals(desk):
    def offered(*arguments):
        program = desk.start(WINDOW_CLIENT, *arguments, "-G")
        names = set()
        while (line := program.queue.get(timeout=20)) is not None:
            names.add(line.split()[1])
        return names
    plain = offered()
    # Only the socket of vixosd (the domain client's) has that one.
    assert "vixos_domain_manager_v1" not in plain
    for engine, hidden in (("org.vixos", PRIVILEGED + WALLED), ("org.flatpak", PRIVILEGED)):
        boxed = offered("-e", engine, "-a", "work", "-i", "work")
        assert plain - boxed == set(hidden)
        assert not boxed & set(hidden)


def frames(window):
    return window.drain().count("frame")


def ask_for_frame(desk, window):
    before = frames(window)
    window.send("frame")
    desk.wait_until(lambda: frames(window) > before, "a frame")


@pytest.mark.parametrize("hide", ["workspace 2", "fullscreen", "layout tabbed", "lock"])
def test_hidden_windows_get_no_frames(desk, hide):
    """By their frames a VM could tell what else is looked at, and when."""
    spy = desk.window("-c", CLIENT, title="spy", vm="work")
    ask_for_frame(desk, spy)
    if hide.startswith("workspace"):
        desk.command(hide)
    shown = desk.window(title="shown")
    if hide == "lock":
        desk.start(SHELL_CLIENT, "lock", "112233").wait_for("locked")
        desk.wait_until(lambda: count_color(desk.screenshot("locked"), rgb("112233")) > 100000, "the lock")
    else:
        desk.command(hide)
        desk.wait_until(lambda: desk.find("shown")["visible"] and not desk.find("spy")["visible"], "hiding")
    desk.wait_until(lambda: count_color(desk.screenshot("hidden"), rgb(CLIENT)) == 0, "it is not on the screen")
    before = frames(spy)
    spy.send("frame")
    for _ in range(3):
        if hide == "lock":
            desk.screenshot("locked")
        else:
            ask_for_frame(desk, shown)
    assert frames(spy) == before


@pytest.mark.parametrize("instance", ["Work", "../work", "", "a" * 40, "work\x1b[31m"])
def test_bad_names_are_tagged_too(desk, instance):
    desk.window("-c", CLIENT, "-e", "org.vixos", "-a", "x", "-i", instance, title="odd")
    desk.wait_until(lambda: count_color(desk.screenshot("odd"), rgb(CLIENT)) > 500000, "the client")
    assert_framed(desk.screenshot("odd"), (0, 0, 1280, 720), rgb("ff00ff"))


def test_flatpak_has_a_frame_of_its_own(desk):
    desk.window("-c", CLIENT, "-e", "org.flatpak", "-a", "org.app", "-i", "1", title="boxed")
    desk.wait_until(lambda: count_color(desk.screenshot("boxed"), rgb(CLIENT)) > 500000, "the client")
    assert_framed(desk.screenshot("boxed"), (0, 0, 1280, 720), rgb("9aa0a6"))


def test_titles_are_cleaned(desk):
    desk.window("-c", CLIENT, title="a\u202eb\u200bc\x1b", vm="work", wait=False)
    desk.wait_until(lambda: [n for n in leaves(desk.tree()) if n["name"] == "abc"], "the clean title")


def test_activation_without_focus_only_marks(desk):
    thief = desk.window(title="thief", vm="untrusted")
    desk.window(title="mine")
    thief.send("activate forged")
    assert desk.focused() == "mine"


def test_new_window_that_the_user_asked_for_takes_the_focus(desk, manager):
    desk.window(title="mine")
    desk.command("vm_menu")
    manager.wait_for("menu_opened")
    desk.key("-k", "Return")
    manager.wait_for("start_app")
    desk.window(title="wanted", vm="work")
    assert desk.focused() == "wanted"
    desk.command("[title=mine] focus")
    desk.window(title="unwanted", vm="work")
    assert desk.focused() == "mine"


def test_new_window_of_another_vm_takes_no_focus(desk):
    desk.window(title="mine", vm="work")
    desk.window(title="again mine", vm="work")
    assert desk.focused() == "again mine"
    desk.window(title="thief", vm="untrusted")
    assert desk.focused() == "again mine"


@pytest.mark.parametrize("how", ["asks for it", "comes with it"])
def test_fullscreen_takes_no_focus(desk, how):
    """Over everything else, and with the keyboard, is where a VM may not put itself."""
    thief = desk.window(title="thief", vm="untrusted")
    mine = desk.window(title="mine", vm="vault")
    desk.command("[title=mine] focus")
    mine.wait_for("keyboard enter")
    if how == "comes with it":
        thief.send("unmap")
        desk.wait_until(lambda: desk.find("thief") is None, "the unmapping")
        thief.send("fullscreen")
        thief.send("map")
        desk.wait_until(lambda: desk.find("thief"), "the mapping")
    else:
        thief.send("fullscreen")
    desk.wait_until(lambda: desk.find("thief")["urgent"], "the mark")
    assert desk.find("thief")["fullscreen_mode"] == 0 and desk.focused() == "mine"
    desk.key("-k", "b")
    mine.wait_for("key ")
    # Where the user is, it may.
    desk.command("[title=thief] focus")
    thief.send("fullscreen")
    desk.wait_until(lambda: desk.find("thief")["fullscreen_mode"] == 1, "fullscreen")


def test_what_the_user_starts_may_come_fullscreen(desk, manager):
    desk.window(title="mine")
    film = desk.window(title="film", vm="work")
    film.send("unmap")
    desk.wait_until(lambda: desk.find("film") is None, "the unmapping")
    film.send("fullscreen")
    desk.command("vm_menu")
    manager.wait_for("menu_opened")
    desk.key("-k", "Return")
    manager.wait_for("start_app")
    film.send("map")
    desk.wait_until(lambda: (desk.find("film") or {}).get("fullscreen_mode") == 1, "fullscreen")
    assert desk.focused() == "film"


def workspace_of(desk, title):
    def walk(node, workspace):
        if node["type"] == "workspace":
            workspace = node["name"]
        if node["name"] == title:
            return workspace
        return next(filter(None, (walk(child, workspace)
                                  for child in node["nodes"] + node["floating_nodes"])), None)

    return walk(desk.tree(), None)


def test_windows_open_on_the_workspace_of_their_vm(desk, manager):
    manager.send("workspace work 2: work")
    manager.send("commit work")
    desk.window(title="mine")
    desk.window(title="bound", vm="work")
    desk.window(title="free", vm="untrusted")
    assert workspace_of(desk, "bound") == "2: work"
    assert workspace_of(desk, "free") == workspace_of(desk, "mine") == "1"
    # The user's own rules go first.
    desk.command("assign [vm=work title=ruled] workspace 3")
    desk.window(title="ruled", vm="work")
    assert workspace_of(desk, "ruled") == "3"
    manager.send("workspace work " + "x" * 128)


def test_menu_lists_filters_and_starts(desk, manager):
    window = desk.window("-c", CLIENT, title="behind")
    window.wait_for("keyboard enter")
    before = len(window.drain())
    desk.key("-M", "logo", "-k", "d", "-m", "logo")
    manager.wait_for("menu_opened")
    window.wait_for("keyboard leave")
    seen = len(window.drain())
    image = desk.screenshot("menu")
    for color in (BLUE, RED, GREEN):
        assert count_color(image, rgb(color), (300, 0, 980, 720)) > 200
    desk.key("fiLM")
    desk.wait_until(lambda: count_color(desk.screenshot("menu_filter"), rgb(BLUE), (300, 0, 980, 720)) == 0,
                    "the filter's effect")
    desk.key("-k", "Return")
    assert manager.wait_for("start_app") == "start_app untrusted 'mpv'"
    window.wait_for("keyboard enter 0")
    keys = [line for line in window.drain()[seen:] if line.startswith(("key ", "button"))]
    assert keys == [], "a client saw what was typed into the menu"
    desk.key("-k", "a")
    window.wait_for("key ")
    assert before >= 0


def test_menu_keys(desk, manager):
    desk.command("vm_menu")
    manager.wait_for("menu_opened")
    desk.key("-k", "Down", "-k", "Down", "-k", "Up", "-k", "Return")
    assert manager.wait_for("start_app") == "start_app work 'foot'"
    desk.command("vm_menu")
    desk.key("-k", "End", "-k", "Home", "-k", "Return")
    assert manager.wait_for("start_app") == "start_app work ''"
    desk.command("vm_menu")
    desk.key("äö")
    desk.key("-k", "BackSpace", "-k", "BackSpace", "-M", "ctrl", "-k", "Return", "-m", "ctrl")
    assert manager.wait_for("open_shell") == "open_shell work"
    desk.command("vm_menu")
    desk.key("-M", "ctrl", "-k", "Delete", "-m", "ctrl", "-k", "Escape")
    assert manager.wait_for("stop") == "stop work"


@pytest.mark.parametrize("how", ["focus", "death"])
def test_key_held_while_the_focus_moves_stays_where_it_was(desk, how):
    """What was typed into one VM is not for the next one, be it that the first one's window just ends."""
    second = desk.window(title="second", vm="vault")
    first = desk.window(title="first", vm="untrusted")
    desk.command("[title=first] focus")
    first.wait_for("keyboard enter")
    before = len(second.drain())
    typist = desk.start("wtype", "-P", "a", "-s", "500", "-p", "a")
    first.wait_for("key ")
    if how == "focus":
        desk.command("[title=second] focus")
    else:
        first.stop()
    assert second.wait_for("keyboard enter") == "keyboard enter 0"
    typist.wait_for_end()
    second.send("title still here")
    assert not keys_since(second, before)


def test_key_held_over_the_menu_is_nobodys(desk, manager):
    """QSB-104: a key held while a trusted prompt closes does not type into the window behind it."""
    window = desk.window(title="behind", vm="work")
    window.wait_for("keyboard enter")
    desk.command("vm_menu")
    manager.wait_for("menu_opened")
    typist = desk.start("wtype", "-P", "Return", "-s", "400", "-p", "Return")
    manager.wait_for("start_app")
    typist.wait_for_end()
    window.wait_for("keyboard enter 0")
    assert not [line for line in window.drain() if line.startswith("key ")]


def test_menu_survives_its_manager(desk, manager):
    desk.command("vm_menu")
    manager.wait_for("menu_opened")
    manager.stop()
    desk.wait_until(lambda: count_color(desk.screenshot("menu_gone"), rgb(BLUE)) == 0, "the empty list")
    desk.key("-k", "Escape")
    desk.window(title="after")
    assert desk.focused() == "after"


def test_a_manager_that_is_lost_may_be_followed_at_once(tmp_path):
    """However short it was there. Until one has come, a key that is pressed again starts no second."""
    compositor = Compositor(tmp_path)
    started, vixos = tmp_path / "started", tmp_path / "vixos"
    vixos.write_text(f'#!/bin/sh\necho "$*" >> {started}\n')
    vixos.chmod(0o755)
    compositor.environment["PATH"] = f"{tmp_path}:{compositor.environment['PATH']}"
    with compositor as desk:
        for count in (1, 2):
            for _ in range(2):
                desk.command("vm_menu")
                desk.key("-k", "Escape")
            desk.wait_until(lambda: started.exists() and started.read_text() == "attach\n" * count, "it was started")
            manager = desk.start(DOMAIN_CLIENT)
            manager.wait_for("ready")
            manager.send(f"domain work {BLUE} 2 Work")
            manager.stop()


def test_second_manager_takes_over(desk, manager):
    second = desk.start(DOMAIN_CLIENT)
    second.wait_for("ready")
    manager.wait_for("finished")
    second.send(f"domain other {RED} 2 Other")
    second.send("commit other")
    desk.command("vm_menu")
    second.wait_for("menu_opened")


@pytest.mark.parametrize("line", ["domain Work 000000 0 x", "domain ok ffffffff 0 x", "domain ok 000000 9 x",
                                  "domain work 000000 0 again", "app work " + "i" * 65 + " name",
                                  "workspace work " + "x" * 129])
def test_bad_domains_disconnect(desk, manager, line):
    manager.process.stdin.write(line + "\n")
    manager.process.stdin.flush()
    manager.wait_for("disconnected")
    desk.window(title="still here")


def test_too_many_apps(desk, manager):
    for i in range(255):
        manager.send(f"app work id{i} name{i}") if i < 254 else None
    manager.process.stdin.write("app work last name\n")
    manager.process.stdin.flush()
    manager.wait_for("disconnected")


def test_vm_shell(desk, manager):
    desk.window(title="plain")
    result = desk.ipc.call(0, "vm_shell")
    assert not result[0]["success"]
    desk.window(title="tagged", vm="work")
    desk.command("[title=tagged] focus")
    desk.key("-M", "logo", "-M", "shift", "-k", "Return", "-m", "shift", "-m", "logo")
    assert manager.wait_for("open_shell") == "open_shell work"


def test_label_is_where_the_title_cannot_get(desk, manager):
    """However long the title is, the label stays at the left end in the VM's colour."""
    window = desk.window("-c", CLIENT, title="x", vm="work")
    before = desk.screenshot("label").crop((2, 0, 40, 25))
    window.send("title " + "█" * 120)
    desk.wait_until(lambda: desk.find("█" * 120), "the title")
    assert desk.screenshot("label").crop((2, 0, 40, 25)).tobytes() == before.tobytes()
