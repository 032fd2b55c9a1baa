# SPDX-License-Identifier: MIT
"""
A network for vixos-net that is no real one: a network namespace whose only addresses are its own, with
servers in it. Nothing that a guest sends can leave this machine. And what guests ask those servers.
"""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess

from frames import FrameSocket
from session import BUILD, can_run

OUTSIDE = ("203.0.113.7", "2001:db8::7")  # addresses for documentation; those of the "host" here
LOOPBACK = ("127.0.0.1", "::1")
OTHER = "198.51.100.9"  # one more of the kind
LAN = "10.9.9.9"
LAN6 = "fd12:3456::9"
THROUGH_NAT64 = "64:ff9b::10.9.9.9"  # the address that a NAT64 has for LAN
METADATA = "169.254.169.254"
OUTSIDE_PORT = 7001
OTHER_PORT = 7003
ECHO_PORT = 7004  # of the first address; keeps connections
SINK_PORT = 7005  # of the first address; answers what ends in "E"
LOOPBACK_PORT = 7002

# As the guests' side asks for them.
FIRST, SECOND, IN_LAN = f"{OUTSIDE[0]} {OUTSIDE_PORT}", f"{OTHER} {OUTSIDE_PORT}", f"{LAN} {OUTSIDE_PORT}"
THIRD = f"{OUTSIDE[0]} {OTHER_PORT}"
FIRST6, IN_LAN6, NAT64 = (f"{address} {OUTSIDE_PORT}" for address in (OUTSIDE[1], LAN6, THROUGH_NAT64))
NAME = f"some.example {OUTSIDE_PORT}"


def missing() -> str:
    if can_run():
        return can_run()
    for program in ("passt", "unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    probe = subprocess.run(["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "ip", "link",
                            "set", "lo", "up"], capture_output=True, text=True, check=False)
    return f"no network namespace can be made: {probe.stderr}" if probe.returncode != 0 else ""


def resolver() -> str:
    """The address that pasta will send questions to; empty where there is none that it could use."""
    for line in pathlib.Path("/etc/resolv.conf").read_text().splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == "nameserver" and ":" not in words[1]:
            return words[1]
    return ""


SERVERS = f"""
import selectors, socket, subprocess, sys

def ip(*words):
    subprocess.run(["ip", *words], check=True)

ip("link", "set", "lo", "up")
ip("address", "add", "{OUTSIDE[0]}/32", "dev", "lo")
for address in ("{OUTSIDE[1]}", "{LAN6}", "{THROUGH_NAT64}"):
    ip("-6", "address", "add", address + "/128", "dev", "lo")
for address in ("{OTHER}", "{LAN}", "{METADATA}", "{resolver()}"):
    if address and not address.startswith("127."):
        ip("address", "add", address + "/32", "dev", "lo")
selector = selectors.DefaultSelector()
everywhere = ["{OUTSIDE[0]}", "{OUTSIDE[1]}", "{OTHER}", "{LAN}", "{LAN6}", "{THROUGH_NAT64}", "{METADATA}"]
for addresses, port in ((everywhere, {OUTSIDE_PORT}), (everywhere, {OTHER_PORT}), ({LOOPBACK}, {LOOPBACK_PORT})):
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            server = socket.socket(family, kind)
            server.bind((address, port))
            if kind == socket.SOCK_STREAM:
                server.listen()
            selector.register(server, selectors.EVENT_READ, address)
echo = socket.create_server(("{OUTSIDE[0]}", {ECHO_PORT}))
selector.register(echo, selectors.EVENT_READ, "echo")
sink = socket.create_server(("{OUTSIDE[0]}", {SINK_PORT}))
selector.register(sink, selectors.EVENT_READ, "sink")
if "{resolver()}":
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("{resolver()}", 53))
    selector.register(names, selectors.EVENT_READ, "resolver")

# Every name has the address of the outside.
def resolve(server):
    question, peer = server.recvfrom(512)
    end = question.index(b"\\0", 12) + 5
    is_a = question[end - 4:end - 2] == b"\\0\\1"
    record = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4" + socket.inet_aton("{OUTSIDE[0]}")
    server.sendto(question[:2] + b"\\x81\\x80\\0\\1\\0" + (b"\\1" if is_a else b"\\0") + b"\\0\\0\\0\\0" +
                  question[12:end] + (record if is_a else b""), peer)

print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.data == "resolver":
            resolve(key.fileobj)
        elif key.data == "echo":
            connection, _ = key.fileobj.accept()
            selector.register(connection, selectors.EVENT_READ, "open")
        elif key.data == "sink":
            connection, _ = key.fileobj.accept()
            selector.register(connection, selectors.EVENT_READ, "takes")
        elif key.data == "takes":
            data = key.fileobj.recv(1 << 18)
            if data.endswith(b"E"):
                key.fileobj.sendall(b"k")
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
        elif key.data == "open":
            try:
                data = key.fileobj.recv(65536)
                key.fileobj.sendall(data)
            except OSError:
                data = b""
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
        elif key.fileobj.type == socket.SOCK_STREAM:
            connection, _ = key.fileobj.accept()
            connection.sendall(key.data.encode())
            connection.close()
        else:
            _, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(key.data.encode(), peer)
        print("served", key.data, flush=True)
"""


