"""Cold start: from the start of a process to its first good answer.

`nox -s bench -- cold-start` starts each function and a bare functions-framework hello-world in turn, byte-compiled, on
a warm PostgreSQL, and prints medians, the ratio to the bare one, and what each function's import takes. The bare one is
started both ways: by the framework's own command (pre-forking gunicorn), and served by uvicorn as the functions are.
"""

import asyncio
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx

from benchmarks.support.server import free_port
from shared import log
from shared.embedded import postgres
from shared.embedded.local_user import LOCAL_USER, prepare_local_user
from shared.events import TaskCreated
from shared.inputs import NewTask
from shared.migrate import upgrade
from shared.plan import planned, task_of
from shared.runtime import Runtime
from shared.settings import Settings
from shared.unit_of_work import UnitOfWork, new_id

ROUNDS = 20
ROOT = Path(__file__).parent.parent
HELLO = ROOT / "benchmarks" / "support" / "hello.py"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process to start, and the request that it has to answer well."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] | None = None
    body: bytes | None = None


def main(rounds: int = ROUNDS) -> None:
    """Measure and print."""
    log.configure("error")
    for folder in ("shared", "functions", "benchmarks"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    with tempfile.TemporaryDirectory(prefix="ebb-cold-", ignore_cleanup_errors=True) as directory:
        candidates = asyncio.run(_candidates(Path(directory)))
        seconds: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", end="\r", flush=True)
            for candidate in candidates:
                seconds[candidate.name].append(_start(candidate))
    base = statistics.median(seconds["hello-world"])
    print(f"  {'':<24} {'median':>8} {'min':>8} {'max':>8} {'ratio':>6}")
    for name, measured in seconds.items():
        median = statistics.median(measured)
        figures = " ".join(f"{value * 1000:5.0f} ms" for value in (median, min(measured), max(measured)))
        print(f"  {name:<24} {figures} {median / base:6.2f}")
    _print_imports()


async def _candidates(directory: Path) -> list[Candidate]:
    url = postgres.start(directory)
    upgrade(url)
    settings = {"DATABASE_URL": url, "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:9"}
    task_id, event = await _prepare(settings, directory / "token")
    sent = {"authorization": f"Bearer {(directory / 'token').read_text().strip()}"}
    complete, create = f"/v1/tasks/{task_id}/complete", b'{"title": "Wake up"}'
    as_event = {"content-type": "application/cloudevents+json"}
    python, serve = sys.executable, [sys.executable, "-m", "shared.bootstrap"]
    hello = {"FUNCTION_SOURCE": str(HELLO), "FUNCTION_TARGET": "hello"}
    return [
        Candidate("hello-world", [python, "-m", "functions_framework"], hello),
        Candidate("hello-world by uvicorn", [python, str(HELLO)], hello),
        Candidate(
            "create-task", serve, settings | {"FUNCTION_TARGET": "create_task"}, "POST", "/v1/tasks", sent, create
        ),
        Candidate(
            "complete-task", serve, settings | {"FUNCTION_TARGET": "complete_task"}, "POST", complete, sent, b"{}"
        ),
        Candidate("write-audit", serve, settings | {"FUNCTION_TARGET": "write_audit"}, "POST", "/", as_event, event),
    ]


async def _prepare(settings: Mapping[str, str], token_file: Path) -> tuple[UUID, bytes]:
    """Make the user, a task to complete, and its event."""
    parts = Runtime(Settings.from_environment(settings))
    await prepare_local_user(parts, token_file, None)
    async with UnitOfWork(parts, "/ebb/benchmark") as work:
        owner = await work.lock(LOCAL_USER)
        task, _ = task_of(planned(NewTask(title="Sleep"), owner, work.now, new_id), (), owner, work.now, new_id)
        await work.save_task(None, task, TaskCreated)
        await work.commit()
    async with parts.database.connection() as connection:
        (event,) = await (await connection.execute("SELECT event FROM outbox")).fetchone() or ({},)
    await parts.close()
    return task.id, json.dumps(event).encode()


def _start(candidate: Candidate) -> float:
    """Return the seconds from the start of the process to its first good answer."""
    port = free_port()
    environment = {**os.environ, **candidate.environment, "PORT": str(port), "HOST": "127.0.0.1"}
    began = time.perf_counter()
    process = subprocess.Popen(candidate.command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(trust_env=False) as http:
            while True:
                try:
                    answer = http.request(
                        candidate.method,
                        f"http://127.0.0.1:{port}{candidate.path}",
                        headers=candidate.headers,
                        content=candidate.body,
                    )
                except httpx.TransportError:
                    time.sleep(0.002)
                    continue
                if not answer.is_success:
                    raise RuntimeError(f"{candidate.name} answers {answer.status_code}: {answer.text}")
                return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _print_imports() -> None:
    """Print what loading each function takes, and the part that the framework alone takes."""
    print("  import time (median of 5), with and without what the framework itself imports")
    framework = _import_seconds("functions_framework.aio, uvicorn")
    print(f"  {'framework and uvicorn':<24} {framework * 1000:5.0f} ms")
    for main in sorted((ROOT / "functions").glob("*/main.py")):
        name = main.parent.name
        total = _import_seconds(f"functions_framework.aio, uvicorn, shared.bootstrap, functions.{name}.main")
        print(f"  {name.replace('_', '-'):<24} {total * 1000:5.0f} ms {(total - framework) * 1000:+5.0f} ms")


def _import_seconds(modules: str) -> float:
    code = f"import time; began = time.perf_counter(); import {modules}; print(time.perf_counter() - began)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
