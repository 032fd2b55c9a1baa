# SPDX-License-Identifier: MIT
"""`audio`: what a VM plays is heard on the host, and it hears the microphone only where it may."""

import json
import pathlib
import shutil

import pytest
from session import Session, can_run, wait_until
from sound import PipeWire, missing
from tones import loudest, write_tone

pytestmark = pytest.mark.skipif((can_run() or missing()) != "", reason=can_run() or missing())

CONFIG = """accel tcg
vm music {
	audio output
}
vm talk {
	audio full
}
vm silent {
	audio off
}
"""

TONES = pathlib.Path(__file__).with_name("tones.py").read_text()
FREQUENCIES = (300, 440, 660, 880, 1200)
OUTPUT, INPUT = "Stream/Output/Audio", "Stream/Input/Audio"


@pytest.fixture(scope="module", name="session")
def make_session():
    session = Session(CONFIG)
    server = None
    try:
        server = PipeWire(session.runtime)
        session.server = server
        yield session
    finally:
        session.finish()
        if server is not None:
            server.finish()


def start(session: Session, name: str) -> str:
    session.start_vm(name)
    result = session.vixos("exec", "-i", name, "sh", "-c", "cat > /tmp/tones.py", input=TONES)
    assert result.returncode == 0, result.stderr
    return name


@pytest.fixture(scope="module", name="music")
def make_music(session):
    yield start(session, "music")
    session.vixos("stop", "--kill", "music")


def guest(session: Session, name: str, command: str) -> str:
    result = session.vixos("exec", name, "sh", "-c", command)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def is_heard(session: Session, name: str, frequency: int, command: str) -> None:
    """Does the host's loudspeaker play this tone while the guest runs the command on it?"""
    guest(session, name, f"python3 /tmp/tones.py write /tmp/tone.wav {frequency} 3")
    path = session.runtime / f"heard{frequency}.wav"
    with session.server.recording(path):
        guest(session, name, command)
    assert loudest(str(path), FREQUENCIES) == frequency


def test_alsa_is_heard(session, music):
    is_heard(session, music, 440, "aplay -q -D plughw:0 /tmp/tone.wav")


def test_pulseaudio_and_pipewire_are_heard(session, music):
    assert "pipewire" not in guest(session, music, "ps -e -o comm"), "they start when they are needed"
    players = {880: "paplay", 660: "pw-play"}
    for frequency, player in players.items():
        if shutil.which(player):
            is_heard(session, music, frequency, f"{player} /tmp/tone.wav")
    is_heard(session, music, 1200, "aplay -q /tmp/tone.wav")
    assert guest(session, music, "ps -e -o comm").split().count("pipewire") == 1


def test_output_has_no_microphone(session, music):
    """Neither has the guest a device that could record, nor QEMU a stream at PipeWire."""
    assert "capture" not in guest(session, music, "cat /proc/asound/pcm")
    assert guest(session, music, "ls /dev/snd").split() == ["controlC0", "pcmC0D0p", "timer"]
    result = session.vixos("exec", music, "arecord", "-q", "-D", "hw:0", "-d", "1", "/tmp/spy.wav")
    assert result.returncode != 0
    assert set(session.server.streams(music)) == {OUTPUT}
    assert "Source" not in guest(session, music, "pw-cli ls Node")


def test_the_stream_bears_the_name(session, music):
    assert session.server.streams(music)[OUTPUT]["media.name"] == "vixos-music"


def test_what_runs_is_known_after_a_restart(session, music):
    result = session.vixos("inspect", music)
    assert json.loads(result.stdout)["definition"]["audio"] == "output"
    refused = session.vixos("run", "-q", "--name", music, "--audio=full", "true")
    assert refused.returncode == 125
    assert "runs without the microphone" in refused.stderr


def test_full_hears_the_microphone(session):
    talk = start(session, "talk")
    tone, heard = session.runtime / "said.wav", "/tmp/heard.wav"
    write_tone(str(tone), 300, 150)  # longer than the guest needs to begin, on the busiest machine
    said = session.server.say(tone)
    try:
        guest(session, talk, f"arecord -q -D plughw:0 -f S16_LE -r 48000 -c 1 -d 4 {heard}")
    finally:
        said.terminate()
    words = " ".join(map(str, FREQUENCIES))
    assert guest(session, talk, f"python3 /tmp/tones.py find {heard} {words}").strip() == "300"
    assert set(session.server.streams(talk)) == {OUTPUT, INPUT}
    session.vixos("stop", "--kill", "talk")
    wait_until(lambda: not session.server.streams(talk), "the streams end with the VM")


def test_sound_can_be_cut(session):
    """While the guest plays and records: nothing is left at PipeWire, whatever the guest does then."""
    talk = start(session, "talk")
    assert session.vixos("audio", talk).stdout == "full\n"
    for wish in ("output", "full"):
        result = session.vixos("audio", talk, wish)
        assert (result.returncode == 0) == (wish == "full"), result.stderr
    assert "vixos restart talk" in session.vixos("audio", talk, "output").stderr
    tone = session.runtime / "cut.wav"
    write_tone(str(tone), 300, 20)
    said = session.server.say(tone)
    recorder = session.spawn("exec", talk, "arecord", "-q", "-D", "plughw:0", "-f", "S16_LE", "-r", "48000",
                             "-c", "1", "/tmp/spy.wav")
    try:
        wait_until(lambda: session.server.streams(talk)[INPUT]["state"] == "running", "the guest records")
        result = session.vixos("audio", talk, "off")
        assert result.returncode == 0, result.stderr
        assert session.server.streams(talk) == {}
        session.vixos("exec", talk, "timeout", "3", "arecord", "-q", "-D", "hw:0", "-f", "S16_LE", "-r", "48000",
                      "-d", "1", "/tmp/again.wav")
        assert session.server.streams(talk) == {}
    finally:
        said.terminate()
        recorder.kill()
        recorder.wait()
    assert json.loads(session.vixos("audio", talk, "--json").stdout) == {
        "audio": "off", "card": "full", "running": True}
    assert guest(session, talk, "echo hello") == "hello\n"
    refused = session.vixos("audio", talk, "full")
    assert refused.returncode == 1 and "vixos restart talk" in refused.stderr
    session.vixos("stop", "--kill", talk)
    assert session.vixos("audio", talk).stdout == "full\n"
    assert session.vixos("audio", talk, "loud").returncode == 2


def test_off_has_no_card(session):
    session.start_vm("silent")
    assert guest(session, "silent", "test -e /dev/snd || echo none").strip() == "none"
    assert session.server.streams("silent") == {}
    session.vixos("stop", "--kill", "silent")


def test_run_can_ask_for_sound(session):
    """Without a value --audio is output, never the microphone; and it is for this run only."""
    result = session.vixos("run", "-q", "--audio", "--name", "asked", "cat", "/proc/asound/pcm")
    assert "playback" in result.stdout and "capture" not in result.stdout, result.stderr
    wrong = session.vixos("run", "-q", "--audio=loud", "true")
    assert wrong.returncode == 2 and "off, output or full" in wrong.stderr


def test_without_pipewire_it_says_so():
    session = Session("accel tcg\n")
    try:
        result = session.vixos("run", "-q", "--audio", "true")
        assert result.returncode == 125
        assert "no PipeWire listens" in result.stderr and "start PipeWire" in result.stderr
        assert session.domains() == []
        assert not list((session.runtime / "vixos/vm").glob("*"))
    finally:
        session.finish()
