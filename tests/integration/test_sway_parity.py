# SPDX-License-Identifier: MIT
"""Plays the scripts in sway/ and wants the results and trees that were recorded from sway 1.12."""

import json
import sys
import time

import pytest

from compositor import COMPOSITOR

sys.path.insert(0, __file__.rpartition("/")[0] + "/sway")
from parity import SCRIPTS, Desk, golden_of, read_script  # noqa: E402

PATIENCE = 3  # seconds until a tree must look as recorded
RECORDED_TITLE_BAR = 25

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")


@pytest.fixture(scope="module")
def same_font(tmp_path_factory):
    with Desk(tmp_path_factory.mktemp("font"), "default_border normal\n") as desk:
        desk.play("open a")
        height = desk.find("a")["deco_rect"]["height"]
    if height != RECORDED_TITLE_BAR:
        pytest.skip(f"title bars are {height} px high, {RECORDED_TITLE_BAR} where the goldens were recorded")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(tmp_path, same_font, script):
    config, steps = read_script(script)
    recorded = json.loads(golden_of(script).read_text(encoding="utf-8"))
    assert [step["step"] for step in recorded] == steps, "the script changed: record it anew"
    with Desk(tmp_path, config) as desk:
        for expected in recorded:
            assert desk.play(expected["step"]) == expected["results"], expected["step"]
            end = time.monotonic() + PATIENCE
            while (state := desk.state()) != expected["tree"] and time.monotonic() < end:
                time.sleep(0.02)
            assert state == expected["tree"], expected["step"]
