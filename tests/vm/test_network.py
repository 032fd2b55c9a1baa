# SPDX-License-Identifier: MIT
"""`network nat` and `network none`: what a guest reaches, and that passt comes and goes with its VM."""

import json
import os
import pathlib
import select
import signal
import subprocess

import pytest
from frames import TCP, UDP
from host_network import (ECHO_PORT, FIRST, FIRST6, IN_LAN, IN_LAN6, LOOPBACK_PORT, METADATA, NAME, NAT64, OUTSIDE,
                          OUTSIDE_PORT, SECOND, THIRD, ask, both, missing, reached, resolver)
from session import Session, processes, wait_until

pytestmark = pytest.mark.skipif(missing() != "", reason=missing())

CONFIG = """accel tcg
vm net {
	network nat
}
vm second {
	network nat
}
vm alone {
	network none
}
"""

# What the guest's side of passt, or another configuration of it, could take for the host.
SUSPECTS = ("10.0.2.2", "10.0.2.3", "10.0.2.1", "10.0.2.15", "169.254.2.2", "127.0.0.1", "127.0.0.2", "0.0.0.0",
            "fe80::2%eth0", "fe80::1%eth0", "fd76:6978:6f73::2", "fd76:6978:6f73::3", "fd76:6978:6f73::15",
            "fd76:6978:6f73::1", "fd76:6978:6f73:1::1", "fd76:6978:6f73:1::2", "64:ff9b::127.0.0.1",
            "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.2.2", *OUTSIDE)

# Source and target of frames that only a guest's kernel can send.
HOSTILE_ROUTES = [(source, target) for source in ("10.0.2.15", "127.0.0.1", "10.0.2.2", "0.0.0.0")
                  for target in ("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.0.0.1", "10.0.2.2",
                                 "10.0.2.15", "10.0.2.255", "255.255.255.255", "224.0.0.1", "169.254.2.2")]
HOSTILE_ROUTES += [(source, target) for source in ("fd76:6978:6f73::15", "fe80::15", "::1", "::")
                   for target in ("::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "fe80::1",
                                  "fe80::2", "fd76:6978:6f73::15", "ff02::1", "ff01::1", "fd76:6978:6f73::1",
                                  "fd76:6978:6f73:1::1", "fd76:6978:6f73:1::2")]

# What the passt of 2026_10_02 ends itself for: an assertion.
FATAL = ("::ffff:127.0.0.1", TCP)

@pytest.fixture(scope="module", name="session")
def make_session(network):
    session = Session(CONFIG, has_home=True)
    session.environment["PATH"] = network.search_path()
    session.environment["VIXOS_LIBEXEC"] = str(network.libexec)
    try:
        session.start_compositor()
        yield session
    finally:
        session.finish()


@pytest.fixture(scope="module", name="net")
def make_net(session):
    session.start_vm("net")
    yield "net"
    session.vixos("stop", "--kill", "net")


def kill(pid: int) -> None:
    """Ends a process and waits until its sockets are closed too."""
    process = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([process], [], [], 30)[0]
    os.close(process)


def passt_sockets(session) -> list[pathlib.Path]:
    return list((session.runtime / "libvirt/qemu/run/passt").glob("vixos-*"))


def test_a_guest_reaches_servers(session, net):
    answers = ask(session, net, f"{OUTSIDE[0]} {OUTSIDE_PORT}")
    assert answers == {f"{OUTSIDE[0]} {OUTSIDE_PORT} {kind}": OUTSIDE[0] for kind in ("SOCK_STREAM", "SOCK_DGRAM")}


def test_addresses_tell_nothing_of_the_host(session, net):
    lines = session.vixos("exec", net, "cat", "/proc/net/if_inet6", "/proc/net/route").stdout
    assert "0202000A" in lines
    # Of IPv6 there are ::1, an address of the link, and one of a network that is the same everywhere.
    own = [line.split() for line in lines.splitlines() if len(line.split()) == 6]
    assert {words[3] for words in own} == {"00", "10", "20"}
    assert {words[0][:16] for words in own if words[3] == "00"} == {"fd7669786f730000"}
    assert session.vixos("exec", net, "cat", "/etc/resolv.conf").stdout.startswith("nameserver ")


