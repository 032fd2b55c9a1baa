# SPDX-License-Identifier: MIT
"""Configuration files read as sway 1.12 reads them: line by line, bar by bar, and whole ones by their effect. Each file
is read by both; the tables are in sway/."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from compositor import COMPOSITOR, Compositor, Ipc

TABLES = pathlib.Path(__file__).parent / "sway"
sys.path.insert(0, str(TABLES))
from parity import describe, settled  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not COMPOSITOR.exists(), reason="the compositor is not built"),
    pytest.mark.skipif(shutil.which("sway") is None, reason="sway is not installed"),
]

GET_MARKS, GET_BAR_CONFIG, GET_MODES, GET_CONFIG, SEND_TICK, GET_MODE, GET_SEATS = 5, 6, 8, 9, 10, 12, 101

# Where we differ on purpose: refused as in sway, in words of our own.
OUR_WORDS = {
    "new_window": "names the directive as it was written",
    "output HEADLESS-1 transform 90 clockwise": "turning further makes no sense in what is read again and again",
    "input * xkb_file /nonexistent": "sway tells of an errno that has nothing to do with it",
    "input type:touchpad events x": "the words for run time",
}
# And what sway takes without a word.
OUR_COMPLAINTS = {
    "bar { ;; position top": "a block that isn't closed",
    "bar { ;; colors { ;; background #112233 ;; }": "a block that isn't closed",
}


def table(name, ends_sway=False):
    """Those that end sway are marked by a '!'."""
    lines = (TABLES / name).read_text("utf-8").splitlines()
    return [line.removeprefix("! ") for line in lines if line.startswith("! ") == ends_sway]


def errors_in(log):
    """Line numbers and what is wrong there, in the words of either."""
    found = {}
    for line in log.splitlines():
        sways = re.search(r"Error on line (\d+) '.*?': (.*) \(/[^()]*\)$", line)
        stray = re.search(r"(Unmatched '}') on line (\d+)", line)
        ours = re.search(r"/config:(\d+): (.*?): '", line)
        if stray:
            found[int(stray[2])] = stray[1]
        elif sways or ours:
            found[int((sways or ours)[1])] = (sways or ours)[2]
    return found


def check(program, directory, text):
    """What -C says: the exit status, and each line's error."""
    directory.mkdir()
    config = directory / "config"
    config.write_text(text, encoding="utf-8")
    environment = os.environ | {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman",
                                "XDG_RUNTIME_DIR": str(directory), "HOME": str(directory)}
    result = subprocess.run([str(program), "-d", "-C", "-c", str(config)], env=environment, capture_output=True,
                            text=True, errors="replace", timeout=60, check=False)
    return result.returncode, errors_in(result.stdout + result.stderr)


def on(program, directory, config, look):
    """What `look` sees in a desktop that has read this."""
    class Desk(Compositor):
        pass

    Desk.program = program
    directory.mkdir()
    with Desk(directory, config) as desk:
        return look(desk)


def test_every_line_is_judged_alike(tmp_path):
    lines = table("config_lines.txt")
    text = "\n".join(lines) + "\n"
    (status, wanted), (our_status, got) = check("sway", tmp_path / "s", text), check(COMPOSITOR, tmp_path / "v", text)
    assert (status, our_status) == (1, 1) and len(wanted) > 200
    different = {line: (wanted.get(number), got.get(number)) for number, line in enumerate(lines, 1)
                 if wanted.get(number) != got.get(number)}
    assert {line: words for line, words in different.items() if line not in OUR_WORDS or None in words} == {}


