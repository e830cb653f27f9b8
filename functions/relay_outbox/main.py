"""Publish what still waits in the outbox.

In: a tick of the PingSource. Out: the waiting events, in order. Commands publish by themselves after their commit; the
tick is for what a crash or an outage left behind.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared import log
from shared.runtime import runtime


@functions_framework.aio.cloud_event
async def relay_outbox(_event: CloudEvent) -> None:
    """Tell how much waits, and publish until nothing does."""
    waiting, lag = await runtime().relay.backlog()
    log.bind(waiting=waiting, lag_seconds=lag)
    log.bind(published=await runtime().relay.drain())
