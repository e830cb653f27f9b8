"""Tell of every task of a changed tag that it has changed.

In: a tag event. Out: higher versions and change numbers of its tasks, some at a time; a merged or deleted tag leaves
them.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.errors import EventRejected
from shared.list_events import TagDeleted, TagUpdated
from shared.payload import Payload
from shared.receive import opened
from shared.retagging import retag_rest
from shared.runtime import runtime

SOURCE = "/ebb/retag-tasks"


@functions_framework.aio.cloud_event
async def retag_tasks(event: CloudEvent) -> None:
    """Do what the tag's row says is still owed; a redelivery finds nothing."""
    _, payload = opened(event, Payload)
    if not isinstance(payload, TagUpdated | TagDeleted):
        raise EventRejected(f"{payload.type}: this function takes changes of tags")
    await retag_rest(runtime(), SOURCE, payload.user_id, payload.tag_id)