def test_capitals_are_taken_wherever_sway_takes_them(tmp_path):
    """We take them everywhere, sway here and there."""
    lines = []
    for line in table("config_lines.txt"):
        words = line.split()
        if words[0] not in ("exec", "exec_always", "mode", "set", "include", "font"):
            lines += [" ".join([*words[:i], words[i].upper(), *words[i + 1:]]) for i in range(1, len(words))
                      if re.fullmatch("[a-z_]+", words[i])]
    text = "\n".join(lines) + "\n"
    (_, wanted), (_, got) = check("sway", tmp_path / "s", text), check(COMPOSITOR, tmp_path / "v", text)
    assert len(lines) > 300 and [lines[number - 1] for number in got if number not in wanted] == []


def test_every_block_is_judged_alike(tmp_path):
    different = {}
    for number, case in enumerate(table("config_blocks.txt")):
        text = case.replace(" ;; ", "\n") + "\n"
        wanted, got = check("sway", tmp_path / f"s{number}", text), check(COMPOSITOR, tmp_path / f"v{number}", text)
        if wanted != got:
            different[case] = wanted, got
    assert {case: both for case, both in different.items() if case not in OUR_COMPLAINTS} == {}


def test_every_error_is_told_of(tmp_path):
    """However many there are."""
    text = "nosuch directive of some length, to fill whatever holds the words\n" * 2000
    status, errors = check(COMPOSITOR, tmp_path / "v", text)
    assert status == 1 and sorted(errors) == list(range(1, 2001))


@pytest.mark.parametrize("name", ["config_lines.txt", "bar_options.txt"])
def test_what_ends_sway_is_refused(tmp_path, name):
    cases = table(name, ends_sway=True)
    assert cases
    for number, case in enumerate(cases):
        text = f"bar {{\n{case}\n}}\n" if name == "bar_options.txt" else case + "\n"
        status, errors = check(COMPOSITOR, tmp_path / str(number), text)
        assert status == 1 and len(errors) == 1, case


def bar_block(number, case):
    lines = [f"id b{number}", "swaybar_command true"]
    for part in case.split(" ;; "):
        name, _, rest = part.partition(" ")
        lines += ["colors {", rest, "}"] if name == "colors" and rest else [part]
    return "\n".join(["bar {", *lines, "}", ""])


def bars(desk):
    return {name: desk.ipc.call(GET_BAR_CONFIG, name) for name in desk.ipc.call(GET_BAR_CONFIG)}


def test_bar_options_in_a_block(tmp_path):
    cases = table("bar_options.txt")
    text = "".join(bar_block(number, case) for number, case in enumerate(cases))

    def look(desk):
        return bars(desk), errors_in((desk.directory / "log").read_text(errors="replace"))

    wanted, wanted_errors = on("sway", tmp_path / "s", text, look)
    got, errors = on(COMPOSITOR, tmp_path / "v", text, look)
    assert list(wanted) == list(got) and len(wanted_errors) > 100
    assert {case: (wanted.get(f"b{n}"), got.get(f"b{n}")) for n, case in enumerate(cases)
            if wanted.get(f"b{n}") != got.get(f"b{n}")} == {}
    assert wanted_errors == errors


def test_bar_options_at_run_time(tmp_path):
    cases = table("bar_options.txt")
    text = "".join(bar_block(number, "swaybar_command true") for number in range(len(cases)))

    def look(desk):
        return [([desk.ipc.call(Ipc.RUN_COMMAND, f"bar b{number} {part}") for part in case.split(" ;; ")],
                 desk.ipc.call(GET_BAR_CONFIG, f"b{number}")) for number, case in enumerate(cases)]

    wanted, got = on("sway", tmp_path / "s", text, look), on(COMPOSITOR, tmp_path / "v", text, look)
    assert {case: both for case, *both in zip(cases, wanted, got) if both[0] != both[1]} == {}


