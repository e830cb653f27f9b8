"""A client that never gives up: it posts quick-add text, completes what recurs, sets reminders, and keeps a ledger.

A command without an answer is sent again under the same Idempotency-Key, as a good client would; what stands in the
ledger was acknowledged.
"""

import asyncio
import datetime as dt
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

REMINDERS = 200
_AGAIN = 0.05  # seconds until an unanswered command is repeated


@dataclass
class Ledger:
    """What was acknowledged."""

    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    completed: dict[str, dict[str, Any]] = field(default_factory=dict)
    reminders: dict[str, str] = field(default_factory=dict)  # reminder id -> task id
    refused: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    retries: int = 0

    @property
    def commands(self) -> int:
        """How many commands were acknowledged."""
        return len(self.created) + len(self.completed) + len(self.reminders)


class Load:
    """Runs over the lines with some clients at once. `pause` (seconds) between two commands of one client."""

    def __init__(
        self, url: str, token: str, *, clients: int = 8, pause: float = 0.0, reminders: int = REMINDERS
    ) -> None:
        self.ledger = Ledger()
        self._clients, self._pause, self._reminders_left = clients, pause, reminders
        self._http = httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    async def run(self, lines: Iterable[str]) -> Ledger:
        """Post every line, and what follows from it; return the ledger."""
        await self.run_for(lines, float("inf"))
        await self.close()
        return self.ledger

    async def run_for(self, lines: Iterable[str], seconds: float) -> list[float]:
        """Post lines until the time is up, finishing what has begun; return the seconds that each command took."""
        waiting, deadline, first = iter(lines), time.monotonic() + seconds, len(self.ledger.seconds)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._clients):
                group.create_task(self._work(waiting, deadline))
        return self.ledger.seconds[first:]

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _work(self, lines: Iterator[str], deadline: float) -> None:
        for line in lines:
            if time.monotonic() > deadline:
                return
            created = await self._command("POST", "/v1/tasks", {"text": line})
            if created is None:
                self.ledger.refused.append((line, "text"))
                continue
            self.ledger.created[created["id"]] = created
            if self._reminders_left > 0 and not created["series"]:
                self._reminders_left -= 1
                await self._remind(created)
            if created["series"]:
                completed = await self._command("POST", f"/v1/tasks/{created['id']}/complete", {})
                if completed is not None:
                    self.ledger.completed[completed["id"]] = completed

    async def _remind(self, task: dict[str, Any]) -> None:
        at = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)).isoformat()
        changed = await self._command("PATCH", f"/v1/tasks/{task['id']}", {"reminders": [{"at": at}]})
        if changed is not None:
            self.ledger.reminders[changed["reminders"][0]["id"]] = task["id"]

    async def _command(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send until answered; None when the answer says that the command itself is wrong."""
        headers = {"idempotency-key": str(uuid.uuid4()), "content-type": "application/json"}
        await asyncio.sleep(self._pause)
        while True:
            began = time.perf_counter()
            try:
                answer = await self._http.request(method, path, content=json.dumps(body), headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                self.ledger.seconds.append(time.perf_counter() - began)
                return dict(answer.json()) if answer.is_success else None
            self.ledger.retries += 1
            await asyncio.sleep(_AGAIN)


def read_lines(files: Iterable[Path]) -> list[str]:
    """Return the quick-add texts of files: one a line, or the `text` fields of a JSON list."""
    lines: list[str] = []
    for file in files:
        content = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            lines += [row["text"] for row in json.loads(content) if "text" in row]
        else:
            lines += content.splitlines()
    return [line for line in lines if line.strip()]