def test_no_guest_reaches_the_loopback_of_the_host(session, network, net):
    before = len(network.served())
    answers = ask(session, net, *(f"{address} {LOOPBACK_PORT}" for address in SUSPECTS))
    assert len(answers) == 2 * len(SUSPECTS)
    assert {target: answer for target, answer in answers.items() if not answer.startswith("no: ")} == {}
    assert network.served()[before:] == []


def test_the_passt_of_a_vm_takes_one_client_and_no_ports(session, net):
    """It listens on nothing but its socket, which only this user can reach."""
    [passt] = processes("passt")
    command = pathlib.Path(f"/proc/{passt}/cmdline").read_bytes().split(b"\0")
    for option in (b"--no-map-gw", b"--one-off"):
        assert option in command
    [socket] = passt_sockets(session)
    assert socket.name == "vixos-net.sock"
    assert socket.parent.stat().st_uid == os.getuid()


def test_no_frame_reaches_the_loopback_of_the_host(network):
    """A guest's kernel can send what a program in it can't: addresses that never leave a machine."""
    before = len(network.served())
    with network.frames("allow") as frames:
        for source, target in HOSTILE_ROUTES:
            for kind in (TCP, UDP):
                if (target, kind) != FATAL:
                    frames.send(source, target, kind, LOOPBACK_PORT)
        for kind in (TCP, UDP):
            frames.send("10.0.2.15", METADATA, kind, OUTSIDE_PORT)
        # What is taken by its meaning, and by its order after all others.
        frames.send("fd76:6978:6f73::15", OUTSIDE[1], TCP, OUTSIDE_PORT)
        wait_until(lambda: OUTSIDE[1] in network.served()[before:], "so does the last frame of IPv6")
        frames.send("10.0.2.15", OUTSIDE[0], TCP, OUTSIDE_PORT)
        wait_until(lambda: OUTSIDE[0] in network.served()[before:], "the last frame has arrived")
        # Datagrams of other sockets may be served a little later: the second question comes after those.
        frames.send("10.0.2.15", OUTSIDE[0], UDP, OUTSIDE_PORT)
        wait_until(lambda: network.served()[before:].count(OUTSIDE[0]) == 2, "so has the second")
    assert network.served()[before:] == [OUTSIDE[1]] + [OUTSIDE[0]] * 2


def test_a_guest_that_ends_its_passt_ends_its_network_alone(network):
    """At the end of frames() nothing of it is left."""
    before = len(network.served())
    with network.frames("allow") as frames:
        frames.send("fd76:6978:6f73::15", FATAL[0], FATAL[1], LOOPBACK_PORT)
    with network.frames("allow") as frames:
        frames.send("10.0.2.15", OUTSIDE[0], TCP, OUTSIDE_PORT)
        wait_until(lambda: OUTSIDE[0] in network.served()[before:], "another network serves its VM")
    assert network.served()[before:] == [OUTSIDE[0]]


@pytest.fixture(scope="module", name="alone")
def make_alone(session):
    session.start_vm("alone")
    yield "alone"
    session.vixos("stop", "--kill", "alone")


def test_without_network_there_is_only_the_loopback(session, alone):
    result = session.vixos("exec", alone, "sh", "-c", "ls /sys/class/net; cat /proc/modules")
    lines = result.stdout.splitlines()
    assert lines[0] == "lo" and not lines[1].startswith("eth"), result.stdout
    assert "virtio_net" not in result.stdout
    assert not [socket for socket in passt_sockets(session) if socket.name == "vixos-alone.sock"]
    assert session.vixos("net", alone).stdout == "none\n"


def firewall(session, vm: str, *change: str) -> list[str]:
    """Changes a firewall; gives what is in force then."""
    result = session.vixos("firewall", vm, *change)
    assert result.returncode == 0, result.stderr
    return [line.split(maxsplit=1)[1] if line.strip()[0].isdigit() else line.strip()
            for line in result.stdout.splitlines()]


