"""What the functions of the benchmark of the interface are compared with and publish to: the twin, and a sink."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.error import URLError
from urllib.request import urlopen

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from benchmarks.support.server import free_port


async def sink(scope: dict[str, object], receive: object, send: object) -> None:
    """Take whatever is published, as an ASGI app; a function that ends may break off."""
    if scope["type"] == "http":
        with suppress(ClientDisconnect):
            await Request(scope, receive).body()  # type: ignore[arg-type]
            await Response(status_code=204)(scope, receive, send)  # type: ignore[arg-type]


@contextmanager
def app(name: str, database_url: str) -> Iterator[str]:
    """Serve an ASGI app by uvicorn with one worker; yield its URL."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", name, "--log-level=error", f"--port={port}"]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": database_url})
    try:
        _await(f"http://127.0.0.1:{port}/")
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
