# SPDX-License-Identifier: MIT
"""VMs whose network is another VM: what gets through, what doesn't, and who comes and goes with whom."""

import pytest
from host_network import FIRST, IN_LAN, NAME, OTHER, OUTSIDE_PORT, SECOND, both, missing, reached, resolver
from session import Session, kill_all, wait_until

pytestmark = pytest.mark.skipif(missing() != "", reason=missing())

CONFIG = """accel tcg
vm front {
	network nat
	memory 512
}
vm back {
	network net-vm front
	memory 512
}
vm other {
	network net-vm front
	memory 512
}
vm a {
	network net-vm b
}
vm b {
	network net-vm c
}
vm c {
	network net-vm a
}
vm orphan {
	network net-vm nobody
}
"""

@pytest.fixture(scope="module", name="session")
def make_session(network):
    session = Session(CONFIG)
    session.environment["VIXOS_LIBEXEC"] = str(network.libexec)
    session.make_users_root()
    try:
        session.start_compositor()
        yield session
    finally:
        session.finish()


@pytest.fixture(scope="module", name="back")
def make_back(session):
    session.start_vm("back")
    return "back"


def firewall(session, vm: str, *change: str) -> None:
    result = session.vixos("firewall", vm, *change)
    assert result.returncode == 0, result.stderr


def test_the_net_vm_comes_first(session, back):
    assert session.list()["front"]["state"] == "running"
    wait_until(lambda: reached(session, back, FIRST) == both(FIRST), "the client has a network", 60)
    assert reached(session, back, FIRST, SECOND, IN_LAN) == both(FIRST, SECOND, IN_LAN)


@pytest.mark.skipif(resolver() == "", reason="no resolver in /etc/resolv.conf")
def test_names_are_asked_for_through_the_net_vm(session, back):
    assert reached(session, back, NAME) == both(NAME)
    firewall(session, "front", "add", "deny", "dns")
    assert reached(session, back, NAME, FIRST) == both(FIRST)
    firewall(session, "front", "reset")


def test_both_firewalls_count(session, back):
    firewall(session, back, "add", "deny", OTHER)
    firewall(session, "front", "add", "deny", "lan")
    assert reached(session, back, FIRST, SECOND, IN_LAN) == both(FIRST)
    assert reached(session, "front", FIRST, SECOND, IN_LAN) == both(FIRST, SECOND)
    firewall(session, back, "reset")
    firewall(session, "front", "policy", "deny")
    assert reached(session, back, FIRST, SECOND) == set()  # no network but the net-vm's
    firewall(session, "front", "reset")


# In the net-vm: what comes in from the client, until the last frame. Prints the kinds of all frames.
WATCH = """
import socket, struct
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packets.bind(("client0", 0))
packets.settimeout(60)
print("ready", flush=True)
seen = set()
while True:
    frame, origin = packets.recvfrom(65536)
    if origin[2] == socket.PACKET_OUTGOING:
        continue
    kind = frame[12:14].hex()
    if kind == "0800":
        source, target = (socket.inet_ntoa(frame[at:at + 4]) for at in (26, 30))
        fragment = struct.unpack("!H", frame[20:22])[0] & 0x3fff
        seen.add(f"ip {source} {target} {frame[23]} {len(frame) > 14 + 20 and frame[14] == 0x45} {fragment}")
        if target == "203.0.113.99":
            break
    else:
        seen.add(f"{kind} {frame[0:6].hex()}")
print("\\n".join(sorted(seen)))
"""

