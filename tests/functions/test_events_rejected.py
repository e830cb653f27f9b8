"""Events that can never be handled are answered 400, trouble that passes 503; neither leaves anything behind."""

import json
from typing import Any

import httpx
import psycopg
import pytest

from tests.harness import NOON, Ebb

TASK = "01999999-0000-7000-8000-000000000000"
EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "e1", "type": "ebb.task.completed.v1", "source": "/ebb/complete-task", "subject": TASK,
    "time": "2026-03-02T12:00:00Z", "datacontenttype": "application/json", "partitionkey": TASK,
    "data": {"user_id": "alice", "actor": "alice", "task_id": TASK, "version": 2, "changes": {}},
}  # fmt: skip
TAG = {"type": "ebb.tag.created.v1", "data": {"user_id": "alice", "actor": "alice", "tag_id": TASK, "name": "x"}}
SERIES = {
    "type": "ebb.series.updated.v1",
    "data": {"user_id": "alice", "actor": "alice", "series_id": TASK, "version": 1, "rule": "FREQ=DAILY"},
}
FUNCTIONS = ["write-audit", "schedule-reminder", "spawn-recurrence"]
JSON_EVENT = "application/cloudevents+json"


async def send(ebb: Ebb, function: str, body: bytes, content_type: str = JSON_EVENT) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions[function])) as client:
        return await client.post("http://function/", content=body, headers={"content-type": content_type})


async def refused(ebb: Ebb, function: str, body: bytes, content_type: str = JSON_EVENT) -> None:
    """Deliver what must be refused for ever, and see that no table has changed."""
    await ebb.token("alice")
    before = await ebb.row_counts()
    answer = await send(ebb, function, body, content_type)
    assert 400 == answer.status_code, answer.text
    assert "urn:ebb:problem:event-rejected" == answer.json()["type"]
    assert before == await ebb.row_counts()


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_the_event_as_it_should_be_is_taken(ebb: Ebb, function: str) -> None:
    await ebb.token("alice")
    assert 204 == (await ebb.deliver(function, EVENT)).status_code


@pytest.mark.parametrize("name", ["specversion", "id", "type", "source", "data"])
async def test_an_event_without_one_of_its_attributes_is_refused(ebb: Ebb, name: str) -> None:
    for function in FUNCTIONS:
        await refused(ebb, function, json.dumps({k: v for k, v in EVENT.items() if k != name}).encode())


async def test_an_event_without_a_time_is_taken_when_it_arrives(ebb: Ebb) -> None:
    """`time` is optional (CloudEvents 1.0, section 3.2)."""
    await ebb.token("alice")
    timeless = {name: value for name, value in EVENT.items() if name != "time"}
    assert 204 == (await ebb.deliver("write-audit", timeless)).status_code
    assert 1 == len(await ebb.audit())


@pytest.mark.parametrize(
    "changed",
    [
        {"specversion": "0.2"},
        {"type": "ebb.task.exploded.v1"},
        {"type": "ebb.task.completed.v2"},
        {"type": "ebb.task.completed"},
        {"type": "com.example.task"},
        {"type": ""},
        {"type": 7},
        {"type": ["ebb.task.completed.v1"]},
        {"id": ""},
        {"id": 7},
        {"id": {"a": 1}},
        {"id": "a\x00b"},
        {"id": "\ud800"},
        {"source": ""},
        {"source": "a\x00b"},
        {"time": "yesterday"},
        {"time": "2026-03-02"},
        {"time": "2026-03-02T12:00:00"},
        {"time": 7},
    ],
    ids=lambda changed: ascii(changed)[:40],
)
async def test_an_event_with_a_wrong_attribute_is_refused(ebb: Ebb, changed: dict[str, object]) -> None:
    for function in FUNCTIONS:
        await refused(ebb, function, json.dumps(EVENT | changed).encode())


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        [],
        {},
        {"user_id": 7},
        {"task_id": "7"},
        {"version": "two"},
        {"changes": {"title": "a"}},
        {"colour": "red"},
        {"user_id": "a\x00b"},
        {"user_id": "\ud800"},
        {"actor": "a\x00b"},
        {"changes": {"title": {"before": None, "after": "a\x00b"}}},
        {"changes": {"title": {"before": None, "after": "\udfff"}}},
    ],
    ids=lambda data: ascii(data)[:40],
)
async def test_data_that_does_not_fit_is_refused(ebb: Ebb, data: Any) -> None:
    wrong = EVENT["data"] | data if isinstance(data, dict) and data else data
    for function in FUNCTIONS:
        await refused(ebb, function, json.dumps(EVENT | {"data": wrong}).encode())


