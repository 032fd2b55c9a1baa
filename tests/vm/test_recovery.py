# SPDX-License-Identifier: MIT
"""kill -9 of each host process: recovery, or a clean end that says what happened."""

import os
import signal

import pytest
from session import Session, can_run, kill_all, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


def tagged(name):
    return lambda windows: [node for node in windows if node.get("sandbox_instance_id") == name]


def test_qemu_killed(session):
    child = session.spawn("run", "--name", "qemu", "foot")
    session.compositor.wait_for_windows(tagged("qemu"))
    kill_all("qemu-system-x86_64")
    assert child.wait(60) == 125
    message = child.stderr.read().strip().splitlines()
    assert any("VM 'qemu'" in line for line in message), message
    session.assert_nothing_left()
    assert session.list()["qemu"]["state"] == "failed"


def test_a_guest_panics():
    """Not while it boots but later: the user is told, and nothing is left."""
    session = Session()
    session.make_users_root()
    try:
        session.start_compositor()
        child = session.spawn("run", "--name", "panics", "sleep", "1000")
        session.wait_for_state("panics", "running")
        result = session.vixos("exec", "panics", "sh", "-c", "echo c > /proc/sysrq-trigger")
        assert result.returncode == 125, result.stderr
        assert child.wait(60) == 125
        lines = child.stderr.read().splitlines()
        assert any("VM 'panics'" in line for line in lines), lines
        assert any("panic" in line for line in lines), lines
        session.assert_nothing_left()
        assert session.list()["panics"]["state"] == "failed"
    finally:
        session.finish()


def test_qemu_killed_while_libvirt_is_slow(session):
    """That the VM has ended is found out by its windows first: the cause is told all the same."""
    child = session.spawn("run", "--name", "qemu", "foot")
    session.compositor.wait_for_windows(tagged("qemu"))
    libvirt = processes("virtqemud") or processes("libvirtd")
    for pid in libvirt:
        os.kill(pid, signal.SIGSTOP)
    kill_all("qemu-system-x86_64")
    wait_until(
        lambda: session.list()["qemu"]["state"] == "stopping", "vixos asks for the VM to be stopped", 30
    )
    for pid in libvirt:
        os.kill(pid, signal.SIGCONT)
    assert child.wait(60) == 125
    message = child.stderr.read().strip().splitlines()
    assert any("VM 'qemu'" in line for line in message), message
    session.assert_nothing_left()
    assert session.list()["qemu"]["state"] == "failed"


def test_virtiofsd_killed(session):
    """Without its root a guest can do nothing any more: at the latest `stop` ends it."""
    session.start_vm("vfs")
    kill_all("virtiofsd")
    session.vixos("stop", "vfs")
    session.assert_nothing_left()


def test_proxy_killed(session):
    """The VM goes on with a new vixos-proxy; what was run in the foreground ends, and its VM with it."""
    session.start_vm("proxy")
    old = session.list()["proxy"]["proxyPid"]
    os.kill(old, signal.SIGKILL)

    def recovered():
        vm = session.list()["proxy"]
        return vm["state"] == "running" and vm["proxyPid"] != old

    wait_until(recovered, "another vixos-proxy runs", 60)
    assert session.vixos("exec", "proxy", "echo", "hello").stdout == "hello\n"
    # Windows work again too.
    result = session.vixos("exec", "-d", "proxy", "foot")
    assert result.returncode == 0, result.stderr
    session.compositor.wait_for_windows(tagged("proxy"))
    assert session.vixos("stop", "proxy").returncode == 0
    session.assert_nothing_left()


def test_proxy_killed_under_run(session):
    child = session.spawn("run", "--name", "fore", "foot")
    session.compositor.wait_for_windows(tagged("fore"))
    os.kill(session.list()["fore"]["proxyPid"], signal.SIGKILL)
    assert child.wait(60) == 125
    assert "lost" in child.stderr.read()
    session.assert_nothing_left()


def test_vixosd_killed(session):
    """VM, window and session go on; the next vixosd takes over."""
    session.start_vm("daemon")
    session.vixos("exec", "-d", "daemon", "foot")
    session.compositor.wait_for_windows(tagged("daemon"))
    shell = session.spawn("shell", "daemon", "sh", "-c", "read x; echo got $x",
                          stdin=-1)
    proxy = session.list()["daemon"]["proxyPid"]
    kill_all("vixosd")
    assert session.compositor.windows(), "the window is gone"
    assert shell.communicate("me\n", timeout=30)[0] == "got me\n"
    vm = session.wait_for_state("daemon", "running")
    assert vm["proxyPid"] == proxy and vm["display"].endswith(session.compositor.display)
    assert session.vixos("exec", "daemon", "echo", "hello").stdout == "hello\n"
    assert session.vixos("logs", "daemon").stdout != ""
    assert session.vixos("stop", "daemon").returncode == 0
    session.assert_nothing_left()


