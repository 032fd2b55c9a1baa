# SPDX-License-Identifier: MIT
"""Many VMs at once: all start, each does its work, all end, and nothing is left."""

import pytest
from session import Session, can_run

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

CONFIG = "accel tcg\ndefaults {\n memory 192\n vcpus 1\n region 8\n}\n"
TIMEOUT = 900  # seconds, for all: emulated by two processors


def start_and_stop(count: int) -> None:
    session = Session(CONFIG)
    try:
        session.start_compositor()
        children = {f"vm{i}": session.spawn("run", "-q", "--name", f"vm{i}", "hostname") for i in range(count)}
        for name, child in children.items():
            output, problem = child.communicate(timeout=TIMEOUT)
            assert (child.returncode, output) == (0, name + "\n"), problem + session.log()
        session.assert_nothing_left()
        # And ended all at once while they boot, the way a session ends.
        children = {f"vm{i}": session.spawn("run", "-q", "--name", f"vm{i}", "sleep", "1000")
                    for i in range(count)}
        session.wait_for_state(f"vm{count - 1}", "connecting", "booting", "running", timeout=TIMEOUT)
        assert session.vixos("stop", "--all", "--kill", timeout=TIMEOUT).returncode == 0
        for name, child in children.items():
            child.communicate(timeout=TIMEOUT)
            assert child.returncode in (125, 137), f"{name}: {child.returncode}"
        session.assert_nothing_left()
        assert not session.list()
    finally:
        session.finish()


def test_eight_at_once():
    start_and_stop(8)


@pytest.mark.on_request
def test_twenty_at_once():
    start_and_stop(20)
