# SPDX-License-Identifier: MIT
"""`vixos usb`: a security key is seen and used in the guest, and the host's again afterwards, whatever ends it."""

import json
import os
import signal
import subprocess

import pytest
from session import VIXOS, Session, can_run, kill_all, processes, wait_until
from usb_bed import FIDO_REPORT, KEYBOARD_REPORT, Device, UsbBed, interface, missing

pytestmark = pytest.mark.skipif((can_run() or missing()) != "", reason=can_run() or missing())

CONFIG = """accel tcg
vm work {
	usb on
}
vm keyed {
	usb 1209:f1d0:4711
}
vm plain
"""

HID, STORAGE, HUB = 3, 8, 9
KEY = Device("1-2", 4, 0x1209, 0xF1D0, "VixOS Emulated Key", interface(0, HID), serial="4711", report=FIDO_REPORT)
# As a YubiKey is: its first interface is a keyboard.
TYPING_KEY = Device("1-3", 5, 0x1050, 0x0407, "Yubico YubiKey OTP+FIDO", interface(0, HID, 1, 1), interface(1, HID),
                    report=FIDO_REPORT)
KEYBOARD = Device("1-4", 6, 0x046D, 0xC31C, "Logitech Keyboard", interface(0, HID, 1, 1), report=KEYBOARD_REPORT)
HUB_DEVICE = Device("1-5", 7, 0x05E3, 0x0610, "Genesys Hub", interface(0, HUB), kind=HUB, driver="hub")
DISK = Device("1-6", 8, 0x0781, 0x5567, "SanDisk Stick", interface(0, STORAGE, 6, 0x50), driver="usb-storage")
RADIO = Device("1-7", 9, 0x0A12, 0x0001, "Cambridge Radio", interface(0, 0xE0, 1, 1), driver="btusb")
DEVICES = (KEY, TYPING_KEY, KEYBOARD, HUB_DEVICE, DISK, RADIO)

# In the guest: CTAPHID INIT, as any FIDO client begins; prints the nonce that comes back.
ASK = """
import os, pathlib
path = next(path for path in pathlib.Path("/dev").glob("hidraw*"))
key = os.open(path, os.O_RDWR)
os.write(key, b"\\0" + bytes.fromhex("ffffffff860008") + b"a nonce!" + bytes(64 - 15))
answer = os.read(key, 64)
print(answer[7:15].decode(), answer[15:19].hex())
"""


@pytest.fixture(scope="module", name="session")
def make_session():
    session = Session(CONFIG, has_home=True)
    try:
        session.bed = UsbBed(session)
        for device in DEVICES:
            session.bed.plug(device)
        session.bed.start_vixosd()
        yield session
    finally:
        session.finish()


@pytest.fixture(scope="module", name="work")
def make_work(session):
    session.start_vm("work")
    yield "work"
    session.vixos("stop", "--kill", "work")


def usb(session, *words: str, status: int = 0) -> str:
    result = session.vixos("usb", *words)
    assert result.returncode == status, result.stdout + result.stderr + session.log()
    return result.stdout + result.stderr


def listed(session) -> dict[str, dict]:
    return {device["port"]: device for device in json.loads(usb(session, "list", "--json"))}


def guest_ids(session, vm: str) -> list[str]:
    """What lsusb shows in the guest, but for root hubs."""
    result = session.vixos("exec", vm, "lsusb")
    assert result.returncode == 0, result.stderr
    return [line.split()[5] for line in result.stdout.splitlines() if "1d6b:" not in line]


def wait_for_ids(session, vm: str, *ids: str) -> None:
    wait_until(lambda: guest_ids(session, vm) == list(ids), f"the guest sees {ids}")


def wait_for_host(session) -> None:
    wait_until(lambda: session.bed.host_log()[-1:] == ["host has it"], "the host has it again")
    wait_until(lambda: not processes("vixos-usb"), "its process ends")


def test_list(session):
    devices = listed(session)
    assert {port: device["kind"] for port, device in devices.items()} == {
        "1-2": "security key", "1-3": "security key", "1-4": "keyboard", "1-5": "hub", "1-6": "storage",
        "1-7": "wireless"}
    key = devices["1-2"]
    assert (key["bus"], key["address"], key["vendor"], key["product"]) == (1, 4, "1209", "f1d0")
    assert (key["name"], key["serial"], key["free"]) == ("VixOS Emulated Key", "4711", True)
    assert [port for port, device in devices.items() if not device["free"]] == ["1-4", "1-5", "1-7"]
    lines = usb(session, "list").splitlines()
    assert lines[0].split() == ["PORT", "ADDRESS", "ID", "KIND", "VM", "NAME"]
    assert lines[1].split()[:3] == ["1-2", "001/004", "1209:f1d0"]


