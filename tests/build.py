#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Configures and compiles VixOS in $BUILD. Arguments go to 'meson setup'."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
# ./dev says how long it has been at work already.
START = time.monotonic() - float(os.environ.get("VIXOS_ELAPSED", "0"))


def progress(text: str) -> None:
    """One line for people, with the seconds since ./dev was started."""
    print(f"[{time.monotonic() - START:4.0f} s] {text}", file=sys.stderr, flush=True)


def build_dir() -> pathlib.Path:
    return pathlib.Path(os.environ["BUILD"])


def run_logged(argv: list[str], log: pathlib.Path, what: str) -> None:
    """Runs argv with its output in a log; on failure shows the log's end and exits."""
    with log.open("wb") as output:
        status = subprocess.run(argv, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if status != 0:
        sys.stderr.write(log.read_text(errors="replace")[-6000:])
        sys.exit(f"dev: {what} failed; all of its output is in {log}")


def build(meson_args: list[str]) -> None:
    """Brings $BUILD up to date; configures it anew where it isn't or the arguments are others."""
    directory = build_dir()
    stamp = directory / "meson-args"
    # A build directory belongs to one checkout: another one's is of no use.
    wanted = "\n".join([str(SOURCE), *meson_args])
    configured = (directory / "build.ninja").exists()
    if not configured or not stamp.exists() or stamp.read_text() != wanted:
        progress("configuring")
        # 'meson setup --wipe' would bring the options of the last time back.
        for entry in directory.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        run_logged(["meson", "setup", *meson_args, str(directory), str(SOURCE)],
                   directory / "configure.log", "configuring")
    stamp.write_text(wanted)
    progress("building")
    run_logged(["ninja", "-C", str(directory)], directory / "build.log", "the build")
    progress("built")


if __name__ == "__main__":
    build(sys.argv[1:])
