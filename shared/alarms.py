"""Alarm clocks: the Dapr job of each reminder, kept equal to its row.

A job is named after the reminder and its version. Setting and cancelling can be repeated at will; `alarm_version` notes
which version has its job, so that the work ends when row and job agree. A job's data is the event it becomes, so that
the alarm goes on with the trace of whoever set it.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from shared import trace
from shared.envelope import Event, to_wire
from shared.events import ReminderDue
from shared.runtime import Runtime

DIFFERING = """
SELECT r.id, r.task_id, r.version, r.alarm_version, r.state, r.fire_at FROM reminders r JOIN tasks t ON t.id = r.task_id
WHERE t.user_id = %s AND t.id = %s
  AND CASE WHEN r.state = 'pending' THEN r.alarm_version IS DISTINCT FROM r.version
      ELSE r.alarm_version IS NOT NULL OR r.state = 'removed' END
"""
NOTE = "UPDATE reminders SET alarm_version = %s WHERE id = %s AND version = %s"
FORGET = "DELETE FROM reminders WHERE id = %s AND state = 'removed'"


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    task_id: UUID
    version: int
    alarm_version: int | None
    state: str
    fire_at: dt.datetime


def job_name(reminder_id: UUID, version: int) -> str:
    """Return the name of the job of one version of a reminder."""
    return f"reminder-{reminder_id}-{version}"


async def align_alarms(parts: Runtime, source: str, user_id: str, task_id: UUID) -> None:
    """Set the jobs that a task's reminders need, cancel those they no longer do. Raises `BackendAway`."""
    async with parts.database.statements() as connection:
        cursor = connection.cursor(row_factory=class_row(_Row))
        reminders = await (await cursor.execute(DIFFERING, (user_id, task_id))).fetchall()
    early = dt.timedelta(seconds=parts.settings.wake_early_seconds)
    for r in reminders:
        # A fired reminder's job is gone already.
        if r.alarm_version is not None and r.state != "fired":
            await parts.dapr.cancel(job_name(r.id, r.alarm_version))
        if r.state == "pending":
            due = ReminderDue(user_id=user_id, actor=source, task_id=r.task_id, reminder_id=r.id, version=r.version)
            # The job's name is the event's id: a second delivery of it is the same event.
            event = Event(job_name(r.id, r.version), source, parts.clock.now(), due, trace.current())
            await parts.dapr.schedule(event.id, r.fire_at - early, to_wire(event))
    async with parts.database.connection() as connection:
        for r in reminders:
            # Only while the row is still as it was read; otherwise the next event of the task sees to it.
            await connection.execute(NOTE, (r.version if r.state == "pending" else None, r.id, r.version))
            await connection.execute(FORGET, (r.id,))
        await connection.commit()
