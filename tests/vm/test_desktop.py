# SPDX-License-Identifier: MIT
"""vixos-compositor and vixosd together: the menu starts an app in a VM, the shell key opens a terminal there."""

import os
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


def test_the_end_of_the_compositor_ends_its_vms(desktop):
    desktop.compositor.process.terminate()
    desktop.assert_nothing_left()
