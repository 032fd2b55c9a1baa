# SPDX-License-Identifier: MIT
"""Fixtures for tests in real VMs. A boot takes ten seconds under emulation, so that tests share VMs."""

import pytest
from session import Session, can_run


@pytest.fixture(scope="module", name="session")
def make_session():
    """A session with stock sway, for all tests of a module."""
    if can_run():
        pytest.skip(can_run())
    session = Session()
    try:
        session.start_compositor()
        yield session
    finally:
        session.finish()


@pytest.fixture(scope="module", name="work")
def make_work(session):
    """The name of a VM that runs and that tests leave running."""
    session.start_vm("work")
    yield "work"
    session.vixos("stop", "--kill", "work")
