"""Find what was missed, and repair it.

In: a tick of the PingSource. Out: reminders fired that no alarm fired, successors made that no event made, alarms set
that are missing; what is no longer needed is purged.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared import log
from shared.runtime import runtime
from shared.sweeping import fire_overdue, purge, set_missing_alarms, spawn_owed

SOURCE = "/ebb/sweep"


@functions_framework.aio.cloud_event
async def sweep(_event: CloudEvent) -> None:
    """Repair everything that is due for it."""
    parts = runtime()
    fired = await fire_overdue(parts, SOURCE)
    spawned = await spawn_owed(parts, SOURCE)
    purged = await purge(parts)
    alarms = await set_missing_alarms(parts, SOURCE)
    log.bind(fired=fired, spawned=spawned, purged=purged, alarms=alarms)
