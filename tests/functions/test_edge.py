"""The edge that every function has: health, trace, log, and what events are answered."""

import re
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from shared.bootstrap import FUNCTIONS
from tests.harness import Ebb

NAMES = sorted(path.parent.name.replace("_", "-") for path in FUNCTIONS.glob("*/main.py"))
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.mark.parametrize("path", ["/health/liveness", "/health/readiness"])
@pytest.mark.parametrize("function", NAMES)
async def test_every_function_tells_its_health_without_a_token(ebb: Ebb, function: str, path: str) -> None:
    with capture_logs() as logs:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions[function])) as client:
            assert 200 == (await client.get(f"http://function{path}")).status_code
    assert [] == logs


async def test_the_gateway_tells_its_health_too(ebb: Ebb) -> None:
    assert 200 == (await ebb.call("GET", "/health/readiness", user="")).status_code


def parts(event: dict[str, Any]) -> tuple[str, str]:
    """Return trace id and span id of an event; checks the form."""
    match = re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01", event["traceparent"])
    assert match is not None
    return match[1], match[2]


async def test_the_trace_of_a_request_goes_on_in_its_events_and_in_what_follows(ebb: Ebb) -> None:
    body = {"title": "a", "recurrence": {"rule": "FREQ=DAILY"}}
    task = (await ebb.call("POST", "/v1/tasks", body, traceparent=TRACEPARENT)).json()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete", traceparent=TRACEPARENT.replace("0af", "1bf"))
    events = await ebb.settle()
    traces = {(event["type"].split(".")[2], event["source"]): parts(event)[0] for event in events}
    assert TRACE == traces["created", "/ebb/create-task"]
    assert TRACE.replace("0af", "1bf") == traces["created", "/ebb/spawn-recurrence"]
    assert all("b7ad6b7169203331" != parts(event)[1] for event in events)  # a span of our own


@pytest.mark.parametrize("given", ["", "00-xyz-1-01", f"00-{'0' * 32}-b7ad6b7169203331-01", TRACEPARENT.upper(), "ü"])
async def test_a_traceparent_that_is_none_begins_a_new_trace(ebb: Ebb, given: str) -> None:
    headers: dict[str, Any] = {"traceparent": given.encode()}
    await ebb.call("POST", "/v1/tasks", {"title": "a"}, **headers)
    (event,) = await ebb.settle()
    assert parts(event)[0] not in {TRACE, "0" * 32}


async def test_each_request_begins_its_own_trace(ebb: Ebb) -> None:
    for _ in range(3):
        await ebb.create(title="a")
    assert 3 == len({parts(event)[0] for event in await ebb.settle()})


async def test_one_invocation_is_one_line_without_title_and_token(ebb: Ebb) -> None:
    token = await ebb.token("alice")
    with capture_logs() as logs:
        task = await ebb.create(title="Divorce lawyer", notes="Divorce", tags=["Divorce"])
        await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "Divorced"}, traceparent=TRACEPARENT)
        await ebb.call("GET", "/v1/tasks?tag=Divorce")
        await ebb.call("POST", "/v1/tasks", {"title": "Divorce", "colour": "red"})
    lines = [line for line in logs if line["event"] == "invocation"]
    assert [("create-task", 201), ("update-task", 200), ("query-tasks", 200), ("create-task", 422)] == [
        (line["function"], line["status"]) for line in lines
    ]
    assert (task["id"], "alice", TRACE, "PATCH") == tuple(
        lines[1][name] for name in ("task_id", "user_id", "trace_id", "method")
    )
    assert not [line for line in logs if "divorce" in str(line).lower() or token in str(line)]


async def test_a_delivered_event_is_one_line_with_its_id_and_type(ebb: Ebb) -> None:
    await ebb.create(title="Divorce lawyer")
    await ebb.parts.relay.drain()
    (event,) = ebb.dapr.events
    with capture_logs() as logs:
        for _ in range(2):
            await ebb.deliver("write-audit", event)
    assert [(event["id"], event["type"], 204, parts(event)[0])] * 2 == [
        (line["event_id"], line["event_type"], line["status"], line["trace_id"]) for line in logs
    ]
    assert "divorce" not in str(logs).lower()


async def test_a_refused_event_is_one_line_that_says_why(ebb: Ebb) -> None:
    with capture_logs() as logs:
        await ebb.deliver("write-audit", {"specversion": "1.0", "id": "e1", "type": "x", "source": "s"})
    ((line),) = logs
    assert (400, "event-rejected") == (line["status"], line["problem"])
    assert "'x'" in line["detail"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("sweep", {"fire_overdue", "spawn_owed", "set_missing_alarms", "tell_dead_letters", "purge"}),
        ("relay-outbox", {"published"}),
    ],
)
async def test_a_tick_is_answered_204_and_empty_and_tells_what_it_did(ebb: Ebb, function: str, told: set[str]) -> None:
    with capture_logs() as logs:
        answer = await ebb.tick(function)
    assert (204, b"") == (answer.status_code, answer.content)
    assert "content-type" not in answer.headers
    assert told <= set(logs[0])


async def test_an_error_of_ours_is_500_with_a_trace_and_no_inside(ebb: Ebb) -> None:
    await ebb.token("alice")
    await ebb.sql("ALTER TABLE outbox RENAME TO away")
    try:
        with capture_logs() as logs:
            answer = await ebb.call("POST", "/v1/tasks", {"title": "a"})
        assert (500, "urn:ebb:problem:internal-error") == (answer.status_code, answer.json()["type"])
        assert "outbox" not in answer.text
        assert ["unexpected error", "invocation"] == [line["event"] for line in logs]
    finally:
        await ebb.sql("ALTER TABLE away RENAME TO outbox")
    assert [] == await ebb.tasks()


async def test_every_answer_with_a_task_is_json(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    for path in ("/v1/tasks", f"/v1/tasks/{task['id']}", "/v1/audit"):
        assert "application/json" == (await ebb.call("GET", path)).headers["content-type"]


async def test_a_problem_has_the_members_of_rfc_9457(ebb: Ebb) -> None:
    answer = await ebb.call("GET", "/v1/tasks/7")
    assert ({"type", "title", "status", "detail", "instance"}, "/v1/tasks/7") == (
        set(answer.json()),
        answer.json()["instance"],
    )
