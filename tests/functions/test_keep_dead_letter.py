"""Whatever arrives in the topic of dead letters is stored: no content makes it come again or get lost."""

import base64
import json
from typing import Any

import httpx
import psycopg
import pytest

from tests.harness import Ebb

KNATIVE = {
    "knativeerrordest": "http://spawn-recurrence.ebb.svc.cluster.local",
    "knativeerrorcode": "400",
    "knativeerrordata": base64.b64encode(b'{"title": "t", "detail": "this function does not take it"}').decode(),
}
EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "e1", "type": "ebb.tag.created.v1", "source": "/ebb/create-task", "subject": "t",
    "partitionkey": "k", "datacontenttype": "application/json", "data": {"name": "ö"},
}  # fmt: skip
STRUCTURED = {"content-type": "application/cloudevents+json"}
GARBAGE = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "no JSON": b"not json",
    "half of an object": b'{"specversion": "1.0", "id"',
    "no object": b"[1]",
    "null": b"null",
    "a number that JSON lacks": b'{"id": NaN}',
    "a number too large": b'{"id": 1e999}',
    "a number too long": b'{"id": ' + b"1" * 10_000 + b"}",
    "nesting without end": b'{"id": ' + b"[" * 100_000,
    "deep nesting": b'{"id": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "less deep nesting": b'{"id": ' + b"[" * 400 + b"]" * 400 + b"}",
    "NUL": b'{"specversion": "1.0", "id": "a\\u0000b", "type": "\\u0000", "source": "x", "knativeerrordest": "a"}',
    "lone surrogates": b'{"specversion": "1.0", "id": "\\ud800", "type": "x", "source": "\\udfff", "data": "\\ud800"}',
    "attributes that are no text": b'{"specversion": 1, "id": {}, "type": [], "source": null, "partitionkey": 7}',
    "an event of no known type": b'{"specversion": "1.0", "id": "1", "type": "x", "source": "y"}',
    "odd reasons": b'{"knativeerrordest": "http://[", "knativeerrorcode": "\xc2\xb2", "knativeerrordata": "%"}',
    "reasons that are no text": b'{"knativeerrordest": 7, "knativeerrorcode": 99999999, "knativeerrordata": {}}',
    "a long reason": b'{"id": "' + b"x" * 900_000 + b'", "knativeerrordata": "' + b"eHh4" * 9_000 + b'"}',
}


async def send(ebb: Ebb, body: bytes, path: str = "/", headers: dict[str, str] = STRUCTURED) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["keep-dead-letter"])) as client:
        return await client.post(f"http://function{path}", content=body, headers=headers)


async def from_dapr(ebb: Ebb, record: bytes) -> httpx.Response:
    """Deliver a record as daprd does to a subscription with rawPayload."""
    envelope = {
        "id": "random", "specversion": "1.0", "datacontenttype": "application/octet-stream", "source": "Dapr",
        "type": "com.dapr.event.sent", "topic": "dead-letters", "pubsubname": "pubsub",
        "data_base64": base64.b64encode(record).decode(),
    }  # fmt: skip
    return await send(ebb, json.dumps(envelope).encode(), "/dead-letters", {**STRUCTURED, "__topic": "task-events"})


async def from_broker(ebb: Ebb, record: bytes, **more: str) -> httpx.Response:
    """Deliver a record as the bridge's Broker does: daprd wraps it, the Broker unfolds that to binary mode."""
    headers = {
        "ce-specversion": "1.0", "ce-id": "27db1049-a0c8-4837-83fe-9d5a99d1e739", "ce-source": "Dapr",
        "ce-type": "com.dapr.event.sent", "ce-topic": "dead-letters", "ce-pubsubname": "pubsub",
        "ce-knativearrivaltime": "2026-11-21T14:02:37.648972039Z", "content-type": "application/octet-stream",
        "kn-namespace": "ebb", "prefer": "reply",
    }  # fmt: skip
    return await send(ebb, record, headers=headers | more)


