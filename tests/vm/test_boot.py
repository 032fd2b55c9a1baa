# SPDX-License-Identifier: MIT
"""The boot image, vixos-init and the agent in a real guest."""

import re

import pytest
from boot_fixture import Guest, can_run, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(scope="module", name="guest")
def make_guest(tmp_path_factory):
    directory = tmp_path_factory.mktemp("boot")
    shared = directory / "shared folder"
    shared.mkdir()
    (shared / "from-host").write_text("hello")
    guest = Guest(directory / "vm",
                  "vixos.name=work vixos.mount=mount0:rw:/home/user/My%20Files vixos.mount=mount1:ro:/mnt/b",
                  {"usr": "/usr", "mount0": str(shared), "mount1": str(shared)})
    guest.shared = shared
    yield guest
    guest.stop()


def test_a_program_runs(guest, record_property):
    result = guest.run("/usr/bin/id")
    assert result.returncode == 0
    assert result.stdout == "uid=1000(user) gid=1000(user) groups=1000(user)\n"
    phases = dict((name, float(seconds)) for seconds, name in
                  re.findall(r"vixos: \[(\S+)\] (init|root ready|guest started)", guest.text()))
    assert list(phases) == ["init", "root ready", "guest started"]
    record_property("phases", phases)


def test_exit_statuses(guest):
    assert guest.run("sh", "-c", "exit 7").returncode == 7
    assert guest.run("sh", "-c", "kill -9 $$").returncode == 137
    assert guest.run("no-such-program").returncode == 127
    assert guest.run("/etc/passwd").returncode == 126


def test_terminal(guest):
    result = guest.run("sh", "-c", "stty size; tty", mode="terminal")
    assert result.stdout.startswith("24 80\r\n/dev/pts/")


def test_identity(guest):
    assert guest.shell("hostname; cat /etc/hostname") == "work\nwork\n"
    assert re.fullmatch(r"[0-9a-f]{32}\n", guest.shell("cat /etc/machine-id"))
    assert "127.0.0.1 localhost work" in guest.shell("cat /etc/hosts")


def test_mounts(guest):
    lines = guest.shell("cat /proc/mounts").splitlines()
    mounts = {line.split()[1]: line.split()[3].split(",") for line in lines}
    assert {"ro", "nosuid", "nodev"} <= set(mounts["/usr"])
    assert {"rw", "nosuid", "nodev"} <= set(mounts["/home/user/My\\040Files"])
    assert {"ro", "nosuid", "nodev"} <= set(mounts["/mnt/b"])
    assert {"nosuid", "nodev"} <= set(mounts["/"])
    assert len([line for line in lines if line.split()[1] == "/"]) <= 2
    assert guest.shell("cat '/home/user/My Files/from-host' /mnt/b/from-host") == "hellohello"
    assert guest.run("touch", "/mnt/b/new").returncode != 0
    assert guest.run("touch", "/usr/new").returncode != 0


def test_user_has_no_way_up(guest):
    status = guest.shell("cat /proc/self/status")
    for line in ("NoNewPrivs:\t1", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "Groups:\t "):
        assert line in status
    for path in ("/dev/mem", "/dev/vcs", "/dev/console", "/root", "/proc/1/environ"):
        assert guest.run("head", "-c1", path).returncode != 0
    assert guest.run("ls", "/init", "/modules").returncode != 0


def test_nothing_of_the_host_but_what_is_shared(guest):
    assert guest.shell("ls /home /srv /mnt /opt") == "/home:\nuser\n\n/mnt:\nb\n\n/opt:\n\n/srv:\n"
    for name in ("shadow", "sudoers", "ssh", "NetworkManager", "apt"):
        assert guest.run("test", "-e", f"/etc/{name}").returncode == 1
    assert guest.shell("cut -d: -f1 /etc/passwd") == "root\nuser\nnobody\n"


def test_devices_of_vixos_guest(guest):
    assert guest.shell("stat -Lc '%U %a' /dev/virtio-ports/org.vixos.link") == "user 600\n"
    owners = guest.shell("stat -c %U /sys/bus/pci/devices/*/resource2_wc; true")
    assert "user" in owners.splitlines()


def test_what_programs_need(guest):
    assert guest.shell("test -w /tmp -a -w /dev/shm -a -w $XDG_RUNTIME_DIR -a -w $HOME && echo ok") == "ok\n"
    assert guest.shell("test -S $WAYLAND_DISPLAY || test -S $XDG_RUNTIME_DIR/$WAYLAND_DISPLAY; echo $?") == "0\n"
    assert guest.shell("python3 -c 'import ssl, multiprocessing; print(multiprocessing.Lock() is not None)'") == "True\n"
    assert guest.shell("fc-match sans | grep -c .") == "1\n"
    assert guest.shell("ldconfig -p 2>/dev/null | head -1; readlink -f /bin/sh") != ""


def test_sandboxes_work(guest):
    """Browsers and image loaders put themselves into namespaces; that needs a root that can be pivoted."""
    result = guest.run("bwrap", "--ro-bind", "/", "/", "--unshare-all", "--dev", "/dev", "echo", "inside")
    assert (result.returncode, result.stdout) == (0, "inside\n"), result.stderr


def test_orphans_are_reaped(guest):
    guest.shell("for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 0.6")
    assert "Z" not in guest.shell("cut -d' ' -f3 /proc/[0-9]*/stat")


def test_detached_output_goes_to_the_console(guest):
    result = guest.run("sh", "-c", "echo said by a program", mode="detached")
    assert result.returncode == 0 and result.stdout == ""
    wait_until(lambda: "sh: said by a program" in guest.text(), 10)


def test_power_button_ends_it(guest):
    guest.run("sh", "-c", "(trap '' TERM HUP; exec sleep 1000) >/dev/null 2>&1 &")
    guest.shell("echo kept > '/home/user/My Files/from-guest'")
    guest.press_power()
    assert guest.wait() == 0
    assert "power button: ending" in guest.text()
    assert (guest.shared / "from-guest").read_text() == "kept\n"


@pytest.mark.parametrize("cmdline, shares, words", [
    ("", {}, "can't mount the host's folder 'usr' at '/usr'"),
    ("vixos.mount=x", {}, "can't use 'vixos.mount=x' on the kernel's command line"),
    ("vixos.name=../x", {}, "can't use 'vixos.name=../x'"),
])
def test_a_guest_that_cannot_start_says_why_and_ends(tmp_path, cmdline, shares, words):
    guest = Guest(tmp_path / "vm", cmdline, shares)
    try:
        assert guest.wait() == 0
        assert f"] can't start: {words}" in guest.text()
    finally:
        guest.stop()


def test_end_of_vixos_guest_ends_the_vm(tmp_path):
    guest = Guest(tmp_path / "vm")
    try:
        assert guest.run("true").returncode == 0
        guest.run("sh", "-c", "kill -9 $PPID")
        assert guest.wait() == 0
        assert "vixos-guest was killed by signal 9" in guest.text()
    finally:
        guest.stop()
