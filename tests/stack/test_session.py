"""`nox -s stack` keeps the system running: it goes on after a restart, leaves nothing behind, and says what died."""

import datetime as dt
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from benchmarks.support.server import Server
from tests.stack.part import parts_of

pytestmark = pytest.mark.stack
_PATIENCE = 60  # seconds for an effect on a slow machine


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a session that has not been started, in an empty folder."""
    with tempfile.TemporaryDirectory(prefix="ebb-session-") as folder:
        one = Server(Path(folder).resolve() / "data", module="tests.stack")
        yield one
        one.stop()


def _call(server: Server, method: str, path: str, body: object = None) -> Any:
    headers = {"authorization": f"Bearer {server.token}"}
    answer = httpx.request(method, server.url + path, json=body, headers=headers, trust_env=False, timeout=30)
    return answer.raise_for_status().json()


def _audit(server: Server, event_type: str) -> list[dict[str, Any]]:
    return list(_call(server, "GET", f"/v1/audit?type={event_type}")["entries"])


def _part(server: Server, name: str) -> psutil.Process:
    (found,) = [process for process in parts_of(server.data_dir) if name in process.cmdline()]
    return found


def _processes_left(server: Server) -> list[psutil.Process]:
    """Return what still runs for this folder: parts, and PostgreSQL."""
    postgres = [one for one in psutil.process_iter() if str(server.data_dir) in " ".join(_command_line(one))]
    return [*parts_of(server.data_dir), *postgres]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_a_reminder_set_before_a_restart_is_rung_by_the_scheduler_after_it(server: Server) -> None:
    server.start()
    assert 16 <= len(parts_of(server.data_dir))
    at = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=45)).isoformat()
    _call(server, "POST", "/v1/tasks", {"title": "Überlebt 🌱", "reminders": [{"at": at}]})
    deadline = time.monotonic() + _PATIENCE
    while not _audit(server, "ebb.task.created.v1") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert 0 == server.stop()
    assert [] == _processes_left(server)
    server.start()
    assert ["Überlebt 🌱"] == [task["title"] for task in _call(server, "GET", "/v1/tasks")["tasks"]]
    while not (fired := _audit(server, "ebb.reminder.fired.v1")) and time.monotonic() < deadline + _PATIENCE:
        time.sleep(0.5)
    # Fired by its job, which etcd kept: sweep, which repairs what has no job, would say that it is late.
    assert [False] == [entry["changes"]["late"] for entry in fired]
    assert 1 == len(_audit(server, "ebb.task.created.v1"))
    assert 0 == server.stop()
    assert [] == _processes_left(server)


def test_a_part_that_dies_is_named_and_ends_the_session_with_status_1(server: Server) -> None:
    server.start()
    _part(server, "ebb-bridge").kill()
    assert 1 == server.wait()
    said = "".join(server.printed)
    assert "ebb: daprd-ebb-bridge has ended with status -9" in said
    assert "level=info" in said, "the end of the log is missing"
    assert [] == _processes_left(server)


def test_what_a_killed_session_left_is_ended_by_the_next_one(server: Server) -> None:
    server.start()
    server.kill()
    assert parts_of(server.data_dir)
    server.start()
    assert any("left by a run that was killed" in line for line in server.printed)
    _call(server, "POST", "/v1/tasks", {"title": "again"})
    assert 0 == server.stop()
    assert [] == _processes_left(server)


def test_a_port_that_is_taken_is_told_before_anything_starts(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        with pytest.raises(RuntimeError, match="choose another with --port"):
            server.start()
    assert [] == parts_of(server.data_dir)
