# SPDX-License-Identifier: MIT
"""The pool of preloaded VMs: taken, refilled, outdated, misbehaving; and vixosd killed with it."""

import json
import os
import pathlib
import re
import subprocess
import time

import pytest
from pool import Pool
from session import can_run, kill_all, processes, wait_until

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())

@pytest.fixture(scope="module", name="session")
def make_session():
    session = Pool("accel tcg\npreload 1\n")
    try:
        session.start_compositor()
        yield session
    finally:
        session.finish()


def windows_of(name):
    return lambda windows: [node for node in windows if node.get("sandbox_instance_id") == name]


def test_it_is_nobodys_and_shown_to_nobody(session):
    ready = session.wait_for_ready()[0]
    assert not session.list()
    assert ready["name"] not in session.vixos("list").stdout
    assert ready["name"] in session.vixos("list", "--all").stdout
    assert session.domains() == [f"vixos-{ready['name']}"]
    assert session.domain_state(ready["name"]) == "paused"
    assert not processes("vixos-proxy"), "nobody speaks to it"
    for words in (("exec", ready["name"], "true"), ("stop", ready["name"]),
                  ("inspect", ready["name"])):
        assert session.vixos(*words).returncode != 0
    assert session.vixos("stop", "--all").returncode == 0
    assert session.preloaded()[0]["name"] == ready["name"]


def test_one_that_is_taken_is_as_any_other(session):
    ready = session.wait_for_ready()[0]["name"]
    child = session.spawn("run", "--name", "taken", "foot")
    window = session.compositor.wait_for_windows(windows_of("taken"))[0]
    assert (window["sandbox_engine"], window["sandbox_instance_id"]) == ("org.vixos", "taken")
    assert session.domains()[0] == f"vixos-{ready}", session.log()
    vm = session.list()["taken"]
    assert (vm["state"], vm["windows"], vm["label"]) == ("running", 1, "taken")
    inspected = json.loads(session.vixos("inspect", "taken").stdout)
    assert inspected["times"]["bootMs"] < 3000
    assert session.vixos("exec", "taken", "hostname").stdout == "taken\n"
    assert session.vixos("exec", "taken", "cat", "/etc/hosts").stdout.split()[2] == "taken"
    assert session.vixos("shell", "taken", "echo", "hi").stdout == "hi\n"
    logs = session.vixos("logs", "taken").stdout
    assert f"init of VM '{ready}'" in logs and "bound as 'taken'" in logs
    title = subprocess.run(["virsh", "-q", "-c", "qemu:///session", "desc", "--title",
                            f"vixos-{ready}"], capture_output=True, text=True, timeout=60,
                           env=session.environment, check=True).stdout.strip()
    assert title == "taken"
    # A new vixosd finds it under its own name, and can end it.
    kill_all("vixosd")
    session.wait_for_state("taken", "running")
    assert session.vixos("exec", "taken", "echo", "still").stdout == "still\n"
    for node in windows_of("taken")(session.compositor.windows()):
        session.compositor.ask(0, f"[con_id={node['id']}] kill")
    assert child.wait(60) in (0, 1), child.stderr.read()
    assert "taken" not in session.list()
    assert not (session.runtime / "vixos/vm/taken").exists()


def test_folders_come_and_go_in_one_that_is_taken(session, tmp_path):
    """Its domain goes by another name, also for a new vixosd."""
    (tmp_path / "file").write_text("from the host")
    ready = session.wait_for_ready()[0]["name"]
    session.start_vm("taken")
    assert session.domains()[0] == f"vixos-{ready}", session.log()
    try:
        for words in (("mount", "--rw", "taken", str(tmp_path), "/mnt/here"),
                      ("exec", "taken", "sh", "-ec", "cat /mnt/here/file; echo new > /mnt/here/new")):
            result = session.vixos(*words)
            assert result.returncode == 0, result.stderr
        assert result.stdout == "from the host" and (tmp_path / "new").read_text() == "new\n"
        kill_all("vixosd")
        listed = json.loads(session.vixos("mount", "--json", "taken").stdout)
        assert [(mount["target"], mount["live"]) for mount in listed] == [("/mnt/here", True)]
        result = session.vixos("umount", "taken", "/mnt/here")
        assert result.returncode == 0, result.stderr
        assert session.vixos("exec", "taken", "ls", "/mnt/here").returncode == 2
    finally:
        session.vixos("stop", "--kill", "taken")


def test_no_two_are_alike(session):
    """Identity, random numbers and time are made when one is taken, however long it waited."""
    session.wait_for_ready()
    first = session.facts("one")
    second_ready = session.wait_for_ready()[0]["name"]
    assert session.vixos("list").returncode == 0
    second = session.facts("two")
    assert f"'two' takes '{second_ready}'" in session.log()
    assert (first[0], second[0]) == ("one", "two")
    for i in (1, 2, 4):
        assert first[i] and first[i] != second[i], (first, second)
    assert re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", first[1]), first
    assert first[5] == second[5] == "0"


