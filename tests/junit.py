# SPDX-License-Identifier: MIT
"""JUnit files: what test programs report."""

import dataclasses
import pathlib
import xml.etree.ElementTree as ElementTree


@dataclasses.dataclass
class Counts:
    """How many cases ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def is_nothing(self) -> bool:
        return self == Counts()


def count(report: pathlib.Path, status: int) -> Counts:
    """What is in the report of a program that ended with this exit status."""
    counts = Counts()
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else []:
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif case.find("skipped") is not None:
            counts.skipped += 1
        else:
            counts.passed += 1
    # A program that died after its last case counts as one failure.
    if status != 0 and counts.failed == 0:
        counts.failed = 1
    return counts


def merge(reports: list[pathlib.Path], merged: pathlib.Path) -> None:
    """All suites of the reports in one file."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        if report.exists():
            root.extend(ElementTree.parse(report).iter("testsuite"))
    ElementTree.ElementTree(root).write(merged, encoding="utf-8", xml_declaration=True)
