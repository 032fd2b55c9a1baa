# SPDX-License-Identifier: MIT
"""What runs full or hangs: one sentence, and a state that is right afterwards."""

import contextlib
import os
import pathlib
import signal

import pytest
from session import Session, can_run, kill_all, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

SMALL = pathlib.Path("/run/small")
REGION = 64 << 20


def room(path) -> int:
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


@contextlib.contextmanager
def filled(folder, left: int):
    """The file system of `folder` with no more than `left` bytes free."""
    path = pathlib.Path(folder) / "filling"
    with path.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, room(folder) - left)
            yield
        finally:
            path.unlink()


def sentence(result, status: int, *said: str) -> str:
    assert result.returncode == status, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("vixos:")]
    assert len(lines) == 1 and all(word in lines[0] for word in said), result.stderr
    return lines[0]


needs_small = pytest.mark.skipif(not SMALL.is_dir() or room(SMALL) > 64 << 20,
                                 reason="no file system that is small enough to be filled")


@needs_small
def test_the_cache_is_full(session):
    """The boot image finds no room; once there is some, the VM starts."""
    fresh = Session()
    fresh.environment["XDG_CACHE_HOME"] = str(SMALL / "cache")
    try:
        with filled(SMALL, 64 << 10):
            sentence(fresh.vixos("run", "--name", "full", "true"), 125, "full", "No space left")
            fresh.assert_nothing_left()
            assert fresh.list()["full"]["state"] == "failed"
            assert not list(SMALL.glob("cache/vixos/*/*")), "half an image was left behind"
    finally:
        fresh.finish()


@needs_small
def test_the_runtime_folder_is_full():
    fresh = Session(parent=str(SMALL))
    try:
        fresh.start_vm("before")
        with filled(SMALL, 0):
            sentence(fresh.vixos("run", "--name", "full", "true"), 125, "full")
            # What runs goes on.
            assert fresh.vixos("exec", "before", "echo", "hello").stdout == "hello\n"
        assert fresh.vixos("run", "--name", "after", "echo", "hello").stdout == "hello\n"
        assert fresh.vixos("stop", "before").returncode == 0
        fresh.assert_nothing_left()
    finally:
        fresh.finish()


@pytest.mark.skipif(room("/dev/shm") > 4 << 30, reason="/dev/shm is too large to be filled")
def test_shm_is_full(session):
    """A VM that runs goes on; the next one is told what lacks and can start once there is room."""
    session.start_vm("before")
    with filled("/dev/shm", REGION // 2):
        sentence(session.vixos("run", "--name", "full", "true"), 125, "full", "/dev/shm")
        assert session.vixos("exec", "before", "echo", "hello").stdout == "hello\n"
    assert session.vixos("run", "--name", "full", "echo", "hello").stdout == "hello\n"
    assert session.vixos("stop", "before").returncode == 0
    session.assert_nothing_left()


def message_of(session, name):
    return session.list()[name].get("message")


def test_qemu_hangs(session):
    """Nobody waits for it: the user is told, a program in it can be left, stop ends it in good time."""
    session.start_vm("hung")
    for pid in processes("qemu-system-x86_64"):
        os.kill(pid, signal.SIGSTOP)
    assert session.list()["hung"]["state"] == "running"
    child = session.spawn("exec", "hung", "echo", "hello")
    wait_until(lambda: message_of(session, "hung") == "the VM does not answer", "the user is told")
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 130
    result = session.vixos("stop", "hung", timeout=60)
    assert result.returncode == 0, result.stderr
    session.assert_nothing_left()


@pytest.mark.parametrize("state", ["preparing", "booting", "running", "stopping"])
def test_vixosd_killed_in_each_state(session, state):
    """Whatever it was doing: the next one knows what there is, and ends it when asked to."""
    is_up = state in ("running", "stopping")
    words = ("sh", "-c", "echo up; sleep 100000") if is_up else ("true",)
    child = session.spawn("run", "--name", "phase", *words)
    if is_up:
        assert child.stdout.readline() == "up\n"
    else:
        session.wait_for_state("phase", state, "booting", "running", "stopped", "gone")
    stop = session.spawn("stop", "phase") if state == "stopping" else None
    if stop is not None:
        session.wait_for_state("phase", "stopping", "stopped", "gone")
    kill_all("vixosd")
    if stop is not None:
        stop.wait(60)
    if state == "running":
        session.wait_for_state("phase", "running")
        child.send_signal(signal.SIGINT)
    child.wait(90)
    # A stop that was lost with vixosd is asked for again.
    if session.list().get("phase", {"state": "stopped"})["state"] not in ("stopped", "failed"):
        assert session.vixos("stop", "phase").returncode == 0
    session.assert_nothing_left()
