"""The local server as a process of its own: started, killed and started again on the same data."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from shared.embedded.postgres import running_url


class Server:
    """One data directory and one port; every start goes on where the last one ended."""

    def __init__(self, data_dir: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._environment = os.environ | (environment or {})
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Start and wait for `ready`; return the seconds it took. Raises `RuntimeError` with what was printed."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "shared.embedded", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        self._process = subprocess.Popen(
            [*command, *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        )
        printed = []
        for line in self._process.stdout or ():
            printed.append(line)
            if line.startswith("ready "):
                self._rest = threading.Thread(target=self._read_rest, args=(self._process,))
                self._rest.start()
                return time.perf_counter() - began
        raise RuntimeError("the server did not start:\n" + "".join(printed))

    def kill(self, *, postgres: bool = False) -> None:
        """SIGKILL the server, and its PostgreSQL where asked."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._rest.join()
        if postgres:
            pid = int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        """End in an orderly way; return the exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        status = self._process.wait(timeout=60)
        self._rest.join()
        return status

    @staticmethod
    def _read_rest(process: "subprocess.Popen[str]") -> None:
        """Keep the pipe empty, so that the server never waits for a reader."""
        with process:
            if process.stdout is not None:
                process.stdout.read()

    @property
    def token(self) -> str:
        """The local user's token."""
        return (self.data_dir / "token").read_text().strip()

    @property
    def database_url(self) -> str:
        """The URL of its PostgreSQL."""
        return running_url(self.data_dir)


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
