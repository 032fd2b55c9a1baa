# SPDX-License-Identifier: MIT
"""Every command and option of sway's manual pages, right and wrong ones, answered as sway 1.12 answers; and the same
globals. Played to both, one after the other."""

import pathlib
import shutil

import pytest

from compositor import COMPOSITOR, WINDOW_CLIENT, Compositor, Ipc

COMMANDS = pathlib.Path(__file__).parent / "sway/commands.txt"

# sway tells of an errno that has nothing to do with it.
WORDED_BETTER = "input type:keyboard xkb_file /nonexistent"

pytestmark = [
    pytest.mark.skipif(not COMPOSITOR.exists(), reason="the compositor is not built"),
    pytest.mark.skipif(shutil.which("sway") is None, reason="sway is not installed"),
]


def run_on(program, directory, play):
    class Desk(Compositor):
        pass

    Desk.program = program
    directory.mkdir()
    with Desk(directory, "bar {\n    swaybar_command true\n}\n") as desk:
        return play(desk)


def answers(desk):
    for title in ("one", "two"):
        desk.window(title=title)
    return {line: desk.ipc.call(Ipc.RUN_COMMAND, line) for line in COMMANDS.read_text("utf-8").splitlines()}


def global_versions(desk):
    lines = desk.run(WINDOW_CLIENT, "-G").stdout.decode().splitlines()
    return {line.split()[1]: int(line.split()[2]) for line in lines if line.startswith("global ")}


def test_commands_are_answered_alike(tmp_path):
    wanted = run_on("sway", tmp_path / "sway", answers)
    got = run_on(COMPOSITOR, tmp_path / "vixos", answers)
    different = {line: (wanted[line], got[line]) for line in wanted if wanted[line] != got[line]}
    different.pop(WORDED_BETTER, None)
    assert not different


def test_no_global_is_missing_or_older(tmp_path):
    wanted = run_on("sway", tmp_path / "sway", global_versions)
    got = run_on(COMPOSITOR, tmp_path / "vixos", global_versions)
    assert {name: version for name, version in wanted.items() if got.get(name, 0) < version} == {}
