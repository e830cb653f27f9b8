"""The processes that the benchmark of the interface needs: functions, the twin, and a sidecar that takes everything."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from starlette.requests import Request
from starlette.responses import Response

from benchmarks.support.server import free_port


async def sink(scope: dict[str, object], receive: object, send: object) -> None:
    """Take whatever is published, as an ASGI app."""
    if scope["type"] == "http":
        await Request(scope, receive).body()  # type: ignore[arg-type]
        await Response(status_code=204)(scope, receive, send)  # type: ignore[arg-type]


@contextmanager
def function(name: str, database_url: str, sidecar: str) -> Iterator[str]:
    """Serve one function as in its pod; yield its URL."""
    environment = {
        "FUNCTION_TARGET": name, "DATABASE_URL": database_url, "DAPR_HTTP_ENDPOINT": sidecar, "LOG_LEVEL": "error",
        "HOST": "127.0.0.1", "DATABASE_POOL_SIZE": "4",
        "RATE_LIMIT_PER_SECOND": "0",  # one user asks here for as many as there are
    }  # fmt: skip
    with _process("shared.bootstrap", environment, "/health/readiness") as url:
        yield url


@contextmanager
def app(name: str, database_url: str) -> Iterator[str]:
    """Serve an ASGI app by uvicorn with one worker; yield its URL."""
    with _process("uvicorn", {"DATABASE_URL": database_url}, "/", name, "--log-level=error") as url:
        yield url


@contextmanager
def _process(module: str, environment: dict[str, str], probe: str, *arguments: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", module, *arguments]
    if module == "uvicorn":
        command.append(f"--port={port}")
    process = subprocess.Popen(command, env=os.environ | environment | {"PORT": str(port)})
    try:
        _await(f"http://127.0.0.1:{port}{probe}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310  (our own process)
        except URLError as error:
            if getattr(error, "code", None) is not None:
                return  # an answer, whatever it says
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} did not answer within a minute")
