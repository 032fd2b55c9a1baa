# SPDX-License-Identifier: MIT
"""What `meson install` puts where, and that it works from there."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest
import session as session_module
from session import BUILD, Session, can_run, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

PROGRAMS = ("bin/vixos", "bin/vixos-compositor", "libexec/vixos/vixosd", "libexec/vixos/vixos-proxy",
            "libexec/vixos/vixos-init", "libexec/vixos/vixos-guest", "libexec/vixos/vixos-tool")
UNITS = ("lib/systemd/user/vixosd.service", "lib/systemd/user/vixosd.socket")


@pytest.fixture(scope="module", name="prefix")
def make_prefix(tmp_path_factory):
    """Where things were installed: the prefix below a staging folder."""
    staging = tmp_path_factory.mktemp("staging")
    result = subprocess.run(["meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir", str(staging)],
                            capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    [prefix] = [path.parent.parent for path in staging.rglob("bin/vixos")]
    return prefix


def test_everything_is_there(prefix):
    for name in PROGRAMS:
        if name == "bin/vixos-compositor" and not (BUILD / "compositor/vixos-compositor").exists():
            continue
        assert os.access(prefix / name, os.X_OK), name
    for name in UNITS:
        assert (prefix / name).stat().st_mode & 0o777 == 0o644, name
    if shutil.which("scdoc"):
        for page in ("man1/vixos.1", "man5/vixos.5"):
            assert list(prefix.rglob(page + "*")), page
    # Nothing that only tests need.
    assert not list(prefix.rglob("*test*")) and not list(prefix.rglob("*driver*"))


def test_units(prefix):
    service = (prefix / UNITS[0]).read_text()
    assert "@" not in service
    program = next(line for line in service.splitlines() if line.startswith("ExecStart=")).split("=", 1)[1].split()[0]
    assert program.endswith("/libexec/vixos/vixosd")
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    # As where it is installed for good: its program must exist for systemd.
    folder = prefix / "checked"
    folder.mkdir()
    for name in UNITS:
        text = (prefix / name).read_text().replace(program, str(prefix / "libexec/vixos/vixosd"))
        (folder / pathlib.Path(name).name).write_text(text)
    result = subprocess.run(["systemd-analyze", "verify", "--user", "--man=no", *map(str, folder.iterdir())],
                            capture_output=True, text=True, check=False, timeout=60,
                            env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
    assert result.returncode == 0 and "vixosd" not in result.stderr, result.stderr


def test_a_vm_runs_from_there(prefix, monkeypatch):
    """The installed programs suffice, without the build's folders."""
    monkeypatch.setattr(session_module, "VIXOS", prefix / "bin/vixos")
    session = Session()
    for name in ("VIXOS_LIBEXEC", "VIXOS_GUEST_PROGRAMS"):
        session.environment.pop(name, None)
    try:
        result = session.vixos("run", "--name", "installed", "echo", "hello")
        assert (result.returncode, result.stdout) == (0, "hello\n"), result.stderr + session.log()
        program = pathlib.Path(f"/proc/{session.vixosd_pid()}/exe").resolve()
        assert program == (prefix / "libexec/vixos/vixosd").resolve()
        session.assert_nothing_left()
        pid = session.vixosd_pid()
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: pid not in processes("vixosd"), "vixosd has ended")
    finally:
        session.finish()