@pytest.mark.parametrize("function", [*FUNCTIONS, "fire-reminder"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON_EVENT),
        (b"{", JSON_EVENT),
        (b"\xff\xfe", JSON_EVENT),
        (b"[]", JSON_EVENT),
        (b"7", JSON_EVENT),
        (b"null", JSON_EVENT),
        (b"[" * 100_000, JSON_EVENT),
        (b'{"data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON_EVENT),
        (b"<event/>", "application/cloudevents+xml"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b'{"title": "a"}', "application/json"),
        (json.dumps([EVENT]).encode(), "application/cloudevents-batch+json"),
    ],
    ids=lambda value: ascii(value)[:40],
)
async def test_what_is_no_event_is_refused(ebb: Ebb, function: str, body: bytes, content_type: str) -> None:
    await refused(ebb, function, body, content_type)


@pytest.mark.parametrize(
    ("function", "changed"),
    [
        ("schedule-reminder", TAG),
        ("spawn-recurrence", TAG),
        ("fire-reminder", {}),
        ("fire-reminder", TAG),
        ("schedule-reminder", SERIES),
    ],
)  # fmt: skip
async def test_an_event_that_is_for_another_function_is_refused(
    ebb: Ebb, function: str, changed: dict[str, object]
) -> None:
    await refused(ebb, function, json.dumps(EVENT | changed).encode())


async def test_an_event_over_the_limit_is_refused(ebb: Ebb) -> None:
    data = EVENT["data"] | {"changes": {"notes": {"before": None, "after": "x" * 1_048_576}}}
    before = await ebb.row_counts()
    assert 400 == (await send(ebb, "write-audit", json.dumps(EVENT | {"data": data}).encode())).status_code
    assert before == await ebb.row_counts()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("function", [*FUNCTIONS, "fire-reminder", "sweep", "relay-outbox"])
async def test_an_event_function_takes_nothing_but_post(ebb: Ebb, function: str, method: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions[function])) as client:
        answer = await client.request(method, "http://function/")
    assert (405, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


async def test_an_event_in_binary_mode_is_taken_too(ebb: Ebb) -> None:
    headers = {f"ce-{name}": str(EVENT[name]) for name in ("specversion", "id", "type", "source", "time")}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["write-audit"])) as client:
        answer = await client.post(
            "http://function/", json=EVENT["data"], headers=headers | {"content-type": "application/json"}
        )
    assert (204, [("e1", NOON)]) == (answer.status_code, await ebb.sql("SELECT event_id, time FROM audit"))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"not json", b'{"user_id": "alice", "actor": "a", "task_id": "7"}', b"\xff"]
)
async def test_a_job_whose_data_does_not_fit_is_refused(ebb: Ebb, data: bytes) -> None:
    before = await ebb.row_counts()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["fire-reminder"])) as client:
        answer = await client.post("http://fire-reminder/job/reminder-x-1", content=data)
    assert 400 == answer.status_code
    assert before == await ebb.row_counts()


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_a_database_that_breaks_is_503_and_a_later_delivery_succeeds(ebb: Ebb, function: str) -> None:
    await ebb.token("alice")
    pool = ebb.parts.database._pool
    assert pool is not None
    pids = [connection.info.backend_pid for connection in pool._pool]
    async with await psycopg.AsyncConnection.connect(ebb.parts.settings.database_url) as other:
        await other.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", (pids,))
    broken = await ebb.deliver(function, EVENT)
    assert (503, "2", "urn:ebb:problem:back-end-away") == (
        broken.status_code,
        broken.headers["retry-after"],
        broken.json()["type"],
    )
    later = [(await ebb.deliver(function, EVENT)).status_code for _ in pids]  # each connection breaks once
    assert 204 == later[-1]


async def test_a_sidecar_that_is_away_is_503(ebb: Ebb) -> None:
    await ebb.create(title="a", reminders=[{"at": "2026-03-03T00:00:00Z"}])
    (event,) = [event for (event,) in await ebb.sql("SELECT event FROM outbox") if "task" in event["type"]]
    ebb.dapr.away = True
    assert 503 == (await ebb.deliver("schedule-reminder", event)).status_code
    ebb.dapr.away = False
    assert 204 == (await ebb.deliver("schedule-reminder", event)).status_code
    assert 1 == len(ebb.dapr.scheduled)