def test_a_key_is_used_in_the_guest(session, work):
    assert guest_ids(session, work) == []
    usb(session, "attach", work, "emulated")
    assert session.bed.host_log()[:2] == ["host has lost it", "claimed"]
    wait_for_ids(session, work, KEY.ids)
    result = session.vixos("exec", "-i", work, "python3", "-", input=ASK)
    assert result.stdout == "a nonce! 00000007\n", result.stderr
    assert listed(session)["1-2"]["vm"] == work
    refused = usb(session, "attach", work, "1-2", status=3)
    assert "has 'VixOS Emulated Key' already" in refused
    usb(session, "detach", work, "1-2")
    wait_for_host(session)
    wait_for_ids(session, work)
    assert "vm" not in listed(session)["1-2"]


@pytest.mark.parametrize("spec", ["001/004", "1-2", "1209:f1d0", "1209:F1D0:4711", "VixOS"])
def test_every_way_to_say_which(session, work, spec):
    usb(session, "attach", work, spec)
    assert listed(session)["1-2"]["vm"] == work
    usb(session, "detach", work, spec)
    assert "vm" not in listed(session)["1-2"]


def test_what_is_refused(session, work):
    assert "is a keyboard" in usb(session, "attach", work, "1-4", status=3)
    assert "is a hub" in usb(session, "attach", work, "--force", "1-5", status=3)
    assert "the host's Bluetooth" in usb(session, "attach", work, "1-7", status=3)
    several = usb(session, "attach", work, "key", status=1)
    assert "1-2 " in several and "1-3 " in several and "1-4 " in several and "1-6 " not in several
    assert "there is no USB device '1-9'" in usb(session, "attach", work, "1-9", status=1)
    assert "no such device" in usb(session, "detach", work, "1-2", status=1)
    assert "there is no VM" in usb(session, "attach", "nobody", "1-2", status=1)
    usb(session, "attach", work, status=2)
    usb(session, "eject", work, "1-2", status=2)
    assert session.bed.host_log()[-1] == "host has it"


def test_what_force_gives(session, work):
    usb(session, "attach", "--force", work, "1-4")
    assert listed(session)["1-4"]["vm"] == work
    usb(session, "detach", work, "1-4")
    wait_for_host(session)


def test_other_drivers_come_from_usr(session, work):
    """The boot image brings those of keys along; a disk's is loaded when there is a disk."""
    def has_driver() -> bool:
        return session.vixos("exec", work, "grep", "-q", "^usb_storage ", "/proc/modules").returncode == 0

    assert not has_driver()
    usb(session, "attach", work, "1-6")
    wait_until(has_driver, "the driver is loaded")
    usb(session, "detach", work, "1-6")
    wait_for_host(session)


def test_without_the_right_it_says_which_rule_gives_it(session, work):
    node = os.path.join(session.bed.root, "dev/bus/usb/001/004")
    os.chmod(node, 0o400)
    try:
        said = usb(session, "attach", work, "1-2", status=1)
        assert 'ATTR{idVendor}=="1209", ATTR{idProduct}=="f1d0", TAG+="uaccess"' in said
        assert "/etc/udev/rules.d/70-vixos-usb.rules" in said
    finally:
        os.chmod(node, 0o600)


def test_a_vm_without_usb_says_so(session):
    session.start_vm("plain")
    assert "started without USB" in usb(session, "attach", "plain", "1-2", status=1)
    assert session.vixos("exec", "plain", "test", "-e", "/sys/bus/usb/devices/usb1").returncode == 1
    session.vixos("stop", "--kill", "plain")


def test_it_stays_when_vixosd_is_killed(session, work):
    usb(session, "attach", work, "1-2")
    wait_for_ids(session, work, KEY.ids)
    kill_all("vixosd")
    session.bed.start_vixosd()
    assert listed(session)["1-2"]["vm"] == work
    assert guest_ids(session, work) == [KEY.ids]
    usb(session, "detach", work, "1-2")
    wait_for_host(session)
    wait_for_ids(session, work)
    kill_all("vixosd")
    session.bed.start_vixosd()
    assert "vm" not in listed(session)["1-2"]


