"""Erase what an account that was deleted has left, and take back the alarms of its reminders.

In: `ebb.account.deleted.v1`. Out: nothing; it looks at what is still there, so it may be stopped and begin again.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared import account, log
from shared.account_events import AccountDeleted
from shared.receive import opened
from shared.runtime import runtime


@functions_framework.aio.cloud_event
async def erase_account(event: CloudEvent) -> None:
    """Erase a closed account; one that its user has come back to is left alone."""
    _, payload = opened(event, AccountDeleted)
    log.bind(erased=await account.erase_account(runtime(), payload.user_id))
