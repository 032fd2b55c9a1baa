#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of fuzz_link and fuzz_exec: tests/fuzz/seed_link.py tests/fuzz/corpus"""
import pathlib
import struct
import sys

HELLO, OPEN, DATA, CREDIT, FINISH, CLOSE, PING, PONG = range(1, 9)


def frame(kind, channel, payload=b""):
    return struct.pack("<B3xII", kind, channel, len(payload)) + payload


def u32(value):
    return struct.pack("<I", value)


def hello(role, major=1, minor=0, features=3):
    return frame(HELLO, 0, b"VXLK" + struct.pack("<HHIB3x", major, minor, features, role))


def opening(channel, service=b"wayland", window=65536):
    return frame(OPEN, channel, u32(window) + service)


def link_input(stream, role=0, raw_hello=False, reads=True, piece=255, seed=1):
    flags = role | raw_hello << 1 | (not reads) << 2
    return bytes([flags, piece, seed]) + stream


def link_seeds():
    conversation = opening(1) + frame(DATA, 1, b"ask") + frame(FINISH, 1) + frame(PING, 0, bytes(8))
    many = b"".join(opening(i, b"pipe", 4096) + frame(DATA, i, b"x" * i) for i in range(1, 32, 2))
    return {
        "hello-to-host": link_input(hello(1), raw_hello=True),
        "hello-to-guest": link_input(hello(0, minor=7), role=1, raw_hello=True),
        "hello-of-version-2": link_input(hello(1, major=2), raw_hello=True),
        "conversation": link_input(conversation),
        "conversation-in-pieces": link_input(conversation, piece=1, seed=9),
        "conversation-unread": link_input(conversation, reads=False, seed=3),
        "reset": link_input(opening(1) + frame(DATA, 1, b"x" * 40) + frame(CLOSE, 1, u32(4))),
        "reset-of-theirs": link_input(frame(CLOSE, 2, u32(1)) + opening(3), piece=0, seed=4),
        "id-again": link_input((opening(1) + frame(CLOSE, 1, u32(4))) * 3, piece=12),
        "credit": link_input(opening(1, window=64) + frame(DATA, 1, b"go") + frame(CREDIT, 1, u32(1)) * 3, piece=3),
        "many": link_input(many, seed=5),
        "to-guest": link_input(opening(2, b"exec") + frame(DATA, 2, b"y" * 300) + frame(DATA, 1, b"z"), role=1),
        "large-frame": link_input(opening(1) + frame(DATA, 1, bytes(4096)) * 2),
    }


def exec_frame(kind, payload=b""):
    return struct.pack("<B3xI", kind, len(payload)) + payload


def text(value):
    return struct.pack("<H", len(value)) + value


def start(flags=0, directory=b"", argv=(), environment=()):
    head = struct.pack("<IHHHH", flags, 80, 24, len(argv), len(environment))
    return exec_frame(1, head + b"".join(map(text, [directory, *argv, *environment])))


def exec_seeds():
    to_guest, to_host = b"\xfe", b"\xff"
    run = start(1, b"/srv", [b"sh", b"-c", b"true"], [b"A=b", b"LANG=C"])
    return {
        "run": to_guest + run + exec_frame(2, b"input") + exec_frame(2),
        "shell": to_guest + start(3) + exec_frame(3, struct.pack("<HH", 132, 43)) + exec_frame(4, b"\x0f"),
        "detached": to_guest + start(4, argv=[b"foot"]),
        "in-pieces": b"\x00" + run + exec_frame(4, b"\x02"),
        "output": to_host + exec_frame(16) + exec_frame(17, b"out") + exec_frame(18, b"err") + exec_frame(19, u32(3)),
        "failed": to_host + exec_frame(20, u32(2)),
        "output-in-pieces": b"\x01" + exec_frame(16) + exec_frame(17, b"out") + exec_frame(19, u32(137)),
    }


def main():
    corpus = pathlib.Path(sys.argv[1])
    for target, seeds in {"link": link_seeds(), "exec": exec_seeds()}.items():
        for name, content in seeds.items():
            (corpus / target / name).write_bytes(content)


main()
