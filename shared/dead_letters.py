"""Dead letters: what arrives in the topic `dead-letters`, read without ever refusing it, and made ready to go again.

Knative adds `knativeerrordest`, `knativeerrorcode` and `knativeerrordata` to an event that no retry could deliver (its
Kafka data plane: base64 of the first 1,024 bytes of the answer). Dapr's bridge sends the record as it was, without a
reason, and wraps it in an event of its own, because a Broker takes nothing else. Either may be anything, also a record
that never was an event.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from cloudevents.http import CloudEvent

from shared.envelope import from_wire
from shared.errors import EventRejected, NotReplayable
from shared.storable import UNSTORABLE, storable

FROM_DAPR = "/dead-letters"  # where a bridge delivers that has no Broker; its subscription has `rawPayload`
LONGEST = 2_000  # characters of any text that is taken from a dead letter; its body is kept whole
_ADDED_BY_KNATIVE = "knative"  # prefix of extension attributes
_DEEPEST = 100  # levels of JSON; no event of ours needs ten
_REQUIRED = {"specversion", "id", "type", "source"}
# What Dapr's envelope of a raw payload from this topic looks like behind a Broker, in binary mode.
_WRAPPED = {"ce-type": "com.dapr.event.sent", "ce-topic": "dead-letters", "content-type": "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One arrival: the event if `body` is one, who did not take it (`function`), with which status, and why."""

    body: bytes
    event: Mapping[str, Any] | None
    function: str | None
    code: int | None
    reason: str

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of function and content. The id will not do: a record that breaks rules may use another's."""
        content = self.body if self.event is None else json.dumps(self.event, sort_keys=True).encode()
        return hashlib.sha256((self.function or "").encode() + b"\0" + content).digest()

    def attribute(self, name: str) -> str | None:
        """Return an attribute of the event, if it is a text."""
        value = (self.event or {}).get(name)
        return readable(value) if isinstance(value, str) and value else None


def arrived(path: str, headers: Mapping[str, str], body: bytes) -> DeadLetter:
    """Return what a KafkaSource or a Broker delivers at `/` (binary or structured mode), or Dapr at `FROM_DAPR`."""
    if all(headers.get(name) == value for name, value in _WRAPPED.items()) and "ce-knativeerrordest" not in headers:
        event = json_object(body)
        why = "the bridge could not deliver it; the log of its daprd says why"
    elif path == FROM_DAPR:
        body = _unwrapped(body)
        event = json_object(body)
        topic = readable(headers.get("__topic", "?"))  # of the subscription that failed, as Dapr passes metadata on
        why = f"the bridge could not deliver it from the topic {topic}; the log of its sidecar says why"
    else:
        event = _from_binary(headers, body) if "ce-specversion" in headers else json_object(body)
        why = "it came without a reason"
    if event is None:
        return DeadLetter(body, None, None, None, f"no JSON object: {why}")
    given = {name: value for name, value in event.items() if name.startswith(_ADDED_BY_KNATIVE)}
    kept = {name: value for name, value in event.items() if name not in given}
    code = str(given.get("knativeerrorcode", ""))
    return DeadLetter(
        body=body if kept == json_object(body) else json.dumps(kept).encode(),
        event=kept,
        function=_function(given.get("knativeerrordest")),
        code=int(code) if code.isascii() and code.isdigit() and len(code) == 3 else None,
        reason=_answered(given.get("knativeerrordata")) or (f"status {readable(code)}" if code else why),
    )


def outgoing(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Return topic, partition key and event of a stored body. Raises `NotReplayable` when no function could take it."""
    event = json_object(body)
    if event is None or event.get("specversion") != "1.0" or not event.keys() >= _REQUIRED:
        raise NotReplayable("its body is no CloudEvent 1.0")
    if not storable(event):
        raise NotReplayable("it holds NUL characters or lone surrogates")
    attributes = {name: value for name, value in event.items() if name != "data"}
    try:
        payload = from_wire(CloudEvent(attributes, event.get("data"))).payload
    except EventRejected as error:
        raise NotReplayable(error.detail) from None
    key = event.get("partitionkey")
    return payload.topic, key if isinstance(key, str) and key else payload.partition_key, event


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return a JSON object that can be written as JSON again; None for NaN, deep nesting and everything else."""
    try:
        value = _json(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def readable(text: str) -> str:
    """Return a text that PostgreSQL can keep, of bounded length."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text[:LONGEST])


def _json(body: bytes) -> Any:
    try:
        value = json.loads(body.decode())
    except RecursionError:
        raise ValueError("nested without end") from None
    # Iterated, so that whatever walks over the value later by recursion is safe from it.
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _items(one)]
    if level:
        raise ValueError("nested too deeply")
    json.dumps(value, allow_nan=False)
    return value


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _unwrapped(body: bytes) -> bytes:
    """Return the record inside Dapr's envelope of raw payloads (components-contrib, `FromRawPayload`)."""
    envelope = json_object(body)
    return body if envelope is None or "data_base64" not in envelope else _decoded(envelope["data_base64"])


def _from_binary(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return an event in binary mode (CloudEvents HTTP binding 1.0, section 3.1) as a structured one."""
    attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    content_type = headers.get("content-type", "")
    event: dict[str, Any] = attributes | ({"datacontenttype": content_type} if content_type else {})
    try:
        if body and (not content_type or "json" in content_type):
            return event | {"data": _json(body)}
    except ValueError:
        pass
    return event | ({"data_base64": base64.b64encode(body).decode()} if body else {})


def _function(destination: object) -> str | None:
    """Return the name of the Service in `http://<name>.<namespace>.svc.cluster.local/…`."""
    try:
        host = urlsplit(destination).hostname if isinstance(destination, str) else None
    except ValueError:
        host = None
    return readable(host.partition(".")[0]) if host else None


def _answered(encoded: object) -> str:
    """Return what the function answered; of a problem (RFC 9457) its detail."""
    answer = _decoded(encoded)
    return readable(str((json_object(answer) or {}).get("detail") or answer.decode(errors="replace")))


def _decoded(encoded: object) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except ValueError:
        return b""
