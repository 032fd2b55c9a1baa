# SPDX-License-Identifier: MIT
"""`network bridge` and `network libvirt`, on a bridge in a network namespace of the test's own."""

import pathlib
import subprocess

import pytest
from host_network import missing
from session import Session, wait_until

HELPERS = ("/usr/lib/qemu/qemu-bridge-helper", "/usr/libexec/qemu-bridge-helper")
HELPER = next((path for path in HELPERS if pathlib.Path(path).exists()), "")


def why_not() -> str:
    return missing() or ("" if HELPER else "qemu-bridge-helper is not installed")


pytestmark = pytest.mark.skipif(why_not() != "", reason=why_not())

CONFIG = """accel tcg
vm bridged {
	network bridge vixbr0
}
vm walled {
	network bridge vixbr0
	firewall deny
}
"""

# A machine of the bridge's network; and, in its mount namespace, leave to use the bridge.
SERVER = """
import ctypes, pathlib, socket, subprocess, sys, threading

def ip(*words):
    subprocess.run(["ip", *words], check=True)

libc = ctypes.CDLL(None, use_errno=True)
folder = pathlib.Path(sys.argv[1])
(folder / "etc/qemu").mkdir(parents=True)
(folder / "etc/qemu/bridge.conf").write_text("allow vixbr0\\n")
assert libc.mount(b"none", b"/", None, (1 << 14) | (1 << 18), None) == 0
layers = f"lowerdir={folder}/etc:/etc".encode()
assert libc.mount(b"overlay", b"/etc", b"overlay", 0, layers) == 0, "an overlay can't be mounted"
ip("link", "add", "vixbr0", "type", "bridge")
ip("address", "add", "192.0.2.1/24", "dev", "vixbr0")
ip("link", "set", "vixbr0", "up")

# Addresses for five seconds each. The fourth time that somebody wants the first one it is another's.
def give_addresses():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"vixbr0")
    server.bind(("", 67))
    granted = 0
    while True:
        message = server.recv(1500)
        if not (folder / "dhcp").exists() or message[240] != 53:
            continue
        is_renewal = message[12:16] != bytes(4)
        if message[242] == 1:
            kind, word = 2, "offered"
        elif is_renewal and granted == 3:
            kind, word = 6, "refused"
        else:
            kind, word = 5, "renewed" if is_renewal else "granted"
        last = 50 if granted < 3 else 51
        granted += kind != 2
        address = bytes((192, 0, 2, last)) if kind != 6 else bytes(4)
        options = bytes((53, 1, kind, 51, 4, 0, 0, 0, 5, 1, 4, 255, 255, 255, 0, 54, 4, 192, 0, 2, 1, 255))
        answer = (bytes((2, 1, 6, 0)) + message[4:8] + bytes(8) + address + bytes(8) + message[28:44] + bytes(192) +
                  bytes((99, 130, 83, 99)) + options)
        server.sendto(answer, ("255.255.255.255", 68))
        print(word, flush=True)

threading.Thread(target=give_addresses, daemon=True).start()
server = socket.create_server(("192.0.2.1", 7001))
print("ready", flush=True)
while True:
    connection, peer = server.accept()
    connection.sendall(peer[0].encode())
    connection.close()
"""

ASK = """
import socket, subprocess, sys
for words in (["addr", "replace", sys.argv[1] + "/24", "dev", sys.argv[2]], ["link", "set", sys.argv[2], "up"]):
    subprocess.run(["ip", *words], check=True)
print(socket.create_connection(("192.0.2.1", 7001), 20).recv(100).decode())
"""