async def listed(ebb: Ebb) -> list[dict[str, Any]]:
    """Return what an administrator sees."""
    token = await ebb.token("root", ["admin"])
    answer = await ebb.call("GET", "/v1/admin/dead-letters?limit=200", authorization=f"Bearer {token}")
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["dead_letters"])


async def test_an_event_is_kept_with_the_function_that_failed_and_its_reason(ebb: Ebb) -> None:
    answer = await send(ebb, json.dumps(EVENT | KNATIVE).encode())
    assert (204, b"") == (answer.status_code, answer.content)
    (letter,) = await listed(ebb)
    assert ("e1", EVENT["type"], "spawn-recurrence", 400, "this function does not take it") == tuple(
        letter[name] for name in ("event_id", "type", "function", "code", "reason")
    )
    assert (EVENT, 1, "2026-03-02T12:00:00Z", None) == tuple(
        letter[name] for name in ("event", "count", "received_at", "replayed_at")
    )
    assert [("/ebb/create-task", "t", "k")] == await ebb.sql("SELECT source, subject, partition_key FROM dead_letters")


async def test_an_event_in_binary_mode_is_the_same_dead_letter(ebb: Ebb) -> None:
    """KafkaSources deliver so, whatever mode the record has."""
    attributes = {name: value for name, value in (EVENT | KNATIVE).items() if name not in {"data", "datacontenttype"}}
    headers = {f"ce-{name}": str(value) for name, value in attributes.items()} | {"content-type": "application/json"}
    await send(ebb, json.dumps(EVENT | KNATIVE).encode())
    assert 204 == (await send(ebb, json.dumps(EVENT["data"]).encode(), headers=headers)).status_code
    (letter,) = await listed(ebb)
    assert (EVENT, 2) == (letter["event"], letter["count"])


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("content_type", ["application/cloudevents+json", "application/json", ""])
async def test_a_record_of_any_content_is_kept_as_it_is(ebb: Ebb, name: str, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    assert 204 == (await send(ebb, GARBAGE[name], headers=headers)).status_code
    ((body,),) = await ebb.sql("SELECT body FROM dead_letters")
    assert bytes(body) == GARBAGE[name] or b"knative" in GARBAGE[name]
    assert 1 == len(await listed(ebb))


@pytest.mark.parametrize("name", GARBAGE)
async def test_a_record_of_any_content_is_kept_behind_the_bridge_too(ebb: Ebb, name: str) -> None:
    assert 204 == (await from_dapr(ebb, GARBAGE[name])).status_code
    ((body, reason),) = await ebb.sql("SELECT body, reason FROM dead_letters")
    assert bytes(body) == GARBAGE[name] or b"knative" in GARBAGE[name]
    assert 1 == len(await listed(ebb))
    assert "from the topic task-events" in reason or b"knative" in GARBAGE[name]


@pytest.mark.parametrize("name", GARBAGE)
async def test_a_record_of_any_content_is_kept_behind_the_broker_of_the_bridge(ebb: Ebb, name: str) -> None:
    assert 204 == (await from_broker(ebb, GARBAGE[name])).status_code
    ((body, reason),) = await ebb.sql("SELECT body, reason FROM dead_letters")
    assert bytes(body) == GARBAGE[name] or b"knative" in GARBAGE[name]
    assert 1 == len(await listed(ebb))
    assert "the bridge could not deliver it" in reason or b"knative" in GARBAGE[name]


async def test_an_event_is_the_same_dead_letter_on_every_way(ebb: Ebb) -> None:
    record = json.dumps(EVENT | KNATIVE).encode()
    for way in (send, from_dapr, from_broker):
        assert 204 == (await way(ebb, record)).status_code
    (letter,) = await listed(ebb)
    assert (EVENT, 3, "spawn-recurrence") == (letter["event"], letter["count"], letter["function"])


async def test_what_a_function_refuses_behind_the_bridge_comes_with_its_reason(ebb: Ebb) -> None:
    """As a Trigger of the MTChannelBasedBroker sends it to its dead letter sink, header by header."""
    headers = {
        "ce-specversion": "1.0", "ce-id": "e1", "ce-type": "ebb.tag.created.v1", "ce-source": "/ebb/create-task",
        "ce-subject": "t", "ce-partitionkey": "k", "content-type": "application/json", "kn-namespace": "ebb",
        "ce-knativearrivaltime": "2026-11-21T14:02:39.945124152Z", "ce-knativebrokerttl": "255",
    }  # fmt: skip
    await send(ebb, b'{"name":"\xc3\xb6"}', headers=headers | {f"ce-{name}": value for name, value in KNATIVE.items()})
    (letter,) = await listed(ebb)
    assert (EVENT, "spawn-recurrence", 400, "this function does not take it") == tuple(
        letter[name] for name in ("event", "function", "code", "reason")
    )


async def test_an_event_of_daprs_own_type_that_a_function_refused_stays_that_event(ebb: Ebb) -> None:
    await from_broker(ebb, b"x", **{f"ce-{name}": value for name, value in KNATIVE.items()})
    (letter,) = await listed(ebb)
    assert ("com.dapr.event.sent", "eA==") == (letter["type"], letter["event"]["data_base64"])


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000])
async def test_an_event_in_binary_mode_whose_data_is_not_what_it_says_is_kept(ebb: Ebb, body: bytes) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "e1", "ce-type": "x", "ce-source": "y"}
    assert 204 == (await send(ebb, body, headers=headers | {"content-type": "application/json"})).status_code
    (letter,) = await listed(ebb)
    assert body == base64.b64decode(letter["event"].get("data_base64", ""))


