"""Many reminders, each of a task of its own: set, moved, cancelled, and how they fired."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg

from benchmarks.support.load import LIMITS
from benchmarks.support.wishes import Firing, Wish, judge
from tests.stack.system import System

KINDS = ("lost", "duplicated", "stale")
_PATIENCE = 180.0  # seconds until a reminder that has not fired is lost
_FIRED = """
SELECT changes ->> 'reminder_id', (changes ->> 'fire_at')::timestamptz, (changes ->> 'fired_at')::timestamptz
FROM audit WHERE type = 'ebb.reminder.fired.v1'
"""


class Alarms:
    """What was asked for, by the id of the reminder, and how it fired."""

    def __init__(self, system: System) -> None:
        self._database_url = system.database_url
        headers = {"authorization": f"Bearer {system.token}"}
        self._http = httpx.AsyncClient(base_url=system.url, trust_env=False, timeout=30, headers=headers, limits=LIMITS)
        self.tasks: dict[str, str] = {}
        self.wishes: dict[str, list[Wish]] = {}
        self.firings: dict[str, list[Firing]] = {}

    async def __aenter__(self) -> Self:
        """Be ready."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def add(self, instants: Iterable[dt.datetime]) -> None:
        """Create a task with a reminder for each instant."""
        waiting = iter(instants)

        async def work() -> None:
            for at in waiting:
                task = await self._command(
                    "POST", "/v1/tasks", {"title": "ring", "reminders": [{"at": at.isoformat()}]}
                )
                (reminder,) = task["reminders"]
                self.tasks[reminder["id"]] = task["id"]
                self._wish(reminder["id"], dt.datetime.fromisoformat(reminder["fire_at"]))

        await asyncio.gather(*(work() for _ in range(4)))

    async def move(self, reminder: str, by: dt.timedelta) -> None:
        """Let a reminder ring at another time."""
        before = self.wishes[reminder][-1].at
        assert before is not None
        body = {"reminders": [{"id": reminder, "at": (before + by).isoformat()}]}
        await self._command("PATCH", f"/v1/tasks/{self.tasks[reminder]}", body)
        self._wish(reminder, before + by)

    async def cancel(self, reminder: str, way: int) -> None:
        """Cancel a reminder in one of three ways."""
        path = f"/v1/tasks/{self.tasks[reminder]}"
        match way % 3:
            case 0:
                await self._command("PATCH", path, {"reminders": []})
            case 1:
                await self._command("POST", f"{path}/complete", {})
            case 2:
                await self._command("DELETE", path, {})
        self._wish(reminder, None)

    async def rung(self) -> None:
        """Wait until all have fired that should, and note how they did; those that never did are lost."""
        async with await psycopg.AsyncConnection.connect(self._database_url, autocommit=True) as connection:
            for _ in range(int(_PATIENCE / 0.2)):
                rows = await (await connection.execute(_FIRED)).fetchall()
                found: dict[str, list[Firing]] = defaultdict(list)
                for reminder, fire_at, fired_at in rows:
                    found[reminder].append(Firing(fire_at, fired_at))
                self.firings = {reminder: found[reminder] for reminder in self.wishes}
                if not self.wrong()["lost"]:
                    return
                await asyncio.sleep(0.2)

    def wrong(self) -> dict[str, list[str]]:
        """Return everything that is wrong, by its kind."""
        verdicts = [judge(wishes, self.firings[reminder]) for reminder, wishes in self.wishes.items()]
        return {kind: [wrong for verdict in verdicts for wrong in getattr(verdict, kind)] for kind in KINDS}

    def lateness(self) -> list[float]:
        """Return the lateness of every firing in seconds."""
        return [(one.fired_at - one.fire_at).total_seconds() for many in self.firings.values() for one in many]

    def _wish(self, reminder: str, at: dt.datetime | None) -> None:
        self.wishes.setdefault(reminder, []).append(Wish(at, now()))

    async def _command(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = (await self._http.request(method, path, json=body)).raise_for_status()
        return dict(answer.json()) if answer.content else {}


def now() -> dt.datetime:
    """Return the present instant."""
    return dt.datetime.now(dt.UTC)