@pytest.fixture(scope="module", name="session")
def make_session():
    session = Session(CONFIG)
    folder = session.runtime / "bridge"
    folder.mkdir()
    server = subprocess.Popen(["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--mount", "python3",
                               "-c", SERVER, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        if server.stdout.readline() != b"ready\n":
            pytest.skip(server.stderr.read().decode()[-200:])
        helper = folder / "qemu-bridge-helper"
        helper.write_text(f"#!/bin/sh\nexec nsenter --target {server.pid} --user --net --mount "
                          f"--preserve-credentials --keep-caps {HELPER} \"$@\"\n")
        helper.chmod(0o755)
        config = session.runtime / "config-home/libvirt"
        config.mkdir(parents=True)
        (config / "qemu.conf").write_text(f'bridge_helper = "{helper}"\n')
        session.environment["XDG_CONFIG_HOME"] = str(config.parent)
        session.make_users_root()
        session.start_compositor()
        session.server, session.folder = server, folder
        yield session
    finally:
        session.finish()
        server.kill()
        server.wait()


def card(session) -> str:
    def look():
        names = session.vixos("exec", "bridged", "ls", "/sys/class/net").stdout.split()
        return [name for name in names if name != "lo"]

    return wait_until(look, "there is a network card")[0]


def ask(session, address: str) -> str:
    result = session.vixos("exec", "bridged", "python3", "-c", ASK, address, card(session))
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_bridge(session):
    session.start_vm("bridged")
    assert session.vixos("net", "bridged").stdout == "bridge vixbr0\n"
    assert ask(session, "192.0.2.2") == "192.0.2.2"


def test_a_network_of_libvirt(session):
    definition = session.runtime / "network.xml"
    definition.write_text("<network><name>outside</name><forward mode='bridge'/><bridge name='vixbr0'/></network>\n")
    for words in (("net-define", str(definition)), ("net-start", "outside")):
        subprocess.run(["virsh", "-q", "-c", "qemu:///session", *words], check=True, env=session.environment,
                       timeout=60)
    result = session.vixos("net", "bridged", "libvirt", "outside")
    assert (result.returncode, result.stdout) == (0, "libvirt outside\n"), result.stderr
    assert ask(session, "192.0.2.3") == "192.0.2.3"
    assert session.vixos("net", "bridged", "none").returncode == 0
    assert session.vixos("net", "bridged", "bridge", "vixbr0").returncode == 0
    assert ask(session, "192.0.2.4") == "192.0.2.4"


def test_an_address_is_kept(session):
    """It is renewed in time; and where it is taken back another is asked for."""
    assert session.vixos("start", "bridged").returncode == 0
    (session.folder / "dhcp").touch()
    assert session.vixos("net", "bridged", "none").returncode == 0
    assert session.vixos("net", "bridged", "bridge", "vixbr0").returncode == 0
    words = [session.server.stdout.readline().decode().strip() for _ in range(7)]
    assert words == ["offered", "granted", "renewed", "renewed", "refused", "offered", "granted"]

    def addresses() -> str:
        return session.vixos("exec", "bridged", "cat", "/proc/net/fib_trie").stdout

    wait_until(lambda: "192.0.2.51" in addresses(), "it has the second address")
    assert "192.0.2.50" not in addresses()
    (session.folder / "dhcp").unlink()
    wait_until(lambda: "192.0.2.51" not in addresses(), "without an answer the address is given up in time")


def test_rules_that_nobody_enforces_are_refused(session):
    result = session.vixos("firewall", "bridged", "add", "deny", "lan")
    assert result.returncode == 3 and "can't be enforced" in result.stderr, result.stderr
    result = session.vixos("start", "walled")
    assert "can't be enforced" in result.stderr and result.returncode != 0, result.stderr
    assert session.list()["walled"]["state"] == "failed"


@pytest.mark.parametrize("words, said", [
    (("bridge", "vixbr9"), "vixbr9"), (("libvirt", "nowhere"), "nowhere")])
def test_without_what_is_asked_for_there_is_none(session, words, said):
    result = session.vixos("net", "bridged", *words)
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert session.vixos("net", "bridged").stdout == "none\n"
    assert session.vixos("exec", "bridged", "ls", "/sys/class/net").stdout == "lo\n"
