# SPDX-License-Identifier: MIT
"""vixos run --rm: another VM each time, gone with its last window or, where none came, with its program."""

import json
import re
import signal

import pytest
from session import Session, can_run, kill_all, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

CONFIG = """accel tcg
vm untrusted {
    label "Not to be trusted"
    color red
    disposable
    env WHICH this
    app term {
        exec foot
    }
}
"""


@pytest.fixture(scope="module", name="session")
def make_session():
    session = Session(CONFIG)
    try:
        session.start_compositor()
        yield session
    finally:
        session.finish()


def instances(session, base):
    return [vm for name, vm in session.list().items() if re.fullmatch(f"{base}-[a-z2-9]{{4}}", name)]


def windows_of(name):
    return lambda windows: [node for node in windows if node.get("sandbox_instance_id") == name]


def close(session, name):
    for node in windows_of(name)(session.compositor.windows()):
        session.compositor.ask(0, f"[con_id={node['id']}] kill")


def test_each_has_a_name_of_its_own_and_goes_with_its_program(session):
    children = [session.spawn("run", "--rm", "hostname") for _ in range(2)]
    outputs = [child.communicate(timeout=200)[0].strip() for child in children]
    assert len(set(outputs)) == 2, outputs
    assert all(re.fullmatch("hostname-[a-z2-9]{4}", name) for name in outputs), outputs
    assert not instances(session, "hostname")
    session.assert_nothing_left()


def test_in_the_background_it_goes_with_its_last_window(session):
    """Although the program goes on without one."""
    result = session.vixos("run", "-d", "--rm", "sh", "-c", "foot & foot; sleep 100000")
    assert result.returncode == 0, result.stderr
    name = instances(session, "sh")[0]["name"]
    assert session.list()[name]["disposable"]
    session.compositor.wait_for_windows(lambda windows: len(windows_of(name)(windows)) == 2)
    first = windows_of(name)(session.compositor.windows())[0]
    session.compositor.ask(0, f"[con_id={first['id']}] kill")
    session.compositor.wait_for_windows(lambda windows: len(windows_of(name)(windows)) == 1)
    assert session.list()[name]["state"] == "running"
    close(session, name)
    wait_until(lambda: name not in session.list(), "the VM is gone with its last window", 30)
    session.assert_nothing_left()


def test_a_program_that_leaves_windows_behind_does_not_take_them_along(session):
    """In the foreground: run waits for the last window, and then has the program's status."""
    child = session.spawn("run", "--rm", "sh", "-c",
                          "setsid foot & mkfifo /tmp/go && read x < /tmp/go; exit 3")
    windows = session.compositor.wait_for_windows(lambda windows: any(
        (node.get("sandbox_instance_id") or "").startswith("sh-") for node in windows))
    name = next(node["sandbox_instance_id"] for node in windows if node.get("sandbox_instance_id"))
    assert session.vixos("exec", name, "sh", "-c", "echo > /tmp/go").returncode == 0
    wait_until(lambda: "last window" in session.log() or
               session.vixos("exec", name, "ls", "/tmp/go").returncode == 0, "it goes on")
    assert child.poll() is None and session.list()[name]["state"] == "running"
    close(session, name)
    assert child.wait(60) == 3, child.stderr.read()
    session.assert_nothing_left()


def test_a_disposable_definition(session):
    """Each is another VM with the definition's colour and environment, and a label that tells it."""
    child = session.spawn("run", "--like", "untrusted", "sh", "-c", "echo $WHICH; sleep 100000")
    assert child.stdout.readline() == "this\n"
    vm = instances(session, "untrusted")[0]
    assert (vm["color"], vm["like"], vm["disposable"]) == ("#cc0000", "untrusted", True)
    assert vm["label"] == "Not to be trusted " + vm["name"][-4:]
    inspected = json.loads(session.vixos("inspect", vm["name"]).stdout)
    assert inspected["vm"]["label"] == vm["label"]
    # A new vixosd knows all this, and the environment again.
    kill_all("vixosd")
    session.wait_for_state(vm["name"], "running")
    again = session.list()[vm["name"]]
    assert (again["label"], again["like"], again["disposable"]) == (vm["label"], "untrusted", True)
    assert session.vixos("exec", vm["name"], "sh", "-c", "echo $WHICH").stdout == "this\n"
    child.send_signal(signal.SIGINT)
    assert child.wait(60) != 0
    wait_until(lambda: vm["name"] not in session.list(), "it is gone", 30)
    session.assert_nothing_left()


def test_a_name_is_kept_where_one_is_given(session):
    result = session.vixos("run", "--rm", "--name", "once", "hostname")
    assert (result.returncode, result.stdout) == (0, "once\n"), result.stderr
    session.assert_nothing_left()


def test_bad_wishes(session):
    result = session.vixos("run", "--like", "No", "true")
    assert result.returncode == 2 and "can't name a VM" in result.stderr
    result = session.vixos("run", "--name", "preload-00000001", "true")
    assert result.returncode == 2 and "nobody has taken" in result.stderr
    session.assert_nothing_left()
