# SPDX-License-Identifier: MIT
"""A disk with a boot loader and a small Linux of its own, made of what the host has, that runs vixos-guest."""

import lzma
import os
import pathlib
import shutil
import subprocess

from session import BUILD

PROGRAMS = ("bash", "mount", "mkdir", "ln", "chmod", "chown", "kmod", "setpriv", "cat", "touch", "sleep",
            "ls", "sync", "dd", "test")
STUB = pathlib.Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
MODULES = ("virtio_pci", "virtio_blk", "virtio_console", "vfat", "nls_ascii", "nls_cp437")

INIT = """#!/usr/bin/bash
export PATH=/usr/bin
mkdir -p /proc /sys /dev /tmp /run/user/1000 /home/user /etc
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/pts; mount -t devpts devpts /dev/pts
for module in /modules/*; do kmod insmod "$module" 2>/dev/null || /usr/bin/insmod "$module"; done
echo user:x:1000:1000::/home/user:/usr/bin/bash >/etc/passwd
echo own-disk >/etc/which
mount -t vfat /dev/vda /mnt
chown 1000:1000 /run/user/1000 /home/user
for _ in 1 2 3 4 5 6 7 8 9 10; do
	for port in /sys/class/virtio-ports/*; do
		if [ "$(cat "$port/name")" = org.vixos.link ]; then device=/dev/${port##*/}; break 2; fi
	done
	sleep 0.2
done
chown 1000 "$device"
export XDG_RUNTIME_DIR=/run/user/1000 HOME=/home/user USER=user
setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs /usr/bin/vixos-guest \\
	--device "$device" --region none
echo vixos-guest ended with $?
"""


def can_build() -> str:
    for program in ("syslinux", "mcopy", "mformat", "modprobe"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed"
    return ""


class Cpio:
    """An initramfs (newc)."""

    def __init__(self):
        self.data = bytearray()
        self.names = set()

    def _add(self, name, mode, content):
        if name in self.names:
            return
        self.names.add(name)
        encoded = name.encode() + b"\0"
        fields = (len(self.names), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
        self.data += b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self.data += b"\0" * (-len(self.data) % 4) + content
        self.data += b"\0" * (-len(self.data) % 4)

    def folder(self, path):
        parts = path.strip("/").split("/")
        for count in range(1, len(parts) + 1):
            if parts[count - 1]:
                self._add("/".join(parts[:count]), 0o040755, b"")

    def file(self, path, content, mode=0o755):
        self.folder(path.rsplit("/", 1)[0] if "/" in path else "")
        self._add(path.strip("/"), 0o100000 | mode, content)

    def link(self, path, target):
        self._add(path.strip("/"), 0o120777, target.encode())

    def finish(self):
        self._add("TRAILER!!!", 0, b"")
        return bytes(self.data)


def libraries_of(program):
    output = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    words = [word for line in output.splitlines() for word in line.split()]
    return [word for word in words if word.startswith("/")]


def add_program(image, path, name):
    image.file(f"usr/bin/{name}", pathlib.Path(path).read_bytes())
    for library in libraries_of(path):
        where = library if library.startswith("/usr/") else f"/usr{library}"
        image.file(where, pathlib.Path(library).read_bytes())


def kernel_modules(release):
    for module in MODULES:
        output = subprocess.run(["/sbin/modprobe", "-S", release, "--show-depends", module],
                                capture_output=True, text=True, check=False).stdout
        for line in output.splitlines():
            if line.startswith("insmod"):
                yield pathlib.Path(line.split()[1])


def initramfs(release):
    image = Cpio()
    for folder in ("usr/bin", "mnt", "proc", "sys", "dev", "modules"):
        image.folder(folder)
    for path, target in (("bin", "usr/bin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")):
        image.link(path, target)
    for program in PROGRAMS:
        add_program(image, shutil.which(program), program)
    image.link("usr/bin/sh", "bash")
    image.link("usr/bin/insmod", "kmod")
    add_program(image, str(BUILD / "launcher/agent/vixos-guest"), "vixos-guest")
    for index, module in enumerate(dict.fromkeys(kernel_modules(release))):
        content = module.read_bytes()
        if module.suffix == ".xz":
            content = lzma.decompress(content)
        image.file(f"modules/{index:02}-{module.name.split('.')[0]}.ko", content, 0o644)
    image.file("init", INIT.encode())
    return image.finish()


def can_build_uefi() -> str:
    if not any('"uefi"' in path.read_text() and "pc-q35" in path.read_text()
               for path in pathlib.Path("/usr/share/qemu/firmware").glob("*.json")):
        return "no UEFI firmware is installed"
    return "" if STUB.exists() and shutil.which("objcopy") else "systemd's EFI stub or objcopy is not installed"


def end_of_sections(program: pathlib.Path) -> int:
    table = subprocess.run(["objdump", "-h", program], check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in table.splitlines()]
    return max(int(words[2], 16) + int(words[3], 16) for words in lines if words and words[0].isdigit())


def unified_kernel(parts: pathlib.Path) -> pathlib.Path:
    """A program for UEFI that is kernel, initramfs and command line: systemd's stub with sections for them."""
    (parts / "cmdline").write_text("console=ttyS0 quiet panic=-1")
    command, address = ["objcopy"], end_of_sections(STUB)
    for section, path in ((".cmdline", parts / "cmdline"), (".initrd", parts / "initrd"), (".linux", newest_kernel())):
        address = (address + 0xfff) & ~0xfff
        command += ["--add-section", f"{section}={path}", "--change-section-vma", f"{section}={address:#x}"]
        address += path.stat().st_size
    output = parts / "BOOTX64.EFI"
    subprocess.run([*command, STUB, output], check=True, capture_output=True)
    return output


def build_uefi(path: pathlib.Path, parts: pathlib.Path) -> None:
    """A disk that UEFI boots, and no BIOS; `parts` is where build() has made its own."""
    program = unified_kernel(parts)
    with path.open("wb") as image:
        image.truncate((program.stat().st_size // (1 << 20) + 16) << 20)
    for command in (["mformat", "-i", path, "-F", "::"], ["mmd", "-i", path, "::EFI", "::EFI/BOOT"],
                    ["mcopy", "-i", path, program, "::EFI/BOOT/BOOTX64.EFI"]):
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "MTOOLS_SKIP_CHECK": "1"})


def newest_kernel() -> pathlib.Path:
    return sorted(pathlib.Path("/boot").glob("vmlinuz-*"))[-1]


def build(path: pathlib.Path) -> None:
    kernel = newest_kernel()
    parts = path.parent
    (parts / "initrd").write_bytes(initramfs(kernel.name.removeprefix("vmlinuz-")))
    (parts / "syslinux.cfg").write_text(
        "DEFAULT linux\nLABEL linux\n  LINUX vmlinuz\n  INITRD initrd\n  APPEND console=ttyS0 quiet panic=-1\n")
    size = (parts / "initrd").stat().st_size + kernel.stat().st_size
    with path.open("wb") as image:
        image.truncate((size // (1 << 20) + 16) << 20)
    tools = {"check": True, "capture_output": True,
             "env": {**os.environ, "MTOOLS_SKIP_CHECK": "1"}}
    subprocess.run(["mformat", "-i", str(path), "-F", "::"], **tools)
    subprocess.run(["syslinux", "--install", str(path)], **tools)
    for source, name in ((kernel, "vmlinuz"), (parts / "initrd", "initrd"),
                         (parts / "syslinux.cfg", "syslinux.cfg")):
        subprocess.run(["mcopy", "-i", str(path), str(source), f"::{name}"], **tools)
