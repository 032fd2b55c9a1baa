#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of fuzz_host and fuzz_wire: tests/fuzz/seed_wayland.py tests/fuzz/corpus"""
import pathlib
import struct
import sys

# as host_fixture.h binds them
DISPLAY, REGISTRY, COMPOSITOR, SUBCOMPOSITOR, SHELL, SEAT, POINTER, VIEWPORTER, DECORATION = range(1, 10)
FREE = 20


def text(value):
    data = value + b"\0"
    return struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def message(target, opcode, *args):
    body = b"".join(a if isinstance(a, bytes) else struct.pack("<I", a & 0xFFFFFFFF) for a in args)
    return struct.pack("<IHH", target, opcode, 8 + len(body)) + body


surface = message(COMPOSITOR, 0, FREE)
present = message(0, 1, FREE, 1, 0, 64, 64, 256, 0, 0, 0)
commit = message(FREE, 6)
window = surface + message(SHELL, 2, FREE + 1, FREE) + message(FREE + 1, 1, FREE + 2)

HOST = {
    "sync": message(DISPLAY, 0, FREE),
    "registry": message(DISPLAY, 1, FREE) + message(FREE, 0, 1, text(b"wl_compositor"), 4, FREE + 1),
    "surface": surface + message(FREE, 2, 0, 0, 64, 64) + present + commit + message(FREE, 0),
    "window": window + message(FREE + 2, 2, text("t\u202etle".encode())) + message(FREE + 2, 3, text(b"app")) + commit,
    "sizes": window + message(FREE + 2, 7, 1, 1) + message(FREE + 2, 8, 99999, 5) + message(FREE + 1, 3, 0, 0, 9, 9),
    "decoration": window + message(DECORATION, 1, FREE + 3, FREE + 2) + message(FREE + 3, 1, 1) + message(FREE + 3, 2),
    "popup": window + message(SHELL, 1, FREE + 3) + message(FREE + 3, 1, 9, 9) + message(COMPOSITOR, 0, FREE + 4)
    + message(SHELL, 2, FREE + 5, FREE + 4) + message(FREE + 5, 2, FREE + 6, FREE + 1, FREE + 3),
    "subsurface": surface + message(COMPOSITOR, 0, FREE + 1) + message(SUBCOMPOSITOR, 1, FREE + 2, FREE + 1, FREE)
    + message(FREE + 2, 1, 5, 5) + message(FREE + 2, 0) + message(FREE, 0) + message(FREE + 1, 0),
    "cursor": surface + message(POINTER, 0, 1, FREE, 0, 0) + present + commit,
    "viewport": surface + message(VIEWPORTER, 1, FREE + 1, FREE) + message(FREE + 1, 1, 0, 0, 256, 256)
    + message(FREE + 1, 2, 9, 9) + commit + message(FREE + 1, 0),
    "region": message(COMPOSITOR, 1, FREE) + message(FREE, 1, 0, 0, 5, 5) + message(FREE, 2, 1, 1, 1, 1) + message(FREE, 0),
    "pixels": message(0, 0, 0, 2, 2, 64, 0, struct.pack("<I", 28), struct.pack("<HHHHI", 0, 0, 2, 2, 0) + b"x" * 16)
    + surface + message(0, 1, FREE, 1, 0, 2, 2, 64, 0, 0, 0) + commit,
}

# What comes before the drag is over the client, and after.
device = message(0, 3, 1, SEAT)
start = message(0, 5, 1, 1, 3, FREE, FREE + 1, 1)
icon = message(COMPOSITOR, 0, FREE + 1)
icon_moves = message(FREE + 1, 10, 400, 0) + message(FREE + 1, 6)
answer = message(0, 7, 1, 2, 1) + message(0, 8, 1, 3, 1)
DRAG = {
    "drag": (surface + icon + device + start + icon_moves * 2, answer + message(0, 9, 1)),
    "drag_gone": (surface + icon + device + start, answer + message(0, 10, 1) + message(0, 6, 1) + message(0, 4, 1)),
    "drag_unfinished": (surface + device + message(0, 5, 1, 7, 1, FREE, 0, 1), message(0, 7, 1, 2, 0) + message(0, 9, 1)),
    "drag_without_source": (surface + device + message(0, 5, 1, 0, 0, FREE, 0, 1), message(0, 10, 1)),
}

WIRE = {
    "sync": struct.pack("<HH", 1, 0) + message(DISPLAY, 0, FREE),
    "error": struct.pack("<HH", 1, 0x8000) + message(DISPLAY, 0, 1, 2, text(b"text")),
    "present": struct.pack("<HH", 0, 1) + present,
}

root = pathlib.Path(sys.argv[1])
HOST_BYTES = {name: bytes([0 if name == "pixels" else 1]) + data for name, data in HOST.items()} | {
    name: bytes([17]) + struct.pack("<H", len(before)) + before + after for name, (before, after) in DRAG.items()}
for folder, inputs in (("host", HOST_BYTES), ("wire", WIRE)):
    (root / folder).mkdir(parents=True, exist_ok=True)
    for name, data in inputs.items():
        (root / folder / name).write_bytes(data)
