"""The account of a load: every acknowledged command is there, and every effect exactly once.

It reads the tables directly, beside the server, so that the server's own view is not what proves it right.
"""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from benchmarks.support.load import Ledger
from benchmarks.support.wishes import Firing, judge

Connection = psycopg.AsyncConnection[Any]

# Every event has its entry in the audit log, except that an account is gone: its entries go with it.
_AUDITED = "FROM outbox WHERE event ->> 'type' <> 'ebb.account.deleted.v1'"
_MOVING = f"""
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox,
  (SELECT count(DISTINCT event ->> 'id') {_AUDITED}) - (SELECT count(*) FROM audit) AS deliveries,
  (SELECT count(*) FROM tasks WHERE awaits_successor) AS owed,
  (SELECT count(*) FROM reminders WHERE state = 'pending' AND fire_at < now() + interval '15 seconds') AS reminders
"""
_AUDIT = "SELECT event_id, type, task_id::text AS task, changes FROM audit"
_TASKS = """
SELECT id::text, series_id::text AS series, ordinal, status, deleted_at FROM tasks WHERE user_id = 'local'
"""
_FIRED = """
SELECT changes ->> 'reminder_id' AS id,
  (changes ->> 'fire_at')::timestamptz AS fire_at, (changes ->> 'fired_at')::timestamptz AS fired_at
FROM audit WHERE type = 'ebb.reminder.fired.v1'
"""
_OUT_OF_ORDER = """
SELECT count(*) FROM (
  SELECT o.position < lag(o.position) OVER (PARTITION BY o.topic, o.partition_key ORDER BY a.position) AS wrong
  FROM audit a JOIN outbox o ON o.event ->> 'id' = a.event_id
  -- A dead letter that was replayed is late by its nature, so its order says nothing.
  WHERE a.event_id NOT IN (SELECT event_id FROM dead_letters WHERE replayed_at IS NOT NULL AND event_id IS NOT NULL)
) AS pairs WHERE wrong
"""


@dataclass
class Account:
    """Figures, and the ids of what was lost, came twice, or rang when it no longer should."""

    figures: dict[str, int] = field(default_factory=dict)
    lateness: list[float] = field(default_factory=list)  # seconds
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    out_of_order: int = 0

    @property
    def balanced(self) -> bool:
        """Whether nothing was lost, doubled or reordered, and nothing rang at an old time."""
        return not (self.wrong or self.out_of_order)

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, in words."""
        return self.lost + self.duplicated + self.stale


async def settled(database_url: str, patience: float) -> None:
    """Return when nothing moves any more; raises `TimeoutError` with what still moves."""
    deadline = time.monotonic() + patience
    async with await _connection(database_url) as connection:
        while True:
            (moving,) = await _rows(connection, _MOVING)
            if not any(moving):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"still moving after {patience} s: {moving}")
            await asyncio.sleep(0.2)


async def account(database_url: str, ledger: Ledger) -> Account:
    """Compare the ledger with what is stored, all of it at one moment."""
    result = Account()
    async with await _connection(database_url) as connection:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        audit = await _rows(connection, _AUDIT)
        tasks = await _rows(connection, _TASKS)
        outbox = await _rows(connection, f"SELECT DISTINCT event ->> 'id' AS id {_AUDITED}")
        fired = await _rows(connection, _FIRED)
        result.out_of_order = (await _rows(connection, _OUT_OF_ORDER))[0][0]
    _compare_once(result, "event", [row.id for row in outbox], Counter(row.event_id for row in audit))
    _compare_commands(result, ledger, Counter((row.type, row.task) for row in audit))
    _compare_tasks(result, ledger, tasks, {row.changes["series_id"] for row in audit if "series.ended" in row.type})
    _compare_reminders(result, ledger, fired)
    result.figures = {
        "events published": len(outbox),
        "events consumed (audit entries)": len(audit),
        "occurrences created": sum((row.ordinal or 0) > 1 for row in tasks),
        "reminders fired": len(fired),
    }
    return result


def _compare_commands(result: Account, ledger: Ledger, audit: Counter[tuple[str, str]]) -> None:
    for what, wanted in (("created", ledger.created), ("completed", ledger.completed), ("deleted", ledger.deleted)):
        found = Counter({task: n for (kind, task), n in audit.items() if kind == f"ebb.task.{what}.v1"})
        _compare_once(result, f"{what} in audit", wanted, found)


def _compare_tasks(result: Account, ledger: Ledger, tasks: list[Any], ended: set[str]) -> None:
    stored = {row.id: row for row in tasks}
    result.lost += [f"task {task}" for task in ledger.created if task not in stored]
    result.lost += [f"completion {t}" for t in ledger.completed if t in stored and stored[t].status != "completed"]
    result.lost += [f"deletion {t}" for t in ledger.deleted if t in stored and stored[t].deleted_at is None]
    # What no command made and no series brought was made twice by a repeated command.
    result.duplicated += [f"task {row.id}" for row in tasks if row.id not in ledger.created and (row.ordinal or 1) == 1]
    successors = Counter(row.series for row in tasks if (row.ordinal or 0) > 1)
    series = [task["series"]["id"] for task in ledger.completed.values() if task["series"]]
    _compare_once(result, "successor of series", [one for one in series if one not in ended], successors)


def _compare_reminders(result: Account, ledger: Ledger, fired: list[Any]) -> None:
    firings: dict[str, list[Firing]] = defaultdict(list)
    for row in fired:
        firings[row.id].append(Firing(row.fire_at, row.fired_at))
    for reminder, wishes in ledger.reminders.items():
        verdict = judge(wishes, firings[reminder])
        result.lost += [f"reminder {reminder} {wrong}" for wrong in verdict.lost]
        result.duplicated += [f"reminder {reminder} {wrong}" for wrong in verdict.duplicated]
        result.stale += [f"reminder {reminder} {wrong}" for wrong in verdict.stale]
        result.lateness += [(one.fired_at - one.fire_at).total_seconds() for one in firings[reminder]]
    # Those that came from a text: "30 minutes before" something that is 10 minutes away is never on time.
    others = Counter((row.id, row.fire_at) for row in fired if row.id not in ledger.reminders)
    result.duplicated += [f"reminder {reminder} fired {n} times" for (reminder, _), n in others.items() if n > 1]


def _compare_once(result: Account, what: str, wanted: Any, found: Counter[str]) -> None:
    result.lost += [f"{what} {one}" for one in wanted if found[one] == 0]
    result.duplicated += [f"{what} {one}" for one, times in found.items() if times > 1]


async def _connection(database_url: str) -> Connection:
    return await psycopg.AsyncConnection.connect(database_url, row_factory=namedtuple_row, autocommit=True)


async def _rows(connection: Connection, statement: str) -> list[Any]:
    return await (await connection.execute(statement)).fetchall()
