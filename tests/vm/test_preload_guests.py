# SPDX-License-Identifier: MIT
"""Preloaded VMs whose guests are outdated, or not as we made them."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from pool import Pool
from preload import preloading
from session import BUILD, VIXOSD, can_run, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


def programs_folder(path: pathlib.Path, init: str, guest) -> pathlib.Path:
    path.mkdir(exist_ok=True)
    shutil.copy(BUILD / init, path / "vixos-init")
    shutil.copy(BUILD / "launcher/agent/vixos-tool", path)
    if isinstance(guest, bytes):
        (path / "vixos-guest").write_bytes(guest)
    else:
        shutil.copy(guest, path / "vixos-guest")
    return path


def test_one_made_of_what_has_changed_is_not_taken(tmp_path):
    session = Pool("accel tcg\npreload 1\n")
    guest = BUILD / "launcher/agent/vixos-guest"
    try:
        programs = programs_folder(tmp_path / "programs", "launcher/agent/vixos-init", guest)
        session.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
        old = session.wait_for_ready()[0]["name"]
        os.utime(programs / "vixos-guest")
        assert session.facts("fresh")[0] == "fresh"
        assert f"what '{old}' was made from has changed" in session.log()
        assert "bound as" not in session.log()
        session.wait_for_ready(other_than=old)
    finally:
        session.finish()


def test_those_from_before_a_suspend_are_thrown_away(tmp_path):
    """vixosd hears of it, and looks again where it hasn't heard yet."""
    session = Pool("accel tcg\npreload 1\n")
    clock = tmp_path / "clock"
    os.mkfifo(f"{clock}.wake")
    session.environment.update(LD_PRELOAD=preloading(VIXOSD, BUILD / "tests/vm/libfake-suspend.so"), FAKE_SUSPEND=str(clock))
    try:
        first = session.wait_for_ready()[0]["name"]
        clock.write_text("3600")
        pathlib.Path(f"{clock}.wake").write_bytes(bytes(8))
        wait_until(lambda: f"'{first}' is thrown away: the host was suspended" in session.log(), "it has heard")
        second = session.wait_for_ready(other_than=first)[0]["name"]
        clock.write_text("7200")
        assert session.facts("late")[0] == "late"
        assert f"'{second}' is thrown away: the host was suspended" in session.log()
        assert "takes" not in session.log()
    finally:
        del session.environment["LD_PRELOAD"]
        session.finish()


@pytest.fixture(name="bus")
def make_bus(tmp_path):
    """A session bus with a systemd; gives its address and the file in which its calls are."""
    calls = tmp_path / "calls"
    address = f"unix:path={tmp_path}/bus"
    children = [subprocess.Popen(["dbus-daemon", "--session", "--nofork", f"--address={address}"])]
    wait_until((tmp_path / "bus").exists, "the bus listens")
    with calls.open("wb") as output:
        children.append(subprocess.Popen(["python3", pathlib.Path(__file__).with_name("fake_systemd.py")],
                                         env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}, stdout=output))
    try:
        wait_until(lambda: calls.read_text() == "ready\n", "systemd is there")
        yield address, calls
    finally:
        for child in reversed(children):
            child.kill()
            child.wait()


def test_one_that_boots_is_in_a_scope_that_stands_back(bus):
    address, calls = bus
    session = Pool("accel tcg\npreload 1\n")
    session.environment["DBUS_SESSION_BUS_ADDRESS"] = address
    try:
        ready = session.wait_for_ready()[0]["name"]
        scope = f"vixos-{ready}.scope"
        pid = (session.runtime / f"libvirt/qemu/run/vixos-{ready}.pid").read_text()
        assert calls.read_text().splitlines()[1:] == [f"StartTransientUnit {scope} 50 50 {pid}",
                                                      f"SetUnitProperties {scope} 100 100"]
    finally:
        session.finish()


@pytest.mark.parametrize("letter,deadline,reason", [
    (b"t", "100", "talks although it isn't asked"),
    (b"o", "100", "its guest is gone|has ended by itself"),
    (b"s", "5", "doesn't get ready"),
])
def test_one_that_misbehaves_is_thrown_away(tmp_path, letter, deadline, reason):
    """… and another is not tried at once. Nothing is left of it."""
    session = Pool("accel tcg\npreload 1\n")
    try:
        programs = programs_folder(tmp_path / "programs", "tests/vm/restless-guest", letter)
        session.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
        session.environment["VIXOS_BOOT_TIMEOUT"] = deadline
        assert session.vixos("list").returncode == 0
        wait_until(lambda: re.search(reason, session.log()), f"vixosd says: {reason}", 120)
        wait_until(lambda: not session.leftovers(), "nothing is left of it", 4)
        assert not session.preloaded()
    finally:
        session.finish()


# In place of vixos-guest, which is beside it as vixos-tool: what was preloaded doesn't do its part.
PRETENDER = b"""#!/bin/sh
[ "$1" != --wait ] || { echo >&0; %s; }
exec /run/vixos/vixos-tool "$@"
"""


@pytest.mark.parametrize("deed,reason", [
    (b"exec sleep 100000", "did not answer within 10 s"),
    (b"read line; exit 1", "before it was ready"),
])
def test_one_that_never_answers_is_replaced_by_a_cold_start(tmp_path, deed, reason):
    session = Pool("accel tcg\npreload 1\n")
    try:
        programs = programs_folder(tmp_path / "programs", "launcher/agent/vixos-init", PRETENDER % deed)
        (programs / "vixos-guest").chmod(0o755)
        shutil.copy(BUILD / "launcher/agent/vixos-guest", programs / "vixos-tool")
        session.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
        taken = session.wait_for_ready()[0]["name"]
        result = session.vixos("run", "-q", "--name", "user", "hostname")
        assert (result.returncode, result.stdout) == (0, "user\n"), result.stderr + session.log()
        assert f"'user' takes '{taken}'" in session.log()
        assert re.search(f"a preloaded VM is no good, and another is started: .*{reason}", session.log())
        assert taken not in session.vixos("list", "--all").stdout
    finally:
        session.finish()


def test_one_whose_qemu_hangs_is_replaced_by_a_cold_start():
    """libvirt waits for it for ever; the start doesn't."""
    session = Pool("accel tcg\npreload 1\n")
    try:
        taken = session.wait_for_ready()[0]["name"]
        qemu = processes("qemu-system-x86_64")
        assert len(qemu) == 1
        os.kill(qemu[0], signal.SIGSTOP)
        begin = time.monotonic()
        result = session.vixos("run", "-q", "--name", "user", "hostname")
        assert time.monotonic() - begin < 100  # a start of any other VM has 120 s
        assert (result.returncode, result.stdout) == (0, "user\n"), result.stderr + session.log()
        assert f"'user' takes '{taken}'" in session.log()
        assert qemu[0] not in processes("qemu-system-x86_64")
    finally:
        session.finish()
