"""Events on the wire: CloudEvents 1.0 in structured JSON mode.

`subject` is the aggregate's id and `partitionkey` the task's, so that all events of one task stay in order
(partitioning extension); `traceparent` carries the trace on (distributed tracing extension, W3C Trace Context).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cloudevents.http import CloudEvent
from pydantic import ValidationError

from shared.errors import EventRejected
from shared.events import EVENT_TYPES
from shared.payload import Payload
from shared.storable import storable

CLOUDEVENTS_JSON = "application/cloudevents+json"
SCHEMA_PREFIX = "urn:ebb:schema:"


@dataclass(frozen=True, slots=True)
class Event:
    """A payload with the attributes of its CloudEvent. `time` is an instant in UTC."""

    id: str
    source: str
    time: dt.datetime
    payload: Payload
    traceparent: str


def to_wire(event: Event) -> dict[str, Any]:
    """Return the structured-mode JSON object (CloudEvents JSON format, section 3)."""
    payload = event.payload
    return {
        "specversion": "1.0",
        "id": event.id,
        "type": payload.type,
        "source": event.source,
        "subject": payload.subject,
        "time": event.time.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA_PREFIX + payload.type,
        "partitionkey": payload.partition_key,
        "traceparent": event.traceparent,
        "data": payload.model_dump(mode="json"),
    }


def from_wire(event: CloudEvent) -> Event:
    """Return the event; raises `EventRejected` for an unknown type or version, or data that does not fit its schema."""
    payload_type = EVENT_TYPES.get(str(event["type"]))
    if payload_type is None:
        raise EventRejected(f"unknown event type or version {event['type']!r}")
    for name in ("id", "source"):
        if not isinstance(event[name], str) or not event[name] or not storable(event[name]):
            raise EventRejected(f"{name} must be a text that is not empty and can be stored")
    if not storable(event.data):
        raise EventRejected(f"{payload_type.type} {event['id']}: data holds NUL characters or lone surrogates")
    try:
        payload = payload_type.model_validate(event.data)
        time = dt.datetime.fromisoformat(str(event["time"]))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise EventRejected(f"{payload_type.type} {event['id']}: data does not fit its schema: {wrong}") from None
    except (KeyError, ValueError):
        raise EventRejected(f"{payload_type.type} {event['id']}: time is missing or no RFC 3339 instant") from None
    if time.tzinfo is None:
        raise EventRejected(f"{payload_type.type} {event['id']}: time has no offset (RFC 3339)")
    return Event(event["id"], event["source"], time, payload, str(event.get("traceparent") or ""))
