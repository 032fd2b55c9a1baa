# SPDX-License-Identifier: MIT
"""The manual pages and the completion know every verb, flag, key, command and directive that there is."""

import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
VIXOS = pathlib.Path(os.environ["BUILD"]) / "launcher/cli/vixos"
COMMANDS = SOURCE / "compositor/commands/command_table.c"
KEYS = SOURCE / "launcher/vm/config_keys.c"

needs_vixos = pytest.mark.skipif(not VIXOS.exists(), reason="vixos is not built")


def vixos(*words):
    return subprocess.run([VIXOS, *words], capture_output=True, text=True, check=True, timeout=20).stdout


def page(name):
    """The text of a manual page, as its reader has it: without the marks of scdoc."""
    return re.sub(r"[*\\]", "", (SOURCE / "docs" / f"{name}.scd").read_text())


def verbs():
    return re.findall(r"^  (\S+) +\S", vixos("--help"), re.MULTILINE)


def names_of(verb):
    """A verb, and what else it is called."""
    words = re.search(rf"^{verb}((?:, \S+)*): ", vixos(verb, "--help"), re.MULTILINE)
    return [verb, *words[1].replace(",", "").split()]


def flags_of(verb):
    options = vixos(verb, "--help").split("\nOptions:\n")[1]
    return [flag for flag in re.findall(r"^  (?:-\w, |    )?(--[a-z-]+)", options, re.MULTILINE) if flag != "--help"]


def section_of(verb):
    """What vixos(1) says of a verb: the text under each heading that names it."""
    sections = re.split(r"^#+ ", page("vixos.1"), flags=re.MULTILINE)
    return "\n".join(section for section in sections
                     if re.search(rf"(^|, ){verb}( |,|$)", section.split("\n")[0]))


def common_flags():
    """Those that it explains once, for all verbs."""
    return re.findall(r"--[a-z-]+", re.split(r"^#+ ", page("vixos.1").split("# COMMANDS\n")[1], flags=re.MULTILINE)[0])


def table(path, name):
    """The names in a table of the source, where each row begins with one."""
    rows = re.search(rf"\b{name}\[\] = \{{\n(.*?)\n\}};", path.read_text(), re.DOTALL)[1]
    return re.findall(r'^\t\{"([^"]+)"', rows, re.MULTILINE)


@needs_vixos
def test_every_verb_and_flag_is_in_the_manual():
    missing = []
    for verb in verbs():
        section = section_of(verb)
        if not section:
            missing.append(verb)
            continue
        missing += [f"{verb}, also called {name}" for name in names_of(verb) if name not in section]
        known = set(re.findall(r"--[a-z-]+", section)) | set(common_flags())
        missing += [f"{verb} {flag}" for flag in flags_of(verb) if flag not in known]
    assert missing == []


@needs_vixos
def test_every_verb_and_flag_is_completed():
    def offered(*words):
        return [line.split("\t")[0] for line in vixos("__complete", *words).splitlines()]
    assert set(verbs()) <= set(offered(""))
    missing = [f"{verb} {flag}" for verb in verbs() for flag in flags_of(verb)
               if flag not in [word.rstrip("=") for word in offered(verb, "--")]]
    assert missing == []


def test_every_key_is_in_the_manual():
    text = (SOURCE / "docs/vixos.5.scd").read_text()
    keys = [key for name in ("vm_keys", "app_keys", "firewall_keys", "clipboard_keys") for key in table(KEYS, name)]
    assert len(keys) > 25
    assert [key for key in keys if f"*{key}*" not in text] == []


def test_every_command_is_in_the_manual():
    text = page("vixos-compositor.5").split("# COMMANDS")[1].split("\n# ")[0]
    listed = set(re.findall(r"[a-z_.]+", text))
    commands = table(COMMANDS, "commands")
    assert len(commands) > 80
    assert [name for name in commands if name not in listed and name.split(".")[0] != "client"] == []
