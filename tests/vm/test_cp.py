# SPDX-License-Identifier: MIT
"""vixos cp: both directions, VM to VM, archives, what is refused, a hostile VM, an interrupt."""

import contextlib
import io
import os
import pathlib
import pty
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import tarfile
import time

import pytest
from session import BUILD, VIXOS, Session, can_run, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

ODD = b"\xff\xfe not utf-8 \n"


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    """A tree with a bit of everything; gives it with what describe() says of it."""
    tree = tmp_path / "tree"
    (tree / "sub" / "empty").mkdir(parents=True)
    (tree / "file").write_text("text")
    (tree / "run").write_text("#!/bin/sh")
    (tree / "run").chmod(0o755)
    (tree / "secret").write_text("s")
    (tree / "secret").chmod(0o600)
    pathlib.Path(os.fsdecode(bytes(tree) + b"/" + ODD)).write_bytes(b"odd")
    (tree / "sub" / "link").symlink_to("../../../etc/passwd")
    (tree / "sub" / "big").write_bytes(random.Random(1).randbytes(300_000))
    os.utime(tree / "file", ns=(1, 1234567890123456789))
    os.utime(tree / "sub", ns=(1, 1134567890987654321))
    return tree


def describe(folder):
    """All that a copy keeps, by path."""
    found = {}
    folder = os.fsencode(folder)
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            info = os.lstat(path)
            content = None
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                content = pathlib.Path(os.fsdecode(path)).read_bytes()
            found[os.path.relpath(path, folder)] = (info.st_mode, info.st_mtime_ns, content)
    return found


def guest(session, vm, script, *words):
    result = session.vixos("exec", vm, "sh", "-ec", script, "sh", *map(str, words))
    assert result.returncode == 0, result.stderr
    return result.stdout


def ok(result):
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.fixture(name="place")
def make_place(session, work):
    """An empty folder in the VM."""
    guest(session, work, "rm -rf /tmp/place; mkdir /tmp/place")
    return "/tmp/place"


def test_a_tree_there_and_back(session, work, place, tree, tmp_path):
    ok(session.vixos("cp", str(tree), f"{work}:{place}"))
    script = 'cat "$1/tree/file"; stat -c "%a %Y" "$1/tree/run" "$1/tree/file"'
    assert guest(session, work, script, place) == f"text755 {int((tree / 'run').stat().st_mtime)}\n644 1234567890\n"
    ok(session.vixos("cp", f"{work}:{place}/tree", str(tmp_path / "back")))
    assert describe(tmp_path / "back") == describe(tree)
    # Relative to / in the VM, as with docker; from where one stands here.
    ok(session.vixos("cp", f"{work}:tmp/place/tree/file", "copy", cwd=tmp_path))
    assert (tmp_path / "copy").read_text() == "text"


def test_where_dockers_rules_put_it(session, work, place, tree, tmp_path):
    file = tree / "file"
    ok(session.vixos("cp", str(file), f"{work}:{place}/new"))
    ok(session.vixos("cp", str(file), f"{work}:{place}"))
    ok(session.vixos("cp", f"{tree}/sub", f"{work}:{place}/becomes"))
    ok(session.vixos("cp", f"{tree}/sub", f"{work}:{place}/becomes"))
    ok(session.vixos("cp", f"{tree}/sub/.", f"{work}:{place}"))
    found = guest(session, work, 'cd "$1"; find . -type f | sort', place).split()
    assert found == ["./becomes/big", "./becomes/sub/big", "./big", "./file", "./new"]
    for words, place_of, sentence in (
            ((str(file), f"{work}:{place}/none/"), f"work: '{place}/none/'", "is no folder"),
            ((f"{tree}/sub", f"{work}:{place}/new"), f"work: '{place}/new'", "to which no folder can be copied"),
            ((f"{work}:{place}/nothing", str(tmp_path)), f"work: '{place}/nothing'", "No such file"),
            ((f"{work}:/root", str(tmp_path)), "work: '/root'", "Permission denied"),
            ((str(file), f"{work}:/usr/bin/x"), "work: '/usr/bin/x'", "Read-only file system"),
            ((f"{work}:{place}/new", "/proc/x"), "'/proc/x'", ""),
            ((str(tmp_path / "none"), f"{work}:{place}"), f"'{tmp_path}/none'", "No such file")):
        result = session.vixos("cp", *words)
        assert result.returncode == 1 and result.stderr.startswith(f"vixos: {place_of}: "), result
        assert sentence in result.stderr and result.stderr.count("\n") == 1, result


