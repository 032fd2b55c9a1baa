# SPDX-License-Identifier: MIT
"""Real programs through vixos-guest and vixos-proxy to stock sway, by both transports of pixels."""

import json
import os
import signal
import subprocess

import pytest

from forwarding_fixture import LOAD, VM, Session, wait_until

TRANSPORTS = ["region", "inline"]


@pytest.fixture(params=TRANSPORTS)
def session(request, tmp_path):
    session = Session(tmp_path)
    try:
        session.start_sway()
        session.start_forwarding(request.param)
        yield session
        assert session.proxy.poll() is None, session.proxy.log.read_text()
    finally:
        session.stop()
    assert "Sanitizer" not in session.guest.log.read_text() + session.proxy.log.read_text()


def test_windows_are_tagged(session):
    session.program("foot")
    session.wait_for_windows(1)
    window = session.windows()[0]
    assert window["app_id"] == "foot"
    assert window["sandbox_engine"] == "org.vixos"
    assert window["sandbox_app_id"] == VM
    assert window["sandbox_instance_id"] == VM


def test_programs_see_what_they_may(session):
    lines = session.run("wayland-info").decode().splitlines()
    shown = {line.split("'")[1] for line in lines if line.startswith("interface:")}
    for name in ("wl_compositor", "wl_subcompositor", "wl_shm", "wl_seat", "wl_output", "xdg_wm_base",
                 "wl_data_device_manager", "zwp_primary_selection_device_manager_v1", "wp_viewporter",
                 "wp_fractional_scale_manager_v1", "wp_cursor_shape_manager_v1", "wp_presentation",
                 "zxdg_decoration_manager_v1", "xdg_activation_v1"):
        assert name in shown
    for part in ("zwlr_", "ext_", "virtual", "input_method", "security", "lock", "lease", "dmabuf", "drm"):
        assert not [name for name in shown if part in name]
    # Of the screen only what drawing needs: no maker, model, or serial number.
    assert [line for line in lines if "make: 'VixOS', model: 'VixOS'" in line]
    assert [line for line in lines if "description: VixOS" in line]
    assert not [line for line in lines if "headless" in line]


FOOT = ["foot", "-o", "cursor.blink=no", "sh", "-c",
        "for i in $(seq 60); do echo line $i of text to look at; done; sleep 1000"]


def test_same_picture_as_without(session):
    direct = session.start(*FOOT, display=session.host_display)
    session.wait_for_windows(1)
    wait_until(lambda: session.windows()[0]["visible"], "the window's showing")
    expected = session.steady_screenshot()
    direct.terminate()
    session.wait_for_windows(0)
    session.program(*FOOT)
    session.wait_for_windows(1)
    wait_until(lambda: session.screenshot() == expected, "the same picture")


@pytest.mark.parametrize("program", ["gtk4-demo", "weston-simple-shm", "weston-flower", "weston-subsurfaces",
                                     "weston-simple-damage", "weston-scaler", "weston-transformed"])
def test_toolkits_and_toys(session, program):
    empty = session.screenshot()
    process = session.program(program)
    session.wait_for_windows(1)
    wait_until(lambda: session.screenshot() != empty, "a picture")
    assert process.poll() is None
    process.terminate()
    session.wait_for_windows(0)
    wait_until(lambda: session.screenshot() == empty, "an empty screen")


def test_keyboard(session):
    target = session.folder / "typed"
    session.program("foot", "sh", "-c", f"read line; echo \"$line\" > {target}")
    session.wait_for_windows(1)
    wait_until(lambda: session.windows()[0]["focused"], "focus")
    session.type("-s", "200", "Hello, VM: äß", "-k", "Return")
    wait_until(target.exists, "the line's arrival")
    wait_until(lambda: target.read_text() == "Hello, VM: äß\n", "the whole line")


def test_resize(session):
    target = session.folder / "size"
    # No trap on WINCH: a signal that comes while the trap runs is lost.
    script = f"while :; do stty size > {target}.new; mv {target}.new {target}; sleep 0.1; done"
    session.program("foot", "bash", "-c", script)
    session.wait_for_windows(1)

    def columns():
        return int(target.read_text().split()[1]) if target.exists() else 0

    wait_until(lambda: columns() > 150, "the whole screen's width")
    width = columns()
    for count in (2, 3):
        session.program("foot")
        session.wait_for_windows(count)
        wait_until(lambda: abs(columns() - width / count) < 10, "a share of the width")


