"""Fire a reminder at its instant, exactly once.

In: the Dapr job of one version of a reminder, a few seconds early, as `ebb.reminder.due.v1`.
Out: `ebb.reminder.fired.v1`.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.envelope import Event
from shared.events import ReminderDue
from shared.firing import fire, rings_at
from shared.receive import opened, take
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork

SOURCE = "/ebb/fire-reminder"


@functions_framework.aio.cloud_event
async def fire_reminder(event: CloudEvent) -> None:
    """Wait for the instant, then fire; an alarm of an older version finds nothing to do."""
    _, due = opened(event, ReminderDue)
    async with runtime().database.statements() as connection:
        instant = await rings_at(connection, due)
    if instant is not None:
        await runtime().clock.wait_until(instant)
        await take(event, ReminderDue, SOURCE, _fire)


async def _fire(work: UnitOfWork, _event: Event, due: ReminderDue) -> None:
    await work.lock(due.user_id)
    await fire(work, due.task_id, due.reminder_id)
