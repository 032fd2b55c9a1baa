# SPDX-License-Identifier: MIT
"""A library of a test's own before those of a program."""

import pathlib
import re
import subprocess


def preloading(program: pathlib.Path, library) -> str:
    """The LD_PRELOAD for it: nothing may come before AddressSanitizer's library, where the program has that."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return ":".join([*re.findall(r"/\S*libasan\S*", listed), str(library)])
