"""Append every event to the audit log, once.

In: every `ebb.*` event. Out: nothing; the entry's key is the event's id, so a redelivery finds it there.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.audit import append
from shared.payload import Payload
from shared.receive import opened
from shared.runtime import runtime


@functions_framework.aio.cloud_event
async def write_audit(event: CloudEvent) -> None:
    """Append the event."""
    parsed, _ = opened(event, Payload)
    async with runtime().database.statements() as connection:
        await append(connection, parsed, runtime().clock.now())
