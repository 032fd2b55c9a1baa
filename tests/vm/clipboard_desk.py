# SPDX-License-Identifier: MIT
"""A session with a keyboard and programs of the host's and of VMs that copy and paste."""

import os
import pty
import subprocess

from session import VIXOS

CONFIG = """accel tcg
vm work {
	color blue
}
vm asks {
	label "Asks first"
	color orange
	clipboard {
		copy ask
		paste ask
		timeout 0
	}
}
vm walled {
	clipboard {
		copy deny
		paste deny
	}
}
"""


class Desk:
    """A session with a compositor and a keyboard, without which no program gets a selection."""

    def __init__(self, session, program):
        self.session = session
        session.start_compositor(str(program))
        self.environment = {**session.environment, "XDG_RUNTIME_DIR": str(session.runtime)}
        self.keyboard = subprocess.Popen(["wtype", "-s", "1000000", "x"], env=self.environment)
        session.children.append(self.keyboard)

    def host_copies(self, content, *options):
        data = content if isinstance(content, bytes) else content.encode()
        subprocess.run(["wl-copy", *options], env=self.environment, input=data, check=True, timeout=30,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def host_has(self, *options):
        """What wl-paste gives; None where there is nothing."""
        result = subprocess.run(["wl-paste", "--no-newline", *options], env=self.environment, check=False,
                                capture_output=True, timeout=30)
        return result.stdout if result.returncode == 0 else None

    def host_types(self):
        return (self.host_has("--list-types") or b"").decode().split()

    def in_vm(self, vm, *words, data=""):
        return self.session.vixos("exec", "-i", vm, *words, input=data)

    def vm_copies(self, vm, text, *options):
        result = self.in_vm(vm, "sh", "-c", 'exec wl-copy "$@" >/dev/null 2>&1', "sh", *options, data=text)
        assert result.returncode == 0, result.stderr

    def vm_has(self, vm, *options):
        result = self.in_vm(vm, "wl-paste", "--no-newline", *options)
        return result.stdout if result.returncode == 0 else None

    def clipboard(self, *words, **options):
        return self.session.vixos("clipboard", *words, **options)


def ask_on_terminal(desk, answer, *words):
    master, slave = pty.openpty()
    child = subprocess.Popen([VIXOS, "clipboard", *words], env=desk.session.environment, stdin=slave,
                             stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(master, 1000)
    os.write(master, answer)
    status = child.wait(60)
    child.stdout.close()
    os.close(master)
    return status
