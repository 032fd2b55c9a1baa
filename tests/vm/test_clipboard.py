# SPDX-License-Identifier: MIT
"""vixos clipboard and vm_clipboard: real wl-copy and wl-paste in VMs and on the host, on stock sway and on our compositor."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest
from clipboard_desk import CONFIG, Desk, ask_on_terminal
from PIL import Image
from session import VIXOS_COMPOSITOR, Session, can_run, kill_all, wait_until

pytestmark = pytest.mark.skipif(
    can_run() != "" or shutil.which("wl-copy") is None or shutil.which("wtype") is None,
    reason=can_run() or "wl-clipboard or wtype is not installed")

PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc"
       b"\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82")


@pytest.fixture(scope="module", name="desk")
def make_desk():
    session = Session(CONFIG)
    try:
        desk = Desk(session, "sway")
        for vm in ("work", "asks"):
            session.start_vm(vm)
        yield desk
    finally:
        session.finish()


def test_nothing_crosses_by_itself(desk):
    desk.host_copies("a secret of the host's")
    assert desk.vm_has("work") is None
    desk.vm_copies("work", "a secret of the VM's")
    assert desk.vm_has("work") == "a secret of the VM's"
    assert desk.host_has() == b"a secret of the host's"
    assert desk.vm_has("asks") is None


@pytest.mark.parametrize("text", ["plain", "Größe → 10 €, עברית", "two\nlines\n\tand a tab\n",
                                  pytest.param("x" * 1_000_000, id="a million bytes")])
def test_copy_into_a_vm(desk, text):
    desk.host_copies(text)
    result = desk.clipboard("copy", "work")
    assert result.returncode == 0, result.stderr + desk.session.log()
    assert f"{len(text.encode())} bytes of text" in result.stderr
    assert desk.vm_has("work") == text
    assert desk.host_has() == text.encode()  # it is the host's own: not wiped


@pytest.mark.parametrize("text", ["plain", "Größe → 10 €", pytest.param("x" * 1_000_000, id="a million bytes")])
def test_paste_out_of_a_vm(desk, text):
    desk.vm_copies("work", text)
    result = desk.clipboard("paste", "work")
    assert result.returncode == 0, result.stderr + desk.session.log()
    assert desk.host_has() == text.encode()
    assert "text/plain;charset=utf-8" in desk.host_types()


def test_control_characters_stay_behind(desk):
    desk.vm_copies("work", "rm -rf\x1b[2K\r\b\x07 \u009bx\tend\n")
    assert desk.clipboard("paste", "work").returncode == 0
    assert desk.host_has() == b"rm -rf[2K x\tend\n"


@pytest.mark.parametrize("options, data, why", [
    pytest.param((), "x" * (1024 * 1024 + 1), "more than the 1048576 bytes", id="one byte too many"),
    (("--type", "application/x-thing"), "<b>x</b>", "no text was copied"),
    (("--type", "image/png"), "not even a picture", "no text was copied"),
])
def test_what_may_not_be_pasted(desk, options, data, why):
    desk.host_copies("still there")
    desk.vm_copies("work", data, *options)
    result = desk.clipboard("paste", "work")
    assert result.returncode == 1 and why in result.stderr, result.stderr
    assert desk.host_has() == b"still there"


def test_text_that_is_not_utf8(desk):
    result = desk.in_vm("work", "sh", "-c", r"printf 'a\377b' | wl-copy --type text/plain >/dev/null 2>&1")
    assert result.returncode == 0
    result = desk.clipboard("paste", "work")
    assert result.returncode == 1 and "not UTF-8" in result.stderr, result.stderr


def test_pictures_only_where_they_are_allowed(desk):
    desk.host_copies(PNG, "--type", "image/png")
    result = desk.clipboard("copy", "work")
    assert result.returncode == 1 and "no text in the clipboard" in result.stderr
    config = desk.session.config
    before = config.read_text()
    try:
        config.write_text(before.replace("color blue\n", "color blue\n\tclipboard {\n\t\timages allow\n\t}\n"))
        assert desk.clipboard("copy", "work").returncode == 0
        assert "image/png" in desk.in_vm("work", "wl-paste", "--list-types").stdout.split()
        # Back again, as it is not the VM's own.
        desk.host_copies("text")
        result = desk.clipboard("paste", "work")
        assert result.returncode == 0 and "image" in result.stderr
        assert desk.host_has("--type", "image/png") == PNG
    finally:
        config.write_text(before)


def test_from_vm_to_vm_it_is_wiped(desk):
    desk.vm_copies("work", "for the other VM")
    assert desk.clipboard("paste", "work").returncode == 0
    result = desk.clipboard("copy", "asks", stdin=subprocess.DEVNULL)
    assert result.returncode == 3, result.stderr
    assert desk.host_has() == b"for the other VM"
    assert desk.clipboard("copy", "work").returncode == 0
    assert desk.host_has() is None


def test_it_is_forgotten_after_a_while(desk):
    config = desk.session.config
    before = config.read_text()
    try:
        config.write_text(before.replace("color blue\n", "color blue\n\tclipboard {\n\t\ttimeout 5\n\t}\n"))
        desk.vm_copies("work", "for a moment")
        assert desk.clipboard("paste", "work").returncode == 0
        assert desk.host_has() == b"for a moment"
        wait_until(lambda: desk.host_has() is None, "the host's clipboard is wiped", 30)
        desk.host_copies("for a moment")
        assert desk.clipboard("copy", "work").returncode == 0
        wait_until(lambda: desk.vm_has("work") is None, "the VM's clipboard is wiped", 30)
    finally:
        config.write_text(before)


def test_what_replaced_it_is_not_wiped(desk):
    desk.vm_copies("work", "the VM's")
    assert desk.clipboard("paste", "work").returncode == 0
    desk.host_copies("the host's")
    assert desk.clipboard("copy", "work").returncode == 0
    assert desk.host_has() == b"the host's"


def test_streams_instead_of_the_clipboard(desk):
    desk.host_copies("untouched")
    result = desk.clipboard("copy", "--stdin", "work", input="from a pipe\n")
    assert result.returncode == 0, result.stderr
    assert desk.vm_has("work") == "from a pipe\n"
    result = desk.clipboard("paste", "--stdout", "work")
    assert (result.returncode, result.stdout) == (0, "from a pipe\n"), result.stderr
    assert desk.host_has() == b"untouched"
    assert desk.clipboard("copy", "--stdin", "work", input="").returncode == 1


def test_policies(desk):
    desk.session.start_vm("walled")
    desk.host_copies("no entry")
    desk.vm_copies("walled", "no exit")
    for words in (("copy", "walled"), ("paste", "walled"), ("paste", "--stdout", "walled")):
        result = desk.clipboard(*words)
        assert result.returncode == 3 and "the configuration forbids" in result.stderr, result.stderr
        assert result.stdout == ""
    assert desk.vm_has("walled") == "no exit" and desk.host_has() == b"no entry"
    assert desk.session.vixos("stop", "--kill", "walled").returncode == 0


def test_ask_on_the_terminal(desk):
    desk.host_copies("asked for")
    assert ask_on_terminal(desk, b"n\n", "copy", "asks") == 3
    assert desk.vm_has("asks") is None
    assert ask_on_terminal(desk, b"y\n", "copy", "asks") == 0
    assert desk.vm_has("asks") == "asked for"


@pytest.mark.parametrize("words, status", [
    (("copy",), 2), (("cut", "work"), 2), (("copy", "--stdout", "work"), 2), (("paste", "--stdin", "work"), 2),
    (("copy", "Work"), 2), (("copy", "nobody"), 1), (("copy", "walled"), 1),
])
def test_bad_input(desk, words, status):
    result = desk.clipboard(*words, input="x")
    assert result.returncode == status, result.stderr
    assert result.stderr.count("\n") == 1


# A program that offers text and never writes it.
HANGING = """
import os, subprocess, time
child = subprocess.Popen(["wl-copy", "--foreground", "text"])
while subprocess.run(["wl-paste", "-n"], capture_output=True).stdout != b"text":
    pass
