# SPDX-License-Identifier: MIT
"""vixos doctor: what it finds, what it advises, and its exit status."""

import json
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

BASH_CALL = """
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_vixos
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("words, wanted, unwanted", [
    (("vixos", ""), {"run", "exec", "doctor", "completion"}, {"--json"}),
    (("vixos", "do"), {"doctor"}, {"run"}),
    (("vixos", "list", "--"), {"--json", "--running"}, {"--kill", "doctor"}),
    (("vixos", "stop", ""), {"work", "--all"}, {"--json"}),
    (("vixos", "run", "true"), {"true"}, {"work"}),
])
def test_bash_completion(fresh, words, wanted, unwanted):
    fresh.config.write_text("accel tcg\nvm work {\n}\n")
    script = fresh.runtime / "completion.bash"
    script.write_text(fresh.vixos("completion", "bash").stdout)
    subprocess.run(["bash", "-n", str(script)], check=True)
    environment = {**fresh.environment, "PATH": f"{BUILD}/launcher/cli:{fresh.environment['PATH']}"}
    result = subprocess.run(["bash", "-euc", BASH_CALL, "bash", str(script), *words], text=True,
                            env=environment, capture_output=True, check=True, timeout=30)
    found = set(result.stdout.split("\n"))
    assert wanted <= found and not unwanted & found, result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_completions(fresh, shell):
    """Loads where the shell is installed; its quotes pair up anywhere."""
    script = fresh.runtime / "completion"
    script.write_text(fresh.vixos("completion", shell).stdout)
    lines = script.read_text().splitlines()
    assert any("doctor" in line for line in lines)
    assert all(line.count('"') % 2 == 0 for line in lines), script.read_text()
    try:
        subprocess.run([shell, "-n", str(script)], check=True, timeout=30)
    except FileNotFoundError:
        pytest.skip(f"{shell} is not installed; only its quotes were looked at")


def test_no_other_completion(fresh):
    result = fresh.vixos("completion", "csh")
    assert result.returncode == 2 and "bash" in result.stderr
