# SPDX-License-Identifier: MIT
"""
USB devices that there are not: sysfs, device nodes and the kernel's messages by umockdev, for vixosd; and
behind the nodes of one kind a security key that works, by fake_usbfs.c, for vixos-usb. Everything between,
from vixos-usb to the guest's drivers, is as it is for users.
"""

import ctypes.util
import json
import os
import pathlib
import signal
import socket
import subprocess

from preload import preloading
from session import BUILD, VIXOSD, Session, processes, wait_until

# umockdev's side: a process with its library preloaded, which sends the kernel's messages too.
SERVER = """
import json, sys, gi
gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev
testbed = UMockdev.Testbed.new()
print(testbed.get_root_dir(), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    for path in command.get("gone", []):
        testbed.uevent(path, "remove")
        testbed.remove_device(path)
    if "text" in command:
        testbed.add_from_string(command["text"])
        testbed.uevent(command["path"], "add")
    print("done", flush=True)
"""

FAKE_USBFS = BUILD / "tests/vm/libfake-usbfs.so"

FIDO_REPORT = "06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0"
KEYBOARD_REPORT = "05010906a101c0"


def missing() -> str:
    try:
        import gi
        gi.require_version("UMockdev", "1.0")
    except (ImportError, ValueError) as error:
        return str(error)
    if not ctypes.util.find_library("umockdev-preload"):
        return "umockdev is not installed"
    return "" if FAKE_USBFS.exists() else "fake-usbfs was not built"


def device_descriptor(vendor: int, product: int, kind: int = 0) -> str:
    return (bytes([18, 1, 0, 2, kind, 0, 0, 64]) + vendor.to_bytes(2, "little") + product.to_bytes(2, "little") +
            bytes([0, 1, 1, 2, 3, 1])).hex()


def interface(number: int, kind: int, subclass: int = 0, protocol: int = 0) -> str:
    """With two interrupt endpoints, and the HID descriptor that HID devices have."""
    hid = "092111010001222200" if kind == 3 else ""
    return bytes([9, 4, number, 0, 2, kind, subclass, protocol, 0]).hex() + hid + "07058103400005" + "07050103400005"


def configuration(*interfaces: str) -> str:
    total = 9 + sum(map(len, interfaces)) // 2
    return bytes([9, 2, total, 0, len(interfaces), 1, 0, 0x80, 50]).hex() + "".join(interfaces)


class Device:
    def __init__(self, port: str, address: int, vendor: int, product: int, name: str, *interfaces: str,
                 kind: int = 0, serial: str = "", driver: str = "usbhid", report: str = ""):
        self.port, self.address, self.name, self.serial = port, address, name, serial
        self.ids = f"{vendor:04x}:{product:04x}"
        self.descriptors = device_descriptor(vendor, product, kind) + configuration(*interfaces)
        self.driver, self.report = driver, report
        self.path = f"/devices/pci0000:00/0000:00:14.0/usb1/{port}"

    def described(self) -> str:
        """As umockdev reads it."""
        maker, product = self.name.split(" ", 1)
        vendor_id, product_id = self.ids.split(":")
        serial = f"A: serial={self.serial}\\n\n" if self.serial else ""
        text = f"""P: {self.path}
N: bus/usb/001/{self.address:03}={self.descriptors.upper()}
E: DEVNAME=/dev/bus/usb/001/{self.address:03}
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
E: BUSNUM=001
E: DEVNUM={self.address:03}
A: busnum=1\\n
A: devnum={self.address}\\n
A: idVendor={vendor_id}\\n
A: idProduct={product_id}\\n
A: manufacturer={maker}\\n
A: product={product}\\n
{serial}H: descriptors={self.descriptors.upper()}

P: {self.path}/{self.port}:1.0
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb
L: driver=../../../../../../bus/usb/drivers/{self.driver}

"""
        if self.report:
            text += f"""P: {self.path}/{self.port}:1.0/0003:{self.ids.upper()}.0001
E: SUBSYSTEM=hid
H: report_descriptor={self.report.upper()}

"""
        return text


class UsbBed:
    """A session whose vixosd sees these devices."""

    def __init__(self, session: Session):
        self.session = session
        self.preload = ctypes.util.find_library("umockdev-preload")
        self.server = subprocess.Popen(["python3", "-c", SERVER], env={**os.environ, "LD_PRELOAD": self.preload},
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        session.children.append(self.server)
        self.root = self.server.stdout.readline().strip()
        assert self.root, "umockdev does not start"
        self.log = session.runtime / "usbfs.log"
        self.libexec = session.runtime / "libexec"
        self.libexec.mkdir()
        self._wrap("vixos-proxy", BUILD / "proxy/host/vixos-proxy", "unset LD_PRELOAD")
        usb = BUILD / "launcher/usb/vixos-usb"
        preloaded = preloading(usb, FAKE_USBFS)
        self._wrap("vixos-usb", usb, f"export LD_PRELOAD={preloaded} FAKE_USBFS_LOG={self.log}")

    def _wrap(self, name: str, program: pathlib.Path, command: str) -> None:
        path = self.libexec / name
        path.write_text(f'#!/bin/sh\n{command}\nexec {program} "$@"\n')
        path.chmod(0o755)

    def _tell(self, **command) -> None:
        print(json.dumps(command), file=self.server.stdin, flush=True)
        assert self.server.stdout.readline() == "done\n"

    def plug(self, device: Device) -> None:
        self._tell(text=device.described(), path=f"/sys{device.path}")

    def unplug(self, device: Device) -> None:
        paths = [f"/sys{device.path}/{device.port}:1.0", f"/sys{device.path}"]
        if device.report:
            paths.insert(0, f"{paths[0]}/0003:{device.ids.upper()}.0001")
        self._tell(gone=paths)
        for pid in processes("vixos-usb"):
            os.kill(pid, signal.SIGUSR1)

    def start_vixosd(self) -> subprocess.Popen:
        # First, so that it has nothing of the preloaded library.
        assert self.session.domains() is not None
        preloaded = preloading(VIXOSD, self.preload)
        environment = {**self.session.environment, "LD_PRELOAD": preloaded, "UMOCKDEV_DIR": self.root,
                       "VIXOS_LIBEXEC": str(self.libexec)}
        folder = self.session.runtime / "vixos"
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / "vixosd.log").open("ab") as log:
            child = subprocess.Popen([VIXOSD, "--foreground"], env=environment, stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=log)
        self.session.children.append(child)
        wait_until(self._answers, "vixosd answers")
        return child

    def _answers(self) -> bool:
        """Without starting one, as vixos would."""
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.session.runtime / "vixos/org.vixos.Manager")) == 0

    def host_log(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []
