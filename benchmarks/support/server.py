"""A server as a process of its own: started, killed and started again on the same data."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from shared.embedded.postgres import running_url


class Server:
    """One data directory and one port; every start goes on where the last one ended. `printed` is of the last start."""

    def __init__(
        self,
        data_dir: Path,
        *arguments: str,
        environment: dict[str, str] | None = None,
        module: str = "shared.embedded",
    ) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.printed: list[str] = []
        self._module, self._arguments = module, arguments
        # One user does here what many do elsewhere.
        self._environment = os.environ | {"RATE_LIMIT_PER_SECOND": "0"} | (environment or {})
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Start and wait for `ready`; return the seconds it took. Raises `RuntimeError` with what was printed."""
        began = time.perf_counter()
        command = [sys.executable, "-m", self._module, "--port", str(self.port), "--data-dir", str(self.data_dir)]
        self._process = subprocess.Popen(
            [*command, *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        )
        self.printed = []
        for line in self._process.stdout or ():
            self.printed.append(line)
            if line.startswith("ready "):
                self._rest = threading.Thread(target=self._read_rest, args=(self._process,))
                self._rest.start()
                return time.perf_counter() - began
        with self._process:
            self._process = None
        raise RuntimeError("the server did not start:\n" + "".join(self.printed))

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
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended by itself; return the exit status."""
        if self._process is None:
            return 0
        status = self._process.wait(timeout=60)
        self._rest.join()
        return status

    def _read_rest(self, process: "subprocess.Popen[str]") -> None:
        """Keep the pipe empty, so that the server never waits for a reader."""
        with process:
            self.printed += process.stdout or ()

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def token(self) -> str:
        """The local user's token."""
        return (self.data_dir / "token").read_text().strip()

    @property
    def database_url(self) -> str:
        """The URL of its PostgreSQL."""
        return running_url(self.data_dir)


# Below those that the system gives to outgoing connections (from 32768 on Linux): one of these might take a port
# between the question and the start of its server. Each process begins elsewhere, and asks for none twice.
_PORTS = range(10_000, 32_000)
_NUMBERS = count(os.getpid() * 211)


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    while True:
        port = _PORTS[next(_NUMBERS) % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
