# SPDX-License-Identifier: MIT
"""create, edit, rm, rename, clone and the life of a VM that is defined: its home, and verbs as docker's."""

import json
import os
import pty

import pytest
from session import Session, can_run


@pytest.fixture(scope="module", name="desk")
def make_desk():
    if can_run():
        pytest.skip(can_run())
    desk = Session(has_home=True)
    try:
        yield desk
    finally:
        desk.finish()


def succeed(desk, *words, **options):
    result = desk.vixos(*words, **options)
    assert result.returncode == 0, result.stderr + desk.log()
    return result.stdout


def refuse(desk, status, *words, **options):
    result = desk.vixos(*words, **options)
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    return result.stderr


def state_of(desk, name):
    return desk.home / ".local/share/vixos" / name


def edit_with(desk, name, program):
    """vixos edit with a program as the editor."""
    return desk.vixos("edit", *name, environment={"EDITOR": program, "VISUAL": ""})


def test_create_writes_a_file_of_its_own(desk):
    before = desk.config.read_bytes()
    path = succeed(desk, "create", "paper", "--label", "Paper & ink", "--memory", "512 1G",
                   "-v", "/srv:/data:rw", "-e", "LANG=C", "--set", "region 128").strip()
    assert path == str(desk.home / ".config/vixos/vms/paper.scfg")
    assert desk.config.read_bytes() == before
    facts = json.loads(succeed(desk, "inspect", "paper"))
    assert facts["vm"]["label"] == "Paper & ink"
    assert facts["definition"]["regionMiB"] == 128
    mount, = facts["definition"]["mounts"]
    assert (mount["source"], mount["target"], mount["writable"]) == ("/srv", "/data", True)
    assert facts["definition"]["file"] == path
    assert "is defined already, at " + path in refuse(desk, 1, "create", "paper")
    assert "expected #rrggbb" in refuse(desk, 2, "create", "other", "--color", "mauve")
    assert "other" not in desk.list()


def test_edit_installs_only_what_is_right(desk):
    succeed(desk, "create", "draft")
    path = desk.home / ".config/vixos/vms/draft.scfg"
    before = path.read_text()
    wrong = edit_with(desk, ["draft"], "sed -i 3s/.*/vcpus=many/")
    assert wrong.returncode == 2 and "draft.scfg:3: expected one of" in wrong.stderr
    assert path.read_text() == before
    assert edit_with(desk, ["draft"], "false").returncode == 1
    assert edit_with(desk, ["draft"], "sed -i s/}/#x/").returncode == 2
    assert path.read_text() == before
    right = edit_with(desk, ["draft"], "sed -i s/^}/#mine\\n}/")
    assert right.returncode == 0, right.stderr
    assert path.read_text() == before.replace("}", "#mine\n}")
    # A file that is wrong already can be edited until it is right.
    path.write_text("vm draft {\n")
    assert ":1: expected }" in refuse(desk, 2, "config", "check")
    assert edit_with(desk, ["draft"], "sed -i $a}").returncode == 0
    assert f"{path}:1: vm draft\n" in succeed(desk, "config", "check")
    assert {"name": "draft", "file": str(path), "line": 1} in json.loads(succeed(desk, "config", "check", "--json"))


def test_edit_asks_for_another_try(desk, tmp_path):
    succeed(desk, "create", "retry")
    path = desk.home / ".config/vixos/vms/retry.scfg"
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\nif [ -e {tmp_path}/again ]; then sed -i s/many/4/ \"$1\"; else\n"
                      f"touch {tmp_path}/again; sed -i 's/^}}/vcpus many\\n}}/' \"$1\"; fi\n")
    editor.chmod(0o755)
    ours, theirs = pty.openpty()
    os.write(ours, b"y\n")
    try:
        result = desk.vixos("edit", "retry", stdin=theirs,
                            environment={"EDITOR": str(editor), "VISUAL": ""})
    finally:
        os.close(ours)
        os.close(theirs)
    assert result.returncode == 0 and "found 'many'" in result.stderr, result.stderr
    assert "vcpus 4" in path.read_text()


