# SPDX-License-Identifier: MIT
"""What vixos-proxy keeps when it runs: its walls, its helper, its control socket, its memory."""

import os
import pathlib
import signal
import socket
import struct
import subprocess

import pytest

from forwarding_fixture import PROXY, Session, wait_until

MESSAGE = struct.Struct("=IIIIQIIIII116s")
OPEN, QUIT, STATE = 1, 2, 16
WAITING, READY = 0, 1
MEMORY_BUDGET = 6 * 1024  # KiB, region aside
SANITIZED = PROXY.exists() and b"__asan_init" in PROXY.read_bytes()


@pytest.fixture
def session(tmp_path):
    session = Session(tmp_path)
    try:
        session.start_sway()
        session.control = str(session.runtime / "control")
        session.proxy = session.start(PROXY, "--vm", "work", "--listen", session.runtime / "link", "--control",
                                      session.control, display=session.host_display)
        wait_until(lambda: pathlib.Path(session.control).is_socket() and (session.runtime / "link").is_socket(),
                   "vixos-proxy's sockets")
        yield session
    finally:
        session.stop()


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}


def helper_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def connect(session):
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.settimeout(10)
    control.connect(session.control)
    return control


def message(kind):
    return struct.pack("=I", kind).ljust(MESSAGE.size, b"\0")


def receive(control):
    data = control.recv(4096)
    return MESSAGE.unpack(data) if data else None


def test_walls_are_up(session):
    for pid in (session.proxy.pid, helper_of(session.proxy.pid)):
        wait_until(lambda: status(pid)["Seccomp"] == "2", "the filter")
        assert status(pid)["NoNewPrivs"] == "1"
        assert status(pid)["CoreDumping"] == "0"


def test_no_name_is_left(session):
    assert not list(session.runtime.glob("vixos-connect-*"))


def test_helper_ends_with_its_proxy(session):
    helper = helper_of(session.proxy.pid)
    session.proxy.kill()
    wait_until(lambda: not pathlib.Path(f"/proc/{helper}").exists() or status(helper)["State"][0] == "Z",
               "the helper's end")


def test_proxy_ends_with_its_helper(session):
    os.kill(helper_of(session.proxy.pid), signal.SIGKILL)
    assert session.proxy.wait(10) == 1
    assert b"gone" in session.proxy.log.read_bytes()


def test_control_tells_the_state_to_each(session):
    for _ in range(3):
        with connect(session) as control:
            assert receive(control)[:2] == (STATE, WAITING)
    session.guest_display = str(session.runtime / "guest-0")


def test_control_survives_nonsense(session):
    for data in (b"x", b"", message(OPEN), message(STATE), message(12345), b"y" * 4096, message(QUIT)[:-1]):
        with connect(session) as control:
            receive(control)
            control.send(data)
    with connect(session) as control:
        assert receive(control)[0] == STATE
    assert session.proxy.poll() is None


def test_control_closes_a_stream_for_no_guest(session):
    ours, theirs = socket.socketpair()
    with connect(session) as control:
        receive(control)
        socket.send_fds(control, [message(OPEN)], [theirs.fileno()])
        theirs.close()
        ours.settimeout(10)
        assert ours.recv(1) == b""


def test_control_caps_connections(session):
    held = [connect(session) for _ in range(8)]
    for control in held:
        assert receive(control)[0] == STATE
    with connect(session) as control:
        assert receive(control) is None
    for control in held:
        control.close()
    def served():
        with connect(session) as control:
            return receive(control) is not None
    wait_until(served, "a free connection")


def test_quit(session):
    with connect(session) as control:
        receive(control)
        control.send(message(QUIT))
        assert session.proxy.wait(10) == 0


def test_second_proxy_is_refused_and_stale_socket_is_not(session):
    argv = [PROXY, "--vm", "work", "--listen", session.runtime / "link2", "--control", session.control]
    second = session.start(*argv, display=session.host_display)
    assert second.wait(10) == 1
    assert b"another vixos-proxy" in second.log.read_bytes()
    session.proxy.kill()
    session.proxy.wait()
    third = session.start(*argv, display=session.host_display)
    wait_until(lambda: (session.runtime / "link2").is_socket(), "the third's start")
    with connect(session) as control:
        assert receive(control)[0] == STATE
    assert third.poll() is None


def test_compositor_without_security_contexts(tmp_path):
    session = Session(tmp_path)
    try:
        session.start_sink()
        proxy = session.start(PROXY, "--vm", "work", "--listen", session.runtime / "link",
                              display=session.host_display)
        assert proxy.wait(20) == 3
        assert b"--untagged" in proxy.log.read_bytes()
    finally:
        session.stop()


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's memory is not ours")
@pytest.mark.parametrize("transport", ["region", "inline"])
def test_memory_budget(tmp_path, transport):
    session = Session(tmp_path)
    try:
        session.start_sway()
        session.start_forwarding(transport)
        for _ in range(3):
            session.program("foot")
        session.wait_for_windows(3)
        session.steady_screenshot()
        values = status(session.proxy.pid)
        resident = int(values["VmRSS"].split()[0]) - int(values["RssShmem"].split()[0])
        helper = status(helper_of(session.proxy.pid))
        print(transport, "proxy", values["VmRSS"], "anon", values["RssAnon"], "file", values["RssFile"], "shmem",
              values["RssShmem"], "helper anon", helper["RssAnon"], "file", helper["RssFile"])
        assert resident <= MEMORY_BUDGET
    finally:
        session.stop()


def test_no_display_is_one_sentence(tmp_path):
    result = subprocess.run([PROXY, "--vm", "work", "--listen", tmp_path / "link"], capture_output=True, timeout=20,
                            env={"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "nowhere"})
    assert result.returncode == 1
    assert result.stderr.count(b"\n") == 1 and b"compositor" in result.stderr
