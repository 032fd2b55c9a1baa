# SPDX-License-Identifier: MIT
"""A compositor that lacks a protocol: passes on what clients and a real one say, but for one global."""

import array
import contextlib
import os
import pathlib
import select
import socket
import struct
import threading

MAX_FDS = 28  # libwayland's own


class WaylandFilter:
    """Listens at `path`, and forwards to the compositor at `target` in a thread of its own."""

    def __init__(self, path: pathlib.Path, target: pathlib.Path, hidden: str):
        self.target = target
        self.hidden = hidden.encode() + b"\0"
        self.count = 0  # how often it was hidden
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(str(self.target))
            rest = {server: b"", client: b""}
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data, fds, _, _ = socket.recv_fds(source, 65536, MAX_FDS)
                    if not data:
                        return
                    other = client if source is server else server
                    if source is server:
                        rest[source], data = self._cut(rest[source] + data)
                    self._send(other, data, fds)
                    for fd in fds:
                        os.close(fd)

    def _cut(self, data: bytes) -> tuple[bytes, bytes]:
        """What isn't a whole event yet, and all whole ones but for those that announce the global."""
        kept = b""
        while len(data) >= 8:
            size = struct.unpack_from("=HH", data, 4)[1]
            if len(data) < size:
                break
            event, data = data[:size], data[size:]
            if event[16:16 + len(self.hidden)] == self.hidden:
                self.count += 1
            else:
                kept += event
        return data, kept

    @staticmethod
    def _send(target: socket.socket, data: bytes, fds: list[int]) -> None:
        if data:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            sent = target.sendmsg([data], ancillary)
            target.sendall(data[sent:])

    def finish(self) -> None:
        self.listener.close()
