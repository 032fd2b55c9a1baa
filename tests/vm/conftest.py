# SPDX-License-Identifier: MIT
"""Fixtures for tests in real VMs. A boot takes ten seconds under emulation, so that tests share VMs."""

import pathlib
import shutil
import tempfile

import pytest
from host_network import HostNetwork
from session import Session, can_run, wait_until


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


@pytest.fixture(scope="module", name="network")
def make_network():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vxnet", dir="/tmp"))
    network = HostNetwork(folder)
    try:
        wait_until(network.is_ready, "the servers listen")
        yield network
    finally:
        network.finish()
        shutil.rmtree(folder, ignore_errors=True)