os.kill(child.pid, 19)
print("stopped", flush=True)
time.sleep(100000)
"""


def test_a_program_that_never_answers(desk):
    child = desk.session.spawn("exec", "work", "python3", "-c", HANGING)
    assert child.stdout.readline() == "stopped\n"
    before = time.monotonic()
    result = desk.clipboard("paste", "work")
    assert result.returncode == 1 and "does not answer" in result.stderr, result.stderr
    assert time.monotonic() - before < 20
    child.kill()
    assert desk.in_vm("work", "true").returncode == 0
    desk.vm_copies("work", "and on it goes")
    assert desk.clipboard("paste", "work").returncode == 0
    assert desk.host_has() == b"and on it goes"


# ---- our own compositor ----


@pytest.fixture(scope="module", name="ours")
def make_ours():
    if not VIXOS_COMPOSITOR.exists():
        pytest.skip("vixos-compositor was not built")
    session = Session(CONFIG)
    try:
        desk = Desk(session, VIXOS_COMPOSITOR)
        assert session.vixos("attach").returncode == 0
        for vm in ("work", "asks"):
            session.vixos("run", "--background", "--name", vm, "foot", "--title", vm)
        session.compositor.wait_for_windows(lambda windows: len(windows) == 2)
        yield desk
    finally:
        session.finish()


def focus(desk, title):
    [result] = desk.session.compositor.ask(0, f'[title="{title}"] focus')
    assert result["success"], result


def vm_clipboard(desk, action):
    [result] = desk.session.compositor.ask(0, f"vm_clipboard {action}")
    return result["success"]


def press(desk, *words):
    subprocess.run(["wtype", *words], env=desk.environment, check=True, timeout=30)


def screenshot(desk, name):
    """The part of the screen where prompts are; it is kept where VIXOS_SCREENSHOTS says."""
    path = pathlib.Path(os.environ.get("VIXOS_SCREENSHOTS", str(desk.session.runtime))) / f"{name}.png"
    desk.session.compositor.screenshot(path)
    with Image.open(path) as picture:
        return picture.convert("RGB").crop((360, 183, 920, 353))


def is_prompt(picture):
    """Its head is a band of the VM's colour, as wide as it is."""
    colors = dict((color, count) for count, color in picture.getcolors(picture.width * picture.height))
    return colors.get((0xf5, 0x79, 0x00), 0) > 10_000


