# SPDX-License-Identifier: MIT
"""What all suites of whole-program tests share."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--on-request", action="store_true", help="also run the slow tests")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--on-request"):
        return
    skip = pytest.mark.skip(reason="slow; runs with ./dev test --on-request")
    for item in items:
        if "on_request" in item.keywords:
            item.add_marker(skip)
