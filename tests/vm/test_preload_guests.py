# SPDX-License-Identifier: MIT
"""Preloaded VMs whose guests are outdated, or not as we made them."""

import os
import pathlib
import re
import shutil

import pytest
from pool import Pool
from session import BUILD, can_run, wait_until

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
