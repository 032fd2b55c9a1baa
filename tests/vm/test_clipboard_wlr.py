# SPDX-License-Identifier: MIT
"""vixos clipboard on a compositor that has wlr-data-control-unstable-v1 only: sway, of which one global is hidden."""

import json
import shutil

import pytest
from clipboard_desk import CONFIG, Desk, ask_on_terminal
from session import Session, can_run, wait_until
from wayland_filter import WaylandFilter

pytestmark = pytest.mark.skipif(
    can_run() != "" or shutil.which("wl-copy") is None or shutil.which("wtype") is None,
    reason=can_run() or "wl-clipboard or wtype is not installed")


@pytest.fixture(scope="module", name="desk")
def make_desk():
    session = Session(CONFIG.replace("color blue\n", "color blue\n\tclipboard {\n\t\ttimeout 8\n\t}\n"))
    older = None
    try:
        desk = Desk(session, "sway")
        older = WaylandFilter(session.runtime / "older-0", session.runtime / session.compositor.display,
                              "ext_data_control_manager_v1")
        session.environment["WAYLAND_DISPLAY"] = "older-0"
        for vm in ("work", "asks"):
            session.start_vm(vm)
        yield desk
        assert older.count > 0, "nothing was hidden"
    finally:
        if older is not None:
            older.finish()
        session.finish()


def clipboard_check(desk, display):
    result = desk.session.vixos("doctor", "--json", environment={"WAYLAND_DISPLAY": display})
    [check] = [check for check in json.loads(result.stdout) if check["id"] == "clipboard"]
    return check["verdict"], check["detail"]


def test_doctor_says_which(desk):
    assert clipboard_check(desk, "older-0") == ("ok", "the compositor's is used by zwlr_data_control_manager_v1")
    assert clipboard_check(desk, desk.session.compositor.display) == (
        "ok", "the compositor's is used by ext_data_control_manager_v1")


@pytest.mark.parametrize("text", ["plain", "Größe → 10 €", pytest.param("x" * 1_000_000, id="a million bytes")])
def test_both_ways(desk, text):
    desk.host_copies(text)
    result = desk.clipboard("copy", "work")
    assert result.returncode == 0, result.stderr + desk.session.log()
    assert desk.vm_has("work") == text
    assert desk.host_has() == text.encode()
    desk.vm_copies("work", text + "!")
    result = desk.clipboard("paste", "work")
    assert result.returncode == 0, result.stderr + desk.session.log()
    assert desk.host_has() == (text + "!").encode()


def test_it_is_forgotten_after_a_while(desk):
    desk.vm_copies("work", "for a moment")
    assert desk.clipboard("paste", "work").returncode == 0
    assert desk.host_has() == b"for a moment"
    wait_until(lambda: desk.host_has() is None, "the host's clipboard is wiped", 30)


def test_from_vm_to_vm_it_is_asked_for_and_wiped(desk):
    desk.vm_copies("asks", "for the other VM")
    assert desk.clipboard("paste", "asks").returncode == 3
    assert ask_on_terminal(desk, b"n\n", "paste", "asks") == 3
    assert desk.host_has() is None
    assert ask_on_terminal(desk, b"y\n", "paste", "asks") == 0
    assert desk.host_has() == b"for the other VM"
    assert desk.clipboard("copy", "work").returncode == 0
    assert desk.vm_has("work") == "for the other VM"
    assert desk.host_has() is None


def test_what_replaced_it_is_not_wiped(desk):
    desk.vm_copies("work", "the VM's")
    assert desk.clipboard("paste", "work").returncode == 0
    desk.host_copies("the host's")
    assert desk.clipboard("copy", "work").returncode == 0
    assert desk.host_has() == b"the host's"
