# SPDX-License-Identifier: MIT
"""A PipeWire for tests, with a loudspeaker and a microphone that are only software."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess

from session import wait_until

PROGRAMS = ("pipewire", "wireplumber", "pw-cli", "pw-dump", "pw-link", "pw-record", "pw-play")

SPEAKER = ('{ factory.name=support.null-audio-sink node.name=speaker media.class=Audio/Sink object.linger=true '
           'audio.position=[FL FR] monitor.channel-volumes=true priority.session=2000 }')
MICROPHONE = ('{ factory.name=support.null-audio-sink node.name=microphone media.class=Audio/Source/Virtual '
              'object.linger=true audio.position=[FL FR] priority.session=2000 }')

def missing() -> str:
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"{absent[0]} is not installed" if absent else ""


class PipeWire:
    """The servers in a session's runtime folder."""

    def __init__(self, runtime: pathlib.Path):
        self.runtime = runtime
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime)}
        self.environment.pop("PIPEWIRE_RUNTIME_DIR", None)
        self.children: list[subprocess.Popen] = []
        self._start("pipewire")
        wait_until(lambda: (runtime / "pipewire-0").exists(), "PipeWire's socket")
        self._start("wireplumber")
        for node in (SPEAKER, MICROPHONE):
            subprocess.run(["pw-cli", "create-node", "adapter", node], env=self.environment, check=True,
                           capture_output=True, timeout=30)
        wait_until(lambda: {"speaker", "microphone"} <= {node.get("node.name") for node in self.nodes()},
                   "the nodes")

    def _start(self, *words: str) -> subprocess.Popen:
        child = subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.children.append(child)
        return child

    def nodes(self) -> list[dict]:
        """The properties of all nodes."""
        result = subprocess.run(["pw-dump"], env=self.environment, capture_output=True, check=True, timeout=30)
        objects = json.loads(result.stdout or "[]")
        return [item["info"]["props"] | {"state": item["info"]["state"], "id": item["id"]} for item in objects
                if item["type"] == "PipeWire:Interface:Node" and item.get("info")]

    def streams(self, vm: str) -> dict[str, dict]:
        """The streams of a VM, by class: Stream/Output/Audio and Stream/Input/Audio."""
        return {node["media.class"]: node for node in self.nodes() if node.get("media.name") == f"vixos-{vm}"}

    @contextlib.contextmanager
    def recording(self, path: pathlib.Path):
        """What the loudspeaker plays meanwhile."""
        recorder = self._start("pw-record", "--target", "speaker", "-P", "{ stream.capture.sink=true }", str(path))
        wait_until(lambda: any(node.get("node.name") == "pw-record" and node["state"] == "running"
                               for node in self.nodes()), "the recorder")
        try:
            yield
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(30)

    def say(self, path: pathlib.Path) -> subprocess.Popen:
        """Into the microphone. No session manager connects one who plays to one who records."""
        player = self._start("pw-play", "-P", "{ node.autoconnect=false node.name=voice }", str(path))
        for side in ("FL", "FR"):
            link = ["pw-link", "voice:output_MONO", f"microphone:input_{side}"]
            wait_until(lambda link=link: subprocess.run(link, env=self.environment, capture_output=True,
                                                        check=False, timeout=30).returncode == 0, "the voice's link")
        return player

    def finish(self) -> None:
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
            child.wait(30)
