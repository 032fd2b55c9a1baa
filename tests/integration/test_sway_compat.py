# SPDX-License-Identifier: MIT
"""Behaves as sway 1.12 does: scripts with what sway did at each step, and random ones against sway itself."""

import pathlib
import shutil
import subprocess
import sys

import pytest

from compositor import COMPOSITOR

COMPAT = pathlib.Path(__file__).resolve().parents[3] / "shared/sway-compat"
SCRIPTS = sorted((COMPAT / "scripts").glob("*.txt")) if COMPAT.exists() else []

pytestmark = [
    pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built"),
    pytest.mark.skipif(not COMPAT.exists(), reason="sway-compat is not beside the checkout"),
]


def swaydiff(*arguments):
    argv = [sys.executable, str(COMPAT / "swaydiff.py"), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script):
    result = swaydiff("--check", COMPAT / "goldens", "--compositor", COMPOSITOR, script)
    assert result.returncode == 0, result.stdout


# Seeds where sway 1.12 itself ends or shows NaN are left out.
@pytest.mark.skipif(shutil.which("sway") is None, reason="sway is not installed")
@pytest.mark.parametrize(("seed", "steps", "outputs"), [(138, 80, 1), (207, 80, 2), (503, 80, 2), (601, 80, 3)])
def test_random_script(tmp_path, seed, steps, outputs):
    script = tmp_path / f"s{seed}.txt"
    made = subprocess.run([sys.executable, str(COMPAT / "fuzz.py"), str(seed), str(steps), str(outputs)],
                          capture_output=True, text=True, timeout=20, check=True)
    script.write_text(made.stdout, encoding="utf-8")
    recorded = swaydiff("--record", tmp_path, script)
    assert recorded.returncode == 0, recorded.stdout
    result = swaydiff("--check", tmp_path, "--compositor", COMPOSITOR, script)
    assert result.returncode == 0, result.stdout


# Scripts at which sway 1.12 ends.
@pytest.mark.parametrize(("seed", "outputs"), [(2282, 3), (2320, 2), (2406, 1), (5024, 3)])
def test_script_that_sway_does_not_survive(tmp_path, seed, outputs):
    script = tmp_path / f"s{seed}.txt"
    made = subprocess.run([sys.executable, str(COMPAT / "fuzz.py"), str(seed), "60", str(outputs)],
                          capture_output=True, text=True, timeout=20, check=True)
    script.write_text(made.stdout, encoding="utf-8")
    result = swaydiff("--settle", "5", "--dump", "--compositor", COMPOSITOR, script)
    assert result.returncode == 0, result.stdout[-2000:]
