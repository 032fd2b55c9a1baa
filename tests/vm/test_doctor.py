# SPDX-License-Identifier: MIT
"""vixos doctor: what it finds, what it advises, and its exit status."""

import json
import shutil
import subprocess

import pytest
from session import BUILD, Session, can_run

pytestmark = pytest.mark.skipif(can_run() != "", reason=can_run())


@pytest.fixture(name="fresh")
def make_fresh():
    session = Session()
    try:
        yield session
    finally:
        session.finish()


def check(findings, status):
    """Ids are unique, complaints come with a remedy, and failures with an exit status."""
    verdicts = {finding["id"]: finding["verdict"] for finding in findings}
    assert len(verdicts) == len(findings) > 8
    for finding in findings:
        assert finding["verdict"] in ("ok", "warn", "fail") and finding["title"], finding
        assert finding["verdict"] == "ok" or (finding["detail"] and finding["remedy"]), finding
    assert status == (1 if "fail" in verdicts.values() else 0), verdicts
    return verdicts


def test_json_and_text_agree(fresh):
    result = fresh.vixos("doctor", "--json")
    findings = json.loads(result.stdout)
    check(findings, result.returncode)
    text = fresh.vixos("doctor")
    assert text.returncode == result.returncode
    lines = text.stdout.splitlines()
    assert len(lines) == len(findings), text.stdout
    for line, finding in zip(lines, findings):
        assert line.startswith(f"{finding['verdict']:4}  {finding['title']}"), line
        assert finding.get("remedy", "") in line, line
    # It needs no vixosd, which may be what is broken.
    assert not (fresh.runtime / "vixos/org.vixos.Manager").exists()


def test_a_broken_configuration(fresh):
    fresh.config.write_text("accel tcg\nvm work {\n\tmemory lots\n}\n")
    result = fresh.vixos("doctor", "--json")
    findings = json.loads(result.stdout)
    assert check(findings, result.returncode)["config"] == "fail"
    assert result.returncode == 1
    [finding] = [finding for finding in findings if finding["id"] == "config"]
    assert f"{fresh.config}:3" in finding["detail"]
    text = fresh.vixos("doctor")
    assert text.returncode == 1 and f"{fresh.config}:3" in text.stdout


def test_what_is_missing(fresh):
    fresh.environment["PATH"] = "/nonexistent"
    result = fresh.vixos("doctor", "--json")
    verdicts = check(json.loads(result.stdout), result.returncode)
    assert result.returncode == 1 and verdicts["passt"] == "warn", verdicts


def test_by_varlink(fresh):
    assert fresh.vixos("list").returncode == 0
    result = subprocess.run(
        ["varlinkctl", "call", "--json=short", str(fresh.runtime / "vixos/org.vixos.Manager"),
         "org.vixos.Manager.Doctor", "{}"],
        capture_output=True, text=True, check=True, timeout=60, env=fresh.environment)
    own = fresh.vixos("doctor", "--json")
    findings = json.loads(result.stdout)["checks"]
    assert check(findings, own.returncode) == check(json.loads(own.stdout), own.returncode)


# Completion: made from the tables, so that what can go wrong is the shell's syntax.

# Calls the script's function as the shell does, with what it would be told.
BASH_CALL = """
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_vixos
printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSH_CALL = """
script=$1
shift
compdef() { }
_files() { }
_describe() {
	local candidate
	for candidate in ${(P)3}; do
		candidate=${candidate//\\\\:/@}
		print -r -- "${${candidate%%:*}//@/:}"
	done
}
. $script
words=("$@") CURRENT=$#
_vixos || print
"""


def zsh_call(script, words):
    return ["zsh", "-fuc", ZSH_CALL, "zsh", script, *words]


def fish_call(script, words):
    line = " ".join(words[:-1]) + " " + words[-1]
    return ["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'; echo"]


SHELL_CALLS = {"bash": lambda script, words: ["bash", "-euc", BASH_CALL, "bash", script, *words],
               "zsh": zsh_call, "fish": fish_call}


@pytest.mark.parametrize("words, wanted, unwanted", [
    (("vixos", ""), {"run", "exec", "doctor", "completion"}, {"--json"}),
    (("vixos", "do"), {"doctor"}, {"run"}),
    (("vixos", "list", "--"), {"--json", "--running"}, {"--kill", "doctor"}),
    (("vixos", "stop", ""), {"work"}, {"--json"}),
    (("vixos", "stop", "work", "pl"), {"play"}, {"work"}),
    (("vixos", "rename", "work", ""), {""}, {"work"}),
    (("vixos", "run", "tru"), {"true"}, {"work"}),
    (("vixos", "run", "--name", ""), {"work"}, {"true"}),
    (("vixos", "create", "x", "--home", "p"), {"private"}, {"none", "work"}),
    (("vixos", "clipboard", ""), {"copy", "paste"}, {"work"}),
    (("vixos", "help", "inspe"), {"inspect"}, {"work"}),
    (("vixos", "cp", "wo"), {"work:"}, {"play:"}),
    (("vixos", "nonsense", ""), {""}, {"work"}),
    (("vixos", "run", "--network=n"), {"--network=nat"}, {"--network=libvirt", "nat"}),
])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(fresh, shell, words, wanted, unwanted):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    fresh.config.write_text("accel tcg\nvm work {\n}\nvm play {\n}\n")
    script = fresh.runtime / "completion"
    script.write_text(fresh.vixos("completion", shell).stdout)
    environment = {**fresh.environment, "PATH": f"{BUILD}/launcher/cli:{fresh.environment['PATH']}"}
    result = subprocess.run(SHELL_CALLS[shell](str(script), words), text=True, env=environment,
                            capture_output=True, check=True, timeout=30, cwd=fresh.runtime)
    found = {line.split("\t")[0] for line in result.stdout.split("\n")}
    assert wanted <= found and not unwanted & found, result.stdout
    assert result.stderr == ""
    # Nobody wants a daemon for a press of Tab.
    assert not (fresh.runtime / "vixos/org.vixos.Manager").exists()


@pytest.mark.parametrize("words, wanted", [
    (("run", "--network", "=", "n"), {"none", "nat", "net-vm"}),
    (("run", "--network", "="), {"none", "nat", "net-vm", "bridge", "libvirt"}),
    (("cp", "work", ":", "/us"), {"/usr"}),
])
def test_bash_takes_words_apart(fresh, words, wanted):
    """At ":" and "=", which is what readline does before it asks."""
    script = fresh.runtime / "completion"
    script.write_text(fresh.vixos("completion", "bash").stdout)
    environment = {**fresh.environment, "PATH": f"{BUILD}/launcher/cli:{fresh.environment['PATH']}"}
    result = subprocess.run(SHELL_CALLS["bash"](str(script), ("vixos", *words)), text=True, env=environment,
                            capture_output=True, check=True, timeout=30)
    assert set(result.stdout.split()) == wanted


def test_no_other_completion(fresh):
    result = fresh.vixos("completion", "csh")
    assert result.returncode == 2 and "bash" in result.stderr
