# SPDX-License-Identifier: MIT
"""vixos-compositor and vixosd together: the menu starts an app in a VM, the shell key opens a terminal there."""

import os
import re
import subprocess

import pytest
from session import VIXOS, VIXOS_COMPOSITOR, Session, can_run, kill_all, processes, wait_until

pytestmark = pytest.mark.skipif(
    can_run() != "" or not VIXOS_COMPOSITOR.exists(),
    reason=can_run() or "vixos-compositor was not built")

CONFIG = """accel tcg
vm work {
	label "Work"
	color "#3465a4"
	app term {
		name "Terminal of work"
		exec foot
	}
}
vm untrusted {
	label "Not to be trusted"
	color "#d0105c"
	disposable
	app term {
		name "Terminal to throw away"
		exec foot
	}
}
"""


@pytest.fixture(scope="module", name="desktop")
def make_desktop():
    session = Session(CONFIG)
    # The compositor finds `vixos attach` in its path.
    os.environ["PATH"] = f"{VIXOS.parent}:{os.environ['PATH']}"
    os.environ["VIXOS_CONFIG"] = str(session.config)
    try:
        session.start_compositor(str(VIXOS_COMPOSITOR))
        yield session
    finally:
        session.finish()
        del os.environ["VIXOS_CONFIG"]


def command(session, text):
    [result] = session.compositor.ask(0, text)
    assert result["success"], result


def type_keys(session, *words):
    environment = {**session.environment, "XDG_RUNTIME_DIR": str(session.runtime)}
    subprocess.run(["wtype", *words], env=environment, check=True, timeout=30)


def vm_of(node):
    return (node.get("vm") or {}).get("name") or node.get("sandbox_instance_id")


def of_vm(name, count=1):
    return lambda windows: len([node for node in windows if vm_of(node) == name]) >= count


def open_menu(session):
    """The menu, once vixosd has filled it."""
    assert session.vixos("attach").returncode == 0
    session.list()
    command(session, "vm_menu")


def test_opening_the_menu_starts_vixosd(desktop):
    assert not processes("vixosd")
    command(desktop, "vm_menu")
    wait_until(lambda: processes("vixosd"), "the compositor has started vixosd")
    type_keys(desktop, "-k", "Escape")


def test_the_menu_starts_an_app(desktop):
    open_menu(desktop)
    type_keys(desktop, "Terminal of work")
    type_keys(desktop, "-k", "Return")
    desktop.compositor.wait_for_windows(of_vm("work"))
    vm = desktop.list()["work"]
    assert vm["state"] == "running" and vm["color"] == "#3465a4"


def test_the_shell_key_opens_a_terminal_in_the_focused_vm(desktop):
    command(desktop, "vm_shell")
    windows = desktop.compositor.wait_for_windows(of_vm("work", 2))
    assert all(vm_of(node) == "work" for node in windows)


def test_a_new_vixosd_is_shown_too(desktop):
    """After a crash of vixosd the shell key brings the next one, and works; also when that one crashes soon after."""
    for count in (3, 4):
        kill_all("vixosd")
        command(desktop, "vm_shell")
        desktop.compositor.wait_for_windows(of_vm("work", count))


def test_apps_of_the_host_get_vms_of_their_own(desktop):
    open_menu(desktop)
    type_keys(desktop, "Foot")
    type_keys(desktop, "-k", "Return")
    desktop.compositor.wait_for_windows(of_vm("foot"))
    assert desktop.list()["foot"]["state"] == "running"
    assert desktop.vixos("stop", "foot").returncode == 0


def pixels_of(session, color):
    """How many pixels of the screen have this colour, on a screenshot of now."""
    path = session.runtime / "screen.ppm"
    environment = {**session.environment, "XDG_RUNTIME_DIR": str(session.runtime),
                   "WAYLAND_DISPLAY": session.compositor.display}
    subprocess.run(["grim", "-t", "ppm", path], env=environment, check=True, timeout=30)
    data = path.read_bytes().split(b"\n", 3)[3]
    return sum(data[at:at + 3] == color for at in range(0, len(data), 3))


def disposables(windows):
    return [vm_of(node) for node in windows if re.fullmatch("untrusted-[a-z2-9]{4}", vm_of(node) or "")]


def test_the_menu_starts_a_disposable(desktop):
    """Another VM each time, in the colour of its definition, that is gone with its last window."""
    red = bytes.fromhex("d0105c")
    assert pixels_of(desktop, red) == 0
    names = set()
    for count in (1, 2):
        open_menu(desktop)
        type_keys(desktop, "Terminal to throw away")
        type_keys(desktop, "-k", "Return")
        windows = desktop.compositor.wait_for_windows(lambda windows: len(disposables(windows)) == count)
        assert set(disposables(windows)) > names
        names = set(disposables(windows))
    assert pixels_of(desktop, red) > 100
    assert {node["vm"]["color"] for node in windows if vm_of(node) in names} == {"#d0105c"}
    for name in sorted(names):
        vm = desktop.list()[name]
        assert vm["state"] == "running" and vm["disposable"] and vm["color"] == "#d0105c", vm
        for node in desktop.compositor.windows():
            if vm_of(node) == name:
                command(desktop, f"[con_id={node['id']}] kill")
        wait_until(lambda name=name: name not in desktop.list(), "the VM is gone with its window", 30)
        names.remove(name)
        assert set(disposables(desktop.compositor.windows())) == names  # the other has not gone
    assert pixels_of(desktop, red) == 0


def test_the_end_of_the_compositor_ends_its_vms(desktop):
    desktop.compositor.process.terminate()
    desktop.assert_nothing_left()
