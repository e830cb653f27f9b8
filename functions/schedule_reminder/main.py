"""Keep the Dapr job of each reminder equal to its row.

In: task events. Out: jobs set and cancelled. It acts on the current rows, so order and repetition do not matter.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.alarms import align_alarms
from shared.events import TaskPayload
from shared.receive import opened
from shared.runtime import runtime

SOURCE = "/ebb/schedule-reminder"


@functions_framework.aio.cloud_event
async def schedule_reminder(event: CloudEvent) -> None:
    """Set and cancel jobs until they agree with the task's reminders."""
    _, payload = opened(event, TaskPayload)
    await align_alarms(runtime(), SOURCE, payload.user_id, payload.task_id)
