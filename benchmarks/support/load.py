"""A client that never gives up: it posts quick-add text, completes what recurs, sets, moves and cancels reminders.

A command without an answer is sent again under the same Idempotency-Key, as a good client would; what stands in the
ledger was acknowledged.
"""

import asyncio
import datetime as dt
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from benchmarks.support.wishes import Wish

REMINDERS = 200
# uvicorn closes a connection that was idle for five seconds: one that is about to be closed must not be used.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2)
_AGAIN = 0.1  # seconds until an unanswered command is repeated: sooner than Retry-After asks, to press harder
_OF_PROXIES = (502, 503, 504)  # without Retry-After, which a function gives
# What becomes of a reminder after it was set. Times are seconds from then, and seconds until the reminder rings.
CHANGES = ("none", "later", "earlier", "removed", "deleted", "completed")
_AHEAD = 5.0
_LATER, _EARLIER = 5.5, 1.5
_CHANGED_AFTER = (0.0, 1.5)


@dataclass
class Ledger:
    """What was acknowledged, and how often it was not at first."""

    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    completed: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    reminders: dict[str, list[Wish]] = field(default_factory=dict)  # by the reminder's id, in their order
    refused: list[tuple[str, str]] = field(default_factory=list)  # the line, or method and path, and why
    seconds: list[float] = field(default_factory=list)  # of each command, its last attempt
    commands: int = 0
    retries: Counter[int] = field(default_factory=Counter)  # by status; 0 is no answer at all
    foreign: Counter[str] = field(default_factory=Counter)  # of _OF_PROXIES, by status and beginning


class Load:
    """Runs over the lines with some clients at once. `pause` (seconds) between two commands of one client.

    `changes` says whether reminders are moved and cancelled too.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        clients: int = 8,
        pause: float = 0.0,
        reminders: float = REMINDERS,
        changes: bool = False,
    ) -> None:
        self.ledger = Ledger()
        self._clients, self._pause, self._reminders_left = clients, pause, reminders
        self._changes = cycle(CHANGES if changes else CHANGES[:1])
        self._chance = random.Random(1)
        headers = {"authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False, limits=LIMITS)

    async def run(self, lines: Iterable[str]) -> Ledger:
        """Post every line, and what follows from it; return the ledger."""
        await self.run_until(lines, lambda: False)
        await self.close()
        return self.ledger

    async def run_for(self, lines: Iterable[str], seconds: float) -> list[float]:
        """Post lines until the time is up, finishing what has begun; return the seconds that each command took."""
        deadline, first = time.monotonic() + seconds, len(self.ledger.seconds)
        await self.run_until(lines, lambda: time.monotonic() > deadline)
        return self.ledger.seconds[first:]

    async def run_until(self, lines: Iterable[str], over: Callable[[], bool]) -> None:
        """Post lines until there are none or it is over, finishing what has begun."""
        waiting = iter(lines)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._clients):
                group.create_task(self._work(waiting, over, group))

    async def probe(self) -> str:
        """Let each command function do one thing; return the id of the task, which has four events then."""
        task = await self._create("Probe")
        assert task is not None
        await self._command("PATCH", f"/v1/tasks/{task['id']}", {"notes": "probed"})
        await self._complete(task)
        await self._delete(task)
        return str(task["id"])

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _work(self, lines: Iterator[str], over: Callable[[], bool], group: asyncio.TaskGroup) -> None:
        for line in lines:
            if over():
                return
            created = await self._create(line)
            if created is None:
                continue
            if created["series"]:
                await self._complete(created)
            elif self._reminders_left > 0:
                self._reminders_left -= 1
                reminder = await self._remind(created, None, _AHEAD)
                # Beside the others: a reminder is best changed while its alarm is near.
                group.create_task(self._change(created, reminder, next(self._changes)))

    async def _change(self, task: dict[str, Any], reminder: str, change: str) -> None:
        if change == "none":
            return
        await asyncio.sleep(self._chance.uniform(*_CHANGED_AFTER))
        match change:
            case "later":
                await self._remind(task, reminder, _LATER)
            case "earlier":
                await self._remind(task, reminder, _EARLIER)
            case "removed":
                await self._command("PATCH", f"/v1/tasks/{task['id']}", {"reminders": []})
            case "deleted":
                await self._delete(task)
            case "completed":
                await self._complete(task)
        if change not in {"later", "earlier"}:
            self.ledger.reminders[reminder].append(Wish(None, dt.datetime.now(dt.UTC)))

    async def _create(self, line: str) -> dict[str, Any] | None:
        created = await self._command("POST", "/v1/tasks", {"text": line})
        if created is not None:
            self.ledger.created[created["id"]] = created
        return created

    async def _complete(self, task: dict[str, Any]) -> None:
        completed = await self._command("POST", f"/v1/tasks/{task['id']}/complete", {})
        if completed is not None:
            self.ledger.completed[completed["id"]] = completed

    async def _delete(self, task: dict[str, Any]) -> None:
        if await self._command("DELETE", f"/v1/tasks/{task['id']}", {}) is not None:
            self.ledger.deleted.add(task["id"])

    async def _remind(self, task: dict[str, Any], reminder: str | None, ahead: float) -> str:
        """Set a task's reminder, or move the one that it has; return its id."""
        wanted = {"at": (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)).isoformat()}
        wanted |= {"id": reminder} if reminder else {}
        changed = await self._command("PATCH", f"/v1/tasks/{task['id']}", {"reminders": [wanted]})
        assert changed is not None
        (shown,) = changed["reminders"]
        wish = Wish(dt.datetime.fromisoformat(shown["fire_at"]), dt.datetime.now(dt.UTC))
        self.ledger.reminders.setdefault(shown["id"], []).append(wish)
        return str(shown["id"])

    async def _command(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send until answered; None when the answer says that the command itself is wrong."""
        headers = {"idempotency-key": str(uuid.uuid4()), "content-type": "application/json"}
        await asyncio.sleep(self._pause)
        while True:
            began = time.perf_counter()
            try:
                answer = await self._http.request(method, path, content=json.dumps(body), headers=headers)
            except httpx.TransportError:
                answer = httpx.Response(0)
            if 0 < answer.status_code < 500 and answer.status_code != 429:
                self.ledger.seconds.append(time.perf_counter() - began)
                return self._acknowledged(answer, body.get("text", f"{method} {path}"))
            if answer.status_code in _OF_PROXIES and "retry-after" not in answer.headers:
                self.ledger.foreign[f"{answer.status_code} {answer.text[:40].strip()}"] += 1
            self.ledger.retries[answer.status_code] += 1
            await asyncio.sleep(_AGAIN)

    def _acknowledged(self, answer: httpx.Response, what: str) -> dict[str, Any] | None:
        if not answer.is_success:
            self.ledger.refused.append((what, answer.text[:200]))
            return None
        self.ledger.commands += 1
        return dict(answer.json()) if answer.content else {}


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
