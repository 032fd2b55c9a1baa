# SPDX-License-Identifier: MIT
"""
A network for passt that is no real one: a network namespace whose only addresses are its own, with
servers in it. Nothing that a guest sends can leave this machine.
"""

import os
import pathlib
import subprocess

OUTSIDE = ("203.0.113.7", "2001:db8::7")  # addresses for documentation; those of the "host" here
LOOPBACK = ("127.0.0.1", "::1")
OUTSIDE_PORT = 7001
LOOPBACK_PORT = 7002

SERVERS = f"""
import selectors, socket, subprocess, sys

def ip(*words):
    subprocess.run(["ip", *words], check=True)

ip("link", "set", "lo", "up")
ip("address", "add", "{OUTSIDE[0]}/32", "dev", "lo")
ip("-6", "address", "add", "{OUTSIDE[1]}/128", "dev", "lo")
selector = selectors.DefaultSelector()
for addresses, port in (({OUTSIDE}, {OUTSIDE_PORT}), ({LOOPBACK}, {LOOPBACK_PORT})):
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            server = socket.socket(family, kind)
            server.bind((address, port))
            if kind == socket.SOCK_STREAM:
                server.listen()
            selector.register(server, selectors.EVENT_READ, address)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            connection, _ = key.fileobj.accept()
            connection.sendall(key.data.encode())
            connection.close()
        else:
            _, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(key.data.encode(), peer)
        print("served", key.data, flush=True)
"""


class HostNetwork:
    """The namespace with its servers. `path` is a folder for PATH whose passt runs in there."""

    def __init__(self, folder: pathlib.Path):
        self.log = folder / "servers.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--user", "--map-current-user", "--keep-caps", "--net",
                 "python3", "-c", SERVERS], stdout=log, stderr=log)
        self.path = folder / "bin"
        self.path.mkdir()
        self.install_passt('exec nsenter --target ' + str(self.process.pid) +
                           ' --user --net --preserve-credentials /usr/bin/passt "$@"')

    def install_passt(self, commands: str) -> None:
        """The shell commands that passt is from now on."""
        program = self.path / "passt"
        program.write_text(f"#!/bin/sh\n{commands}\n")
        program.chmod(0o755)

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