def test_popup(session):
    session.program("gtk4-demo")
    session.wait_for_windows(1)
    session.type("-s", "500")
    before = session.steady_screenshot()
    session.type("-k", "F10")
    wait_until(lambda: session.screenshot() != before, "the menu")
    menu = session.steady_screenshot()
    session.type("-k", "Escape")
    wait_until(lambda: session.screenshot() != menu, "the menu's end")


@pytest.mark.parametrize("options", [[], ["--primary"]], ids=["clipboard", "primary"])
def test_copy_and_paste(session, options):
    text = b"from one program to another\n" * 10000
    (session.folder / "text").write_bytes(text)

    def paste(display):
        return session.run("wl-paste", "--no-newline", *options, display=display, check=False)

    # It forks, and what stays behind serves the selection.
    with open(session.folder / "text", "rb") as file:
        session.start("wl-copy", *options, display=session.guest_display, stdin=file).wait(10)
    assert paste(session.guest_display) == text
    # The selection stays in the VM.
    assert paste(session.host_display) == b""
    session.start("wl-copy", *options, "--clear", display=session.guest_display).wait(10)
    assert paste(session.guest_display) == b""


def test_many_programs(session):
    programs = [session.program("foot") for _ in range(8)]
    session.wait_for_windows(8)
    for program in programs[::2]:
        program.kill()
    session.wait_for_windows(4)
    assert all(program.poll() is None for program in programs[1::2])


def test_guest_ends(session):
    session.program("foot")
    session.wait_for_windows(1)
    session.guest.kill()
    session.wait_for_windows(0)
    assert session.proxy.wait(10) == 0
    # The fixture looks for a proxy that runs.
    session.proxy = session.processes[0]


def test_proxy_ends(session):
    program = session.program("foot")
    session.wait_for_windows(1)
    session.proxy.kill()
    session.wait_for_windows(0)
    assert session.guest.wait(10) == 0
    program.wait(10)
    session.proxy = session.processes[0]


def test_compositor_ends(session):
    session.program("foot")
    session.wait_for_windows(1)
    session.processes[0].kill()
    assert session.proxy.wait(10) == 1
    session.proxy = session.start("sleep", "1000")


def test_paused_guest_costs_itself_only(session):
    """A stopped guest half: the compositor and its other programs go on."""
    session.program("foot")
    session.wait_for_windows(1)
    session.guest.send_signal(signal.SIGSTOP)
    direct = session.start("foot", display=session.host_display)
    session.wait_for_windows(2)
    session.type("hello")
    direct.terminate()
    session.wait_for_windows(1)
    session.guest.send_signal(signal.SIGCONT)
    session.program("foot")
    session.wait_for_windows(2)


LOADS = ["frames 1280x720 1 0", "frames 1283x723 1 0", "frames 3840x2160 1 60", "partial 1283x723 1 0",
         "partial 1920x1080 1 200", "frames 64x64 1 0"]


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_frames_arrive_whole(tmp_path, transport, load):
    """What arrives is what was drawn, frame by frame, also where superseded frames are skipped."""
    session = Session(tmp_path)
    try:
        sink = session.start_sink()
        session.start_forwarding(transport, vm=None)
        session.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # the load's own
        session.run(LOAD, *load.split())
        sink.terminate()
        figures = json.loads(sink.communicate(timeout=10)[0])
        assert figures["wrong"] == 0 and figures["arrived"] > 1, figures  # how many is for the benchmark
    finally:
        session.stop()


def test_usage_errors():
    for argv in (["--nonsense"], [], ["--link"], ["--vm", "No Name", "--listen", "x"], ["--link", "a", "--listen", "b"]):
        result = subprocess.run([os.environ["BUILD"] + "/proxy/host/vixos-proxy", *argv], capture_output=True,
                                timeout=20)
        assert result.returncode == 2, argv
        assert result.stderr.startswith(b"vixos-proxy: ")
