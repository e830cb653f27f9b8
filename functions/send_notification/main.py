"""Tell a person: in the app, by e-mail, push and webhook, once for each reminder and channel.

In: `ebb.reminder.fired.v1`; `ebb.notification.due.v1`, when it is time to try again.
Out: `ebb.notification.sent.v1` or `ebb.notification.failed.v1` for each channel.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared.envelope import Event
from shared.errands import carry_out
from shared.errors import EventRejected
from shared.events import NotificationDue, ReminderFired
from shared.payload import Payload
from shared.receive import take
from shared.runtime import runtime
from shared.telling import Errand, tell, tell_again
from shared.unit_of_work import UnitOfWork

SOURCE = "/ebb/send-notification"


@functions_framework.aio.cloud_event
async def send_notification(event: CloudEvent) -> None:
    """Claim in the transaction of the event, send after it. An event that comes again finds everything claimed."""
    errands: list[Errand] = []

    async def claim(work: UnitOfWork, parsed: Event, payload: Payload) -> None:
        errands.extend(await _claimed(work, parsed, payload))

    await take(event, Payload, SOURCE, claim)
    await carry_out(runtime(), SOURCE, errands)


async def _claimed(work: UnitOfWork, event: Event, payload: Payload) -> list[Errand]:
    public_url = runtime().settings.public_url
    if isinstance(payload, ReminderFired):
        return await tell(work, event.id, payload, public_url)
    if isinstance(payload, NotificationDue):
        return await tell_again(work, payload, public_url)
    raise EventRejected(f"{payload.type}: this function takes fired reminders and due notifications")