# In the client, as root with a kernel of its own: whatever could go through to another VM or to the host.
ATTACK = """
import socket, struct, time
own = bytes.fromhex(open("/sys/class/net/eth0/address").read().strip().replace(":", ""))
router = bytes.fromhex("9a559a559a55")
everybody = b"\\xff" * 6
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("eth0", 0))

def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def ip(source, target, kind, body, fragment=0, options=b"", number=7):
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), number, fragment, 64,
                         kind, 0) + socket.inet_aton(source) + socket.inet_aton(target) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body

def udp(port, data=b"hello", source=4000):
    return struct.pack("!HHHH", source, port, 8 + len(data), 0) + data

def send(target, kind, data, source=own):
    out.send(target + source + kind + data)

ME = "10.0.2.15"
for source in (own, bytes.fromhex("027669780000"), bytes.fromhex("525400000001")):
    for target in (router, everybody, bytes.fromhex("01005e000001"), bytes.fromhex("333300000001"),
                   bytes.fromhex("027669780000")):
        # ARP: that we are the gateway, in either network.
        for address in ("10.0.2.2", "169.254.78.1", "169.254.78.2"):
            send(target, b"\\x08\\x06", struct.pack("!HHBBH", 1, 0x800, 6, 4, 2) + source + socket.inet_aton(address) +
                 target + socket.inet_aton("169.254.78.1"), source)
        # IPv6: a router advertisement, to all nodes.
        body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
        send(target, b"\\x86\\xdd", struct.pack("!IHBB", 6 << 28, len(body), 58, 255) +
             socket.inet_pton(socket.AF_INET6, "fe80::1") + socket.inet_pton(socket.AF_INET6, "ff02::1") + body, source)
        # DHCP: an offer and a request.
        for port in (67, 68):
            send(target, b"\\x08\\x00", ip("10.0.2.2", "255.255.255.255", 17, udp(port, b"\\2" + b"\\0" * 300)), source)
        # The addresses of others, and those that mean a place on the wire.
        for address in ("169.254.78.1", "169.254.78.2", "169.254.78.5", "169.254.77.1", "169.254.77.2",
                        "169.254.169.254", "127.0.0.1", "10.0.2.3", "224.0.0.251", "239.255.255.250",
                        "255.255.255.255", "0.0.0.0"):
            for sender in (ME, "203.0.113.7", "169.254.78.1", "127.0.0.1", "0.0.0.0"):
                send(target, b"\\x08\\x00", ip(sender, address, 17, udp(9)), source)
        # Others' protocols and kinds of frame: GRE, SCTP, ESP, IGMP; VLAN, LLDP, spanning tree.
        for kind in (2, 47, 50, 132):
            send(target, b"\\x08\\x00", ip(ME, "203.0.113.7", kind, b"\\0" * 20), source)
        for kind in (b"\\x81\\x00", b"\\x88\\xcc", b"\\x00\\x26", b"\\x88\\xa8"):
            send(target, kind, b"\\0" * 60, source)
# A port that is denied, in pieces: the second one has no header, or comes first, or overlaps.
data = udp(DENIED, b"secret" * 10)
for number, (first, second) in enumerate((((0, 16), (16, 68)), ((0, 8), (8, 68)), ((16, 68), (0, 16)), ((0, 24), (8, 68)))):
    for begin, end in (first, second):
        more = 0x2000 if end < len(data) else 0
        send(router, b"\\x08\\x00", ip(ME, "203.0.113.7", 17, data[begin:end], more | begin // 8, number=100 + number))
# The same behind options that move it, and to be routed by us.
for options in (b"\\x01" * 4, b"\\x83\\x07\\x04" + socket.inet_aton("203.0.113.7") + b"\\0", b"\\x94\\x04\\0\\0"):
    send(router, b"\\x08\\x00", ip(ME, "203.0.113.7", 17, data, options=options))
send(router, b"\\x08\\x00", ip(ME, "203.0.113.7", 17, data))
# The end.
time.sleep(1)
plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    plain.sendto(b"end", ("203.0.113.99", 9))
    time.sleep(0.2)
"""


def test_no_frame_of_a_client_gets_through(session, network, back):
    """All that the net-vm ever gets is IP from the one address of the wire, sent by the host's kernel."""
    firewall(session, back, "add", "deny", "udp", f"any:{OUTSIDE_PORT}")
    before = len(network.served())
    watcher = session.spawn("exec", "front", "python3", "-c", WATCH)
    assert watcher.stdout.readline() == "ready\n", watcher.communicate()
    attacker = session.spawn("exec", back, "python3", "-c", ATTACK.replace("DENIED", str(OUTSIDE_PORT)))
    seen, errors = watcher.communicate(timeout=120)
    attacker.kill()
    attacker.wait()
    assert watcher.returncode == 0, errors
    host = "169.254.78.2"
    allowed_targets = {"203.0.113.7", "203.0.113.99", "10.0.2.3"}  # the last is an address as others, but for names
    for line in seen.splitlines():
        words = line.split()
        if words[0] == "0806":
            continue  # the host's own, to the net-vm
        assert words[0] == "ip", seen
        source, target, protocol, is_plain, fragment = words[1:]
        assert (source, is_plain, fragment) == (host, "True", "0"), seen
        assert target in allowed_targets and protocol in ("17", "1"), seen
    assert network.served()[before:] == []
    firewall(session, back, "reset")


