# SPDX-License-Identifier: MIT
"""Folders of the host in a VM that runs, and what the VM can't reach through them. Everything else in it is gone with it."""

import json
import os
import pathlib
import stat
import subprocess

import pytest
from session import Session, can_run, kill_all, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(name="shared")
def make_shared(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "file").write_text("from the host")
    return folder


def guest(session, vm, script, *words):
    """Output of a shell script in the VM, which must succeed."""
    result = session.vixos("exec", vm, "sh", "-ec", script, "sh", *map(str, words))
    assert result.returncode == 0, result.stderr
    return result.stdout


def listed(session, vm):
    result = session.vixos("mount", "--json", vm)
    assert result.returncode == 0, result.stderr
    return [(entry["target"], entry["source"], entry["writable"], entry["live"])
            for entry in json.loads(result.stdout)]


def ok(result):
    assert result.returncode == 0, result.stderr
    # Where the machine is busy it may take longer than a second, and then says so.
    assert all(line.startswith("[") for line in result.stderr.splitlines()), result.stderr


def sentence_of(result):
    """The error, without what was told of the progress."""
    return "".join(line for line in result.stderr.splitlines(True) if not line.startswith("["))


def test_same_path_read_only_and_gone_again(session, work, shared):
    ok(session.vixos("mount", work, str(shared)))
    assert guest(session, work, 'cat "$1/file"', shared) == "from the host"
    assert listed(session, work) == [(str(shared), str(shared), False, True)]
    assert f"ro    yes   {shared}" in session.vixos("mount", work).stdout
    for script in ('touch "$1/new"', 'rm "$1/file"', 'echo x > "$1/file"', 'chmod 777 "$1"'):
        result = session.vixos("exec", work, "sh", "-c", script, "sh", str(shared))
        assert "Read-only file system" in result.stderr, (script, result)
    ok(session.vixos("umount", work, str(shared)))
    assert listed(session, work) == []
    assert session.vixos("exec", work, "ls", str(shared)).returncode == 2
    assert (shared / "file").read_text() == "from the host"


def test_writable_elsewhere_and_owned_by_the_user(session, work, shared):
    ok(session.vixos("mount", "--rw", work, str(shared), "/home/user/My Ordner ä"))
    guest(session, work, 'echo hello > "$1/new"; mkdir "$1/dir"; rm "$1/file"', "/home/user/My Ordner ä")
    assert (shared / "new").read_text() == "hello\n"
    assert {entry.stat().st_uid for entry in shared.iterdir()} == {os.getuid()}
    assert guest(session, work, 'stat -c %u "$1/new"', "/home/user/My Ordner ä") == "1000\n"
    # What is in a folder that a VM may write to isn't what it seems.
    (shared / "inner").mkdir()
    result = session.vixos("mount", work, str(shared / "inner"))
    assert result.returncode == 3 and "may put a link in its place" in result.stderr
    # A folder that was there stays there, one that was made for the mount goes with it.
    guest(session, work, "mkdir -p /home/user/kept")
    ok(session.vixos("mount", work, str(shared), "/home/user/kept"))
    ok(session.vixos("umount", work, "/home/user/kept"))
    guest(session, work, "test -d /home/user/kept")
    # By the host's path, and relative to where one is.
    ok(session.vixos("umount", work, "shared", cwd=shared.parent))
    assert listed(session, work) == []
    guest(session, work, 'test ! -e "/home/user/My Ordner ä"')


def test_busy_until_forced(session, work, shared):
    ok(session.vixos("mount", work, str(shared)))
    holder = session.spawn("exec", "-i", work, "sh", "-c", 'cd "$1"; echo in; read line; cat file', "sh",
                           str(shared), stdin=subprocess.PIPE)
    assert holder.stdout.readline() == "in\n"
    result = session.vixos("umount", work, str(shared))
    assert result.returncode == 1
    assert sentence_of(result) == (f"vixos: programs in VM 'work' use '{shared}': end them, or take it away from them "
                             "with --force\n")
    assert len(listed(session, work)) == 1
    ok(session.vixos("umount", "--force", work, str(shared)))
    assert listed(session, work) == []
    output, errors = holder.communicate("go\n", timeout=60)
    assert output == "" and "file" in errors and holder.returncode != 0


def test_vixosd_killed_knows_them(session, work, shared):
    ok(session.vixos("mount", work, str(shared)))
    kill_all("vixosd")
    assert listed(session, work) == [(str(shared), str(shared), False, True)]
    ok(session.vixos("mount", work, str(shared)))  # the same again is no error
    assert guest(session, work, 'cat "$1/file"', shared) == "from the host"
    ok(session.vixos("umount", work, str(shared)))
    assert listed(session, work) == []


