# SPDX-License-Identifier: MIT
"""vixos-usb alone: its walls, and that it gives the device back whatever comes from QEMU's side."""

import os
import pathlib
import random
import select
import signal
import socket
import struct
import subprocess
import sys

import pytest

BUILD = pathlib.Path(os.environ["BUILD"])
VIXOS_USB = BUILD / "launcher/usb/vixos-usb"
FAKE_USBFS = BUILD / "tests/vm/libfake-usbfs.so"

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vm"))

from preload import preloading  # noqa: E402, isort: skip

pytestmark = pytest.mark.skipif(not FAKE_USBFS.exists(), reason="vixos-usb was not built")

# A FIDO key, as fake_usbfs.c is one: its descriptors, as usbfs gives them.
KEY = bytes.fromhex("12010002000000400912d0f1000101020301" "090229000101008032" "090400000203000000"
                    "092111010001222200" "07058103400005" "07050103400005")

# Of the usbredir protocol: packets' types, and their head before 64-bit ids are agreed upon.
HELLO, SET_CONFIGURATION, CONTROL, BULK, ISO, INTERRUPT = 0, 6, 100, 101, 102, 103
HEAD = struct.Struct("<III")


def packet(kind: int, data: bytes, length: int | None = None) -> bytes:
    return HEAD.pack(kind, len(data) if length is None else length, 1) + data


def hello(capabilities: int = 0) -> bytes:
    return packet(HELLO, b"a hostile guest".ljust(64, b"\0") + struct.pack("<I", capabilities))


class Helper:
    def __init__(self, folder: pathlib.Path):
        self.log = folder / "usbfs.log"
        node = folder / "node"
        node.write_bytes(KEY)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(folder / "qemu"))
        self.server.listen()
        self.server.settimeout(20)
        self.control = folder / "control"
        environment = {**os.environ, "LD_PRELOAD": preloading(VIXOS_USB, FAKE_USBFS), "FAKE_USBFS_LOG": str(self.log)}
        with node.open("rb") as device, (folder / "stderr").open("wb") as errors:
            self.process = subprocess.Popen([VIXOS_USB, "--link", folder / "qemu", "--control", self.control],
                                            env=environment, stdin=device, stdout=subprocess.PIPE, stderr=errors)
        self.qemu, _ = self.server.accept()
        self.qemu.settimeout(20)
        assert self.process.stdout.readline() == b"ok\n", (folder / "stderr").read_text()

    def send(self, data: bytes) -> None:
        """All, or until the other end has had enough; what it says is of no interest."""
        try:
            while data:
                readable, writable, _ = select.select([self.qemu], [self.qemu], [], 20)
                if readable and not self.qemu.recv(65536):
                    return
                if writable:
                    data = data[self.qemu.send(data[:4096]):]
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self) -> int:
        """Closes QEMU's side; gives the exit status, having seen that the host has the device."""
        self.qemu.close()
        status = self.process.wait(20)
        self.server.close()
        assert self.log.read_text().splitlines()[-1] == "host has it"
        return status


@pytest.fixture(name="helper")
def make_helper(tmp_path):
    helper = Helper(tmp_path)
    yield helper
    if helper.process.poll() is None:
        helper.process.kill()
        helper.process.wait()


def test_walls(helper):
    status = pathlib.Path(f"/proc/{helper.process.pid}/status").read_text()
    lines = dict(line.split(":", 1) for line in status.splitlines())
    assert lines["NoNewPrivs"].strip() == "1" and lines["Seccomp"].strip() == "2"
    assert helper.control.is_socket()
    assert helper.end() == 0


def test_it_ends_when_told(helper):
    helper.process.send_signal(signal.SIGTERM)
    assert helper.process.wait(20) == 0
    assert helper.end() == 0


def test_it_ends_when_the_device_is_unplugged(helper):
    helper.send(hello())
    helper.process.send_signal(signal.SIGUSR1)
    assert helper.process.wait(20) == 0


@pytest.mark.parametrize("data", [
    b"\0" * 100_000,
    b"\xff" * 100_000,
    packet(HELLO, b"", 0xFFFFFFFF) + b"x" * 100_000,
    hello(0xFFFFFFFF) * 50,
    hello() + packet(CONTROL, b"\x80\x06\x80\x00\x00\x01\x00\x00\xff\xff"),
    hello() + packet(CONTROL, b"\x00\x09\x00\x00\x01\x00\x00\x00\xff\xff" + b"x" * 65535),
    hello() + packet(SET_CONFIGURATION, b"\xff"),
    hello() + b"".join(packet(kind, bytes([0x81]) * 40) for kind in range(30)),
    hello() + b"".join(packet(kind, bytes([0x0F]) * 40) for kind in (BULK, ISO, INTERRUPT) * 20),
], ids=["zeros", "ones", "endless", "hellos", "control-in", "control-out", "configuration", "all-kinds", "data"])
def test_hostile_bytes(helper, data):
    """Never a crash, which seccomp and sanitizers make of what goes wrong; and the device is given back."""
    helper.send(data)
    assert helper.end() in (0, 1)


def test_random_packets(tmp_path):
    dice = random.Random(4711)
    for run in range(10):
        folder = tmp_path / str(run)
        folder.mkdir()
        helper = Helper(folder)
        kinds = (*range(28), *range(100, 105))
        helper.send(hello(dice.getrandbits(8)))
        for _ in range(300):
            body = dice.randbytes(dice.choice((0, 1, 4, 8, 10, 10, 64, 70)))
            helper.send(packet(dice.choice(kinds), body))
        assert helper.end() in (0, 1)
