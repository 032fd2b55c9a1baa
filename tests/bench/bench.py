#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures forwarding, the compositor and starts against their peers in one run, and prints ratios.

Every measurement is repeated, the targets in turn within each repeat; what is printed is the median of the
repeats' ratios and their range. A table at the end holds them against the budgets.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import budgets  # noqa: E402
import build  # noqa: E402
import compositor  # noqa: E402
import forwarding  # noqa: E402
import start  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", default="1", help="how long each run of a load takes")
    parser.add_argument("--only", choices=["forwarding", "compositor", "start"],
                        help="one of the parts")
    parser.add_argument("--vms", type=int, default=20, help="how many are started at once; 0: none")
    parser.add_argument("--targets", default=",".join(target.name for target in forwarding.TARGETS))
    arguments = parser.parse_args()
    # As packages are built; with LTO gcc warns of what it has inlined too far to understand.
    build.build(["--buildtype=release", "-Db_lto=true", "-Dwerror=false"])
    found = []
    if arguments.only in (None, "forwarding"):
        found += forwarding.run(arguments.repeats, arguments.seconds, arguments.targets.split(","))
    if arguments.only in (None, "compositor"):
        found += compositor.run(arguments.repeats, float(arguments.seconds))
    if arguments.only in (None, "start"):
        found += start.run(arguments.repeats, arguments.vms)
    budgets.print_table(found)


if __name__ == "__main__":
    main()