def test_ipv6_is_judged_as_ipv4_is(session, net):
    """Every rule for an address of IPv4 also holds for the one that a NAT64 has for it."""
    everything = (FIRST, IN_LAN, FIRST6, IN_LAN6, NAT64)
    assert reached(session, net, *everything) == both(*everything)
    firewall(session, net, "add", "deny", "lan")
    assert reached(session, net, *everything) == both(FIRST, FIRST6)
    firewall(session, net, "clear")
    firewall(session, net, "add", "deny", "10.0.0.0/8")
    assert reached(session, net, *everything) == both(FIRST, FIRST6, IN_LAN6)
    firewall(session, net, "policy", "deny")
    assert reached(session, net, *everything) == set()
    rules = firewall(session, net, "add", "allow", "tcp", f"[2001:db8::/32]:{OUTSIDE_PORT}")
    assert rules[-2:] == [f"allow tcp [2001:db8::/32]:{OUTSIDE_PORT}", "deny all else"]
    assert reached(session, net, *everything) == {FIRST6 + " SOCK_STREAM"}
    firewall(session, net, "add", "allow", OUTSIDE[0])
    firewall(session, net, "insert", "1", "deny", OUTSIDE[1])
    assert reached(session, net, *everything) == both(FIRST)
    assert firewall(session, net, "reset") == ["allow all else"]


def test_what_host_and_lan_mean_follows_the_host(session, network, net):
    """In IPv6 the local network is any that this machine has an address of."""
    kill(session.vixosd_pid())
    with network.vixosd():
        session.wait_for_state(net, "running")
    try:
        firewall(session, net, "add", "deny", "lan")
        firewall(session, net, "add", "deny", "host")
        assert reached(session, net, FIRST, SECOND, FIRST6) == set()  # they are the "host" here
        firewall(session, net, "remove", "deny", "host")
        assert reached(session, net, FIRST, FIRST6) == both(FIRST)  # 2001:db8::7/128
        network.ip("address", "del", OUTSIDE[1] + "/128", "dev", "lo")
        network.ip("route", "add", "local", OUTSIDE[1], "dev", "lo")
        wait_until(lambda: reached(session, net, FIRST6) == both(FIRST6), "it is no network of the host's")
        network.ip("address", "add", "2001:db8::99/64", "dev", "lo")
        wait_until(lambda: reached(session, net, FIRST6) == set(), "now it is again")
        network.ip("address", "del", "2001:db8::99/64", "dev", "lo")
        network.ip("route", "del", "local", OUTSIDE[1], "dev", "lo")
        network.ip("address", "add", OUTSIDE[1] + "/128", "dev", "lo")
        firewall(session, net, "reset")
    finally:
        kill(session.vixosd_pid())
        for name, vm in session.list().items():
            if vm["state"] != "stopped":
                session.wait_for_state(name, "running")


ALL = (FIRST, SECOND, THIRD, IN_LAN, f"{METADATA} {OUTSIDE_PORT}")


def test_a_network_can_be_had_later(session, network, alone):
    """A card is plugged in, a driver loaded, an address given; and all that goes again."""
    result = session.vixos("net", alone, "nat")
    assert (result.returncode, result.stdout) == (0, "nat\n"), result.stderr
    assert reached(session, alone, *ALL) == both(FIRST, SECOND, THIRD, IN_LAN)
    result = session.vixos("network", alone, "none", "--quiet")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert session.vixos("exec", alone, "ls", "/sys/class/net").stdout == "lo\n"
    assert not [socket for socket in passt_sockets(session) if socket.name == "vixos-alone.sock"]
    # The next vixosd knows.
    assert session.vixos("net", alone, "nat").returncode == 0
    assert firewall(session, alone, "policy", "deny") == ["deny all else"]
    kill(session.vixosd_pid())
    assert json.loads(session.vixos("net", alone, "--json").stdout) == {
        "network": "nat", "enforced": True, "policy": "deny", "rules": []}
    assert reached(session, alone, FIRST) == set()
    assert session.vixos("net", alone, "none").returncode == 0


def test_the_first_rule_that_matches_decides(session, net):
    assert firewall(session, net) == ["allow all else"]
    firewall(session, net, "add", "deny", "tcp", f"{OUTSIDE[0]}:{OUTSIDE_PORT}")
    assert reached(session, net, *ALL) == both(FIRST, SECOND, THIRD, IN_LAN) - {FIRST + " SOCK_STREAM"}
    firewall(session, net, "insert", "1", "allow", f"{OUTSIDE[0]}/32")
    assert reached(session, net, *ALL) == both(FIRST, SECOND, THIRD, IN_LAN)
    assert firewall(session, net, "policy", "deny") == [
        f"allow {OUTSIDE[0]}", f"deny tcp {OUTSIDE[0]}:{OUTSIDE_PORT}", "deny all else"]
    assert reached(session, net, *ALL) == both(FIRST, THIRD)
    firewall(session, net, "clear")
    firewall(session, net, "add", "allow", "udp", f"198.51.100.0/24:7000-{OUTSIDE_PORT}")
    assert reached(session, net, *ALL) == {SECOND + " SOCK_DGRAM"}
    # What is open to no one can't be opened: a cloud's metadata.
    firewall(session, net, "add", "allow", "169.254.0.0/16")
    assert reached(session, net, *ALL) == {SECOND + " SOCK_DGRAM"}
    firewall(session, net, "policy", "allow")
    firewall(session, net, "add", "deny", "lan")
    assert reached(session, net, *ALL) == both(FIRST, SECOND, THIRD)
    assert firewall(session, net, "reset") == ["allow all else"]


