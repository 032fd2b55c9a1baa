# SPDX-License-Identifier: MIT
"""Two VMs on our desktop, and one is hostile to its last byte: its user is root. What can it learn, reach, break?"""

import json
import os
import pathlib
import socket
import subprocess
import sys

import pytest
from session import BUILD, VIXOS, VIXOS_COMPOSITOR, Session, can_run, wait_until

sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration"))
from compositor import Pointer, Program  # noqa: E402

pytestmark = pytest.mark.skipif(
    can_run() != "" or not VIXOS_COMPOSITOR.exists(),
    reason=can_run() or "vixos-compositor was not built")


@pytest.fixture(scope="module", name="session")
def make_session():
    session = Session()
    session.make_users_root()
    session.programs = []
    try:
        session.start_compositor(str(VIXOS_COMPOSITOR))
        for vm in ("work", "evil"):
            session.start_vm(vm)
            result = session.vixos("cp", str(BUILD / "tests/integration/drag-client"), f"{vm}:/tmp/drag-client")
            assert result.returncode == 0, result.stderr
        yield session
    finally:
        for program in session.programs:
            program.stop()
        session.finish()


def run_in(session, vm, code, *words):
    """Runs Python as root in the guest and gives what it prints, read as JSON."""
    result = session.vixos("exec", vm, "python3", "-c", code, *map(str, words))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


# Drag and drop, with everything that is between two programs in a real guest


def drag_client(session, vm, title, *arguments):
    program = Program([VIXOS, "exec", "--interactive", vm, "/tmp/drag-client", "-t", title, *arguments],
                      session.environment)
    session.programs.append(program)
    program.wait_for("ready", 100)
    return program


def center(session, title):
    [node] = [node for node in session.compositor.windows() if node["name"] == title]
    rect = node["rect"]
    return rect["x"] + rect["width"] // 2, rect["y"] + rect["height"] // 2


def test_a_drag_stays_in_its_vm(session):
    source = drag_client(session, "work", "source", "-d", "hello")
    target = drag_client(session, "work", "target")
    stranger = drag_client(session, "evil", "stranger")
    session.compositor.wait_for_windows(lambda windows: len(windows) == 3)
    pointer = Pointer(session.runtime / session.compositor.display)
    # The compositor answers the screenshot when the windows have their places.
    session.compositor.screenshot(session.runtime / "drag.png")
    pointer.move(*center(session, "source"))
    source.wait_for("pointer enter")
    pointer.button(True)
    source.wait_for("dragging", 60)
    source.wait_for("pointer leave", 60)
    for dx in (0, 5, 0):
        x, y = center(session, "stranger")
        pointer.move(x + dx, y)
    pointer.move(*center(session, "target"))
    assert target.wait_for("enter", 60) == "enter text/plain;charset=utf-8,application/x-secret actions 3"
    target.wait_for("answered", 60)
    source.wait_for("source action", 60)
    pointer.button(False)
    assert target.wait_for("received", 60) == "received hello"
    source.wait_for("source finished", 60)
    heard = [line for line in stranger.drain() if not line.startswith("configured")]
    assert heard == ["ready"], heard
    pointer.socket.close()
    for program in (source, target, stranger):
        program.process.stdin.write("quit\n")
        program.process.stdin.flush()
        assert program.wait_for_end() == 0


# What it learns


MACHINE = """
import glob, json, os, pathlib, socket
def read(path):
    try:
        return pathlib.Path(path).read_text(errors="replace").strip()
    except OSError:
        return ""
print(json.dumps({
    "dmi": {path.rsplit("/", 1)[1]: read(path) for path in glob.glob("/sys/class/dmi/id/*") if os.path.isfile(path)},
    "hostname": socket.gethostname(), "machine": read("/etc/machine-id"), "cmdline": read("/proc/cmdline"),
    "mounts": read("/proc/mounts"), "environment": dict(os.environ),
    "links": sorted(os.listdir("/sys/class/net")), "blocks": os.listdir("/sys/block"),
    "ports": sorted(os.listdir("/dev/virtio-ports")),
    "pci": sorted({read(path + "/vendor") + ":" + read(path + "/device") for path in glob.glob("/sys/bus/pci/devices/*")}),
    "etc": {path: read(path) for path in glob.glob("/etc/*") if os.path.isfile(path)},
}))
"""

# Root port and bridges of q35, and virtio's serial port, balloon, random numbers, file systems; ivshmem, pvpanic.
DEVICES = {"0x8086:0x29c0", "0x8086:0x2918", "0x8086:0x2922", "0x8086:0x2930", "0x1b36:0x000c", "0x1b36:0x000e",
           "0x1af4:0x1043", "0x1af4:0x1045", "0x1af4:0x1044", "0x1af4:0x105a", "0x1af4:0x1110", "0x1af4:0x1003",
           "0x1af4:0x1002", "0x1af4:0x1005", "0x1b36:0x0001", "0x1b36:0x0011"}


