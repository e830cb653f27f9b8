"""The embedded PostgreSQL as a part of the stack: ended, killed, held up and started again like the others."""

import signal
from pathlib import Path

import psutil

from shared.embedded import postgres
from tests.stack.part import PartFailed

_LAST_WORDS = 5  # seconds for its processes to notice that their parent is gone


class Postgres:
    """The PostgreSQL of a folder."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start it, also again: after a kill it recovers from its log, which this waits for."""
        self.url = postgres.start(self._folder)

    def check(self) -> None:
        """Raise `PartFailed` when it does not run."""
        try:
            postgres.running_url(self._folder)
        except RuntimeError as error:
            raise self.failed(str(error)) from None

    def failed(self, how: str) -> PartFailed:
        """Return the error that tells how it failed."""
        return PartFailed(f"PostgreSQL: {how}; see {self._folder / 'postgres' / 'log'}")

    def send(self, what: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        for process in self._family():
            process.send_signal(what)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it. After a SIGKILL its processes end by themselves, as in a crash; those that do not are killed."""
        if how != signal.SIGKILL:
            postgres.stop(self._folder)
            return
        postmaster, *processes = self._family()
        postmaster.kill()
        _, left = psutil.wait_procs(processes, _LAST_WORDS)
        for process in left:
            process.kill()

    def _family(self) -> list[psutil.Process]:
        # It writes the process id of its postmaster into the first line.
        postmaster = psutil.Process(int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        return [postmaster, *postmaster.children()]
