# SPDX-License-Identifier: MIT
"""The configuration's `env`: for everything that runs in the VM, however it is started."""

import os
import signal

import pytest
from session import Session, can_run, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

CONFIG = """accel tcg
defaults {
	env SHARED everywhere
	env OWN default
}
vm work {
	env OWN "of work"
}
"""
SHOW = ("sh", "-c", "echo $SHARED $OWN $MINE")


@pytest.fixture(scope="module", name="configured")
def make_configured():
    session = Session(CONFIG)
    try:
        session.start_vm("work", "sh", "-c", "echo run $SHARED $OWN; exec sleep 100000")
        yield session
    finally:
        session.finish()


def logged(session, text):
    wait_until(lambda: text in session.vixos("logs", "work").stdout, f"the log has '{text}'")


def test_programs_of_vixosd(configured):
    logged(configured, "run everywhere of work")
    result = configured.vixos("exec", "-d", "-e", "MINE=own", "work", *SHOW)
    assert result.returncode == 0, result.stderr
    logged(configured, "everywhere of work own")


def test_programs_of_the_user(configured):
    for command in ("exec", "shell"):
        assert configured.vixos(command, "work", *SHOW).stdout == "everywhere of work\n"
    result = configured.vixos("exec", "-e", "OWN=mine", "-e", "MINE=x", "work", *SHOW)
    assert result.stdout == "everywhere mine x\n"


def test_a_new_vixosd_knows_it_too(configured):
    os.kill(configured.vixosd_pid(), signal.SIGKILL)
    configured.wait_for_state("work", "running")
    assert configured.vixos("exec", "work", *SHOW).stdout == "everywhere of work\n"