def test_links_of_the_source(session, work, place, tree):
    (tree / "way").symlink_to("sub")
    ok(session.vixos("cp", f"{tree}/way", f"{work}:{place}"))
    ok(session.vixos("cp", "-L", f"{tree}/way", f"{work}:{place}/followed"))
    assert guest(session, work, 'cd "$1"; readlink way; ls followed', place) == "sub\nbig\nempty\nlink\n"


def test_from_vm_to_vm(session, work, place, tree, tmp_path):
    session.start_vm("other")
    ok(session.vixos("cp", str(tree), f"{work}:{place}"))
    ok(session.vixos("cp", f"{work}:{place}/tree", "other:/tmp/arrived"))
    ok(session.vixos("cp", "other:/tmp/arrived/.", str(tmp_path / "back")))
    assert describe(tmp_path / "back") == describe(tree)
    ok(session.vixos("cp", f"{work}:{place}/tree/file", f"{work}:{place}/again"))
    assert guest(session, work, 'cat "$1/again"', place) == "text"
    assert session.vixos("cp", "other:/tmp/arrived", "nobody:/tmp").returncode == 1
    session.vixos("stop", "--kill", "other")


def run_bytes(session, *words, **options):
    return subprocess.run([VIXOS, *words], env=session.environment, capture_output=True, timeout=120, check=False,
                          **options)


