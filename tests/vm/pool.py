# SPDX-License-Identifier: MIT
"""A session with preloaded VMs."""

import json
import subprocess
import time

from session import Session, wait_until

FACTS = "hostname; cat /etc/machine-id /proc/sys/kernel/random/boot_id; date +%s; " \
        "head -c 16 /dev/urandom | od -An -tx1; grep -c preload /etc/hosts; true"


class Pool(Session):
    """A session with preloaded VMs."""

    def preloaded(self) -> list[dict]:
        """All of the pool, in whatever state."""
        result = self.vixos("list", "--all", "--json")
        assert result.returncode == 0, result.stderr
        return [vm for vm in json.loads(result.stdout) if vm["name"].startswith("preload-")]

    def wait_for_ready(self, wanted: int = 1, other_than: str = "") -> list[dict]:
        def look():
            found = [vm for vm in self.preloaded() if vm["state"] == "preloaded" and
                     vm["name"] != other_than]
            return found if len(found) >= wanted else None
        try:
            return wait_until(look, "a preloaded VM is ready", 100)
        except AssertionError:
            raise AssertionError(f"{self.preloaded()}\n{self.log()}") from None

    def set_config(self, text: str) -> None:
        self.config.write_text("accel tcg\n" + text)
        assert self.vixos("list").returncode == 0

    def domain_state(self, name: str) -> str:
        return subprocess.run(["virsh", "-q", "-c", "qemu:///session", "domstate", f"vixos-{name}"],
                              capture_output=True, text=True, env=self.environment, timeout=60,
                              check=False).stdout.strip()

    def facts(self, name: str) -> list[str]:
        """What a VM that is started now finds out about itself; its clock has been compared."""
        begin = time.time()
        result = self.vixos("run", "-q", "--name", name, "sh", "-c", FACTS)
        assert result.returncode == 0, result.stderr + self.log()
        found = result.stdout.split("\n")
        assert begin - 1 < int(found[3]) < time.time() + 1, found
        return found

    def drain(self) -> None:
        self.set_config("")
        self.assert_nothing_left()

    def finish(self) -> None:
        try:
            self.drain()
        finally:
            super().finish()
