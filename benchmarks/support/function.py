"""One function as a process of its own, as its pod runs it, on a given PostgreSQL."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from benchmarks.support.server import free_port

_PATIENCE = 30  # seconds for its start
_AWAY = "http://127.0.0.1:9"


class Function:
    """`with Function("import_tasks", url) as function:` serves until the block is left; with no sidecar, it is away."""

    def __init__(self, target: str, database_url: str, sidecar: str = _AWAY) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._environment = os.environ | {
            "FUNCTION_TARGET": target, "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(self._port),
            "DAPR_HTTP_ENDPOINT": sidecar, "DATABASE_POOL_SIZE": "4", "LOG_LEVEL": "error",
            "RATE_LIMIT_PER_SECOND": "0",  # one user asks here for as many as there are
        }  # fmt: skip

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shared.bootstrap"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/health/readiness", trust_env=False).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return self
        raise RuntimeError("the function did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    def cpu(self) -> float:
        """Return the seconds of processor time it has taken since its start."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def memory(self, name: str = "VmRSS") -> float:
        """Return resident memory in MiB: now (`VmRSS`), or its peak (`VmHWM`)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
