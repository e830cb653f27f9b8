"""Find what was missed, and repair it.

In: a tick of the PingSource. Out: reminders fired that no alarm fired, successors made that no event made, alarms set
that are missing; what is no longer needed is purged.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared import log
from shared.runtime import runtime
from shared.sweeping import repair

SOURCE = "/ebb/sweep"


@functions_framework.aio.cloud_event
async def sweep(_event: CloudEvent) -> None:
    """Repair everything that is due for it."""
    log.bind(**await repair(runtime(), SOURCE))
