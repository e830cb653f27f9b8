"""The event side of a function: parse, and have the effect exactly once.

The event's id goes into the inbox in the transaction of its effect: a second delivery, however late, finds it there.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from cloudevents.http import CloudEvent

from shared import invocation, log
from shared.envelope import Event, from_wire
from shared.errors import EventRejected
from shared.payload import Payload
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork

Wanted = TypeVar("Wanted", bound=Payload)


def opened(event: CloudEvent, wanted: type[Wanted]) -> tuple[Event, Wanted]:
    """Return the event and its payload, and go on with its trace. Raises `EventRejected`."""
    # Before it is understood, so that one that is refused is found in its trace.
    invocation.go_on(event)
    parsed = from_wire(event)
    log.bind(event_id=parsed.id, event_type=parsed.payload.type)
    if not isinstance(parsed.payload, wanted):
        raise EventRejected(f"{parsed.payload.type} {parsed.id}: this function does not take that type")
    return parsed, parsed.payload


async def take(
    event: CloudEvent,
    wanted: type[Wanted],
    source: str,
    handle: Callable[[UnitOfWork, Event, Wanted], Awaitable[None]],
) -> None:
    """Run `handle` in one transaction together with the inbox; do nothing when it ran for this event before."""
    parsed, payload = opened(event, wanted)
    async with UnitOfWork(runtime(), source) as work:
        if not await work.accept(parsed):
            log.bind(outcome="already_done")
            return
        await handle(work, parsed, payload)
        await work.commit()
