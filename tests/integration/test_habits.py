# SPDX-License-Identifier: MIT
"""habit_client.c: what is drawn as well-known programs draw looks in a VM as it does without."""

import os
import pathlib
import subprocess

import pytest

from forwarding_fixture import Session, wait_until

HABIT_CLIENT = pathlib.Path(os.environ["BUILD"]) / "tests/integration/habit-client"


@pytest.fixture(params=["region", "inline"])
def session(request, tmp_path):
    session = Session(tmp_path)
    try:
        session.start_sway()
        session.start_forwarding(request.param)
        yield session
        assert session.proxy.poll() is None, session.proxy.log.read_text()
    finally:
        session.stop()
    assert "Sanitizer" not in session.guest.log.read_text() + session.proxy.log.read_text()


def drawn(session, habit, display):
    """The picture, once the last frame was shown."""
    client = session.start(HABIT_CLIENT, habit, display=display, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert client.stdout.readline() == b"drawn\n", client.log.read_text()
    wait_until(lambda: session.windows() and session.windows()[0]["visible"], "the window")
    picture = session.steady_screenshot()
    client.stdin.close()
    assert client.wait(20) == 0
    session.wait_for_windows(0)
    return picture


@pytest.mark.parametrize("habit", ["foot", "firefox", "chromium", "toolkit"])
def test_habit(session, habit):
    expected = drawn(session, habit, session.host_display)
    assert len(set(expected[2])) > 8
    assert drawn(session, habit, session.guest_display) == expected