def test_what_the_user_wrote_is_left_alone(desk):
    before = desk.config.read_text()
    desk.config.write_text(before + "vm mine {\n\tcolor red\n}\n")
    try:
        for words in (["rm", "mine"], ["rename", "mine", "yours"], ["clone", "mine", "yours"]):
            assert f"is defined at {desk.config}:2" in refuse(desk, 1, *words)
        assert "yours" not in desk.list()
        # But edit opens it.
        assert edit_with(desk, ["mine"], "sed -i s/red/blue/").returncode == 0
        assert "color blue" in desk.config.read_text()
    finally:
        desk.config.write_text(before)


def test_a_private_home_outlives_its_vm(desk):
    succeed(desk, "create", "keep", "--home", "private", "--set", "# mine")
    succeed(desk, "start", "keep")
    succeed(desk, "exec", "keep", "sh", "-c", "echo kept >~/file; ln -s /etc/passwd ~/link")
    home = state_of(desk, "keep") / "home"
    assert (home / "file").read_text() == "kept\n"
    # Of the guest's users only the one is anybody on the host, and owns what is there.
    assert {path.lstat().st_uid for path in home.iterdir()} == {home.stat().st_uid}
    for words in (["rename", "keep", "kept"], ["clone", "keep", "kept"], ["rm", "-v", "keep"]):
        assert "'vixos stop keep' first" in refuse(desk, 1, *words)
    succeed(desk, "restart", "--kill", "keep")
    assert succeed(desk, "exec", "keep", "cat", "/home/user/file") == "kept\n"
    succeed(desk, "stop", "keep")

    succeed(desk, "clone", "keep", "copy")
    succeed(desk, "rename", "keep", "kept")
    assert not state_of(desk, "keep").exists()
    text = (desk.home / ".config/vixos/vms/kept.scfg").read_text()
    assert "vm kept {" in text and "# mine" in text
    assert {"copy", "kept"} <= set(desk.list()) and "keep" not in desk.list()
    assert (state_of(desk, "copy") / "home/link").is_symlink()

    removed = desk.vixos("rm", "copy")
    assert removed.returncode == 0 and "is kept in" in removed.stderr
    assert (state_of(desk, "copy") / "home/file").exists()
    succeed(desk, "rm", "--volumes", "copy")
    assert not state_of(desk, "copy").exists()


def test_verbs_follow_a_vm_through_its_life(desk):
    succeed(desk, "create", "life", "--home", "disposable")
    events = desk.spawn("events", "--json")
    assert "isn't running" in refuse(desk, 1, "kill", "life")
    assert "isn't running" in refuse(desk, 1, "pause", "life")
    assert "there is no VM 'nobody'" in refuse(desk, 1, "start", "nobody")
    succeed(desk, "start", "life")
    assert "tmpfs /home/user" in succeed(desk, "exec", "life", "cat", "/proc/mounts")
    succeed(desk, "pause", "life")
    assert desk.list()["life"]["message"] == "paused"
    for words in (("exec", "life", "true"), ("shell", "life"), ("run", "-d", "--name", "life", "true")):
        assert "is paused; 'vixos unpause life' lets it go on" in refuse(desk, 125, *words)
    for words in (("cp", "life:/etc/hostname", "-"), ("mount", "life", "/opt"), ("umount", "life", "/opt")):
        assert "is paused" in refuse(desk, 1, *words)
    succeed(desk, "unpause", "life")
    assert succeed(desk, "exec", "life", "echo", "goes on") == "goes on\n"
    waiter = desk.spawn("wait", "life")
    succeed(desk, "rm", "--force", "life")
    assert waiter.communicate(timeout=60)[0] == "0\n"
    assert "life" not in desk.list()
    desk.assert_nothing_left()
    events.kill()
    seen = [event["state"] for event in map(json.loads, events.communicate()[0].splitlines())
            if event["name"] == "life"]
    assert seen == ["preparing", "connecting", "booting", "running", "paused", "running",
                    "stopping", "stopped"]
