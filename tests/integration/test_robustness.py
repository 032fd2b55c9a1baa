# SPDX-License-Identifier: MIT
"""Many windows, rude clients, outputs and configurations that come and go: nobody else notices."""

import os

import pytest

from compositor import BUILD, COMPOSITOR, Compositor, Ipc, Program, leaves

BENCH_WINDOWS = BUILD / "tests/bench/bench-windows"
IS_SANITIZED = "sanitize" in os.environ.get("BUILD", "")

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(), reason="vixos-compositor is not built")


@pytest.fixture
def desk(tmp_path):
    with Compositor(tmp_path) as desk:
        yield desk


def count(desk):
    return len(list(leaves(desk.tree())))


def many(desk, number):
    """A client with so many windows."""
    client = desk.start(BENCH_WINDOWS)
    client.process.stdin.write(f"open {number}\n")
    client.process.stdin.flush()
    client.wait_for("")
    desk.wait_until(lambda: count(desk) == number, f"{number} windows", 60)
    return client


def tell(client, line):
    client.process.stdin.write(line + "\n")
    client.process.stdin.flush()


@pytest.mark.parametrize("number", [200, pytest.param(500, marks=pytest.mark.skipif(
    IS_SANITIZED, reason="slow under sanitizers"))])
def test_so_many_windows(desk, number):
    client = many(desk, number)
    for command in ("layout tabbed", "layout stacking", "layout toggle split", "splitv", "fullscreen", "fullscreen",
                    "[app_id=bench] border none", "[app_id=bench] floating enable", "[app_id=bench] floating disable",
                    "[app_id=bench] move workspace 7", "workspace 7", "[app_id=bench] mark --add one"):
        desk.command(command)
    assert count(desk) == number
    desk.screenshot("many")
    tell(client, "close")
    desk.wait_until(lambda: count(desk) == 0, "their end", 60)


def test_windows_of_one_client_die_with_it(desk):
    client = many(desk, 200)
    client.process.kill()
    desk.wait_until(lambda: count(desk) == 0, "their end")


@pytest.mark.parametrize("floating", [False, True])
@pytest.mark.parametrize("line", [
    "geometry -100 -50 400 300",
    "geometry 100000 100000 5 5",
    "geometry 0 0 2000000000 2000000000",
    "geometry 0 0 0 0",                # an error of the protocol, as the next three
    "geometry 0 0 -5 -5",
    "limits -1 -1 10 10",
    "limits 100 100 10 10",
    "limits 1 1 2147483647 2147483647",
    "resize 500",
    "unmap",
    "long-title 3900",
])
@pytest.mark.parametrize("vm", [None, "work"])
def test_rude_window(desk, line, floating, vm):
    desk.window(title="victim")
    rude = desk.window(title="rude", vm=vm)
    if floating:
        desk.command("[app_id=test title=rude] floating enable")
    rude.send(line)
    for command in ("[title=rude] floating toggle", "[title=rude] fullscreen", "[title=rude] resize grow width 100 px",
                    "[title=rude] move scratchpad", "scratchpad show"):
        desk.ipc.call(Ipc.RUN_COMMAND, command)
    desk.screenshot("rude")
    assert desk.find("victim")
    rude.process.kill()
    desk.window(title="another")
    for node in leaves(desk.tree()):
        assert all(abs(value) < 1e6 for value in node["rect"].values()), node["rect"]


def test_window_that_comes_and_goes(desk):
    window = desk.window(title="ghost")
    for _ in range(20):
        window.send("unmap")
        desk.wait_until(lambda: desk.find("ghost") is None, "the unmapping")
        window.send("map")
        desk.wait_until(lambda: desk.find("ghost"), "the mapping")


def test_outputs_come_and_go_under_windows(desk):
    client = many(desk, 20)
    tell(client, "animate 1000")
    for _ in range(2):
        desk.command("create_output")
    desk.command("[title=\"window 3\"] floating enable, move container to output HEADLESS-2")
    desk.command("[title=\"window 4\"] move container to output HEADLESS-3, fullscreen")
    desk.command("[title=\"window 5\"] move container to output HEADLESS-3")
    for output in (2, 1, 3):
        desk.command(f"output HEADLESS-{output} unplug")
    assert desk.ipc.call(Ipc.GET_OUTPUTS) == []
    for command in ("workspace 3", "layout tabbed", "[app_id=bench] floating toggle", "[app_id=bench] fullscreen"):
        desk.ipc.call(Ipc.RUN_COMMAND, command)
    desk.command("create_output")
    desk.wait_until(lambda: count(desk) == 20, "all windows")
    desk.screenshot("again")


def test_reload_under_load(desk):
    client = many(desk, 50)
    tell(client, "animate 1000")
    path = desk.directory / "config"
    lines = path.read_text()
    for i in range(20):
        path.write_text(lines + f"default_border pixel {i % 7}\ngaps inner {i}\nbindsym Mod4+{i % 10} nop\n"
                        + ("nonsense\n" if i % 2 else ""))
        desk.ipc.call(Ipc.RUN_COMMAND, "reload; layout toggle split; splitv; focus left")
    assert count(desk) == 50
    desk.screenshot("loaded")


def test_command_flood_with_a_subscriber_that_never_reads(desk):
    idle = Ipc(desk.environment["SWAYSOCK"])
    idle.call(Ipc.SUBSCRIBE, '["window", "workspace", "binding", "tick"]')
    desk.window(title="one")
    for i in range(300):
        desk.command("; ".join(f"[title=one] mark --add m{i}-{n}" for n in range(20)))
        desk.command("; ".join(f"workspace {n}" for n in range(1, 9)))
    assert len(desk.ipc.call(5)) == 6000
    desk.command("[title=one] unmark")


def test_half_sent_messages(desk):
    for data in (b"i3-ipc", b"i3-ipc\xff\xff\xff\xff\0\0\0\0", b"garbage" * 100, b"i3-ipc\x10\0\0\0\0\0\0\0abc"):
        rude = Ipc(desk.environment["SWAYSOCK"])
        rude.socket.sendall(data)
        rude.socket.close()
    assert desk.ipc.call(Ipc.GET_OUTPUTS)


def test_clients_that_end_before_they_begin(desk):
    for _ in range(50):
        program = Program([BENCH_WINDOWS], desk.environment)
        tell(program, "open 5")
        program.process.kill()
        program.stop()
    desk.wait_until(lambda: count(desk) == 0, "no window")