class HostNetwork:
    """
    The namespace with its servers. `libexec` is a folder for VIXOS_LIBEXEC whose vixos-net runs in there, `path`
    one for PATH.
    """

    def __init__(self, folder: pathlib.Path):
        self.log = folder / "servers.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--user", "--map-current-user", "--keep-caps", "--net",
                 "python3", "-c", SERVERS], stdout=log, stderr=log)
        self.path = folder / "bin"
        self.path.mkdir()
        self.libexec = folder / "libexec"
        self.libexec.mkdir()
        self.inside = ["nsenter", "--target", str(self.process.pid), "--user", "--net", "--preserve-credentials"]
        program = self.libexec / "vixos-net"
        program.write_text(f"#!/bin/sh\nexec {' '.join(self.inside)} {BUILD}/launcher/net/vixos-net \"$@\"\n")
        program.chmod(0o755)

    @contextlib.contextmanager
    def vixosd(self):
        """A vixosd that starts meanwhile has the addresses of this namespace."""
        program = self.libexec / "vixosd"
        program.write_text(f"#!/bin/sh\nexec {' '.join(self.inside)} {BUILD}/launcher/daemon/vixosd \"$@\"\n")
        program.chmod(0o755)
        try:
            yield
        finally:
            program.unlink()

    def ip(self, *words: str) -> None:
        """Changes addresses and routes of IPv6."""
        subprocess.run([*self.inside, "--keep-caps", "ip", "-6", *words], check=True)

    def install_passt(self, commands: str) -> None:
        """The shell commands that passt is from now on."""
        program = self.path / "passt"
        program.write_text(f"#!/bin/sh\n{commands}\n")
        program.chmod(0o755)

    def uninstall_passt(self) -> None:
        (self.path / "passt").unlink(missing_ok=True)

    @contextlib.contextmanager
    def frames(self, firewall: str):
        """A FrameSocket to the network of a VM whose kernel we are, with these rules."""
        self.install_passt('for word; do shift; [ "$word" = --vhost-user ] || set -- "$@" "$word"; done\n'
                           'exec /usr/bin/passt "$@"')
        socket_path, control_path = self.path / "frames.sock", self.path / "control.sock"
        script = subprocess.run([BUILD / "tests/vm/firewall-script", firewall], check=True, stdout=subprocess.PIPE)
        helper = subprocess.Popen([self.libexec / "vixos-net", "host", socket_path, control_path],
                                  env={**os.environ, "PATH": self.search_path()}, stdout=subprocess.PIPE)
        assert helper.stdout.readline() == b"ready\n"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.connect(str(control_path))
            control.sendall(b"F" + script.stdout)
            assert control.recv(1000) == b"+"
        with FrameSocket(socket_path) as frames:
            yield frames
        assert helper.stdout.read() == b""  # until the last process has ended
        helper.stdout.close()
        helper.wait()
        self.uninstall_passt()

    def search_path(self) -> str:
        return f"{self.path}:{os.environ['PATH']}"

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "ready\n" in self.log.read_text()

    def served(self) -> list[str]:
        """The addresses of the servers that were reached, in order."""
        return [line.split()[1] for line in self.log.read_text().splitlines() if line.startswith("served ")]

    def finish(self) -> None:
        self.process.kill()
        self.process.wait()


# In the guest: waits for its addresses, then asks every "ADDRESS PORT" by TCP and UDP, all at once.
ASK = """
import concurrent.futures, json, pathlib, socket, sys, time

def has_address():
    if "00000000\\t0202000A" not in pathlib.Path("/proc/net/route").read_text():
        return False
    return not needs_ipv6 or any(
        line.startswith("fd7669786f73") and not int(line.split()[4], 16) & 0x40  # it isn't tentative
        for line in pathlib.Path("/proc/net/if_inet6").read_text().splitlines())

needs_ipv6 = sys.argv[1] == "both"

end = time.monotonic() + 60
while not has_address() and time.monotonic() < end:
    time.sleep(0.05)

def ask(target):
    address, port, kind = target
    try:
        info = socket.getaddrinfo(address, port, type=kind)[0]
        with socket.socket(info[0], kind) as connection:
            connection.settimeout(8)
            connection.connect(info[4])
            if kind == socket.SOCK_DGRAM:
                connection.send(b"hello")
            return connection.recv(100).decode()
    except OSError as error:
        return "no: " + str(error)

targets = [(*word.split(), kind) for word in sys.argv[2:] for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
    answers = list(pool.map(ask, targets))
print(json.dumps([[f"{address} {port} {kind.name}", answer]
                  for (address, port, kind), answer in zip(targets, answers)]))
"""


def ask(session, vm: str, *targets: str) -> dict[str, str]:
    """What the guest hears from each "ADDRESS PORT", by TCP and by UDP."""
    families = "both" if any(target.count(":") > 1 for target in targets) else "ipv4"
    result = session.vixos("exec", vm, "python3", "-c", ASK, families, *targets)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def reached(session, vm: str, *targets: str) -> set[str]:
    """The "ADDRESS PORT KIND" that answer, of each "ADDRESS PORT"."""
    return {target for target, answer in ask(session, vm, *targets).items() if not answer.startswith("no: ")}


def both(*targets: str) -> set[str]:
    return {f"{target} {kind}" for target in targets for kind in ("SOCK_STREAM", "SOCK_DGRAM")}
