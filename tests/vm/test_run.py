# SPDX-License-Identifier: MIT
"""vixos run: a window on stock sway, and the end of program, window and VM."""

import os
import signal

from PIL import Image
from session import processes, wait_until


def vm_windows(windows, name):
    return [node for node in windows if node.get("sandbox_instance_id") == name]


def colors_inside(session, window, path):
    """How many colours a screenshot shows inside a window's borders."""
    session.compositor.screenshot(path)
    rect = window["rect"]
    box = (rect["x"] + 8, rect["y"] + 30, rect["x"] + rect["width"] - 8,
           rect["y"] + rect["height"] - 8)
    return len(Image.open(path).convert("RGB").crop(box).getcolors(1_000_000))


def test_a_window_appears_on_stock_sway(session, tmp_path):
    child = session.spawn("run", "--gui", "foot")
    windows = session.compositor.wait_for_windows(lambda windows: vm_windows(windows, "foot"))
    window = vm_windows(windows, "foot")[0]
    assert window["sandbox_engine"] == "org.vixos"
    assert window["sandbox_app_id"] == "foot"
    # foot's background, and a prompt on it.
    wait_until(lambda: colors_inside(session, window, tmp_path / "foot.png") > 2,
               "the window has text in it")
    vm = session.list()["foot"]
    assert vm["state"] == "running" and vm["windows"] == 1 and vm["clients"] >= 1
    assert child.poll() is None

    # The window is closed: the app ends, then the VM, then run.
    session.compositor.ask(0, f"[con_id={window['id']}] kill")
    # (foot's status is 1 when its shell was hung up.)
    assert child.wait(60) in (0, 1), child.stderr.read() + session.log()
    assert "foot" not in session.list()
    assert "who started it is gone" not in session.log()
    session.assert_nothing_left()


def test_ctrl_c_ends_the_program_and_its_vm(session):
    child = session.spawn("run", "--name", "ctrl", "sh", "-c", "exec foot sleep 1000")
    session.compositor.wait_for_windows(lambda windows: vm_windows(windows, "ctrl"))
    child.send_signal(signal.SIGINT)
    # The program ends when asked to, and its own status counts.
    assert child.wait(60) != 0, child.stderr.read()
    session.assert_nothing_left()


def test_ctrl_c_ends_a_program_that_will_not_hear(session):
    child = session.spawn("run", "--name", "deaf", "sh", "-c", "trap '' INT; echo up; sleep 1000")
    assert child.stdout.readline() == "up\n"
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGINT)
    assert child.wait(60) == 130, child.stderr.read()
    session.assert_nothing_left()


def test_ctrl_c_while_the_vm_boots(session):
    child = session.spawn("run", "--name", "early", "foot")
    session.wait_for_state("early", "booting")
    child.send_signal(signal.SIGINT)
    assert child.wait(60) == 130, child.stderr.read()
    session.assert_nothing_left()


def test_a_killed_run_leaves_nothing(session):
    child = session.spawn("run", "--name", "killed", "sleep", "1000")
    session.wait_for_state("killed", "running")
    child.kill()
    session.assert_nothing_left()
    assert "killed" not in session.list()


def test_output_and_status_pass_through(session):
    result = session.vixos("run", "--name", "status", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (result.returncode, result.stdout) == (7, "out\n")
    assert "err\n" in result.stderr
    session.assert_nothing_left()


def test_background_runs_end_with_their_program(session):
    result = session.vixos("run", "-d", "--name", "back", "foot")
    assert result.returncode == 0, result.stderr
    windows = session.compositor.wait_for_windows(lambda windows: vm_windows(windows, "back"))
    assert session.list()["back"]["state"] == "running"
    session.compositor.ask(0, f"[con_id={vm_windows(windows, 'back')[0]['id']}] kill")
    wait_until(lambda: "back" not in session.list(), "the VM ends with its program", 60)
    session.assert_nothing_left()


def test_progress_is_told_but_not_when_quiet(session):
    loud = session.vixos("run", "--name", "loud", "true")
    assert loud.returncode == 0 and "waiting for the VM to boot" in loud.stderr
    quiet = session.vixos("run", "-q", "--name", "quiet", "true")
    assert (quiet.returncode, quiet.stderr) == (0, "")


def test_two_at_once(session):
    """Two that both have to start vixosd, and VMs that boot side by side."""
    os.kill(session.vixosd_pid(), signal.SIGTERM)
    wait_until(lambda: not processes("vixosd"), "it has ended")
    children = [session.spawn("run", "--name", name, "true") for name in ("one", "two")]
    for child in children:
        assert child.wait(200) == 0, child.stderr.read()
    session.vixosd_pid()
    session.assert_nothing_left()
