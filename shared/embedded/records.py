"""What becomes of published bytes: Dapr's envelope, the Kafka record, the event of the KafkaSource."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.embedded.asgi import Answer
from shared.embedded.wiring import Source

CLOUDEVENTS_JSON = "application/cloudevents+json"
_REQUIRED = ("id", "source", "type")


class BrokenEvent(ValueError):
    """A body that was announced as a CloudEvent and is no JSON object."""


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record: its key, its value and the content-type header, if it has one."""

    key: str | None
    value: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event on its way into the Broker: parsed, as text, and the key that keeps it in order (or none)."""

    event: Mapping[str, Any]
    text: str
    key: str | None


def record_of(value: bytes, content_type: str, metadata: Mapping[str, str], envelope: Mapping[str, str]) -> Record:
    """Return the record Dapr's pubsub.kafka writes for one publish.

    With `rawPayload` the value stays as it is; otherwise Dapr wraps it in a CloudEvent of type
    com.dapr.event.sent, or adds the members of `envelope` (topic, pubsubname) to one that came as a CloudEvent.
    Only `metadata.content-type` becomes a header, never the content type of the request. Raises `BrokenEvent`,
    or `ValueError` for a wrong flag.
    """
    if not _flag(metadata.get("rawPayload", "false")):
        value = json.dumps(_wrap(value, content_type, envelope)).encode()
    return Record(metadata.get("partitionKey"), value, metadata.get("content-type"))


def incoming(record: Record, source: Source, topic: str, now: datetime) -> Incoming:
    """Return the event a KafkaSource sends on: a structured CloudEvent unchanged, anything else wrapped.

    The Broker keeps the order of equal `partitionkey` attributes; without one the record's key counts.
    """
    if (record.content_type or "").startswith(CLOUDEVENTS_JSON) and (event := _cloud_event(record.value)):
        key = event.get("partitionkey")
        return Incoming(event, record.value.decode(), key if isinstance(key, str) and key else record.key)
    wrapped = _kafka_event(record, source, topic, now)
    return Incoming(wrapped, json.dumps(wrapped), record.key)


def dead_letter(event: str, key: str | None, function: str, answer: Answer) -> Record:
    """Return the record that the dead letter sink writes: the event, and which function did not take it and why.

    The attributes are those of Knative's Kafka data plane, which keeps 1,024 bytes of the answer.
    """
    added = {"knativeerrordest": f"http://{function}", "knativeerrorcode": str(answer.status)}
    if answer.body:
        added["knativeerrordata"] = base64.b64encode(answer.body[:1024]).decode()
    return Record(key, json.dumps({**json.loads(event), **added}).encode(), CLOUDEVENTS_JSON)


def _flag(text: str) -> bool:
    """Read a boolean as Go's strconv.ParseBool does."""
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise ValueError(f"rawPayload value must be a valid boolean: actual is '{text}'")


def _wrap(value: bytes, content_type: str, envelope: Mapping[str, str]) -> dict[str, Any]:
    if content_type.startswith(CLOUDEVENTS_JSON):
        event = _json(value)
        if not isinstance(event, dict):
            raise BrokenEvent("cannot create cloudevent")
        return {"datacontenttype": "application/json", **event, **envelope}
    wrapped = {"id": str(uuid.uuid4()), "source": "ebb", "type": "com.dapr.event.sent", "specversion": "1.0"}
    data = _json(value) if "json" in content_type else value.decode("utf-8", "replace")
    return {**wrapped, "datacontenttype": content_type, "data": data, **envelope}


def _cloud_event(value: bytes) -> dict[str, Any] | None:
    """Return the value when it is a valid CloudEvent 1.0 in JSON format."""
    event = _json(value)
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        return None
    return event if all(isinstance(event.get(name), str) and event[name] for name in _REQUIRED) else None


def _kafka_event(record: Record, source: Source, topic: str, now: datetime) -> dict[str, Any]:
    # A KafkaSource numbers these by partition and offset; there are none here, so the number is random.
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"partition:0/offset:{uuid.uuid4().int}",
        "source": f"/apis/v1/namespaces/{source.namespace}/kafkasources/{source.name}#{topic}",
        "type": "dev.knative.kafka.event",
        "time": now.isoformat().replace("+00:00", "Z"),
    }
    if record.key is not None:
        event |= {"key": record.key, "partitionkey": record.key}
    data = _json(record.value)
    return event | ({"data": data} if data is not None else {"data_base64": base64.b64encode(record.value).decode()})


def _json(value: bytes) -> Any:
    try:
        # Decoded here: json.loads would also take UTF-16, which no function could read.
        return json.loads(value.decode())
    except (ValueError, RecursionError):
        return None