def test_archives(session, work, place, tree, tmp_path):
    ok(session.vixos("cp", str(tree), f"{work}:{place}"))
    result = run_bytes(session, "cp", f"{work}:{place}/tree", "-")
    assert result.returncode == 0 and result.stderr == b""
    with tarfile.open(fileobj=io.BytesIO(result.stdout)) as archive:
        archive.extractall(tmp_path / "unpacked", filter="fully_trusted")
        assert {member.uid for member in archive} == {os.getuid()}
    whole, back = describe(tree), describe(tmp_path / "unpacked" / "tree")
    assert {path: (kind, content) for path, (kind, _, content) in back.items()} == \
        {path: (kind, content) for path, (kind, _, content) in whole.items()}
    # There, compressed or not; and through a pipe.
    for mode in ("w:", "w:gz", "w:xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode, format=tarfile.PAX_FORMAT) as archive:
            archive.add(tree, "a/b/t-ä")
            archive.add(tree / "file", "./a/second")
        target = f"{place}/{mode[2:] or 'plain'}"
        guest(session, work, 'mkdir "$1"', target)
        result = run_bytes(session, "cp", "-", f"{work}:{target}", input=packed.getvalue())
        assert result.returncode == 0 and result.stderr == b"", result
        result = run_bytes(session, "cp", f"{work}:{target}/a/b/t-ä/.", str(tmp_path / mode))
        assert result.returncode == 0, result
        assert describe(tmp_path / mode).keys() == whole.keys()
        kind, when, content = describe(tmp_path / mode)[b"file"]
        assert (kind, when // 10**6, content) == (whole[b"file"][0], whole[b"file"][1] // 10**6, b"text")


def test_holes_stay_holes(session, work, place, tmp_path):
    """There, back, and out of an archive of a sparse file."""
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)  # for which there would be no room
        file.seek(1 << 39)
        file.write(b"middle")
    ok(session.vixos("cp", str(sparse), f"{work}:{place}"))
    ok(session.vixos("cp", f"{work}:{place}/sparse", str(tmp_path / "back")))
    subprocess.run(["tar", "-cSf", str(tmp_path / "tar"), "sparse"], cwd=tmp_path, check=True)
    guest(session, work, 'rm "$1/sparse"', place)
    with (tmp_path / "tar").open("rb") as archive:
        ok(session.vixos("cp", "-", f"{work}:{place}", stdin=archive))
    script = 'test $(stat -c %b "$1/sparse") -lt 1000; stat -c %s "$1/sparse"; ' \
             'dd if="$1/sparse" bs=4096 skip=$((1 << 27)) count=1 status=none | head -c 6'
    assert guest(session, work, script, place) == "1099511627776\nmiddle"
    for name in ("sparse", "back"):
        info = (tmp_path / name).stat()
        assert info.st_size == 1 << 40 and info.st_blocks < 1000
        with (tmp_path / name).open("rb") as file:
            file.seek(1 << 39)
            assert file.read(8) == b"middle\0\0"


def test_archives_with_what_is_not_copied(session, work, place):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in (("../out", tarfile.REGTYPE), ("device", tarfile.CHRTYPE), ("good", tarfile.REGTYPE),
                           ("hard", tarfile.LNKTYPE), ("harder", tarfile.LNKTYPE), ("/absolute", tarfile.REGTYPE)):
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = {"hard": "./good", "harder": "mine"}.get(name, "")
            archive.addfile(member)
    guest(session, work, 'echo mine > "$1/mine"', place)
    result = run_bytes(session, "cp", "-", f"{work}:{place}", input=packed.getvalue())
    assert result.returncode == 1
    lines = result.stderr.decode().splitlines()
    assert [line.split("'")[1] for line in lines] == ["../out", "device", f"{place}/harder"], lines
    assert "hard link to what the archive has not brought before" in lines[2]
    assert guest(session, work, 'ls "$1"; stat -c %h "$1/hard" "$1/mine"', place) == "absolute\ngood\nhard\nmine\n2\n1\n"
    for data in (b"", b"no archive " * 100, packed.getvalue()[:700]):
        result = run_bytes(session, "cp", "-", f"{work}:{place}", input=data)
        assert result.returncode == 1 and b"is no archive that can be read: " in result.stderr, result
    result = run_bytes(session, "cp", "-", f"{work}:{place}/good", input=packed.getvalue())
    assert result.returncode == 1 and b"is no folder" in result.stderr


def test_what_is_left_out(session, work, place, tree):
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(tree):
        listener.bind("socket")
    result = session.vixos("cp", str(tree), f"{work}:{place}")
    assert result.returncode == 1
    assert sorted(result.stderr.splitlines()) == [
        f"vixos: '{tree}/{name}': is a device, pipe or socket, which isn't copied" for name in ("pipe", "socket")]
    assert guest(session, work, 'ls "$1/tree/sub"', place) == "big\nempty\nlink\n"
    result = session.vixos("cp", f"{work}:/dev/zero", str(tree))
    assert result.returncode == 1 and "/dev/zero': is a device" in result.stderr


def test_usage(session, work, tmp_path):
    for words, sentence in (
            (("a", "b"), "one of the two must be in a VM"),
            (("-", "-"), "one of the two must be in a VM"),
            (("Work:x", "y"), "'Work' can't name a VM; './Work:x' is a file here"),
            (("work:", "y"), "'work:' lacks a path"),
            (("work:x",), "needs more")):
        result = session.vixos("cp", *words, cwd=tmp_path)
        assert result.returncode == 2 and sentence in result.stderr, result
    (tmp_path / "a:b").write_text("colon")
    ok(session.vixos("cp", "./a:b", f"{work}:/tmp/colon", cwd=tmp_path))
    assert guest(session, work, "cat /tmp/colon") == "colon"


def test_an_interrupt_leaves_no_half_file(session, work, place, tmp_path):
    """Both ways; Ctrl-C comes while bytes are on their way."""
    (tmp_path / "big").write_bytes(bytes(200_000_000))
    (tmp_path / "out").mkdir()
    child = session.spawn("cp", str(tmp_path / "big"), f"{work}:{place}")
    wait_until(lambda: session.vixos("exec", work, "sh", "-c", f"ls -A {place}").stdout, "the copy has begun")
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 128 + signal.SIGINT
    assert child.stderr.read() == ""
    wait_until(lambda: session.vixos("exec", work, "sh", "-c", f"ls -A {place}").stdout == "", "nothing is left", 10)
    guest(session, work, 'head -c 200000000 /dev/zero > "$1/big"', place)
    child = session.spawn("cp", f"{work}:{place}/big", str(tmp_path / "out"))
    wait_until(lambda: list((tmp_path / "out").iterdir()), "the copy has begun")
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 128 + signal.SIGINT
    assert list((tmp_path / "out").iterdir()) == []
    guest(session, work, 'rm "$1/big"', place)


def opened(pid, path):
    with contextlib.suppress(OSError):
        return any(os.readlink(link) == str(path) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    return False


def test_progress_on_a_terminal(session, work, place, tmp_path):
    (tmp_path / "big").write_bytes(bytes(100_000_000))
    controller, terminal = pty.openpty()
    with subprocess.Popen([VIXOS, "cp", str(tmp_path / "big"), f"{work}:{place}"], env=session.environment,
                          stdin=subprocess.DEVNULL, stderr=terminal) as child:
        os.close(terminal)
        # Held up for as long as it takes until progress is worth telling, however fast the machine is.
        wait_until(lambda: opened(child.pid, tmp_path / "big"), "the copy has begun")
        os.kill(child.pid, signal.SIGSTOP)
        select.select([], [], [], 1.2)
        os.kill(child.pid, signal.SIGCONT)
        shown = b""
        while select.select([controller], [], [], 60)[0]:
            try:
                shown += os.read(controller, 4096)
            except OSError:
                break
        assert child.wait(60) == 0
    os.close(controller)
    text = shown.decode()
    assert "%  " in text and " of 95.4 MiB  " in text and "/s" in text, text
    assert text.endswith("\r\033[K")
    guest(session, work, 'rm "$1/big"', place)


# A VM that doesn't keep to the protocol


@pytest.fixture(scope="module", name="hostile")
def make_hostile():
    """A VM whose vixos-tool is a script that sends what a test has put into /tmp/stream."""
    session = Session()
    programs = session.runtime / "programs"
    programs.mkdir()
    for name in ("vixos-init", "vixos-guest"):
        shutil.copy(BUILD / "launcher/agent" / name, programs)
    (programs / "vixos-tool").write_text("#!/bin/sh\ncat /tmp/stream\n[ ! -e /tmp/hang ] || sleep 1000\n")
    session.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
    session.environment["XDG_CACHE_HOME"] = str(session.runtime / "cache")
    try:
        session.start_vm("evil")
        yield session
    finally:
        session.finish()


def frame(kind, payload=b""):
    return struct.pack("<B3xI", kind, len(payload)) + payload


def entry(kind, name, size=0, target=b"", mode=0o644):
    return frame(kind, struct.pack("<IIIIqQH", mode, 0, 0, 0, 0, size, len(name)) + name + target)


def begin(size=1000, entries=100, flags=0):
    return frame(1, struct.pack("<IQQ", flags, size, entries))


def file(name, content=b"x"):
    return entry(4, name, len(content)) + frame(5, content) + frame(6, b"\1")


FOLDER, LEAVE, LINK, PROBLEM, END = 2, 3, 7, 8, frame(9)
HOSTILE = {
    "dots": begin() + file(b"../escaped") + END,
    "absolute": begin() + file(b"/tmp/escaped") + END,
    "parent": begin() + entry(FOLDER, b"..") + file(b"escaped") + frame(LEAVE) + END,
    "through a link": begin(flags=2) + entry(LINK, b"way", target=b"..") + entry(FOLDER, b"way")
                      + file(b"escaped") + frame(LEAVE) + END,
    "through a link that is there": begin(flags=2) + entry(FOLDER, b"trap") + file(b"escaped") + frame(LEAVE) + END,
    "over a link that is there": begin() + file(b"overwrite", b"escaped") + END,
    "setuid": begin() + entry(4, b"su", 0, mode=0o4755) + frame(6, b"\1") + END,
    "more than claimed": begin(3) + entry(4, b"long", 3) + frame(5, b"12345"),
    "petabyte": begin(1 << 60) + entry(4, b"peta", 1 << 60) + frame(5, b"1"),
    "no claim": begin(2**64 - 1, 2**64 - 1) + END,
    "million folders": begin(0, 2_000_000) + b"".join(entry(FOLDER, b"d") for _ in range(200)),
    "cut off": begin() + entry(4, b"half", 100) + frame(5, b"half"),
    "garbage": bytes(range(256)) * 10,
    "problems without end": frame(PROBLEM, struct.pack("<II", 0, 2) + b"\x1b[31mred\x07\xe2\x80\xae") * 100 + b"\1",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sender(hostile, tmp_path, name):
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "victim").write_text("before")
    (target / "trap").symlink_to(tmp_path)
    (target / "overwrite").symlink_to(tmp_path / "victim")
    before = {path: path.lstat().st_mtime_ns for path in (tmp_path / "victim", pathlib.Path("/tmp"))}
    result = subprocess.run([VIXOS, "exec", "-i", "evil", "sh", "-c", "cat > /tmp/stream"], input=HOSTILE[name],
                            env=hostile.environment, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0
    before[pathlib.Path("/tmp")] = pathlib.Path("/tmp").stat().st_mtime_ns
    result = hostile.vixos("cp", "evil:/any", str(target))
    assert (result.returncode == 0) == (name == "over a link that is there"), result
    assert not any(ord(character) < 32 and character != "\n" for character in result.stderr), result
    assert "\u202e" not in result.stderr and result.stderr.count("\n") <= 22, result
    assert (tmp_path / "victim").read_text() == "before"
    assert not (tmp_path / "escaped").exists() and not pathlib.Path("/tmp/escaped").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["target", "victim"]
    left = {path.name for path in target.rglob("*")} - {"trap", "overwrite", "way", "d"}
    assert left == set(), left
    if name == "over a link that is there":
        assert (target / "overwrite").read_text() == "escaped" and not (target / "overwrite").is_symlink()


def test_a_vm_that_only_hangs_can_be_left(hostile, tmp_path):
    guest(hostile, "evil", ": > /tmp/stream; touch /tmp/hang")
    child = hostile.spawn("cp", "evil:/any", str(tmp_path / "x"))
    wait_until(lambda: "sleep" in guest(hostile, "evil", "cat /proc/[0-9]*/comm 2>/dev/null || true"), "it hangs")
    started = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 130 and time.monotonic() - started < 5
    guest(hostile, "evil", "rm /tmp/hang")


def test_a_hostile_receiver(hostile, tmp_path):
    (tmp_path / "file").write_text("text")
    for stream in (begin() + END, b"garbage!" * 100, frame(PROBLEM, struct.pack("<II", 1, 28) + b"/full")):
        subprocess.run([VIXOS, "exec", "-i", "evil", "sh", "-c", "cat > /tmp/stream"], input=stream,
                       env=hostile.environment, timeout=60, check=True)
        result = hostile.vixos("cp", str(tmp_path / "file"), "evil:/tmp/x")
        assert result.returncode == 1 and result.stderr.count("\n") == 1, result
    assert result.stderr == "vixos: evil: '/full': No space left on device\n"
