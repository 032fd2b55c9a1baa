# SPDX-License-Identifier: MIT
"""hostile_guest.c's attacks on a real proxy before stock sway, while another VM's program goes on."""

import contextlib
import os
import pathlib
import subprocess
import threading
import time

import pytest

from compositor import Ipc
from forwarding_fixture import PROXY, Session, wait_until

HOSTILE = pathlib.Path(os.environ["BUILD"]) / "tests/integration/hostile-guest"
ATTACKS = subprocess.run([HOSTILE, "--list"], capture_output=True, text=True,
                         check=True).stdout.split() if HOSTILE.exists() else []
SANITIZED = PROXY.exists() and b"__asan_init" in PROXY.read_bytes()
ANON_KIB = 24 * 1024
LONGEST_ANSWER = 2.0  # seconds; a few ms on a machine that is not busy
GROWN_KIB = 32 * 1024
MAGENTA = b"\xff\x00\xff"
ENDED = ("link_", "half_message")  # with the link or by the attacker, so there is nothing to say of a client


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    session = Session(tmp_path_factory.mktemp("hostile"))
    try:
        session.start_sway()
        session.start_forwarding("inline")
        session.program("foot", "-o", "cursor.blink=no", "sleep", "1000")
        session.wait_for_windows(1)
        yield session
        assert session.proxy.poll() is None
    finally:
        session.stop()
    assert "Sanitizer" not in session.proxy.log.read_text()


def others_work(session):
    assert session.processes[0].poll() is None, "sway is gone"
    assert session.sway("-t", "get_version")["human_readable"]
    assert [w for w in session.windows() if w["sandbox_app_id"] == "work"]


def others_start(session):
    """A new program of the other VM; again where it met the limit of connections a second."""
    wait_until(lambda: b"wl_compositor" in session.run("wayland-info"), "another VM's new program")


def anonymous_kib(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


@contextlib.contextmanager
def measured(session, attack):
    """What others feel meanwhile: the longest time that the compositor takes to answer, and what it holds."""
    over, longest = threading.Event(), [float("inf")]

    def ask():
        longest[0] = 0.0
        ipc = Ipc(session.environment["SWAYSOCK"])
        while not over.is_set():
            start = time.monotonic()
            with contextlib.suppress(TimeoutError):
                ipc.call(Ipc.GET_WORKSPACES)
            longest[0] = max(longest[0], time.monotonic() - start)
            over.wait(0.01)
        ipc.socket.close()

    before = anonymous_kib(session.processes[0])
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    grown = anonymous_kib(session.processes[0]) - before
    print(f"{attack}: the longest answer took {longest[0] * 1000:.0f} ms, the compositor grew by {grown} KiB")
    assert longest[0] < LONGEST_ANSWER and grown < GROWN_KIB


def magenta_outside(session):
    """Magenta pixels in what isn't the attacker's window."""
    width, height, data = session.screenshot()
    evil = next(w for w in session.windows() if w["sandbox_app_id"] == "evil")["rect"]
    rows = [data[y * width * 3:(y + 1) * width * 3] for y in range(height)]
    found = 0
    for y, row in enumerate(rows):
        inside = evil["y"] <= y < evil["y"] + evil["height"]
        for x in range(width) if MAGENTA in row else ():
            if row[3 * x:3 * x + 3] == MAGENTA and not (inside and evil["x"] <= x < evil["x"] + evil["width"]):
                found += 1
    return found


def check_names(session):
    for window in session.windows():
        for text in (window["name"] or "", window["app_id"] or ""):
            assert len(text) <= 129 and all(c.isprintable() for c in text), ascii(text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack(session, attack):
    link = session.runtime / f"evil-{attack}"
    proxy = session.start(PROXY, "--vm", "evil", "--listen", link, display=session.host_display)
    wait_until(link.is_socket, "vixos-proxy's socket")
    with measured(session, attack):
        evil = session.start(HOSTILE, link, attack, "--hold", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        outcome = evil.stdout.readline().decode().strip()
    others_work(session)
    check_names(session)
    if proxy.poll() is None and not SANITIZED:
        assert anonymous_kib(proxy) < ANON_KIB
    if attack in ("subsurface_outside", "geometry_1x1"):
        assert magenta_outside(session) == 0
    evil.stdin.close()
    assert evil.wait(20) == 0, (outcome, evil.log.read_text(), proxy.log.read_text())
    assert proxy.wait(20) == 0, proxy.log.read_text()
    log = proxy.log.read_bytes()
    assert b"Sanitizer" not in log and b"runtime error" not in log
    assert not [byte for byte in log if byte < 32 and byte != 10 or byte > 126]
    assert b"link lost" in log
    if outcome == "closed" and not attack.startswith(ENDED) and attack != "open_exec":
        assert b"disconnecting client" in log or b"error" in log
    others_work(session)
    others_start(session)
    assert b"*** BUG ***" not in session.processes[0].log.read_bytes()
