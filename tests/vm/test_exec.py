# SPDX-License-Identifier: MIT
"""vixos exec and shell in one VM that runs: streams, terminals, statuses; logs, list, inspect, stop."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from session import VIXOS


@pytest.mark.parametrize("words, status", [
    (("true",), 0),
    (("sh", "-c", "exit 3"), 3),
    (("sh", "-c", "kill -TERM $$"), 128 + signal.SIGTERM),
    (("sh", "-c", "kill -KILL $$"), 128 + signal.SIGKILL),
    (("/usr",), 126),
    (("/usr/share/dpkg/no-such-file",), 127),
    (("no-such-program",), 127),
])
def test_statuses(session, work, words, status):
    for command in ("exec", "shell"):
        result = session.vixos(command, work, *words)
        assert result.returncode == status, (command, result.stderr)
        assert result.stderr.count("\n") == (1 if status in (126, 127) else 0), result.stderr


def test_streams_stay_apart(session, work):
    result = session.vixos("exec", work, "sh", "-c", "echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_arguments_are_not_for_a_shell(session, work):
    words = ["$HOME", "a b", "", "*", "-n", "ä", "'\"\\"]
    result = session.vixos("exec", work, "printf", "%s\\n", *words)
    assert result.stdout.split("\n")[:-1] == words


def test_environment(session, work):
    result = session.vixos("exec", "-e", "A=1", "--env=B=x y", work, "sh", "-c", "echo $A$B")
    assert result.stdout == "1x y\n"
    assert session.vixos("exec", "-e", "=x", work, "true").returncode == 2


def test_standard_input(session, work):
    text = "line\n" * 50_000
    assert session.vixos("shell", work, "wc", "-l", input=text).stdout.strip() == "50000"
    assert session.vixos("exec", "-i", work, "cat", input=text).stdout == text
    # Without -i the program finds its input at its end.
    assert session.vixos("exec", work, "cat", input=text).stdout == ""


def test_megabytes_of_output(session, work):
    result = session.vixos("exec", work, "head", "-c", "8000000", "/dev/zero")
    assert result.returncode == 0 and len(result.stdout) == 8_000_000


def test_a_reader_that_has_gone(session, work):
    """As in `vixos exec VM yes | head`: the program in the VM ends too."""
    child = session.spawn("exec", work, "sh", "-c", "yes marker; true")
    assert child.stdout.read(7) == "marker\n"
    child.stdout.close()
    assert child.wait(30) in (141, -signal.SIGPIPE)
    left = session.vixos("exec", work, "sh", "-c",
                         "for i in $(seq 50); do pidof yes || exit 0; sleep .1; done; exit 1")
    assert left.returncode == 0


def test_signals_reach_the_program(session, work):
    child = session.spawn("exec", work, "sh", "-c", "trap 'exit 9' INT; echo up; sleep 100 & wait")
    assert child.stdout.readline() == "up\n"
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 9


class Terminal:
    """vixos on a pseudo-terminal, as a user has it."""

    def __init__(self, session, *words, columns=100, rows=30):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [VIXOS, *words], env={**session.environment, "TERM": "xterm-256color"}, stdin=slave,
            stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.text = b""

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, text, timeout=30):
        end = time.monotonic() + timeout
        while text.encode() not in self.text:
            left = end - time.monotonic()
            assert left > 0 and select.select([self.master], [], [], left)[0], self.text
            self.text += os.read(self.master, 4096)

    def finish(self):
        status = self.process.wait(30)
        restored = termios.tcgetattr(self.slave)
        os.close(self.master)
        os.close(self.slave)
        assert restored[:4] == self.before[:4], "the terminal was not restored"
        return status


def test_a_shell_on_a_terminal(session, work):
    terminal = Terminal(session, "shell", work)
    terminal.type("echo te''st; tty; stty size\n")
    terminal.wait_for("30 100")
    assert b"test" in terminal.text and b"/dev/pts/" in terminal.text
    terminal.resize(120, 40)
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.type("stty size; echo $TERM\n")
    terminal.wait_for("40 120")
    terminal.wait_for("xterm-256color")
    # Not at once: dash loses a Ctrl-C that comes while it starts a program.
    terminal.type("sh -c \"echo runn''ing; exec sleep 1000\"\n")
    terminal.wait_for("running")
    terminal.type("\x03")
    terminal.wait_for("^C")
    terminal.type("\necho st''ill here\n")
    terminal.wait_for("still here")
    terminal.type("exit 5\n")
    assert terminal.finish() == 5


def test_escape_sequences_reach_only_terminals_that_were_asked_for(session, work):
    plain = Terminal(session, "exec", work, "printf", "\\033]0;x\\007A\\n")
    plain.wait_for("A")
    assert b"\033" not in plain.text and b"^[]0;x^G" in plain.text
    assert plain.finish() == 0
    raw = Terminal(session, "exec", "-t", work, "printf", "\\033]0;x\\007A\\n")
    raw.wait_for("A")
    assert b"\033]0;x\007" in raw.text
    assert raw.finish() == 0


def test_the_terminal_is_restored_after_a_signal(session, work):
    terminal = Terminal(session, "shell", work)
    terminal.type("echo re''ady\n")
    terminal.wait_for("ready")
    terminal.process.send_signal(signal.SIGTERM)
    terminal.type("kill -KILL $$\n")
    assert terminal.finish() == 128 + signal.SIGKILL


def test_list_and_inspect(session, work):
    vm = session.list()[work]
    assert vm["state"] == "running" and vm["color"].startswith("#")
    assert session.vixos("ps", "-q").stdout.split() == [work]
    assert work in session.vixos("ls").stdout
    details = json.loads(session.vixos("inspect", work).stdout)
    assert details["vm"]["name"] == work
    assert details["definition"]["network"] == "none"
    assert details["times"]["bootMs"] > 0


def test_logs(session, work):
    session.vixos("exec", "-d", work, "sh", "-c", "echo from''-a-job")
    follower = session.spawn("logs", "-f", work)
    text = ""
    while "from-a-job" not in text:
        line = follower.stdout.readline()
        assert line, text
        text += line
    follower.kill()
    assert "from-a-job" in session.vixos("logs", work).stdout


def test_a_name_that_runs_is_used_again(session, work):
    """run in a VM that is there: it stays."""
    result = session.vixos("run", "--name", work, "sh", "-c", "exit 4")
    assert result.returncode == 4
    assert session.list()[work]["state"] == "running"


def test_varlinkctl(session, work):
    address = str(session.runtime / "vixos/org.vixos.Manager")
    reply = subprocess.run(["varlinkctl", "call", "--json=short", address,
                            "org.vixos.Manager.Inspect", json.dumps({"name": work})],
                           capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(reply.stdout)["vm"]["state"] == "running"
    # Comments are wrapped at the width of the terminal.
    shown = subprocess.run(["varlinkctl", "introspect", address, "org.vixos.Manager"],
                           capture_output=True, text=True, check=True, timeout=30,
                           env={**os.environ, "COLUMNS": "1000"}).stdout
    source = os.path.join(os.path.dirname(__file__), "../../protocols/org.vixos.Manager.varlink")
    with open(source, encoding="utf-8") as file:
        assert shown == file.read()


def test_stop(session, work):
    session.start_vm("other")
    result = session.vixos("stop", "other")
    assert (result.returncode, result.stdout) == (0, "other\n")
    assert "other" not in session.list()
    assert session.list()[work]["state"] == "running"
    assert session.vixos("exec", "other", "true").returncode == 125
    assert session.vixos("stop", "other").returncode == 1
