"""The account of a load: every acknowledged command is there, and every effect exactly once.

It reads the tables directly, beside the server, so that the server's own view is not what proves it right.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from benchmarks.support.load import Ledger

_MOVING = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox,
  (SELECT count(*) FROM outbox) - (SELECT count(*) FROM audit) AS deliveries,
  (SELECT count(*) FROM tasks WHERE awaits_successor) AS owed,
  (SELECT count(*) FROM reminders WHERE state = 'pending' AND fire_at < now() + interval '1 minute') AS reminders
"""
_FIRED = """
SELECT changes ->> 'reminder_id' AS id,
  (changes ->> 'fired_at')::timestamptz - (changes ->> 'fire_at')::timestamptz AS lateness
FROM audit WHERE type = 'ebb.reminder.fired.v1'
"""
_OUT_OF_ORDER = """
SELECT count(*) FROM (
  SELECT o.position < lag(o.position) OVER (PARTITION BY o.topic, o.partition_key ORDER BY a.position) AS wrong
  FROM audit a JOIN outbox o ON o.event ->> 'id' = a.event_id) AS pairs WHERE wrong
"""


@dataclass
class Account:
    """Figures, and the ids of what was lost or came twice."""

    figures: dict[str, int] = field(default_factory=dict)
    lateness: list[float] = field(default_factory=list)  # seconds
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    out_of_order: int = 0

    @property
    def balanced(self) -> bool:
        """Whether nothing was lost, doubled or reordered."""
        return not (self.lost or self.duplicated or self.out_of_order)


async def settled(database_url: str, patience: float) -> None:
    """Return when nothing moves any more; raises `TimeoutError` with what still moves."""
    deadline = time.monotonic() + patience
    while True:
        (moving,) = await _rows(database_url, _MOVING)
        if not any(moving):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"still moving after {patience} s: {moving}")
        await asyncio.sleep(0.2)


async def account(database_url: str, ledger: Ledger) -> Account:
    """Compare the ledger with what is stored."""
    result = Account()
    audit = await _rows(database_url, "SELECT event_id, type, task_id::text AS task, changes FROM audit")
    tasks = await _rows(
        database_url, "SELECT id::text, series_id::text AS series, ordinal, status FROM tasks WHERE user_id = 'local'"
    )
    outbox = await _rows(database_url, "SELECT event ->> 'id' AS id FROM outbox")
    fired = await _rows(database_url, _FIRED)
    # Of those set by the load: "30 minutes before" something that is 10 minutes away is never on time.
    result.lateness = [row.lateness.total_seconds() for row in fired if row.id in ledger.reminders]
    _compare_events(result, [row.id for row in outbox], [row.event_id for row in audit])
    _compare_commands(result, ledger, Counter((row.type, row.task) for row in audit))
    _compare_tasks(result, ledger, tasks, {row.changes["series_id"] for row in audit if "series.ended" in row.type})
    _compare_once(result, "reminder fired", ledger.reminders, Counter(row.id for row in fired))
    result.out_of_order = (await _rows(database_url, _OUT_OF_ORDER))[0][0]
    result.figures = {
        "events published": len(outbox),
        "events consumed (audit entries)": len(audit),
        "occurrences created": sum((row.ordinal or 0) > 1 for row in tasks),
        "reminders fired": len(fired),
    }
    return result


def _compare_events(result: Account, published: list[str], recorded: list[str]) -> None:
    _compare_once(result, "event", published, Counter(recorded))


def _compare_commands(result: Account, ledger: Ledger, audit: Counter[tuple[str, str]]) -> None:
    created = Counter({task: n for (kind, task), n in audit.items() if kind == "ebb.task.created.v1"})
    completed = Counter({task: n for (kind, task), n in audit.items() if kind == "ebb.task.completed.v1"})
    _compare_once(result, "created in audit", ledger.created, created)
    _compare_once(result, "completed in audit", ledger.completed, completed)


def _compare_tasks(result: Account, ledger: Ledger, tasks: list[Any], ended: set[str]) -> None:
    stored = {row.id: row for row in tasks}
    result.lost += [f"task {task}" for task in ledger.created if task not in stored]
    result.lost += [f"completion {t}" for t in ledger.completed if t in stored and stored[t].status != "completed"]
    # What no command made and no series brought was made twice by a repeated command.
    result.duplicated += [f"task {row.id}" for row in tasks if row.id not in ledger.created and (row.ordinal or 1) == 1]
    successors = Counter(row.series for row in tasks if (row.ordinal or 0) > 1)
    series = [task["series"]["id"] for task in ledger.completed.values()]
    _compare_once(result, "successor of series", [one for one in series if one not in ended], successors)


def _compare_once(result: Account, what: str, wanted: Any, found: Counter[str]) -> None:
    result.lost += [f"{what} {one}" for one in wanted if found[one] == 0]
    result.duplicated += [f"{what} {one}" for one, times in found.items() if times > 1]


async def _rows(database_url: str, statement: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=namedtuple_row) as connection:
        return await (await connection.execute(statement)).fetchall()