def test_vixosd_killed_under_run(session):
    """run ends its VM by the next vixosd."""
    child = session.spawn("run", "--name", "orphan", "foot")
    windows = session.compositor.wait_for_windows(tagged("orphan"))
    kill_all("vixosd")
    session.compositor.ask(0, f"[con_id={windows[0]['id']}] kill")
    assert child.wait(60) in (0, 1), child.stderr.read()
    session.assert_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_lease_outlives_vixosd(session, number):
    """The end of a run in the foreground ends its VM also where vixosd is another one by then."""
    child = session.spawn("run", "--name", "lease", "sh", "-c", "echo up; sleep 100000")
    assert child.stdout.readline() == "up\n"
    leased_before = session.log().count("'lease': leased")
    kill_all("vixosd")
    # Nobody but the run itself asks for a new vixosd.
    wait_until(lambda: processes("vixosd"), "a new vixosd runs")
    session.wait_for_state("lease", "running")
    wait_until(lambda: session.log().count("'lease': leased") > leased_before, "the VM is leased again")
    child.send_signal(number)
    assert child.wait(60) == (130 if number == signal.SIGINT else -signal.SIGKILL)
    session.assert_nothing_left()


def test_vixosd_killed_while_a_vm_boots(session):
    """What its program should have been is lost: the VM ends too."""
    child = session.spawn("run", "--name", "boot", "true")
    session.wait_for_state("boot", "booting")
    kill_all("vixosd")
    assert child.wait(60) == 125
    assert "vixosd ended" in child.stderr.read()
    session.assert_nothing_left()


def test_calls_on_a_vixosd_that_is_ending(session):
    """They fall on a vixosd that has taken the connection and won't answer any more."""
    assert session.vixos("list").returncode == 0
    for words in (("list", "--json"), ("inspect", "nobody"), ("attach",)):
        pid = session.vixosd_pid()
        os.kill(pid, signal.SIGSTOP)
        child = session.spawn(*words)
        path = f"/proc/{child.pid}/wchan"
        wait_until(lambda: "poll" in open(path, encoding="ascii").read(), "the call waits")
        os.kill(pid, signal.SIGKILL)
        output, problem = child.communicate(timeout=30)
        assert child.returncode == (0 if words[0] == "list" else 1), problem
        assert "ended" not in problem, problem
        assert words[0] != "list" or output.startswith("[")


def test_vixosd_and_proxy_killed(session):
    session.start_vm("both")
    kill_all("vixosd")
    kill_all("vixos-proxy")
    session.wait_for_state("both", "running")
    assert session.vixos("exec", "both", "echo", "hello").stdout == "hello\n"
    assert session.vixos("stop", "both").returncode == 0
    session.assert_nothing_left()


@pytest.mark.parametrize("victims", [("vixosd",), ("vixos-proxy",), ("vixosd", "vixos-proxy")])
def test_background_run_ends_with_its_program_all_the_same(session, victims):
    """Whoever would have heard of the program's end is gone: the guest ends by itself."""
    session.start_vm("orphan", "sh", "-c", "mkfifo end && read x < end; exit 3")
    pids = {pid for victim in victims for pid in processes(victim)}
    for victim in victims:
        kill_all(victim)

    def recovered():
        vm = session.list()["orphan"]
        return vm["state"] == "running" and vm["proxyPid"] not in pids

    wait_until(recovered, "vixosd and vixos-proxy run", 60)
    assert session.vixos("exec", "orphan", "sh", "-c", "echo > end").returncode in (0, 125)
    wait_until(lambda: "orphan" not in session.list(), "the VM has ended", 60)
    session.assert_nothing_left()


def test_background_run_ends_without_vixosd(session):
    session.start_vm("alone", "sh", "-c", "sleep 3")
    kill_all("vixosd")
    wait_until(lambda: not processes("qemu-system-x86_64"), "the VM has ended", 60)
    assert "alone" not in session.list()
    session.assert_nothing_left()


def test_libvirt_killed(session):
    session.start_vm("libvirt")
    kill_all("virtqemud" if processes("virtqemud") else "libvirtd")
    assert session.vixos("exec", "libvirt", "echo", "hello").stdout == "hello\n"
    wait_until(lambda: session.vixos("stop", "libvirt").returncode in (0, 1) and
               "libvirt" not in session.list(), "the VM can be stopped again", 60)
    session.assert_nothing_left()


def test_qemu_killed_while_vixosd_is_away(session):
    session.start_vm("away")
    kill_all("vixosd")
    kill_all("qemu-system-x86_64")

    def is_over():
        """libvirt may notice before vixosd asks, and nothing is known of the VM, or after it."""
        return session.list().get("away", {"state": "failed"})["state"] == "failed"

    wait_until(is_over, "the VM's end is known", 60)
    session.assert_nothing_left()


def test_compositor_gone():
    """VMs whose windows were there end with it: one sentence, a status, and nothing left behind."""
    session = Session()
    try:
        session.start_compositor()
        session.start_vm("back")
        child = session.spawn("run", "--name", "front", "foot")
        session.compositor.wait_for_windows(tagged("front"))
        session.compositor.process.kill()
        assert child.wait(60) == 125
        assert "compositor" in child.stderr.read().splitlines()[-1]
        session.assert_nothing_left()
    finally:
        session.finish()