def test_those_of_the_definition(session, tmp_path):
    """They go as others do, and are there again with the next start."""
    folders = [tmp_path / f"folder{number}" for number in range(3)]
    for folder in folders:
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    before = session.config.read_text()
    lines = "".join(f"\tmount {folder} /mnt/{folder.name}\n" for folder in folders)
    session.config.write_text(f"{before}\nvm defined {{\n{lines}}}\n")
    try:
        session.start_vm("defined")
        holder = session.spawn("exec", "-i", "defined", "sh", "-c", "cd /mnt/folder1; echo in; read line",
                               stdin=subprocess.PIPE)
        assert holder.stdout.readline() == "in\n"
        result = session.vixos("umount", "defined", "/mnt/folder1")
        assert result.returncode == 1 and "programs in VM 'defined' use" in result.stderr
        holder.communicate("go\n", timeout=60)
        ok(session.vixos("umount", "defined", "/mnt/folder1"))
        result = session.vixos("exec", "defined", "cat", "/mnt/folder1/name")
        assert result.returncode == 1 and "No such file" in result.stderr
        # A new vixosd knows which are left, and takes the right one.
        kill_all("vixosd")
        assert [target for target, *_ in listed(session, "defined")] == ["/mnt/folder0", "/mnt/folder2"]
        ok(session.vixos("umount", "defined", str(folders[2])))
        assert guest(session, "defined", "cat /mnt/folder0/name") == "folder0"
        assert [target for target, *_ in listed(session, "defined")] == ["/mnt/folder0"]
        ok(session.vixos("mount", "defined", str(folders[1]), "/mnt/folder1"))
        assert guest(session, "defined", "cat /mnt/folder1/name") == "folder1"
        assert session.vixos("restart", "--kill", "defined").returncode == 0
        assert guest(session, "defined", "cat /mnt/folder*/name") == "folder0folder1folder2"
    finally:
        session.vixos("stop", "--kill", "defined")
        session.config.write_text(before)


def test_eight_at_once_and_no_more(session, work, tmp_path):
    folders = [tmp_path / f"folder{number}" for number in range(9)]
    for folder in folders:
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    for folder in folders[:8]:
        ok(session.vixos("mount", work, str(folder)))
    result = session.vixos("mount", work, str(folders[8]))
    assert result.returncode == 1 and "room for no more; 'vixos umount' one" in result.stderr
    # A place that is free again is used again.
    ok(session.vixos("umount", work, str(folders[3])))
    ok(session.vixos("mount", work, str(folders[8])))
    script = 'for folder; do cat "$folder/name"; done'
    rest = folders[:3] + folders[4:]
    assert guest(session, work, script, *rest) == "".join(folder.name for folder in rest)
    for folder in rest:
        ok(session.vixos("umount", work, str(folder)))


def test_what_is_refused(session, work, shared, tmp_path):
    home = pathlib.Path.home()
    link = tmp_path / "link"
    link.symlink_to(home)
    (home / ".ssh").mkdir(exist_ok=True)
    for source in ("/", home, home / ".ssh", session.runtime, "/etc", "/run", link):
        result = session.vixos("mount", work, str(source), "/mnt/x")
        assert result.returncode == 3 and "--force mounts it all the same" in result.stderr, (source, result)
    ok(session.vixos("mount", "--force", work, str(home / ".ssh"), "/mnt/keys"))
    ok(session.vixos("umount", work, "/mnt/keys"))
    for words, status, sentence in (
            ((work, str(tmp_path / "none")), 1, "No such file or directory"),
            ((work, str(shared / "file")), 1, "it is no folder"),
            ((work, str(shared), "relative"), 2, "absolute"),
            ((work, str(shared), "/usr/share/x"), 2, "a folder of the VM's system"),
            ((work, str(shared), "/mnt/../etc"), 2, ".."),
            (("nobody", str(shared)), 1, "there is no VM 'nobody'")):
        result = session.vixos("mount", *words)
        assert result.returncode == status and sentence in result.stderr, (words, result)
        assert sentence_of(result).count("\n") == 1
    result = session.vixos("umount", work, str(shared))
    assert result.returncode == 1 and "'vixos mount work' lists those that it has" in result.stderr
    ok(session.vixos("mount", work, str(shared), "/mnt/a"))
    result = session.vixos("mount", work, str(tmp_path), "/mnt/a")
    assert result.returncode == 1 and "unmount it first" in result.stderr
    # What can't be mounted in the guest leaves nothing behind.
    guest(session, work, "touch /home/user/plain")
    result = session.vixos("mount", work, str(tmp_path), "/home/user/plain")
    assert result.returncode == 1 and "can't mount '/home/user/plain': Not a directory" in result.stderr
    ok(session.vixos("umount", work, "/mnt/a"))
    assert listed(session, work) == []