@pytest.mark.skipif(resolver() == "", reason="no resolver in /etc/resolv.conf")
def test_names_can_be_denied(session, net):
    assert reached(session, net, NAME) == both(NAME)
    firewall(session, net, "add", "deny", "dns")
    assert reached(session, net, NAME, FIRST) == both(FIRST)
    firewall(session, net, "clear")
    firewall(session, net, "policy", "deny")
    firewall(session, net, "add", "allow", "tcp", OUTSIDE[0])
    assert reached(session, net, NAME, FIRST) == {FIRST + " SOCK_STREAM"}
    firewall(session, net, "add", "allow", "dns")
    assert reached(session, net, NAME, FIRST) == {FIRST + " SOCK_STREAM", NAME + " SOCK_STREAM"}
    firewall(session, net, "reset")


def test_names_mean_what_the_host_says(session, net):
    """They are resolved by vixosd when a rule is set; what a guest's own resolver says doesn't count."""
    firewall(session, net, "policy", "deny")
    # To the parser of rules that is a name; the host's resolver knows it without asking anybody.
    name = "0x" + OUTSIDE[0].replace("203", "cb", 1)
    assert firewall(session, net, "add", "allow", "tcp", f"{name}:{OUTSIDE_PORT}")[0] == f"allow tcp {name}:{OUTSIDE_PORT}"
    assert reached(session, net, FIRST, SECOND, THIRD) == {FIRST + " SOCK_STREAM"}
    firewall(session, net, "clear")
    # The resolver that the guest asks says that every name is there, this one too.
    firewall(session, net, "add", "allow", "dns")
    firewall(session, net, "add", "allow", "localhost")
    assert reached(session, net, FIRST) == set()
    firewall(session, net, "reset")


LONG = """
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
print("open", flush=True)
sys.stdin.readline()
try:
    connection.sendall(b"x")
    print("answer", connection.recv(10) == b"x")
except OSError as error:
    print("cut")
"""


def test_a_rule_ends_what_is_open(session, network, net):
    child = session.spawn("exec", "-i", net, "python3", "-c", LONG, OUTSIDE[0], str(ECHO_PORT), stdin=subprocess.PIPE)
    assert child.stdout.readline() == "open\n"
    firewall(session, net, "policy", "deny")
    child.stdin.write("\n")
    child.stdin.flush()
    assert child.stdout.readline() == "cut\n"
    assert child.wait(30) == 0
    firewall(session, net, "reset")


@pytest.mark.parametrize("words, status, said", [
    (("net", "net", "wlan"), 2, "expected none, nat, net-vm NAME"),
    (("net", "net", "bridge"), 2, "expected 'bridge NAME'"),
    (("net", "second", "nat"), 1, "isn't running"),
    (("net", "nobody"), 1, "no VM"),
    (("firewall", "net", "add", "deny", "a..b"), 2, "a name"),
    (("firewall", "net", "add", "deny", "nowhere.invalid"), 1, "can't be resolved"),
    (("firewall", "net", "remove", "1"), 2, "no rule number '1'"),
    (("firewall", "net", "ad"), 2, "expected add, insert"),
])
def test_mistakes_change_nothing(session, net, words, status, said):
    result = session.vixos(*words)
    assert result.returncode == status and said in result.stderr, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert firewall(session, net) == ["allow all else"]
    assert session.vixos("net", net).stdout == "nat\n"


def lines_of(session, vm: str) -> list[str]:
    """The definition that `vixos create` has made of the VM, as it is now."""
    return [line.strip() for line in (session.home / f".config/vixos/vms/{vm}.scfg").read_text().splitlines()]


