"""What a tick repairs. The rows say what is owed, so a lost event, job or process costs a minute, never an effect.

Each repair is a transaction of its own under the lock of its user's row, through the same code as the normal way.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from shared import metrics, telemetry
from shared.account import erase_closed
from shared.alarms import align_alarms
from shared.errors import AccountClosed
from shared.events import NotificationDue
from shared.firing import fire
from shared.purging import purge
from shared.retagging import retag_rest
from shared.runtime import Runtime
from shared.spawning import spawn_successor
from shared.unit_of_work import UnitOfWork

BATCH = 500  # repairs of one kind in one tick

OVERDUE = """
SELECT t.user_id, r.task_id, r.id FROM reminders r JOIN tasks t ON t.id = r.task_id
WHERE r.state = 'pending' AND r.fire_at <= %s AND t.deleted_at IS NULL ORDER BY r.fire_at LIMIT %s
"""
OWED = """
SELECT t.user_id, t.id FROM tasks t JOIN series s ON s.id = t.series_id
WHERE t.awaits_successor AND t.updated_at <= %s
  AND (s.is_active OR s.ended_at IS NOT NULL OR s.deleted_at IS NOT NULL) ORDER BY t.updated_at LIMIT %s
"""
WITHOUT_ALARM = """
SELECT DISTINCT t.user_id, r.task_id FROM reminders r JOIN tasks t ON t.id = r.task_id
WHERE r.state = 'pending' AND r.fire_at > %s AND r.alarm_version IS DISTINCT FROM r.version AND t.updated_at <= %s
LIMIT %s
"""
PUT_BACK = """
UPDATE deliveries d SET state = 'pending', acts_at = %s FROM notifications n
WHERE n.id = d.notification_id AND d.id IN (
  SELECT id FROM deliveries WHERE state IN ('pending', 'sending') AND acts_at <= %s
  ORDER BY acts_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING n.user_id, n.task_id, n.id, d.channel, d.attempts
"""
OWING_TAGS = "SELECT user_id, id FROM tags WHERE owes_after IS NOT NULL ORDER BY id LIMIT %s"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL"
DELIVERIES = 5_000  # put back in one tick: many people's quiet hours end at the same minute
SAID_PAUSE = dt.timedelta(minutes=5)  # until a delivery that nobody took is told of again


async def repair(parts: Runtime, source: str) -> dict[str, int]:
    """Run every repair; return how many rows each found.

    What fails keeps nothing else from being repaired, and is raised at the end (`ExceptionGroup`).
    """
    found: dict[str, int] = {}

    async def run(kind: Callable[[Runtime, str], Awaitable[int]]) -> None:
        found[kind.__name__] = await kind(parts, source)

    await _each(run, [(kind,) for kind in _KINDS])
    return found


async def fire_overdue(parts: Runtime, source: str) -> int:
    """Fire the reminders whose alarm has not rung."""

    async def fire_one(user_id: str, task_id: UUID, reminder_id: UUID) -> None:
        async with UnitOfWork(parts, source) as work:
            await work.lock(user_id)
            await fire(work, task_id, reminder_id)
            await work.commit()

    return await _each(fire_one, await _rows(parts, OVERDUE, parts.clock.now(), BATCH))


async def spawn_owed(parts: Runtime, source: str) -> int:
    """Make the successors that no event made in good time."""

    async def spawn_one(user_id: str, task_id: UUID) -> None:
        async with UnitOfWork(parts, source) as work:
            await work.lock(user_id)
            task = await work.tasks.get_even_deleted(user_id, task_id)
            if task is not None:
                await spawn_successor(work, task)
            await work.commit()

    return await _each(spawn_one, await _rows(parts, OWED, _a_while_ago(parts), BATCH))


async def set_missing_alarms(parts: Runtime, source: str) -> int:
    """Set the jobs of reminders that have none; counts tasks."""

    async def align_one(user_id: str, task_id: UUID) -> None:
        await align_alarms(parts, source, user_id, task_id)

    return await _each(align_one, await _rows(parts, WITHOUT_ALARM, parts.clock.now(), _a_while_ago(parts), BATCH))


async def retag_owed(parts: Runtime, source: str) -> int:
    """Go on with tags whose tasks have not all been told that they changed."""

    async def retag_one(user_id: str, tag_id: UUID) -> None:
        await retag_rest(parts, source, user_id, tag_id)

    return await _each(retag_one, await _rows(parts, OWING_TAGS, BATCH))


async def retry_deliveries(parts: Runtime, source: str) -> int:
    """Say which deliveries it is time for: quiet hours or a back-off are over, or their sender died."""
    async with UnitOfWork(parts, source) as work:
        row = (work.now + SAID_PAUSE, work.now, DELIVERIES)
        found = await (await work.connection.execute(PUT_BACK, row)).fetchall()
        for user_id, task_id, notification_id, channel, attempts in found:
            due = NotificationDue(
                user_id=user_id,
                actor=source,
                notification_id=notification_id,
                task_id=task_id,
                channel=channel,
                attempts=attempts,
            )
            work.emit(due)
        await work.commit()
    return len(found)


async def tell_dead_letters(parts: Runtime, _source: str) -> int:
    """Tell how many dead letters wait for a person: nothing here may repair them."""
    ((waiting,),) = await _rows(parts, DEAD_LETTERS)
    telemetry.record(metrics.DEAD_LETTERS_WAITING, waiting)
    return int(waiting)


_KINDS = (
    fire_overdue, spawn_owed, set_missing_alarms, retry_deliveries, tell_dead_letters, retag_owed, purge, erase_closed,
)  # fmt: skip


async def _each(action: Callable[..., Awaitable[None]], rows: Iterable[tuple[Any, ...]]) -> int:
    """Run `action` for row after row, also past one that fails; return how many there were."""
    outcomes = [(await asyncio.gather(action(*row), return_exceptions=True))[0] for row in rows]
    # Where the user has left there is nothing to repair.
    failures = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, AccountClosed)]
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(outcomes)} repairs failed", failures)
    return len(outcomes)


def _a_while_ago(parts: Runtime) -> dt.datetime:
    return parts.clock.now() - dt.timedelta(seconds=parts.settings.sweep_after_seconds)


async def _rows(parts: Runtime, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    async with parts.database.statements() as connection:
        return await (await connection.execute(statement, parameters)).fetchall()