def test_volumes_of_run(session, shared):
    result = session.vixos("run", "--name", "volumes", "-v", f"{shared}:/mnt/in", "--volume", f"{shared}:/mnt/out:rw",
                           "sh", "-c", "cat /mnt/in/file; echo y > /mnt/out/written; touch /mnt/in/x")
    assert result.stdout == "from the host" and "Read-only" in result.stderr
    assert (shared / "written").read_text() == "y\n"
    result = session.vixos("run", "--name", "volumes", "-v", "/nonexistent", "true")
    assert result.returncode == 125 and "can't mount '/nonexistent'" in result.stderr
    assert session.vixos("run", "-v", "a:b:c", "true").returncode == 2
    assert "volumes" not in session.list()


# What a guest can try


@pytest.fixture(scope="module", name="rootful")
def make_rootful():
    """A VM whose user is root: everything that a guest with a broken kernel could do."""
    session = Session()
    session.make_users_root()
    try:
        session.start_vm("evil")
        assert guest(session, "evil", "id -u") == "0\n"
        yield session
    finally:
        session.finish()


@pytest.fixture(name="trap")
def make_trap(rootful, shared):
    """A folder mounted for writing, with a secret beside it and ways to it inside."""
    (shared.parent / "secret").write_text("secret")
    (shared / "link").symlink_to(shared.parent / "secret")
    (shared / "up").symlink_to("../secret")
    ok(rootful.vixos("mount", "--rw", "evil", str(shared), "/mnt/trap"))
    yield shared
    ok(rootful.vixos("umount", "--force", "evil", "/mnt/trap"))


def evil(session, code, *words):
    """Runs Python as root in the guest and gives what it prints."""
    result = session.vixos("exec", "evil", "python3", "-c", code, *map(str, words))
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_links_and_dots_stay_in_the_guest(rootful, trap):
    for name in ("link", "up", "../secret", "../../secret", "./.././secret"):
        result = rootful.vixos("exec", "evil", "cat", f"/mnt/trap/{name}")
        assert result.returncode != 0 and "secret" not in result.stdout, name
    # Links that the guest makes are only followed by who follows them: nothing of the host's does.
    guest(rootful, "evil", f"ln -s {trap.parent}/secret /mnt/trap/mine; ln -s / /mnt/trap/root")
    assert {"mount.sock", "vixos-tool"} <= set(guest(rootful, "evil", "ls /mnt/trap/root/run/vixos").split())
    result = rootful.vixos("exec", "evil", "ln", f"{trap.parent}/secret", "/mnt/trap/hard")
    assert result.returncode != 0
    result = rootful.vixos("exec", "evil", "mv", "/mnt/trap/file", "/mnt/trap/../../moved")
    assert result.returncode == 0 and not (trap.parent / "moved").exists()


def test_file_handles_lead_nowhere(rootful, trap):
    inode = (trap.parent / "secret").stat().st_ino
    code = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
folder = os.open('/mnt/trap', os.O_RDONLY)
handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0) + bytes(128))
mount = ctypes.c_int()
libc.name_to_handle_at(folder, b'file', handle, ctypes.byref(mount), 0)
size, kind = struct.unpack_from('Ii', handle.raw)
found = []
for number in [int(sys.argv[1])] + list(range(1, 64)):
    for guess in (struct.pack('<QI', number, 0), struct.pack('<QI', number, 1)):
        data = guess.ljust(size, b'\\0')[:size]
        fd = libc.open_by_handle_at(folder, struct.pack('Ii', size, kind) + data, os.O_RDONLY)
        if fd >= 0:
            path = os.readlink(f'/proc/self/fd/{fd}')
            try: found.append((path, os.read(fd, 6)))
            except OSError: found.append((path, b''))
print(found)
"""
    assert "secret" not in evil(rootful, code, inode)


def test_nothing_of_root_gets_out(rootful, trap):
    code = """
import os
def attempt(change):
    try:
        change()
    except OSError as error:
        return error.errno
    return 0
