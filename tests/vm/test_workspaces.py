# SPDX-License-Identifier: MIT
"""VMs that are bound to workspaces: on vixos-compositor and on stock sway."""

import json

import pytest
from session import VIXOS_COMPOSITOR, Session, can_run, kill_all

CONFIG = """accel tcg
vm bound {
	workspace "7: bound"
}
"""


@pytest.fixture(scope="module", name="session", params=["sway", str(VIXOS_COMPOSITOR)],
                ids=["sway", "vixos"])
def make_session(request):
    if can_run():
        pytest.skip(can_run())
    if request.param != "sway" and not VIXOS_COMPOSITOR.exists():
        pytest.skip("vixos-compositor was not built")
    session = Session(CONFIG)
    try:
        session.start_compositor(request.param)
        yield session
    finally:
        session.finish()


def workspaces_of(session, name):
    """Where windows of the VM are, in order of their creation."""
    found = []

    def walk(node, workspace):
        if node["type"] == "workspace":
            workspace = node["name"]
        for child in node["nodes"] + node["floating_nodes"]:
            if child.get("sandbox_instance_id", (child.get("vm") or {}).get("name")) == name:
                found.append((child["id"], workspace))
            walk(child, workspace)

    walk(session.compositor.ask(4), None)
    return [workspace for _, workspace in sorted(found)]


def open_window(session, *words):
    """One more window; gives the workspaces of all."""
    before = len(session.compositor.windows())
    result = session.vixos(*words)
    assert result.returncode == 0, result.stderr + session.log()
    session.compositor.wait_for_windows(lambda windows: len(windows) > before)


def test_windows_open_where_the_vm_is_bound(session):
    assert session.compositor.ask(0, "workspace 1")[0]["success"]
    started = session.vixos("start", "bound")
    assert started.returncode == 0, started.stderr + session.log()
    open_window(session, "exec", "-d", "bound", "foot", "sleep", "1000")
    assert workspaces_of(session, "bound") == ["7: bound"]
    assert json.loads(session.vixos("inspect", "bound").stdout)["vm"]["workspace"] == "7: bound"

    # For one run it is another; what is there stays.
    open_window(session, "run", "-d", "--name", "bound", "--workspace", "8", "foot", "sleep", "1000")
    assert workspaces_of(session, "bound") == ["7: bound", "8"]
    open_window(session, "run", "-d", "--name", "bound", "--workspace", "9", "foot", "sleep", "1000")
    open_window(session, "run", "-d", "--name", "bound", "--workspace", "8", "foot", "sleep", "1000")
    assert workspaces_of(session, "bound") == ["7: bound", "8", "9", "8"]

    # A reload of the compositor's configuration changes nothing about it.
    assert session.compositor.ask(0, "reload")[0]["success"]
    open_window(session, "exec", "-d", "bound", "foot", "sleep", "1000")
    assert workspaces_of(session, "bound") == ["7: bound", "8", "9", "8", "8"]


def test_a_rule_of_the_user_goes_first(session):
    assert session.compositor.ask(0, "assign [app_id=foot-mine] workspace mine")[0]["success"]
    started = session.vixos("run", "-d", "--name", "other", "--workspace", "6", "foot", "-a",
                            "foot-mine", "sleep", "1000")
    assert started.returncode == 0, started.stderr
    session.compositor.wait_for_windows(lambda _: workspaces_of(session, "other"))
    assert workspaces_of(session, "other") == ["mine"]


def test_a_vm_starts_with_the_desktop_once(session):
    session.config.write_text(CONFIG + 'vm early {\n\tautostart yes\n}\n')
    attached = session.vixos("attach")
    assert attached.returncode == 0 or "has no menu" in attached.stderr
    session.wait_for_state("early", "running")
    assert session.vixos("stop", "--kill", "early").returncode == 0
    # vixosd again, but the desktop is the same: what was stopped stays so.
    kill_all("vixosd")
    session.vixos("attach")
    session.list()
    assert session.list()["early"]["state"] == "stopped"


def test_a_bad_name_is_refused(session):
    for name in ('a"; exec touch /tmp/pwned', "--no-auto-back-and-forth", "x" * 129):
        result = session.vixos("run", f"--workspace={name}", "--name", "bad", "foot")
        assert result.returncode == 2, result.stderr
        assert "name of a workspace" in result.stderr