def test_one_that_boots_gives_way_to_the_user(session):
    ready = session.wait_for_ready()[0]["name"]
    result = session.vixos("run", "-q", "--name", "user", "sleep", "0")
    assert result.returncode == 0, result.stderr
    booting = wait_until(lambda: [vm["name"] for vm in session.preloaded()
                                  if vm["state"] == "preloading" and vm["name"] != ready and
                                  session.domain_state(vm["name"]) == "running"],
                         "another is preloaded", 60)[0]
    child = session.spawn("run", "--name", "cold", "sh", "-c", "read x")
    wait_until(lambda: session.list().get("cold", {}).get("state") == "booting" and
               session.domain_state(booting) == "paused", "it is held meanwhile", 60)
    assert child.wait(150) is not None
    session.wait_for_ready()
    assert session.preloaded()[0]["name"] == booting


def autogroup_of_qemu(session, name):
    pid = (session.runtime / f"libvirt/qemu/run/vixos-{name}.pid").read_text()
    return pathlib.Path(f"/proc/{pid}/autogroup").read_text().split()[-1]


@pytest.mark.skipif(not os.access("/proc/self/autogroup", os.W_OK), reason="the kernel has no autogroups")
def test_one_that_boots_gets_half(session):
    ready = session.wait_for_ready()[0]["name"]
    assert autogroup_of_qemu(session, ready) == "0"
    assert session.vixos("run", "-q", "--name", "user", "true").returncode == 0
    booting = wait_until(lambda: [vm["name"] for vm in session.preloaded()
                                  if vm["state"] == "preloading" and session.domain_state(vm["name"]) == "running"],
                         "another is preloaded", 60)[0]
    assert autogroup_of_qemu(session, booting) == "3"
    session.wait_for_ready()
    assert autogroup_of_qemu(session, booting) == "0"


def test_another_definition_needs_another_vm(session):
    """What can't be changed any more is as defined: the VM isn't taken, or is replaced."""
    old = session.wait_for_ready()[0]["name"]
    session.set_config("preload 1\nvm small {\n memory 300\n}\n")
    assert session.preloaded()[0]["name"] == old
    result = session.vixos("run", "-q", "--name", "small", "sh", "-c", "cat /proc/meminfo")
    assert int(re.search(r"MemTotal: +(\d+)", result.stdout).group(1)) < 300 * 1024
    assert session.preloaded()[0]["name"] == old
    session.set_config("preload 1\ndefaults {\n memory 320\n}\n")
    session.wait_for_ready(other_than=old)
    assert old not in [vm["name"] for vm in session.preloaded()]
    session.set_config("vm small {\n memory 300\n disposable\n preload 1\n}\n")
    session.wait_for_ready()
    started, said_before = time.monotonic(), len(session.log())
    result = session.vixos("run", "-q", "--like", "small", "sh", "-c", "cat /proc/meminfo")
    assert result.returncode == 0, result.stderr
    assert int(re.search(r"MemTotal: +(\d+)", result.stdout).group(1)) < 300 * 1024
    assert "takes 'preload-" in session.log()[said_before:], session.log()
    assert time.monotonic() - started < 60
    session.set_config("preload 1\n")


def test_memory_is_not_promised_twice(session):
    session.set_config("preload 1\nvm huge {\n memory 900G\n preload 1\n}\n")
    session.wait_for_ready()
    wait_until(lambda: "memory is short" in session.log(), "vixosd says why")
    assert len(session.preloaded()) == 1
    session.set_config("preload 1\n")


def test_the_network_comes_with_the_taking(session):
    session.set_config("vm net {\n network nat\n preload 1\n}\n")
    try:
        session.wait_for_ready()
        session.start_vm("net")
        wait_until(lambda: "network ready" in session.vixos("logs", "net").stdout,
                   "it has an address", 120)
        logs = session.vixos("logs", "net").stdout
        assert logs.index("bound as 'net'") < logs.index("network ready")
        assert "10.0.2.15" in session.vixos("exec", "net", "cat", "/proc/net/fib_trie").stdout
    finally:
        session.vixos("stop", "--kill", "net")
        session.set_config("preload 1\n")


@pytest.mark.parametrize("state", ["preloaded", "preloading"])
def test_vixosd_killed(session, state):
    """The next one ends what it finds, and makes another."""
    old = wait_until(lambda: [vm["name"] for vm in session.preloaded() if vm["state"] == state and
                              session.domain_state(vm["name"])],
                     f"one is {state}", 100)[0]
    kill_all("vixosd")
    session.wait_for_ready(other_than=old)
    assert [vm["name"] for vm in session.preloaded()] == \
        [name.removeprefix("vixos-") for name in session.domains()]
    # For the next round: so that one is being made.
    session.vixos("run", "-q", "--name", "away", "true")


def test_qemu_killed(session):
    old = session.wait_for_ready()[0]["name"]
    kill_all("qemu-system-x86_64")
    wait_until(lambda: old not in [vm["name"] for vm in session.preloaded()], "it is forgotten")
    session.wait_for_ready()


def test_libvirt_killed(session):
    old = session.wait_for_ready()[0]["name"]
    kill_all("virtqemud" if processes("virtqemud") else "libvirtd")
    assert session.facts("after")[0] == "after"
    session.wait_for_ready(other_than=old)


def test_it_ends_where_none_is_wanted(session):
    session.wait_for_ready()
    session.drain()