print([attempt(lambda: open('/mnt/trap/setuid', 'w').close()),
       attempt(lambda: os.chown('/mnt/trap/file', 0, 0)),
       attempt(lambda: os.chown('/mnt/trap/file', 4242, 4242)),
       attempt(lambda: os.setxattr('/mnt/trap/file', 'security.capability', bytes.fromhex('0000000200000020' + '00' * 12))),
       attempt(lambda: os.setxattr('/mnt/trap/file', 'trusted.x', b'y')),
       attempt(lambda: os.mknod('/mnt/trap/disk', 0o60666, os.makedev(8, 0))),
       attempt(lambda: os.mknod('/mnt/trap/mem', 0o20666, os.makedev(1, 1)))])
os.chmod('/mnt/trap/file', 0o6755)
"""
    results = json.loads(evil(rootful, code))
    assert all(results[1:]), results  # a file that it makes is the user's
    for entry in trap.iterdir():
        info = entry.lstat()
        assert info.st_uid == os.getuid() and info.st_gid == os.getgid(), entry
        assert not stat.S_ISBLK(info.st_mode) and not stat.S_ISCHR(info.st_mode), entry
        with_attributes = [] if entry.is_symlink() else os.listxattr(entry)
        assert not [name for name in with_attributes if not name.startswith("user.")], entry
    # A setuid program of the share is none in the guest, whose users are one anyway.
    mounts = guest(rootful, "evil", "grep /mnt/trap /proc/mounts")
    assert "nosuid" in mounts and "nodev" in mounts


def test_read_only_is_no_matter_of_the_guest(rootful, shared):
    ok(rootful.vixos("mount", "evil", str(shared), "/mnt/ro"))
    code = """
import os, subprocess
subprocess.run(['mount', '-o', 'remount,rw', '/mnt/ro'], check=True)
subprocess.run(['mount', '-o', 'remount,rw', '/usr'], check=True)
for path in ('/mnt/ro/new', '/mnt/ro/file', '/usr/bin/new', '/usr/bin/env'):
    try:
        open(path, 'a').write('x')
        print('written', path)
    except OSError as error:
        print(error.errno)
os.makedirs('/tmp/second', exist_ok=True)
tag = [line.split()[0] for line in open('/proc/mounts') if ' /mnt/ro ' in line][0]
subprocess.run(['mount', '-t', 'virtiofs', '-o', 'rw', tag, '/tmp/second'])
try:
    os.unlink('/tmp/second/file')
    print('deleted')
except OSError as error:
    print(error.errno)
"""
    answer = evil(rootful, code)
    assert "written" not in answer and "deleted" not in answer and answer.count("30\n") >= 4, answer
    assert [entry.name for entry in shared.iterdir()] == ["file"]
    ok(rootful.vixos("umount", "--force", "evil", "/mnt/ro"))


def test_a_guest_that_will_not_let_go(rootful, shared):
    """It can't keep the list of folders from being right: what it still has stays listed."""
    ok(rootful.vixos("mount", "evil", str(shared), "/mnt/kept"))
    guest(rootful, "evil", "mount --bind /bin/true /run/vixos/vixos-tool")
    result = rootful.vixos("umount", "evil", "/mnt/kept")
    # Its tool claims success; the device goes all the same.
    assert result.returncode == 0, result.stderr
    assert listed(rootful, "evil") == []
    assert rootful.vixos("exec", "evil", "cat", "/mnt/kept/file").returncode != 0
    guest(rootful, "evil", "mount --bind /bin/false /run/vixos/vixos-tool")
    result = rootful.vixos("mount", "evil", str(shared), "/mnt/other")
    assert result.returncode == 1 and "VM 'evil' can't mount '/mnt/other'" in result.stderr
    assert listed(rootful, "evil") == []
    guest(rootful, "evil", "umount /run/vixos/vixos-tool; umount /run/vixos/vixos-tool")


def test_what_is_written_is_gone_with_the_vm(rootful):
    """Also what its root has written, wherever it could."""
    before = {path: path.stat().st_mtime_ns for path in map(pathlib.Path, ("/usr", "/usr/bin", "/etc", "/var"))}
    guest(rootful, "evil", "for f in / /etc /home/user /root /var /opt /srv /mnt /run; do echo x > $f/left; done")
    rootful.vixos("stop", "--kill", "evil")
    rootful.start_vm("evil")
    script = "for f in / /etc /home/user /root /var /opt /srv /mnt /run; do test ! -e $f/left; done; echo gone"
    assert guest(rootful, "evil", script) == "gone\n"
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert not list(pathlib.Path("/").glob("*/left"))
    wait_until(lambda: "evil" in rootful.list(), "the VM is listed")
