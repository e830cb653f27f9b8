"""Firing a reminder: exactly once, by its alarm or by sweep."""

import datetime as dt
from uuid import UUID

from psycopg import AsyncConnection

from shared import metrics, telemetry
from shared.events import ReminderDue, ReminderFired
from shared.reminder import Reminder, ReminderState
from shared.task import fired
from shared.unit_of_work import UnitOfWork

LATE = dt.timedelta(seconds=5)  # from here on the event says that the reminder came late


RINGS_AT = "SELECT fire_at FROM reminders WHERE id = %s AND version = %s AND state = 'pending'"


async def rings_at(connection: AsyncConnection, due: ReminderDue) -> dt.datetime | None:
    """Return when this version of the reminder rings; None when it has moved, fired, or is cancelled."""
    row = await (await connection.execute(RINGS_AT, (due.reminder_id, due.version))).fetchone()
    return None if row is None else row[0]


async def fire(work: UnitOfWork, task_id: UUID, reminder_id: UUID) -> None:
    """Fire a pending reminder whose time has come; do nothing otherwise. The owner's row must be locked."""
    task = await work.tasks.get(work.owner.id, task_id)
    reminder = _ripe(task.reminders, reminder_id, work.now) if task else None
    if task is None or reminder is None:
        return
    await work.save_task(task, fired(task, reminder, work.now), None)
    lateness = work.now - reminder.fire_at
    telemetry.record(metrics.REMINDER_LATENESS, lateness.total_seconds(), lateness > LATE)
    work.emit(
        ReminderFired(
            user_id=task.user_id,
            actor=work.actor,
            task_id=task.id,
            reminder_id=reminder.id,
            fire_at=reminder.fire_at,
            fired_at=work.now,
            late=lateness > LATE,
        )
    )


def _ripe(reminders: tuple[Reminder, ...], reminder_id: UUID, now: dt.datetime) -> Reminder | None:
    for reminder in reminders:
        if reminder.id == reminder_id and reminder.state is ReminderState.PENDING and reminder.fire_at <= now:
            return reminder
    return None
