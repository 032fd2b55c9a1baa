# SPDX-License-Identifier: MIT
"""A guest without libvirt and vixosd: QEMU, virtiofsd, the real boot image, and exec-client."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import typing

BUILD = pathlib.Path(os.environ["BUILD"])
BOOT_IMAGE = BUILD / "tests/vm/boot-image"
EXEC_CLIENT = BUILD / "tests/vm/exec-client"
PROGRAMS = BUILD / "launcher/agent"
VIRTIOFSD = next((path for path in ("/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd")
                  if os.access(path, os.X_OK)), None)
TIMEOUT = 90


def can_run() -> str:
    """Why guests can't be booted here; empty where they can."""
    if shutil.which("qemu-system-x86_64") is None:
        return "qemu-system-x86_64 is not installed"
    if VIRTIOFSD is None:
        return "virtiofsd is not installed"
    for program in (BOOT_IMAGE, EXEC_CLIENT, PROGRAMS / "vixos-guest", PROGRAMS / "vixos-init"):
        if not program.exists():
            return f"{program.name} was not built"
    return ""


def wait_until(condition, timeout: float = TIMEOUT) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


def connect(path: pathlib.Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


class Result(typing.NamedTuple):
    """How a program in the guest ended."""

    returncode: int
    stdout: str
    stderr: str


class Guest:
    """`shares` are further virtiofs devices: tag -> host folder."""

    def __init__(self, directory: pathlib.Path, cmdline: str = "", shares=None, devices=()):
        self.directory = directory
        directory.mkdir(exist_ok=True)
        self.console = directory / "console"
        self.link = directory / "link.sock"
        self.children = []
        self.client = None
        shares = {"usr": "/usr"} if shares is None else shares
        for tag, folder in shares.items():
            self._start_virtiofsd(tag, folder)
        kernel, image, words = self._make_image()
        self.start_time = time.monotonic()
        self.qemu = subprocess.Popen(self._qemu_command(kernel, image, f"{words} {cmdline}", shares) + list(devices),
                                     stdin=subprocess.DEVNULL)
        self.children.append(self.qemu)
        wait_until(self.link.exists)

    def _start_virtiofsd(self, tag: str, folder: str) -> None:
        path = self.directory / f"{tag}.sock"
        self.children.append(subprocess.Popen(
            [VIRTIOFSD, f"--socket-path={path}", f"--shared-dir={folder}", "--cache=auto", "--log-level=error",
             "--sandbox=namespace", *(["--readonly"] if tag == "usr" else [])], stdin=subprocess.DEVNULL))
        wait_until(path.exists)

    def _make_image(self) -> list[str]:
        output = subprocess.run([BOOT_IMAGE, PROGRAMS], check=True, capture_output=True, text=True,
                                env={**os.environ, "XDG_CACHE_HOME": str(self.directory.parent)})
        return output.stdout.splitlines()

    def _qemu_command(self, kernel, image, cmdline, shares) -> list[str]:
        command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-machine", "q35,accel=tcg,memory-backend=ram", "-cpu", "max", "-m", "512",
                   "-object", "memory-backend-memfd,id=ram,size=512M,share=on",
                   "-kernel", kernel, "-initrd", image, "-append", cmdline,
                   "-chardev", f"file,id=console,path={self.console}", "-serial", "chardev:console",
                   "-qmp", f"unix:{self.directory}/qmp.sock,server=on,wait=off",
                   "-device", "virtio-serial-pci",
                   "-chardev", f"socket,id=link,path={self.link},server=on,wait=off",
                   "-device", "virtserialport,chardev=link,name=org.vixos.link",
                   "-device", "virtio-rng-pci",
                   "-object", "memory-backend-memfd,id=region,size=16M,share=on",
                   "-device", "ivshmem-plain,memdev=region"]
        for tag in shares:
            command += ["-chardev", f"socket,id={tag},path={self.directory}/{tag}.sock",
                        "-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"]
        return command

    def run(self, *argv: str, mode: str = "plain") -> Result:
        """One link for all programs of a guest: a host that comes and goes is another test's subject."""
        if self.client is None:
            self.client = subprocess.Popen([EXEC_CLIENT, self.link], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.children.append(self.client)
        self.client.stdin.write("\x1f".join((mode, *argv)).encode() + b"\n")
        self.client.stdin.flush()
        status, out, errors = (int(word) for word in self.client.stdout.readline().split())
        return Result(status, self.client.stdout.read(out).decode(), self.client.stdout.read(errors).decode())

    def shell(self, script: str) -> str:
        result = self.run("sh", "-c", script)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def press_power(self) -> None:
        with connect(self.directory / "qmp.sock") as qmp, qmp.makefile("rw") as stream:
            stream.readline()
            for command in ("qmp_capabilities", "system_powerdown"):
                stream.write(json.dumps({"execute": command}) + "\n")
                stream.flush()
                stream.readline()

    def wait(self) -> int:
        return self.qemu.wait(timeout=TIMEOUT)

    def text(self) -> str:
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    def stop(self) -> None:
        for child in reversed(self.children):
            child.kill()
            child.wait()
        if self.client is not None:
            self.client.stdin.close()
            self.client.stdout.close()
