#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds VixOS and runs its test suite; the last line is 'N passed, N failed, N skipped'."""

import argparse
import os
import subprocess
import sys

import build
import junit
import pytest_files

# Suites that meson runs (C programs) and those that pytest runs (whole programs).
MESON_SUITES = ["unit", "fuzz"]
PYTEST_SUITES = ["integration", "vm"]
SANITIZE = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev test", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE",
                        help=f"{', '.join(MESON_SUITES + PYTEST_SUITES)} (default: all)")
    parser.add_argument("--sanitize", action="store_true",
                        help="build with AddressSanitizer and UndefinedBehaviorSanitizer")
    parser.add_argument("--compiler", choices=["gcc", "clang"], help="which compiler builds it")
    parser.add_argument("-k", metavar="EXPRESSION", help="only pytest tests that match")
    parser.add_argument("--on-request", action="store_true",
                        help="also run the slow tests (Firefox in a VM, Chromium)")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - set(MESON_SUITES + PYTEST_SUITES)
    if unknown:
        parser.error(f"there is no suite '{unknown.pop()}'")
    arguments.suites = arguments.suites or MESON_SUITES + PYTEST_SUITES
    return arguments


def run_meson(suite: str) -> junit.Counts:
    directory = build.build_dir()
    argv = ["meson", "test", "-C", str(directory), "--no-rebuild", "--suite", suite,
            "--print-errorlogs", "--logbase", f"testlog-{suite}"]
    status = subprocess.run(argv, check=False).returncode
    return junit.count(directory / "meson-logs" / f"testlog-{suite}.junit.xml", status)


def main() -> int:
    arguments = parse_arguments()
    if arguments.compiler:
        os.environ["CC"] = arguments.compiler
    build.build(SANITIZE if arguments.sanitize else [])
    if arguments.sanitize:
        os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        os.environ["LSAN_OPTIONS"] = f"suppressions={build.SOURCE}/tests/lsan.supp:print_suppressions=0"
    counts = {suite: run_meson(suite) for suite in MESON_SUITES if suite in arguments.suites}
    options = ["-k", arguments.k] if arguments.k else []
    options += ["--on-request"] if arguments.on_request else []
    counts |= pytest_files.run([suite for suite in PYTEST_SUITES if suite in arguments.suites], options)
    for suite, numbers in counts.items():
        build.progress(f"suite {suite}: {numbers}")
    total = sum(counts.values(), junit.Counts())
    print(total, flush=True)
    return 1 if total.failed > 0 or total.is_nothing() else 0


if __name__ == "__main__":
    sys.exit(main())
