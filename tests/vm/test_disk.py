# SPDX-License-Identifier: MIT
"""A VM whose system is on a disk image, with a boot loader and a kernel of its own."""

import hashlib
import json
import subprocess

import disk_image
import pytest
from session import Session, can_run, wait_until


@pytest.fixture(scope="module", name="desk")
def make_desk():
    if can_run() or disk_image.can_build():
        pytest.skip(can_run() or disk_image.can_build())
    desk = Session(has_home=True)
    desk.image = desk.home / "images/own.img"
    desk.image.parent.mkdir()
    disk_image.build(desk.image)
    try:
        yield desk
    finally:
        desk.finish()


def succeed(desk, *words):
    result = desk.vixos(*words)
    assert result.returncode == 0, result.stderr + desk.log()
    return result.stdout


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_system_of_its_own_boots(desk):
    before = digest(desk.image)
    files = sorted(desk.image.parent.iterdir())
    succeed(desk, "create", "own", "--template", f"disk {desk.image}", "--memory", "512")
    succeed(desk, "start", "own")
    assert succeed(desk, "exec", "own", "cat", "/etc/which") == "own-disk\n"
    assert desk.vixos("exec", "own", "ls", "/usr/share").returncode != 0  # the host's isn't there
    definition = json.loads(succeed(desk, "inspect", "own"))["definition"]
    assert (definition["template"], definition["disk"]) == ("disk", str(desk.image))
    # Two at once share the image, and neither changes it.
    succeed(desk, "create", "twin", "--template", f"disk {desk.image}", "--memory", "512")
    succeed(desk, "start", "twin")
    succeed(desk, "stop", "--all", "--kill")
    assert digest(desk.image) == before
    desk.assert_nothing_left()
    assert sorted(desk.image.parent.iterdir()) == files


@pytest.mark.skipif(disk_image.can_build_uefi() != "", reason=disk_image.can_build_uefi())
def test_a_system_of_its_own_boots_by_uefi(desk):
    image = desk.home / "uefi.img"
    disk_image.build_uefi(image, desk.image.parent)
    succeed(desk, "create", "modern", "--template", f"disk {image}", "--memory", "512", "--set", "firmware uefi")
    succeed(desk, "start", "modern")
    # The firmware has read what vixos-proxy said on the port: the link is made a second time.
    result = wait_until(lambda: (lambda result: result.returncode == 0 and result)(
        desk.vixos("exec", "modern", "cat", "/etc/which")), "the link is there")
    assert result.stdout == "own-disk\n"
    assert desk.vixos("exec", "modern", "test", "-d", "/sys/firmware/efi").returncode == 0
    assert json.loads(succeed(desk, "inspect", "modern"))["definition"]["firmware"] == "uefi"
    succeed(desk, "stop", "--kill", "modern")
    desk.assert_nothing_left()


DOMAIN = """<domain type='qemu'><name>old</name><memory unit='MiB'>512</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='{image}'/><target dev='vda' bus='virtio'/></disk></devices></domain>
"""


def test_a_domain_of_libvirt_is_adopted(desk):
    description = desk.home / "old.xml"
    description.write_text(DOMAIN.format(image=desk.image))
    virsh = ["virsh", "-q", "-c", "qemu:///session"]
    subprocess.run([*virsh, "define", str(description)], env=desk.environment, check=True,
                   capture_output=True, timeout=60)
    try:
        succeed(desk, "create", "adopted", "--adopt", "old", "--label", "Adopted")
        definition = json.loads(succeed(desk, "inspect", "adopted"))["definition"]
        assert (definition["disk"], definition["memoryMinMiB"], definition["vcpus"]) == (
            str(desk.image), 512, 1)
        succeed(desk, "start", "adopted")
        succeed(desk, "exec", "adopted", "test", "-e", "/mnt/vmlinuz")
        succeed(desk, "stop", "--kill", "adopted")
        missing = desk.vixos("create", "none", "--adopt", "nothing")
        assert missing.returncode == 1 and "'nothing' can't be adopted" in missing.stderr
    finally:
        subprocess.run([*virsh, "undefine", "old"], env=desk.environment, check=True,
                       capture_output=True, timeout=60)
    desk.assert_nothing_left()


def test_what_is_wrong_with_a_disk_is_said(desk):
    succeed(desk, "create", "lost", "--template", "disk /nonexistent.img")
    result = desk.vixos("start", "lost")
    assert result.returncode == 1
    assert "the disk image '/nonexistent.img' is not a file" in result.stderr
    desk.assert_nothing_left()
