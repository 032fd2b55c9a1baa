# SPDX-License-Identifier: MIT
"""Runs files of pytest tests, several at a time where ./dev has made a root for each."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import build
import junit

# The files that take longest, so that no worker begins one when the others are nearly done. All others are short.
LONGEST = [
    "integration/test_sway_compat.py", "vm/test_preload.py", "vm/test_recovery.py", "vm/test_net_vm.py",
    "vm/test_clipboard.py", "vm/test_network.py", "vm/test_memory.py", "vm/test_exhaustion.py", "vm/test_audio.py",
    "vm/test_mount.py", "vm/test_boot.py", "vm/test_run.py", "vm/test_hypervisor.py", "vm/test_cp.py",
    "integration/test_forwarding.py", "vm/test_workspaces.py", "vm/test_usb.py", "integration/test_robustness.py",
    "integration/test_drag.py", "integration/test_sway_config.py",
]
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rs", "--tb=short"]
NOTHING_COLLECTED = 5


class Worker:
    """One tests/worker.py, at the other end of two pipes."""

    def __init__(self, answers: int, jobs: int):
        self.answers = os.fdopen(answers)
        self.jobs = jobs

    def send(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self.jobs, f"{line}\n".encode())

    def run(self, argv: list[str], log: pathlib.Path) -> int:
        job = {"argv": argv, "environment": dict(os.environ), "log": str(log)}
        self.send(json.dumps(job))
        answer = self.answers.readline()
        if not answer:
            raise EOFError
        return int(answer)

    def finish(self) -> None:
        """Returns when nothing of it is left."""
        self.send("")
        self.answers.read()


def start_workers() -> list[Worker]:
    """One of our own, and one in the root that ./dev has made, if it has."""
    inner_jobs, jobs = os.pipe()
    answers, inner_answers = os.pipe()
    subprocess.Popen([build.SOURCE / "tests/worker.py"], stdin=inner_jobs, stdout=inner_answers)
    os.close(inner_jobs)
    os.close(inner_answers)
    workers = [Worker(answers, jobs)]
    if pipes := os.environ.pop("VIXOS_WORKER", ""):
        workers.append(Worker(*map(int, pipes.split(","))))
    return workers


def find(suites: list[str], options: list[str]) -> list[str]:
    """The files that have tests to run, as SUITE/NAME.py, those that take longest first."""
    tests = build.SOURCE / "tests"
    paths = [path for suite in suites for path in sorted((tests / suite).glob("test_*.py"))]
    files = [path.relative_to(tests).as_posix() for path in paths]
    if "-k" in options:
        listed = subprocess.run([*PYTEST, "--collect-only", *options, *(str(tests / file) for file in files)],
                                cwd=build.build_dir(), stdout=subprocess.PIPE, text=True, check=False).stdout
        # Also those that can't be collected: running them tells why.
        named = set(re.findall(r"^(?:ERROR )?(\w+/test_\w+\.py)", listed, re.M))
        files = [file for file in files if file in named]
    return sorted(files, key=lambda file: LONGEST.index(file) if file in LONGEST else len(LONGEST))


class Run:
    """Files, and what has come of them."""

    def __init__(self, files: list[str], options: list[str]):
        self.waiting = iter(files)  # shared by the workers
        self.options = options
        self.folder = build.build_dir() / "pytest"
        self.folder.mkdir(exist_ok=True)
        for file in files:
            self.report(file).unlink(missing_ok=True)

    def report(self, file: str) -> pathlib.Path:
        return self.folder / (file.replace("/", "-") + ".xml")

    def run_file(self, worker: Worker, file: str) -> junit.Counts:
        start = time.monotonic()
        report = self.report(file)
        log = report.with_suffix(".log")
        status = worker.run([*PYTEST, *self.options, f"--junitxml={report}", str(build.SOURCE / "tests" / file)], log)
        counts = junit.count(report, 0 if status == NOTHING_COLLECTED else status)
        build.progress(f"{file}: {counts}, {time.monotonic() - start:.0f} s")
        text = log.read_text(errors="replace")
        if counts.failed > 0:
            print(text, file=sys.stderr, flush=True)
        elif counts.skipped > 0:
            print("\n".join(re.findall("^SKIPPED.*", text, re.M)), file=sys.stderr, flush=True)
        return counts

    def serve(self, worker: Worker) -> dict[str, junit.Counts]:
        """Gives a worker one file after another, until none is left."""
        results = {}
        for file in self.waiting:
            try:
                results[file] = self.run_file(worker, file)
            except EOFError:
                build.progress(f"{file}: its worker has ended before it has")
                results[file] = junit.Counts(failed=1)
                break
        return results


def run(suites: list[str], options: list[str]) -> dict[str, junit.Counts]:
    """Runs these suites. Each one's report is in pytest-SUITE.xml in the build directory."""
    counts = {suite: junit.Counts() for suite in suites}
    if not suites:
        return counts
    files = find(suites, options)
    run_of_files = Run(files, options)
    workers = start_workers()
    # What no worker is left for has failed too.
    results = dict.fromkeys(files, junit.Counts(failed=1))
    with concurrent.futures.ThreadPoolExecutor(len(workers)) as threads:
        for of_worker in threads.map(run_of_files.serve, workers):
            results |= of_worker
    for worker in workers:
        worker.finish()
    for suite in suites:
        own = [file for file in files if file.startswith(f"{suite}/")]
        counts[suite] = sum((results[file] for file in own), junit.Counts())
        junit.merge([run_of_files.report(file) for file in own], build.build_dir() / f"pytest-{suite}.xml")
    return counts
