"""One process of the real system: started with a log of its own, watched, and ended by its process id."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from shared.bootstrap import FUNCTIONS

ROOT = FUNCTIONS.parent
_OWNER = "EBB_STACK"  # names the folder of a part's run in its environment


class PartFailed(Exception):
    """A part ended by itself or never became ready; the message says which, and the end of its log."""


class Part:
    """One process with its log file."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        self._command, self._environment = command, os.environ | environment | {_OWNER: str(folder)}
        self.start()

    def start(self) -> None:
        """Start it, also again: with the same ports and folders it goes on where it was."""
        with self._log.open("ab") as log:
            # In a session of its own: Ctrl-C at the terminal is for the one who ends the parts in their order.
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )

    def check(self) -> None:
        """Raise `PartFailed` when the process has ended."""
        if self._process.poll() is not None:
            raise self.failed(f"has ended with status {self._process.returncode}")

    def failed(self, how: str) -> PartFailed:
        """Return the error that tells how it failed."""
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - 2_000))
            end = log.read().decode(errors="replace")
        return PartFailed(f"{self.name} {how}; the end of {self._log}:\n{end}")

    def send(self, what: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(what)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; one that does not go within ten seconds is killed."""
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def parts_of(folder: Path) -> list[psutil.Process]:
    """Return the processes that run as parts of a run in `folder`, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(_OWNER) == str(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # gone, or another user's
    return found


def end_leftovers(folder: Path) -> None:
    """Kill the parts that a killed run left in `folder`: they hold what new ones need."""
    for process in parts_of(folder):
        print(f"ebb: ending process {process.pid}, left by a run that was killed", flush=True)
        with suppress(psutil.NoSuchProcess):
            process.kill()
    while parts_of(folder):
        time.sleep(0.05)
