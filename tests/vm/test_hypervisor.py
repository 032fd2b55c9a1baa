# SPDX-License-Identifier: MIT
"""launcher/vm against the real libvirt, with the smallest guest there is."""

import os
import pathlib
import signal

import pytest
from hypervisor_fixture import (Driver, assert_nothing_left, can_run, domains, folders, processes,
                                qemus, regions, wait_until)

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(scope="module", name="directory")
def make_directory(tmp_path_factory):
    return tmp_path_factory.mktemp("hypervisor")


def start_driver(directory, config="accel tcg\n"):
    driver = Driver(directory, config)
    driver.wait_for("event listed")
    return driver


def end(driver):
    assert driver.quit() == 0
    assert_nothing_left()


def test_a_vm_starts_and_stops(directory):
    driver = start_driver(directory)
    line = driver.start_and_wait("work")
    assert "accel=tcg" in line
    assert domains() == ["vixos-work"]
    region = line.split("region=")[1]
    assert regions() == [region]
    assert os.stat(f"/dev/shm/{region}").st_mode & 0o777 == 0o600
    assert folders() == ["work"]
    driver.tell("stop work 100")
    # Event and answer come from different threads.
    lines = [driver.wait_for("done stop work", "event stopped work") for _ in range(2)]
    assert any(line.startswith("event stopped work") for line in lines)
    assert "done stop work ok" in lines
    end(driver)


def test_a_name_is_taken_once(directory):
    driver = start_driver(directory)
    driver.start_and_wait("work")
    driver.tell("start work")
    assert "runs already" in driver.wait_for("done start work")
    assert folders() == ["work"]
    driver.tell("kill work")
    assert driver.wait_for("done kill work").endswith(" ok")
    end(driver)


def test_a_vm_that_ends_by_itself_says_why(directory):
    driver = start_driver(directory)
    for command, reason in (("o", "shut down"), ("c", "crashed")):
        driver.start_and_wait("work")
        driver.tell(f"type work {command}")
        assert reason in driver.wait_for("event stopped work")
        driver.tell("clean work")
        assert driver.wait_for("done clean work").endswith(" ok")
    end(driver)


def test_qemu_killed(directory):
    driver = start_driver(directory)
    driver.start_and_wait("work")
    for pid in qemus("work"):
        os.kill(pid, signal.SIGKILL)
    assert "QEMU failed" in driver.wait_for("event stopped work")
    driver.tell("clean work")
    driver.wait_for("done clean work")
    end(driver)


def test_a_paused_vm_stays_and_goes_on(directory):
    driver = start_driver(directory)
    driver.start_and_wait("work")
    driver.tell("pause work")
    driver.wait_for("event paused work")
    driver.tell("resume work")
    driver.wait_for("event resumed work")
    driver.tell("pause nobody")
    assert "no VM named 'nobody'" in driver.wait_for("done pause nobody")
    driver.tell("kill work")
    driver.wait_for("done kill work")
    end(driver)


def test_a_new_driver_finds_what_runs_and_sweeps_the_rest(directory):
    config = 'accel tcg\nvm work {\n\tlabel "Work <&\'>"\n\tcolor #123456\n\tmemory 300\n}\n'
    driver = start_driver(directory, config)
    driver.start_and_wait("work")
    driver.start_and_wait("gone")
    driver.process.kill()
    driver.process.wait()
    for pid in qemus("gone"):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: domains() == ["vixos-work"], "the killed VM is still listed")
    assert len(regions()) == 2

    driver = Driver(directory, config)
    line = driver.wait_for("event found work")
    assert "state=0 label=Work <&'> color=#123456 memory=300" in line
    driver.wait_for("event listed")
    driver.tell("sweep")
    driver.wait_for("done sweep")
    assert folders() == ["work"]
    assert len(regions()) == 1
    driver.tell("watch work")
    driver.tell("tail work 5")
    assert driver.wait_for("tiny guest is ready")
    driver.tell("kill work")
    driver.wait_for("done kill work")
    end(driver)


def test_the_console_is_bounded_and_clean(directory):
    driver = start_driver(directory)
    driver.start_and_wait("work")
    driver.tell("type work e")
    wait_until_tail(driver, "red  and back".replace("  ", " \N{REPLACEMENT CHARACTER} "))
    driver.tell("type work f")
    ring = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "vixos/vm/work/console.ring"
    size = ring.stat().st_size
    wait_until_tail(driver, "xxxx", minimum=20000)
    assert ring.stat().st_size == size
    driver.tell("kill work")
    assert driver.wait_for("done kill work").endswith(" ok")
    end(driver)


def wait_until_tail(driver, text, minimum=0):
    """Until the last line of the console has `text`, and `minimum` bytes were written."""
    def look():
        driver.tell("tail work 1")
        position = int(driver.wait_for("tail work").split("position=")[1])
        driver.wait_for("end of tail")
        lines = driver.seen[len(driver.seen) - 1 - driver.seen[::-1].index(
            next(line for line in reversed(driver.seen) if line.startswith("tail work"))):-1]
        return position >= minimum and any(text in line for line in lines)
    wait_until(look, f"the console never showed {text!r}", timeout=60)


def test_libvirtd_killed_and_back(directory):
    driver = start_driver(directory)
    driver.start_and_wait("work")
    daemons = processes("libvirtd") + processes("virtqemud")
    assert daemons
    for pid in daemons:
        os.kill(pid, signal.SIGKILL)
    driver.wait_for("event lost")
    assert qemus("work")
    driver.wait_for("event ready")
    assert "work" in driver.wait_for("event found")
    driver.wait_for("event listed")
    driver.tell("kill work")
    assert driver.wait_for("done kill work").endswith(" ok")
    end(driver)


@pytest.mark.parametrize("config, message", [
    ("accel tcg\nvm work {\n\tkernel /nonexistent\n}\n", "/nonexistent"),
    ("accel tcg\nvm work {\n\tmount /nonexistent\n}\n", "can't mount '/nonexistent'"),
    ("accel tcg\nuri qemu+unix:///session?socket=/nonexistent\n", "can't connect to libvirt"),
])
def test_what_cannot_start_says_so_and_leaves_nothing(directory, config, message):
    driver = Driver(directory, config)
    driver.tell("start work")
    assert message in driver.wait_for("done start work")
    end(driver)


def test_no_room_in_shm(directory):
    """A sparse region that another VM may still fill counts as taken."""
    promised = pathlib.Path("/dev/shm/vixos-other-" + "0" * 32)
    with promised.open("wb") as file:
        file.truncate(1 << 40)
    driver = start_driver(directory)
    driver.tell("start work")
    line = driver.wait_for("done start work")
    assert "/dev/shm has room for 0 MiB" in line and "remount" in line
    promised.unlink()
    end(driver)


def test_many_at_once(directory):
    driver = start_driver(directory, "accel tcg\ndefaults {\n\tmemory 128\n\tvcpus 1\n}\n")
    names = [f"vm{number}" for number in range(4)]
    for name in names:
        driver.tell(f"start {name}")
    for name in names:
        driver.tell(f"stop {name} 0")
    done = [driver.wait_for("done stop") for _ in names]
    assert all(line.endswith(" ok") for line in done)
    started = [line for line in driver.seen if line.startswith("done start")]
    assert len(started) == len(names) and all(" ok " in line for line in started)
    end(driver)