def test_a_process_that_dies_takes_the_device_from_the_guest(session, work):
    usb(session, "attach", work, "1-2")
    wait_for_ids(session, work, KEY.ids)
    kill_all("vixos-usb")
    wait_for_ids(session, work)
    wait_until(lambda: "vm" not in listed(session)["1-2"], "vixosd has noticed")


def test_unplugged(session, work):
    usb(session, "attach", work, "1-2")
    wait_for_ids(session, work, KEY.ids)
    session.bed.unplug(KEY)
    wait_for_ids(session, work)
    assert "1-2" not in listed(session)
    wait_until(lambda: not processes("vixos-usb"), "vixos-usb ends")
    session.bed.plug(KEY)
    assert "vm" not in listed(session)["1-2"], "it is in no definition of a VM that runs"


def test_an_assigned_device_comes_by_itself(session):
    session.start_vm("keyed")
    wait_for_ids(session, "keyed", KEY.ids)
    assert listed(session)["1-2"]["vm"] == "keyed"
    session.bed.unplug(KEY)
    wait_for_ids(session, "keyed")
    session.bed.plug(KEY)
    wait_for_ids(session, "keyed", KEY.ids)
    usb(session, "detach", "keyed", "1-2")
    wait_for_ids(session, "keyed")
    # Taken by hand, it stays away until it is plugged in again.
    kill_all("vixosd")
    session.bed.start_vixosd()
    session.wait_for_state("keyed", "running")
    assert "vm" not in listed(session)["1-2"]
    usb(session, "attach", "keyed", "1-2")
    stopped = session.vixos("stop", "keyed")
    assert stopped.returncode == 0, stopped.stderr
    wait_for_host(session)
    assert "vm" not in listed(session)["1-2"]


def test_devices_are_defined_by_create(session):
    environment = {**session.environment, "XDG_CONFIG_HOME": str(session.runtime / "config-home")}
    environment.pop("VIXOS_CONFIG", None)

    def create(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([VIXOS, "create", *words], env=environment, capture_output=True, text=True, check=False,
                              timeout=30)

    result = create("made", "--audio", "output", "--usb", "1209:f1d0", "--usb", "046d:c31c force")
    assert result.returncode == 0, result.stderr
    with open(result.stdout.strip(), encoding="utf-8") as file:
        lines = {line.strip() for line in file}
    assert {"audio output", "usb 1209:f1d0", "usb 046d:c31c force"} <= lines
    wrong = create("wrong", "--usb", "yubikey")
    assert wrong.returncode == 2 and "VENDOR:PRODUCT" in wrong.stderr


def test_an_assignment_is_kept(session, work):
    """--persistent writes it into the definition, with the serial number, and takes it out again."""
    created = session.vixos("create", "own", "--usb", "on")
    assert created.returncode == 0, created.stderr

    def lines() -> list[str]:
        with open(created.stdout.strip(), encoding="utf-8") as file:
            return [line.strip() for line in file if "usb" in line]

    session.start_vm("own")
    usb(session, "attach", "own", "1-2")
    assert lines() == ["usb on"]
    usb(session, "detach", "own", "1-2")
    usb(session, "attach", "own", "emulated", "--persistent")
    assert lines() == ["usb on", "usb 1209:f1d0:4711"]
    usb(session, "detach", "own", "1-2", "--persistent")
    assert lines() == ["usb on"]
    # Refused before anything is done.
    assert "yours to change" in usb(session, "attach", work, "1-2", "-p", status=1)
    assert "vm" not in listed(session)["1-2"]
    assert session.vixos("stop", "--kill", "own").returncode == 0
    assert session.vixos("rm", "--force", "own").returncode == 0


def test_run_with_a_device(session):
    """Where it can't be had nothing runs, and the VM is gone again."""
    result = session.vixos("run", "-q", "--name", "once", "--usb", "1-2", "sh", "-c",
                           "while ! lsusb | grep 1209; do :; done")
    assert KEY.ids in result.stdout, result.stderr
    wait_for_host(session)
    refused = session.vixos("run", "-q", "--name", "once", "--usb", "1-4", "echo", "ran")
    assert refused.returncode == 3 and "is a keyboard" in refused.stderr and "ran" not in refused.stdout
    assert "once" not in session.list()


def test_nothing_is_left(session, work):
    """A device that is held when its VM is killed is the host's again."""
    usb(session, "attach", work, "1-2")
    for pid in processes("qemu-system-x86_64"):
        os.kill(pid, signal.SIGKILL)
    wait_for_host(session)
    wait_until(lambda: "vm" not in listed(session)["1-2"], "vixosd knows")
