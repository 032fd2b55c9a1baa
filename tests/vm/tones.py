# SPDX-License-Identifier: MIT
"""Tones, made and found again. Runs on its own too: guests get it as a script."""

import math
import struct
import sys
import wave


def write_tone(path, frequency, seconds):
    with wave.open(path, "wb") as tone:
        tone.setparams((1, 2, 48000, 0, "NONE", ""))
        second = b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * frequency * i / 48000)))
                          for i in range(48000))
        tone.writeframes(second * seconds)


def power(samples, rate, frequency):
    """Goertzel: how much of this frequency there is, of all that there is, from 0 to 1."""
    factor = 2 * math.cos(2 * math.pi * frequency / rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    total = sum(sample * sample for sample in samples)
    found = last * last + before * before - factor * last * before
    return 2 * found / (total * len(samples)) if total else 0.0


def loudest(path, frequencies):
    """The frequency that a recording is mostly made of; 0 where none is there. Looks at its best tenth of a second."""
    with wave.open(path, "rb") as recording:
        channels, rate = recording.getnchannels(), recording.getframerate()
        data = recording.readframes(recording.getnframes())
    data = data[:len(data) // 2 // channels * 2 * channels]
    samples = struct.unpack(f"<{len(data) // 2}h", data)[::channels]
    size, best = rate // 10, (0.0, 0)
    for begin in range(0, len(samples) - size, size):
        part = samples[begin:begin + size]
        if max(part) > 300:
            best = max([best] + [(power(part, rate, frequency), frequency) for frequency in frequencies])
    return best[1] if best[0] > 0.5 else 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write_tone(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        print(loudest(sys.argv[2], [int(word) for word in sys.argv[3:]]))