def test_what_is_changed_can_be_kept(session):
    """--persistent writes what is in force into the definition, of VMs that run and of those that don't."""
    assert session.vixos("create", "kept", "--network", "none").returncode == 0
    assert session.vixos("net", "kept", "nat", "--persistent").stdout == "nat\n"
    assert "network nat" in lines_of(session, "kept")
    session.start_vm("kept")
    assert session.vixos("net", "kept").stdout == "nat\n"
    assert session.vixos("firewall", "kept", "add", "deny", "lan").returncode == 0
    assert "deny lan" not in lines_of(session, "kept")
    assert session.vixos("firewall", "kept", "policy", "deny", "-p").returncode == 0
    assert lines_of(session, "kept")[-4:] == ["firewall deny {", "deny lan", "}", "}"]
    assert session.vixos("net", "kept", "none", "--persistent").returncode == 0
    assert session.vixos("stop", "kept").returncode == 0
    result = session.vixos("firewall", "kept", "clear", "-p", "--json")
    assert json.loads(result.stdout) == {"network": "none", "policy": "deny", "rules": []}, result.stderr
    result = session.vixos("firewall", "kept", "add", "deny", "a..b", "-p")
    assert result.returncode == 2 and "a name" in result.stderr
    # What the user has written in the configuration's file is not ours to change.
    result = session.vixos("net", "net", "none", "--persistent")
    assert result.returncode == 1 and "yours to change" in result.stderr
    assert session.vixos("net", "net").stdout == "nat\n"
    assert session.vixos("rm", "--force", "kept").returncode == 0


def test_run_can_ask_for_a_network(session):
    """For this run only; and a VM that runs keeps what it has."""
    result = session.vixos("run", "-q", "--name", "asked", "--network", "nat", "python3", "-c", "pass")
    assert result.returncode == 0, result.stderr
    result = session.vixos("run", "-q", "--network", "wlan", "true")
    assert result.returncode == 2 and "expected none, nat" in result.stderr
    result = session.vixos("run", "-q", "--name", "net", "--network", "none", "true")
    assert result.returncode == 125 and "runs with the network nat" in result.stderr, result.stderr


def test_the_network_of_a_vm_without_one_is_gone(session, alone):
    assert session.vixos("net", alone, "none").returncode == 0
    wait_until(lambda: len(processes("passt")) == 1, "only one passt is left")
    assert session.vixos("stop", alone).returncode == 0


def test_the_network_outlives_vixosd_and_ends_with_the_vm(session, net):
    [passt] = processes("passt")
    kill(session.vixosd_pid())
    session.wait_for_state(net, "running")
    assert processes("passt") == [passt]
    answers = ask(session, net, f"{OUTSIDE[0]} {OUTSIDE_PORT}")
    assert set(answers.values()) == {OUTSIDE[0]}
    assert session.vixos("stop", net).returncode == 0
    session.assert_nothing_left()


def test_qemu_killed_while_vixosd_is_away(session):
    session.start_vm("second")
    kill(session.vixosd_pid())
    for pid in processes("qemu-system-x86_64"):
        kill(pid)
    wait_until(lambda: not processes("passt"), "passt ends by itself")
    assert session.list()["second"]["state"] == "stopped"
    session.assert_nothing_left()


def test_any_part_killed(session):
    """The others end too; the VM goes on without a network, and can get another."""
    session.start_vm("second")
    parts = ("passt", "pasta", "vixos-net")
    for program in parts:
        kill(processes(program)[-1])
        wait_until(lambda: not [part for part in parts if processes(part)], "nothing of the network is left")
        assert session.vixos("exec", "second", "echo", "hello").stdout == "hello\n"
        result = session.vixos("net", "second", "nat")
        assert (result.returncode, result.stdout) == (0, "nat\n"), result.stderr
    assert reached(session, "second", FIRST) == both(FIRST)
    assert session.vixos("stop", "second").returncode == 0
    session.assert_nothing_left()


@pytest.mark.parametrize("commands, said", [
    ('echo "Failed to do what it does" >&2; exit 1', "Failed to do what it does"),
    ('echo "passt: unrecognized option" >&2; seq 100000 >&2; exit 1', "passt: unrecognized option"),
    ("kill -9 $$", "passt can't start"),
    ("exit 0", "can't"),  # nobody listens
])
def test_a_passt_that_does_not_start(session, network, commands, said):
    network.install_passt(commands)
    result = session.vixos("run", "--background", "--name", "second", "sleep", "10")
    assert result.returncode == 125, result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("vixos: ") and said in line], result.stderr
    session.assert_nothing_left()
