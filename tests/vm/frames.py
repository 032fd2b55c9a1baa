# SPDX-License-Identifier: MIT
"""Ethernet frames to a passt without vhost-user, as a guest whose kernel is hostile would send them."""

import ipaddress
import pathlib
import socket
import struct

TCP = 6
UDP = 17
GUEST_MAC = bytes.fromhex("525400123456")
PASST_MAC = bytes.fromhex("9a559a559a55")


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(source: bytes, target: bytes, kind: int, source_port: int, port: int) -> bytes:
    """A TCP SYN or a UDP datagram."""
    if kind == TCP:
        offset, body = 16, struct.pack("!HHIIBBHHH", source_port, port, 1000, 0, 5 << 4, 2, 65535, 0, 0)
    else:
        offset, body = 6, struct.pack("!HHHH", source_port, port, 13, 0) + b"hello"
    pseudo = source + target + (struct.pack("!BBH", 0, kind, len(body)) if len(source) == 4
                                else struct.pack("!IHBB", len(body), 0, 0, kind))
    return body[:offset] + struct.pack("!H", checksum(pseudo + body)) + body[offset + 2:]


def packet(source: str, target: str, kind: int, source_port: int, port: int) -> bytes:
    pair = (ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed)
    body = segment(*pair, kind, source_port, port)
    if len(pair[0]) == 16:
        return struct.pack("!IHBB", 6 << 28, len(body), kind, 64) + pair[0] + pair[1] + body
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, kind, 0) + pair[0] + pair[1]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


class FrameSocket:
    """A connection to passt's socket; each frame goes with its length before it."""

    def __init__(self, path: pathlib.Path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.source_port = 40000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, source: str, target: str, kind: int, port: int) -> None:
        self.source_port += 1
        ether_type = b"\x86\xdd" if ":" in target else b"\x08\x00"
        frame = PASST_MAC + GUEST_MAC + ether_type + packet(source, target, kind, self.source_port, port)
        self.socket.sendall(struct.pack("!I", len(frame)) + frame)
