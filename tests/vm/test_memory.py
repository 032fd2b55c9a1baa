# SPDX-License-Identifier: MIT
"""Memory moves to the VM that needs it, from the one that can spare it; vixos stats shows it."""

import json
import subprocess
import time

import pytest
from session import Session, can_run, kill_all, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

# Both VMs at their height would need more than the limit.
CONFIG = """accel tcg
memory-limit 1000
vm first {
	memory 256 1G
}
vm second {
	memory 256 1G
}
vm fixed {
	memory 300
}
"""

# Takes memory, says so, and keeps it until its standard input ends.
HOG = """
import sys, time
blocks = []
for i in range(int(sys.argv[1]) // 8):
    blocks.append(bytearray(b"x") * (8 << 20))
    time.sleep(0.05)
print("has it", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", name="desk")
def make_session():
    session = Session(CONFIG)
    try:
        for vm in ("first", "second"):
            session.start_vm(vm)
        yield session
    finally:
        session.finish()


def stats(session, *names):
    result = session.vixos("stats", "--no-stream", "--json", *names)
    assert result.returncode == 0, result.stderr
    return {vm["name"]: vm for vm in json.loads(result.stdout)}


def hog(session, vm, mib):
    return session.spawn("exec", "-i", vm, "python3", "-c", HOG, str(mib), stdin=subprocess.PIPE)


def killed_for_memory(session, vm):
    result = session.vixos("exec", vm, "cat", "/proc/vmstat")
    return "\noom_kill 0\n" not in result.stdout


def test_stats_without_anything_to_do(desk):
    figures = stats(desk)
    assert set(figures) == {"first", "second"}
    for vm in figures.values():
        assert vm["memoryGrantedMiB"] == vm["memoryMinMiB"] == 256 and vm["memoryMaxMiB"] == 1024
        assert 50 < vm["memoryResidentMiB"] < 1500
        assert vm["memoryUsedMiB"] <= 256 and 0 <= vm["memoryPressure"] <= 100
    table = desk.vixos("stats", "--no-stream", "first").stdout
    assert table.splitlines()[0].split() == ["NAME", "CPU", "USED", "GRANTED", "MAX", "HOST", "PRESSURE"]
    assert table.splitlines()[1].split()[0] == "first" and len(table.splitlines()) == 2
    inspected = json.loads(desk.vixos("inspect", "first").stdout)
    assert inspected["stats"]["memoryGrantedMiB"] == 256


@pytest.mark.parametrize("words, status", [(("nobody",), 1), (("fixed",), 1), (("--frobnicate",), 2)])
def test_stats_bad_input(desk, words, status):
    result = desk.vixos("stats", "--no-stream", *words)
    assert result.returncode == status and result.stderr.count("\n") == 1, result.stderr


def test_the_stream(desk):
    child = desk.spawn("stats", "--json")
    for _ in range(2):
        assert {vm["name"] for vm in json.loads(child.stdout.readline())} == {"first", "second"}
    child.kill()


def test_an_idle_vm_says_nothing(desk):
    """The guest's half wakes up for nobody: its processor time stands still but for the clock's ticks."""
    def wakeups():
        pid = desk.vixos("exec", "second", "pidof", "vixos-guest").stdout.strip()
        status = desk.vixos("exec", "second", "cat", f"/proc/{pid}/status").stdout
        return int(status.split("voluntary_ctxt_switches:")[1].split()[0])

    before = wakeups()
    time.sleep(4)
    # Each look from here is some wake-ups of its own; one a second for nothing would show.
    looks = [wakeups() for _ in range(2)]
    assert looks[0] - before <= (looks[1] - looks[0]) * 2 + 4


def test_memory_comes_when_it_is_needed(desk):
    """480 MiB don't fit into 256; the VM grows, and no program is killed."""
    child = hog(desk, "first", 480)
    assert child.stdout.readline() == "has it\n", child.communicate()
    assert not killed_for_memory(desk, "first")
    assert wait_until(lambda: stats(desk)["first"]["memoryGrantedMiB"] > 480, "it was granted more", 30)
    assert stats(desk)["second"]["memoryGrantedMiB"] == 256
    assert "memory grows from 256" in desk.log()
    child.communicate(timeout=60)
    assert child.returncode == 0


def test_what_one_spares_the_other_gets(desk):
    """The first doesn't need any more what it was given, and there isn't enough for both."""
    before = stats(desk)["first"]["memoryGrantedMiB"]
    child = hog(desk, "second", 480)
    assert child.stdout.readline() == "has it\n", child.communicate()
    assert not killed_for_memory(desk, "second")
    wait_until(lambda: stats(desk)["second"]["memoryGrantedMiB"] > 480, "it was granted more", 30)
    figures = stats(desk)
    assert figures["first"]["memoryGrantedMiB"] < before
    assert sum(vm["memoryGrantedMiB"] for vm in figures.values()) <= 1000
    child.communicate(timeout=60)
    # What was freed is the host's again, whatever is granted.
    wait_until(lambda: stats(desk)["second"]["memoryResidentMiB"] < figures["second"]["memoryResidentMiB"] - 250,
               "free pages are reported", 60)


def test_a_new_vixosd_goes_on(desk):
    before = {name: vm["memoryGrantedMiB"] for name, vm in stats(desk).items()}
    kill_all("vixosd")
    after = {name: vm["memoryGrantedMiB"] for name, vm in stats(desk).items()}
    for name in before:
        # What the balloon has got to, which may be some pages off.
        assert abs(after[name] - before[name]) <= 64, (before, after)
    child = hog(desk, "first", 300)
    assert child.stdout.readline() == "has it\n", child.communicate()
    assert not killed_for_memory(desk, "first")
    child.communicate(timeout=60)


def test_switched_off(desk):
    desk.config.write_text(CONFIG + "memory-balance off\n")
    before = stats(desk)["second"]["memoryGrantedMiB"]
    assert desk.list()  # reads the configuration
    child = hog(desk, "second", 300)
    assert child.stdout.readline() == "has it\n", child.communicate()
    # The balloon let go by itself; nobody was granted anything.
    assert stats(desk)["second"]["memoryGrantedMiB"] == before
    child.communicate(timeout=60)
    desk.config.write_text(CONFIG)
    assert desk.list()