def test_what_a_guest_learns_of_the_host(session):
    guest = run_in(session, "evil", MACHINE)
    text = json.dumps(guest)
    for name in ("product_uuid", "product_serial", "board_serial", "chassis_serial", "product_name", "sys_vendor"):
        path = pathlib.Path("/sys/class/dmi/id") / name
        if path.exists() and os.access(path, os.R_OK) and path.read_text().strip():
            assert guest["dmi"].get(name) != path.read_text().strip(), name
    assert not guest["dmi"].get("product_serial") and not guest["dmi"].get("board_serial")
    assert guest["hostname"] == "evil" and guest["environment"].get("HOSTNAME", "evil") == "evil"
    host_name = socket.gethostname()
    assert len(host_name) < 4 or f'"{host_name}"' not in text and f" {host_name} " not in guest["etc"].get("/etc/hosts", "")
    if pathlib.Path("/etc/machine-id").exists():
        assert guest["machine"] != pathlib.Path("/etc/machine-id").read_text().strip()
    assert guest["machine"] != run_in(session, "work", MACHINE)["machine"]
    # No path of the host's, by which one could tell who uses it.
    assert str(session.runtime) not in text and str(BUILD) not in text
    assert guest["links"] == ["lo"] and guest["blocks"] == [], (guest["links"], guest["blocks"])
    assert guest["ports"] == ["org.vixos.link"]
    assert set(guest["pci"]) <= DEVICES, set(guest["pci"]) - DEVICES
    secrets = {"/etc/shadow", "/etc/gshadow", "/etc/sudoers"} & set(guest["etc"])
    assert not secrets, secrets


REACH = """
import json, os, socket, subprocess
subprocess.run(["modprobe", "-a", "vsock", "vmw_vsock_virtio_transport"], capture_output=True)
reached = []
for cid in (0, 1, 2, 3):
    for port in (1, 22, 1024, 6000):
        try:
            s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
            s.settimeout(0.5)
            s.connect((cid, port))
            reached.append(["vsock", cid, port])
        except (OSError, AttributeError):
            pass
for folder in ("/usr/../..", "/usr/../home", "/run/../.."):
    if os.path.realpath(folder) not in ("/", "/home"):
        reached.append(folder)
print(json.dumps(reached))
"""


def test_what_a_guest_reaches_besides_its_port(session):
    assert run_in(session, "evil", REACH) == []


# Who may call


STRANGER = """
import json, socket, sys
answers = []
for path in sys.argv[1:]:
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    try:
        s.connect(path)
        s.sendall(b'{"method":"org.vixos.Manager.List"}\\0')
        answers.append(len(s.recv(100)))
    except OSError as error:
        answers.append(type(error).__name__)
print(json.dumps(answers))
"""


def ask_as_stranger(*paths):
    """Another user's program: one of the ids that this user may give away."""
    result = subprocess.run(["unshare", "--user", "--map-auto", "--map-root-user", "setpriv", "--reuid", "1", "--regid",
                             "1", "--clear-groups", "python3", "-c", STRANGER, *map(str, paths)],
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_who_may_call_vixosd(session):
    manager = session.runtime / "vixos/org.vixos.Manager"
    sockets = [manager, *session.runtime.glob("wayland-*"), session.compositor.socket_path,
               *session.runtime.glob("vixos/vm/*/*")]
    sockets = [path for path in map(pathlib.Path, sockets) if path.is_socket()]
    assert len(sockets) > 4
    assert ask_as_stranger(*sockets) == ["PermissionError"] * len(sockets)
    # Folders that somebody has opened are not enough: it asks who it is.
    folders = {session.runtime, *(path.parent for path in sockets), *(path.parent.parent for path in sockets)}
    folders = {path for path in folders if path == session.runtime or session.runtime in path.parents}
    opened = {path: path.stat().st_mode for path in (*folders, manager)}
    try:
        for path in opened:
            path.chmod(0o777)
        assert ask_as_stranger(manager) in ([0], ["ConnectionResetError"], ["BrokenPipeError"])
        others = [path for path in sockets if path != manager]
        answers = dict(zip(map(str, others), ask_as_stranger(*others)))
        assert set(answers.values()) <= {"PermissionError", "ConnectionResetError"}, answers
    finally:
        for path, mode in opened.items():
            path.chmod(mode & 0o7777)
    assert session.list()["evil"]["state"] == "running"


# What it breaks


NONSENSE = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3): os.close(fd)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            for name in os.listdir("/proc"):
                if name.isdigit() and name != str(os.getpid()):
                    try:
                        if "vixos-guest" in os.readlink(f"/proc/{name}/exe"): os.kill(int(name), 9)
                    except OSError: pass
            try:
                port = os.open("/dev/virtio-ports/org.vixos.link", os.O_RDWR)
                os.write(port, b"VXLK\\x1b]52;c;eA==\\x07\\r\\nfake: line\\n" * 4000)
                os.close(port)
            except OSError: pass
        os._exit(0)
    os._exit(0)
"""


def test_a_guest_that_speaks_nonsense_is_given_up(session):
    """It kills vixos-guest again and again, and writes to the port what it likes."""
    before = len(session.log())
    session.vixos("exec", "evil", "python3", "-c", NONSENSE)
    gone = wait_until(lambda: session.list().get("evil", {"state": "gone"})["state"] in ("gone", "failed", "stopped")
                      and "gone", "evil's end", 120)
    assert gone
    log = session.log()[before:]
    assert len(log) < 64 * 1024
    assert not [c for c in log if c != "\n" and not c.isprintable()], ascii(log)
    # Nobody else noticed.
    assert session.vixos("exec", "work", "echo", "well").stdout == "well\n"
    assert session.list()["work"]["state"] == "running"


def test_the_screen_is_the_hosts_after_all_that(session):
    session.vixos("stop", "--kill", "work")
    session.vixos("stop", "--kill", "evil")
    session.assert_nothing_left()
    assert session.compositor.windows() == []