SERVE = """
import socket, sys
servers = [socket.create_server(("0.0.0.0", 7010))]
servers.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
servers[1].bind(("0.0.0.0", 7010))
print("ready", flush=True)
servers[0].settimeout(300)
servers[0].accept()
print("reached", flush=True)
"""


def test_a_net_vm_has_no_service_for_its_clients_and_they_none_for_each_other(session, back):
    session.start_vm("other")
    wait_until(lambda: reached(session, "other", FIRST) == both(FIRST), "the second client has a network", 60)
    servers = []
    for vm in ("front", "other"):
        servers.append(session.spawn("exec", vm, "python3", "-c", SERVE))
        assert servers[-1].stdout.readline() == "ready\n"
    targets = [f"{address} 7010" for address in (
        "169.254.78.1", "169.254.78.2", "169.254.78.5", "169.254.78.6", "10.0.2.2", "10.0.2.15", "169.254.77.2",
        "127.0.0.1")]
    # 10.0.2.15 and 127.0.0.1 are its own.
    assert reached(session, back, *targets) == set()
    for server in servers:
        assert server.poll() is None
        server.kill()
        server.wait()
    assert session.vixos("stop", "--kill", "other").returncode == 0
    wait_until(lambda: "client1" not in session.vixos("exec", "front", "ls", "/sys/class/net").stdout,
               "its card is gone from the net-vm")
    assert reached(session, back, FIRST) == both(FIRST)


def test_the_network_can_be_another_and_this_one_again(session, back):
    assert session.vixos("net", back, "nat").stdout == "nat\n"
    firewall(session, "front", "policy", "deny")
    assert reached(session, back, FIRST) == both(FIRST)
    result = session.vixos("net", back, "net-vm", "front")
    assert (result.returncode, result.stdout) == (0, "net-vm front\n"), result.stderr
    assert reached(session, back, FIRST) == set()
    firewall(session, "front", "reset")
    wait_until(lambda: reached(session, back, FIRST) == both(FIRST), "it has a network again", 60)


def test_vixosd_killed(session, back):
    kill_all("vixosd")
    assert session.vixos("net", back).stdout == "net-vm front\n"
    assert reached(session, back, FIRST) == both(FIRST)
    assert len(session.vixos("exec", "front", "ls", "/sys/class/net").stdout.split()) == 3


def test_without_its_net_vm_there_is_no_network(session, back):
    assert session.vixos("stop", "--kill", "front").returncode == 0
    assert reached(session, back, FIRST, SECOND, IN_LAN) == set()
    session.start_vm("front")
    wait_until(lambda: reached(session, back, FIRST) == both(FIRST), "it has a network again", 60)


@pytest.mark.parametrize("words, status, said", [
    (("start", "a"), 3, "which has it as its own"),
    (("net", "front", "net-vm", "back"), 3, "which has it as its own"),
    (("net", "front", "net-vm", "front"), 3, "which has it as its own"),
    (("start", "orphan"), 2, "'nobody', which isn't defined"),
    (("net", "back", "net-vm", "nobody"), 2, "'nobody', which isn't defined"),
])
def test_what_can_not_be(session, back, words, status, said):
    result = session.vixos(*words)
    assert said in result.stderr, result.stderr
    assert result.returncode in (status, 1), result.stderr
    assert session.vixos("net", "front").stdout == "nat\n"


def test_all_goes(session, back):
    for vm in (back, "front"):
        assert session.vixos("stop", vm).returncode == 0
    session.assert_nothing_left()
