#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds VixOS and runs its test suite; the last line is 'N passed, N failed, N skipped'."""

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import build

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
                        help="also run the slow tests (Firefox in a VM)")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - set(MESON_SUITES + PYTEST_SUITES)
    if unknown:
        parser.error(f"there is no suite '{unknown.pop()}'")
    arguments.suites = arguments.suites or MESON_SUITES + PYTEST_SUITES
    return arguments


def count(report: os.PathLike) -> tuple[int, int, int]:
    """(passed, failed, skipped) of a JUnit file."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def run_meson(suite: str) -> tuple[int, int, int]:
    directory = build.build_dir()
    argv = ["meson", "test", "-C", str(directory), "--no-rebuild", "--suite", suite,
            "--print-errorlogs", "--logbase", f"testlog-{suite}"]
    status = subprocess.run(argv, check=False).returncode
    report = directory / "meson-logs" / f"testlog-{suite}.junit.xml"
    if not report.exists():
        return (0, 1, 0) if status != 0 else (0, 0, 0)
    passed, failed, skipped = count(report)
    # A program that died after its last case counts as one failure.
    return passed, max(failed, 1 if status != 0 else 0), skipped


def run_pytest(suite: str, arguments: argparse.Namespace) -> tuple[int, int, int]:
    report = build.build_dir() / f"pytest-{suite}.xml"
    report.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rsf", "--tb=short",
            f"--junitxml={report}", str(build.SOURCE / "tests" / suite)]
    if arguments.k:
        argv += ["-k", arguments.k]
    if arguments.on_request:
        argv.append("--on-request")
    status = subprocess.run(argv, cwd=build.build_dir(), check=False).returncode
    nothing_collected = 5
    if not report.exists():
        return 0, 1, 0
    passed, failed, skipped = count(report)
    return passed, max(failed, 1 if status not in (0, nothing_collected) else 0), skipped


def main() -> int:
    arguments = parse_arguments()
    if arguments.compiler:
        os.environ["CC"] = arguments.compiler
    build.build(SANITIZE if arguments.sanitize else [])
    if arguments.sanitize:
        os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        os.environ["LSAN_OPTIONS"] = f"suppressions={build.SOURCE}/tests/lsan.supp:print_suppressions=0"
    totals = [0, 0, 0]
    for suite in arguments.suites:
        build.progress(f"suite {suite}")
        counts = run_meson(suite) if suite in MESON_SUITES else run_pytest(suite, arguments)
        totals = [total + number for total, number in zip(totals, counts)]
        build.progress("suite {}: {} passed, {} failed, {} skipped".format(suite, *counts))
    print("{} passed, {} failed, {} skipped".format(*totals), flush=True)
    return 1 if totals[1] > 0 or totals[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
