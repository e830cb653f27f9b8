"""Deleting an account: closed at once, erased in its own time (docs/decisions/0015).

Closing is one transaction: no token works after it and no command is taken. The rows go afterwards, in chunks that
each lock the user's row and look whether the account is still closing: two who erase at once, a crash, or a user who
comes back cannot make each other's work wrong.
"""

import asyncio
import datetime as dt

from psycopg import AsyncConnection

from shared.account_events import AccountDeleted
from shared.alarms import job_name
from shared.runtime import Runtime
from shared.unit_of_work import UnitOfWork

CHUNK = 500  # rows of one transaction
POSITIONS = 20_000  # of the outbox, looked through in one statement
CLOSING = "SELECT id FROM users WHERE state = 'closing' AND closed_at <= %s ORDER BY closed_at LIMIT %s"
ACCOUNTS = 20  # in one tick
STATE = "SELECT state FROM users WHERE id = %s FOR UPDATE"
CLOSE = "UPDATE users SET state = 'closing', closed_at = %s WHERE id = %s"
REVOKE_ALL = "DELETE FROM tokens WHERE user_id = %s"
# Copies of events that no function took; they name what they are about, not whom.
DEAD_LETTERS = """
DELETE FROM dead_letters WHERE partition_key = %(user)s OR partition_key IN (
  SELECT id::text FROM tasks WHERE user_id = %(user)s UNION ALL SELECT id::text FROM series WHERE user_id = %(user)s
  UNION ALL SELECT id::text FROM tags WHERE user_id = %(user)s)
"""
TASKS = "SELECT id FROM tasks WHERE user_id = %s LIMIT %s"
ALARMS = """
SELECT id, alarm_version FROM reminders WHERE task_id = ANY(%s) AND alarm_version IS NOT NULL AND state <> 'fired'
"""
ERASE_TASKS = "DELETE FROM tasks WHERE user_id = %s AND id = ANY(%s)"
# Tasks go first: a series or a tag takes with it what hangs on it, in one transaction.
TABLES = (
    "series",
    "tags",
    "filters",
    "notifications",
    "channels",
    "feeds",
    "imports",
    "tokens",
    "idempotency_keys",
    "audit",
    "audit_chunks",
)
ERASE_ROWS = tuple(
    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE user_id = %s LIMIT %s))"
    for table in TABLES
)
OUTBOX = "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM outbox"
# The event that says that the account is deleted may still have to leave; it holds nothing but the user's id.
ERASE_EVENTS = """
DELETE FROM outbox WHERE position >= %s AND position < %s AND event->'data'->>'user_id' = %s
  AND event->>'type' <> 'ebb.account.deleted.v1'
"""
# Change numbers go on, past all that were given: every client is told to read everything again.
ERASED = """
UPDATE users SET state = 'erased', time_zone = DEFAULT, locale = DEFAULT, all_day_reminder_time = DEFAULT,
  quiet_from = NULL, quiet_until = NULL, created_at = closed_at,
  change_seq = change_seq + 1, purged_seq = change_seq + 1 WHERE id = %s
"""


async def close_account(parts: Runtime, source: str, user_id: str) -> None:
    """Close a user's account; one that is closed, or that never was, stays as it is."""
    async with UnitOfWork(parts, source) as work:
        row = await (await work.connection.execute(STATE, (user_id,))).fetchone()
        if row is None or row[0] != "active":
            return
        await work.connection.execute(CLOSE, (work.now, user_id))
        await work.connection.execute(REVOKE_ALL, (user_id,))
        work.emit(AccountDeleted(user_id=user_id, actor=user_id))
        await work.commit()


async def erase_account(parts: Runtime, user_id: str) -> int:
    """Erase everything of a closing account; return how many rows. It can be stopped anywhere and begun again.

    Raises `BackendAway` when Dapr does not take back an alarm.
    """
    erased = await _chunk(parts, user_id, DEAD_LETTERS, {"user": user_id})
    while done := await _erase_tasks(parts, user_id):
        erased += done
    for statement in ERASE_ROWS:
        while done := await _chunk(parts, user_id, statement, (user_id, CHUNK)):
            erased += done
    async with parts.database.statements() as connection:
        first, last = await (await connection.execute(OUTBOX)).fetchone() or (0, 0)
    for begin in range(first, last + 1, POSITIONS):
        erased += await _chunk(parts, user_id, ERASE_EVENTS, (begin, begin + POSITIONS, user_id))
    await _chunk(parts, user_id, ERASED, (user_id,))
    return erased


async def erase_closed(parts: Runtime, _source: str) -> int:
    """Erase the accounts that no event has erased in good time; return how many there were.

    What fails keeps nothing else from being erased, and is raised at the end (`ExceptionGroup`).
    """
    before = parts.clock.now() - dt.timedelta(seconds=parts.settings.sweep_after_seconds)
    async with parts.database.statements() as connection:
        found = await (await connection.execute(CLOSING, (before, ACCOUNTS))).fetchall()
    ends = [(await asyncio.gather(erase_account(parts, user_id), return_exceptions=True))[0] for (user_id,) in found]
    if failures := [end for end in ends if isinstance(end, Exception)]:
        raise ExceptionGroup(f"{len(failures)} of {len(found)} accounts could not be erased", failures)
    return len(found)


async def _erase_tasks(parts: Runtime, user_id: str) -> int:
    async with parts.database.statements() as connection:
        ids = [task_id for (task_id,) in await (await connection.execute(TASKS, (user_id, CHUNK))).fetchall()]
        alarms = await (await connection.execute(ALARMS, (ids,))).fetchall()
    if not await _chunk(parts, user_id, None, ()):
        return 0
    # Before their rows go: nobody else knows their names.
    await asyncio.gather(*(parts.dapr.cancel(job_name(*alarm)) for alarm in alarms))
    return await _chunk(parts, user_id, ERASE_TASKS, (user_id, ids))


async def _chunk(
    parts: Runtime, user_id: str, statement: str | None, parameters: tuple[object, ...] | dict[str, object]
) -> int:
    """Run a statement while the account is closing; return how many rows it touched, 0 when it is not closing."""
    async with parts.database.connection() as connection:
        if not await _closing(connection, user_id):
            return 0
        touched = 1 if statement is None else (await connection.execute(statement, parameters)).rowcount
        await connection.commit()
    return touched


async def _closing(connection: AsyncConnection, user_id: str) -> bool:
    row = await (await connection.execute(STATE, (user_id,))).fetchone()
    return row is not None and row[0] == "closing"
