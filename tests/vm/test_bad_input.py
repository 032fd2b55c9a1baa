# SPDX-License-Identifier: MIT
"""What can go wrong at a start: one clear sentence, the right status, and nothing left behind."""

import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess

import pytest
from session import Session, can_run, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(name="fresh")
def make_fresh():
    """A session of its own, whose vixosd doesn't run yet."""
    session = Session()
    try:
        yield session
    finally:
        session.finish()


def sentence(result, status, *words):
    """The one line on standard error, progress aside."""
    lines = [line for line in result.stderr.splitlines()
             if not re.match(r"\[ *[0-9.]+ s\] ", line)]
    assert result.returncode == status, result.stderr
    assert lines and lines[0].startswith("vixos: "), result.stderr
    for word in words:
        assert word in lines[0], lines
    return lines


@pytest.mark.parametrize("words, status, said", [
    (("run", "no-such-package"), 127, "install"),
    (("run", "foot", "--executable", "no-such-program"), 127, "no-such-program"),
    (("run", "/opt/x"), 127, "no '/opt/x'"),
    (("run", "/usr/share/dpkg/cputable"), 126, "executable"),
    (("run", "--name", "Work", "foot"), 2, "can't name a VM"),
    (("run", "--name", "../x", "foot"), 2, "can't name a VM"),
    (("run", "--name", "a\nb", "foot"), 2, "can't name a VM"),
    (("run", "--name", "x" * 32, "foot"), 2, "can't name a VM"),
    (("run", "--env", "novalue", "foot"), 2, "NAME=VALUE"),
    (("run", "--gui", "foot"), 125, "no Wayland display"),
    (("run", "a\nb"), 127, "can't be the name"),
    (("run", "/usr/bin/\x1b[31m"), 127, "can't be the name"),
    (("run",), 2, "needs more"),
    (("run", "--nonsense", "foot"), 2, "no option"),
    (("exec", "nobody", "true"), 125, "no VM 'nobody'"),
    (("shell", "nobody"), 125, "no VM 'nobody'"),
    (("shell", "No Body"), 2, "can't name a VM"),
    (("stop", "nobody"), 1, "no VM 'nobody'"),
    (("stop",), 2, "--all"),
    (("logs", "nobody"), 1, "no VM 'nobody'"),
    (("inspect", "nobody"), 1, "no VM 'nobody'"),
    (("frobnicate",), 2, "no command"),
    (("list", "extra"), 2, "fewer"),
    (("attach",), 1, "WAYLAND_DISPLAY"),
    (("attach", "/nonexistent"), 1, "no Wayland compositor"),
])
def test_usage(session, words, status, said):
    environment = {"WAYLAND_DISPLAY": ""}
    result = session.vixos(*words, environment=environment)
    assert len(sentence(result, status, said)) == 1
    assert session.leftovers() == []


def test_no_compositor(session):
    result = session.vixos("run", "--gui", "foot", environment={"WAYLAND_DISPLAY": "wayland-99"})
    sentence(result, 125, "no Wayland compositor answers", "wayland-99")
    assert session.leftovers() == []


def test_broken_configuration(fresh):
    fresh.config.write_text("accel tcg\nvm work {\n\tmemory lots\n}\n")
    sentence(fresh.vixos("run", "foot"), 2, f"{fresh.config}:3", "lots")
    sentence(fresh.vixos("list"), 2, f"{fresh.config}:3")
    # A vixosd that runs already says the same, and goes on.
    fresh.config.write_text("accel tcg\n")
    assert fresh.vixos("list").returncode == 0
    fresh.config.write_text("accel tcg\nnonsense\n")
    sentence(fresh.vixos("run", "foot"), 2, f"{fresh.config}:2", "nonsense")
    fresh.config.write_text("accel tcg\nvm work {\n}\n")
    assert list(fresh.list()) == ["work"]


def test_duplicate_definition(fresh):
    fresh.config.write_text("vm work {\n}\nvm work {\n}\n")
    sentence(fresh.vixos("run", "--name", "work", "true"), 2, f"{fresh.config}:3", "work")


def test_no_kernel(fresh):
    fresh.config.write_text("accel tcg\nvm work {\n\tkernel /nonexistent/vmlinuz\n}\n")
    sentence(fresh.vixos("run", "--name", "work", "true"), 125, "/nonexistent/vmlinuz")
    fresh.assert_nothing_left()


def test_a_kernel_that_is_none(fresh):
    path = fresh.runtime / "vmlinuz"
    path.write_text("not a kernel")
    fresh.config.write_text(f"accel tcg\nvm work {{\n\tkernel {path}\n}}\n")
    result = fresh.vixos("run", "--name", "work", "true")
    sentence(result, 125, "work")
    fresh.assert_nothing_left()


def a_kernel(folder):
    """A copy of the host's kernel, with the index of its modules beside it."""
    folder.mkdir()
    image = folder / "vmlinuz"
    shutil.copy(sorted(pathlib.Path("/boot").glob("vmlinuz-*"))[-1], image)
    for name in ("modules.dep", "modules.dep.bin"):
        (folder / name).touch()
    return image


