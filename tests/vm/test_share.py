# SPDX-License-Identifier: MIT
"""vixos run --share-tmp: a folder for exchange with one run, gone with it however that ends."""

import json
import os
import pathlib
import re
import signal
import stat
import subprocess

import pytest
from session import can_run, kill_all, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(scope="module", name="work")
def make_work(session):
    """A VM that stays; the folders are in the session's own cache, whichever vixosd makes them."""
    session.environment["XDG_CACHE_HOME"] = str(session.runtime / "cache")
    session.start_vm("work")
    yield "work"
    session.vixos("stop", "--kill", "work")


def shares(session):
    """Folders for exchange that there are, and those that VM `work` has."""
    result = session.vixos("mount", "--json", "work")
    assert result.returncode == 0, result.stderr
    found = [str(path) for path in (session.runtime / "cache/vixos/share").glob("*/*")]
    return found, [mount["source"] for mount in json.loads(result.stdout)]


def begin(session, script="echo in; read line", *words):
    """A run in VM `work` that waits for a line; gives it with both paths."""
    child = session.spawn("run", "-i", "--name", "work", *words, "--share-tmp", "sh", "-c",
                          f'echo "$VIXOS_SHARE"; {script}', stdin=subprocess.PIPE)
    inside = child.stdout.readline().strip()
    assert child.stdout.readline() == "in\n"
    printed = re.fullmatch(r"vixos: '(.*)' is '(.*)' in VM 'work'\n", child.stderr.readline())
    assert printed[2] == inside and re.fullmatch(r"/mnt/share-[0-9a-f]{32}", inside)
    return child, pathlib.Path(printed[1]), inside


def test_both_sides_see_it_and_it_goes(session, work):
    child, here, inside = begin(session, 'echo in; read line; cat "$VIXOS_SHARE/hello"; echo back > "$VIXOS_SHARE/answer"; '
                                         'echo done; read line')
    assert here.name == f"run-{inside[-32:]}" and stat.S_IMODE(here.stat().st_mode) == 0o700
    (here / "hello").write_text("hello\n")
    child.stdin.write("go\n")
    child.stdin.flush()
    assert child.stdout.readline() == "hello\n" and child.stdout.readline() == "done\n"
    assert (here / "answer").read_text() == "back\n" and (here / "answer").stat().st_uid == os.getuid()
    other, there, _ = begin(session)
    assert there != here
    for each in (other, child):
        each.communicate("end\n", timeout=60)
        assert each.returncode == 0
    assert shares(session) == ([], [])


def test_nothing_a_vm_leaves_there_keeps_it(session, work):
    script = """cd "$VIXOS_SHARE"; python3 -c '
import os
for number in range(1100):
    os.mkdir("deep")
    os.chdir("deep")
'; ln -s / root; mkfifo pipe; mkdir closed; touch closed/x; chmod 0 closed; chmod 0 .; cd /; echo in; read line"""
    child, here, _ = begin(session, script)
    child.communicate("end\n", timeout=60)
    assert not here.exists() and shares(session) == ([], [])


def test_vixos_killed(session, work):
    child, here, _ = begin(session)
    child.send_signal(signal.SIGKILL)
    child.wait()
    wait_until(lambda: shares(session) == ([], []), "the folder is gone")
    assert not here.exists()


def test_vixosd_killed(session, work):
    child, here, _ = begin(session)
    kill_all("vixosd")
    assert session.list()["work"]["state"] in ("running", "connecting", "booting")  # another vixosd
    assert here.exists()
    child.communicate("end\n", timeout=60)
    assert child.returncode == 0 and not here.exists()
    wait_until(lambda: shares(session) == ([], []), "the folder is gone")


def test_both_killed(session, work):
    child, here, _ = begin(session)
    kill_all("vixosd")
    child.send_signal(signal.SIGKILL)
    child.wait()
    session.wait_for_state("work", "running")
    wait_until(lambda: shares(session) == ([], []), "the folder is gone")
    assert not here.exists()


def test_with_its_own_vm(session, work):
    script = 'echo "$VIXOS_SHARE" > "$VIXOS_SHARE/own"; cat "$VIXOS_SHARE/own"'
    result = session.vixos("run", "--name", "own", "--share-tmp", "-q", "sh", "-c", script)
    assert result.returncode == 0 and result.stdout.startswith("/mnt/share-") and result.stderr == ""
    result = session.vixos("run", "-d", "--name", "back", "--share-tmp", "sh", "-c", "touch $VIXOS_SHARE/x; sleep 1000")
    here = pathlib.Path(re.search(r"vixos: '(.*?)' is", result.stderr)[1])
    wait_until((here / "x").exists, "the program has written")
    session.vixos("list")
    assert here.exists()
    session.vixos("stop", "--kill", "back")
    assert not here.exists() and shares(session) == ([], [])