async def test_a_reason_that_knative_gives_comes_through_the_bridge(ebb: Ebb) -> None:
    await from_dapr(ebb, json.dumps(EVENT | KNATIVE).encode())
    (letter,) = await listed(ebb)
    assert ("spawn-recurrence", EVENT) == (letter["function"], letter["event"])


async def test_a_function_that_gave_no_answer_is_still_named(ebb: Ebb) -> None:
    await send(ebb, json.dumps(EVENT | {"knativeerrordest": KNATIVE["knativeerrordest"]}).encode())
    (letter,) = await listed(ebb)
    assert ("spawn-recurrence", None, "it came without a reason") == tuple(
        letter[name] for name in ("function", "code", "reason")
    )


async def test_what_comes_again_is_counted_with_its_latest_reason(ebb: Ebb) -> None:
    await send(ebb, json.dumps(EVENT | KNATIVE).encode())
    ebb.clock.pass_by(minutes=1)
    await send(ebb, json.dumps(EVENT | KNATIVE | {"knativeerrorcode": "503", "knativeerrordata": ""}).encode())
    (letter,) = await listed(ebb)
    assert (2, 503, "status 503", "2026-03-02T12:01:00Z") == tuple(
        letter[name] for name in ("count", "code", "reason", "received_at")
    )


@pytest.mark.parametrize(
    "other", [{"knativeerrordest": "http://write-audit.ebb.svc.cluster.local"}, {"data": {"name": "another"}}]
)
async def test_another_function_or_another_content_under_the_same_id_is_another_dead_letter(
    ebb: Ebb, other: dict[str, Any]
) -> None:
    await send(ebb, json.dumps(EVENT | KNATIVE).encode())
    await send(ebb, json.dumps(EVENT | KNATIVE | other).encode())
    assert [1, 1] == [letter["count"] for letter in await listed(ebb)]


async def test_a_record_as_large_as_kafka_takes_fits_when_dapr_has_wrapped_it(ebb: Ebb) -> None:
    assert 204 == (await from_dapr(ebb, b"x" * 1_048_576)).status_code


async def test_a_database_that_breaks_is_503_and_nothing_is_lost(ebb: Ebb) -> None:
    await listed(ebb)
    pool = ebb.parts.database._pool
    assert pool is not None
    pids = [connection.info.backend_pid for connection in pool._pool]
    async with await psycopg.AsyncConnection.connect(ebb.parts.settings.database_url) as other:
        await other.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", (pids,))
    statuses = [(await send(ebb, b"x")).status_code for _ in range(len(pids) + 1)]
    assert (503, 204) == (statuses[0], statuses[-1])