TWO_BARS = bar_block(1, "position top") + bar_block(2, "mode hide")
BAR_COMMANDS = """bar mode hide
bar b1 mode toggle
bar hidden_state show
bar b2 hidden_state toggle
bar mode dock b2
bar mode dock nosuch
bar new mode dock
bar newer position top
bar b1 position bottom
bar b1 nosuch 1
bar b1
bar position top
bar id x
bar mode
bar b1 mode dock b2
bar b1 mode dock b1
bar b1 bindsym button1 nop
bar b1 colors background #123456
bar b1 status_command -
bar hidden_state toggle
bar mode toggle
bar mode toggle b2
bar mode overlay
bar mode invisible b1""".splitlines()


def test_bar_commands_and_what_bars_hear(tmp_path):
    def look(desk):
        events = Ipc(desk.environment["SWAYSOCK"])
        events.call(Ipc.SUBSCRIBE, '["barconfig_update", "bar_state_update", "tick"]')
        seen = [("hello", None, [events.receive()], bars(desk))]
        for step in BAR_COMMANDS:
            results = desk.ipc.call(Ipc.RUN_COMMAND, step)
            desk.ipc.call(SEND_TICK, step)
            heard = []
            while not heard or heard[-1][1].get("payload") != step:
                heard.append(events.receive())
            seen.append((step, results, heard, bars(desk)))
        events.socket.close()
        return seen

    wanted, got = on("sway", tmp_path / "s", TWO_BARS, look), on(COMPOSITOR, tmp_path / "v", TWO_BARS, look)
    assert [both for both in zip(wanted, got) if both[0] != both[1]] == []


def test_no_bar_is_the_current_one_at_run_time(tmp_path):
    """In sway the first command at run time goes to the bar of the last line."""
    def look(desk):
        desk.command("bar mode overlay")
        return {name: bar["mode"] for name, bar in bars(desk).items()}

    config = TWO_BARS + "bar b1 position top\n"
    assert on(COMPOSITOR, tmp_path / "v", config, look) == {"b1": "overlay", "b2": "overlay"}


def without_ids(value):
    """Without what differs from run to run, or is of one version."""
    volatile = ("id", "pid", "percent", "foreign_toplevel_identifier", "focus", "nodes", "floating_nodes")
    if isinstance(value, dict):
        return {key: without_ids(member) for key, member in value.items() if key not in volatile}
    return [without_ids(member) for member in value] if isinstance(value, list) else value


def everything(desk):
    state = {name: desk.ipc.call(kind) for name, kind in (
        ("outputs", Ipc.GET_OUTPUTS), ("workspaces", Ipc.GET_WORKSPACES), ("inputs", Ipc.GET_INPUTS),
        ("marks", GET_MARKS), ("modes", GET_MODES), ("mode", GET_MODE), ("config", GET_CONFIG), ("seats", GET_SEATS))}
    # Bars that come later than the first are told of by their names.
    return without_ids(state) | {"bars": {name: desk.ipc.call(GET_BAR_CONFIG, name)
                                          for name in desk.ipc.call(GET_BAR_CONFIG)}, "tree": settled(desk)}


@pytest.mark.parametrize("config", sorted((TABLES / "configs").glob("*.conf")), ids=lambda path: path.stem)
def test_whole_configurations(tmp_path, config):
    def look(desk):
        seen = {"at start": everything(desk),
                "errors": errors_in((desk.directory / "log").read_text(errors="replace"))}
        for name in "abcd":
            desk.window("-n", name, title=name)
            seen[f"with window {name}"] = everything(desk)
        desk.command("reload")
        seen["after a reload"] = everything(desk)
        return seen

    class Plain(Compositor):
        base = "swaybg_command -\nswaynag_command -\nxwayland disable\n"

        def state(self):
            return list(describe(self.tree()))

    def play(program, directory):
        directory.mkdir()
        shutil.copy(config.parent / "sub.inc", directory)
        Plain.program = program
        with Plain(directory, config.read_text("utf-8")) as desk:
            return look(desk)

    wanted, got = play("sway", tmp_path / "s"), play(COMPOSITOR, tmp_path / "v")
    for moment, state in wanted.items():
        assert state == got[moment], moment