@pytest.mark.parametrize("secret, said", [
    ("vmlinuz", "can be read by root only"),
    ("modules.dep.bin", "the modules in"),
])
def test_a_kernel_that_may_not_be_read(fresh, secret, said):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    image = a_kernel(fresh.runtime / "kernel")
    (image.parent / secret).chmod(0)
    fresh.config.write_text(f"accel tcg\nvm work {{\n\tkernel {image}\n}}\n")
    lines = sentence(fresh.vixos("run", "--name", "work", "true"), 125, "work", said, "chmod")
    assert len(lines) == 1
    fresh.assert_nothing_left()


@pytest.mark.parametrize("uri", [
    "qemu+unix:///session?socket=/nonexistent",
    "nonsense:///x",
    "qemu+tcp://127.0.0.1:1/session",
])
def test_a_libvirt_that_cannot_be_reached(fresh, uri):
    fresh.config.write_text(f"accel tcg\nuri {uri}\n")
    for words, status in ((("run", "--name", "work", "true"), 125), (("list",), 1)):
        assert len(sentence(fresh.vixos(*words), status, "libvirt", uri)) == 1
    fresh.assert_nothing_left()
    # It has nothing to stop, and no libvirt to ask.
    pid = fresh.vixosd_pid()
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: pid not in processes("vixosd"), "vixosd has ended")


def programs_without(folder, *missing):
    """A PATH of all that is installed but a few."""
    folder.mkdir()
    for program in pathlib.Path("/usr/bin").iterdir():
        if program.name not in missing:
            (folder / program.name).symlink_to(program)
    return str(folder)


def test_no_passt(fresh):
    fresh.environment["PATH"] = programs_without(fresh.runtime / "bin", "passt")
    fresh.config.write_text("accel tcg\nvm work {\n\tnetwork nat\n}\n")
    result = fresh.vixos("run", "--name", "work", "true")
    assert len(sentence(result, 125, "work", "passt is not installed")) == 1
    fresh.assert_nothing_left()


def test_no_virtiofsd(fresh):
    """libvirt finds it by descriptions, which an empty one of the user's hides."""
    folder = fresh.runtime / "settings/qemu/vhost-user"
    folder.mkdir(parents=True)
    for description in pathlib.Path("/usr/share/qemu/vhost-user").glob("*virtiofsd*"):
        (folder / description.name).touch()
    fresh.environment["XDG_CONFIG_HOME"] = str(fresh.runtime / "settings")
    result = fresh.vixos("run", "--name", "work", "true")
    assert len(sentence(result, 125, "work", "virtiofsd")) == 1
    fresh.assert_nothing_left()


def test_no_runtime_folder(session):
    result = session.vixos("list", environment={"XDG_RUNTIME_DIR": ""})
    sentence(result, 1, "XDG_RUNTIME_DIR")


def test_no_room_in_shm(fresh):
    largest_region = 4096 << 20
    if os.statvfs("/dev/shm").f_bavail * os.statvfs("/dev/shm").f_frsize > largest_region:
        pytest.skip("/dev/shm has room for the largest region that a VM may have")
    fresh.config.write_text("accel tcg\nvm work {\n\tregion 4096\n}\n")
    result = fresh.vixos("run", "--name", "work", "true")
    sentence(result, 125, "/dev/shm")
    fresh.assert_nothing_left()


def test_a_guest_that_never_answers(fresh):
    """The time-out shows the console's last lines."""
    fresh.environment["VIXOS_BOOT_TIMEOUT"] = "1"
    result = fresh.vixos("run", "--name", "slow", "true")
    lines = sentence(result, 125, "did not answer within 1 s")
    assert "console" in lines[0]
    fresh.assert_nothing_left()


def test_a_guest_that_dies_at_boot(fresh):
    programs = fresh.runtime / "programs"
    programs.mkdir()
    for name in ("vixos-init", "vixos-guest", "vixos-tool"):
        (programs / name).write_text("#!/nonexistent\n")
        (programs / name).chmod(stat.S_IRWXU)
    fresh.environment["VIXOS_GUEST_PROGRAMS"] = str(programs)
    result = fresh.vixos("run", "--name", "dead", "true")
    lines = sentence(result, 125, "dead", "console")
    assert any("panic" in line.lower() for line in lines), lines
    fresh.assert_nothing_left()


def test_untagged(fresh):
    """A compositor without security contexts is refused, unless --untagged says otherwise."""
    environment = {**fresh.environment, "XDG_RUNTIME_DIR": str(fresh.runtime)}
    if shutil.which("weston") is None:
        pytest.skip("weston is not installed")
    with (fresh.runtime / "weston.log").open("wb") as log:
        weston = subprocess.Popen(["weston", "--backend=headless", "--socket=wayland-7", "--no-config"],
                                  env=environment, stdout=log, stderr=log)
    try:
        wait_until((fresh.runtime / "wayland-7").exists, "weston's socket")
        fresh.environment["WAYLAND_DISPLAY"] = "wayland-7"
        sentence(fresh.vixos("run", "--name", "tag", "true"), 3, "--untagged")
        assert fresh.leftovers() == []
        result = fresh.vixos("run", "--untagged", "--name", "tag", "true")
        assert result.returncode == 0, result.stderr
        fresh.assert_nothing_left()
    finally:
        weston.terminate()
        weston.wait()