def test_the_command_takes_and_gives(ours):
    focus(ours, "work")  # another VM's window couldn't take the keyboard from it, nor wl-copy without
    ours.vm_copies("work", "out of the VM")
    assert vm_clipboard(ours, "copy")
    wait_until(lambda: ours.host_has() == b"out of the VM", "the host has it")
    ours.host_copies("into the VM")
    assert vm_clipboard(ours, "paste")
    wait_until(lambda: ours.vm_has("work") == "into the VM", "the VM has it")


def test_windows_of_the_host_have_no_clipboard_of_a_vm(ours):
    [result] = ours.session.compositor.ask(0, "workspace empty")
    assert result["success"]
    assert not vm_clipboard(ours, "copy")
    [result] = ours.session.compositor.ask(0, "workspace 1")


def prompt_for(ours, action):
    """Presses the key, so to speak; gives the picture of the prompt once it is there."""
    focus(ours, "asks")
    assert vm_clipboard(ours, action)
    return wait_until(lambda: (lambda picture: is_prompt(picture) and picture)(screenshot(ours, "prompt-dead")),
                      "the prompt is there")


def wait_for_change(ours, picture, name):
    return wait_until(lambda: (lambda new: new.tobytes() != picture.tobytes() and new)(screenshot(ours, name)), name)


def test_the_prompt_is_dead_at_first(ours):
    """Tab and Enter, typed right away, accept nothing; Escape refuses."""
    ours.host_copies("must be asked for")
    prompt_for(ours, "paste")
    press(ours, "-k", "Tab", "-k", "Return")
    assert is_prompt(screenshot(ours, "prompt-still-there"))
    press(ours, "-k", "Escape")
    assert not is_prompt(screenshot(ours, "no-prompt"))
    # While it was there no program of the VM could have got the keyboard, and so its clipboard.
    assert ours.vm_has("asks") is None


def test_the_prompt_accepts_after_a_second_of_quiet(ours):
    dead = prompt_for(ours, "paste")
    wait_for_change(ours, dead, "prompt-alive")
    press(ours, "-k", "Return")  # Refuse is chosen at first
    assert not is_prompt(screenshot(ours, "no-prompt"))
    assert ours.vm_has("asks") is None
    wait_for_change(ours, prompt_for(ours, "paste"), "prompt-alive")
    press(ours, "-k", "Tab")
    screenshot(ours, "prompt-chosen")
    press(ours, "-k", "Return")
    wait_until(lambda: ours.vm_has("asks") == "must be asked for", "the VM has it")


def test_a_held_key_keeps_the_prompt_dead(ours):
    ours.host_copies("not by a held key")
    holder = subprocess.Popen(["wtype", "-P", "Shift_L", "-s", "5000", "-p", "Shift_L"], env=ours.environment)
    ours.session.children.append(holder)
    time.sleep(0.5)  # nothing shows that the key is down
    wait_for_change(ours, prompt_for(ours, "paste"), "prompt-held")  # the second has passed: the hint is another
    press(ours, "-k", "Tab", "-k", "Return")
    assert holder.poll() is None and is_prompt(screenshot(ours, "prompt-held"))
    press(ours, "-k", "Escape")
    assert not is_prompt(screenshot(ours, "no-prompt"))
    assert holder.wait(30) == 0
    assert ours.vm_has("asks") == "must be asked for"


def test_from_vm_to_vm_by_the_command(ours):
    focus(ours, "work")
    ours.vm_copies("work", "from one to the other")
    assert vm_clipboard(ours, "copy")
    wait_until(lambda: ours.host_has() == b"from one to the other", "the host has it")
    wait_for_change(ours, prompt_for(ours, "paste"), "prompt-alive")
    press(ours, "-k", "Tab", "-k", "Return")
    wait_until(lambda: ours.vm_has("asks") == "from one to the other", "the VM has it")
    assert ours.host_has() is None


def test_the_end_of_vixosd_takes_a_prompt_away(ours):
    prompt_for(ours, "copy")
    kill_all("vixosd")
    wait_until(lambda: not is_prompt(screenshot(ours, "no-prompt")), "the prompt goes with it")
