"""Runs the real collector."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.tools import tool


@contextmanager
def running(config: str, folder: Path, health: int, **environment: str) -> Iterator[None]:
    """Run it with a configuration while entered, from when it says on port `health` that it is well."""
    (folder / "collector.yaml").write_text(config)
    command = [str(tool("otelcol")), f"--config={folder / 'collector.yaml'}"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, env=os.environ | environment, stderr=log, stdout=log) as process,
    ):
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as http:
                http.get(f"http://127.0.0.1:{health}/").raise_for_status()
            yield
        finally:
            process.terminate()
