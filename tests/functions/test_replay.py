"""When the fault is gone, a dead letter goes out again, once, and only the function that failed acts on it."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.harness import Ebb

PATH = "/v1/admin/dead-letters"
DAILY: dict[str, Any] = {"title": "a", "due": {"date": "2026-03-02"}, "recurrence": {"rule": "FREQ=DAILY"}}


async def admin(ebb: Ebb, method: str = "GET", rest: str = "", body: object = None, **headers: str) -> httpx.Response:
    """Send a request as an administrator."""
    token = await ebb.token("root", ["admin"])
    return await ebb.call(method, PATH + rest, body, authorization=f"Bearer {token}", **headers)


async def letters(ebb: Ebb, query: str = "") -> list[dict[str, Any]]:
    answer = await admin(ebb, rest=query)
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["dead_letters"])


async def bury(ebb: Ebb, event: dict[str, Any], function: str = "spawn-recurrence") -> None:
    """Let an event become a dead letter of a function."""
    added = {"knativeerrordest": f"http://{function}.ebb.svc.cluster.local", "knativeerrorcode": "503"}
    assert 204 == (await ebb.deliver("keep-dead-letter", event | added)).status_code


async def published(ebb: Ebb) -> list[dict[str, Any]]:
    """Return what goes out now."""
    await ebb.parts.relay.drain()
    events, ebb.dapr.events = ebb.dapr.events, []
    return events


async def some(ebb: Ebb, count: int) -> list[dict[str, Any]]:
    """Bury the events of new tasks, a minute apart."""
    events = []
    for number in range(count):
        await ebb.create(title=str(number))
        (event,) = await published(ebb)
        await bury(ebb, event, "write-audit")
        events.append(event)
        ebb.clock.pass_by(minutes=1)
    return events


async def test_the_function_that_failed_acts_once_and_those_that_had_it_do_nothing(ebb: Ebb) -> None:
    task = await ebb.create(**DAILY)
    await ebb.settle()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    (event,) = await published(ebb)
    for function in ("write-audit", "schedule-reminder"):
        await ebb.deliver(function, event)
    await bury(ebb, event)
    assert {"replayed": 1, "kept": 0} == (await admin(ebb, "POST", "/replay", {})).json()
    await ebb.settle(times=2)
    assert ["2026-03-03"] == [t["due"]["date"] for t in await ebb.tasks("?status=open")]
    assert 1 == len(await ebb.audit("?type=ebb.task.completed.v1"))


async def test_events_go_out_as_they_were_in_the_order_of_their_arrival(ebb: Ebb) -> None:
    events = await some(ebb, 3)
    await admin(ebb, "POST", "/replay", {})
    keys = "SELECT topic, partition_key FROM outbox ORDER BY position DESC LIMIT 3"
    assert [("task-events", event["partitionkey"]) for event in reversed(events)] == await ebb.sql(keys)
    assert events == await published(ebb)


async def test_one_can_be_replayed_alone(ebb: Ebb) -> None:
    events = await some(ebb, 2)
    newest, oldest = await letters(ebb)
    assert {"replayed": 1, "kept": 0} == (await admin(ebb, "POST", f"/{oldest['id']}/replay")).json()
    assert events[:1] == await published(ebb)
    assert [newest["id"]] == [letter["id"] for letter in await letters(ebb, "?state=waiting")]
    assert [(oldest["id"], "2026-03-02T12:02:00Z")] == [
        (letter["id"], letter["replayed_at"]) for letter in await letters(ebb, "?state=replayed")
    ]
    assert [("root",)] == await ebb.sql("SELECT replayed_by FROM dead_letters WHERE replayed_at IS NOT NULL")


async def test_a_second_replay_sends_nothing(ebb: Ebb) -> None:
    await some(ebb, 1)
    (letter,) = await letters(ebb)
    await admin(ebb, "POST", "/replay", {})
    assert {"replayed": 0, "kept": 0} == (await admin(ebb, "POST", "/replay", {})).json()
    assert {"replayed": 0, "kept": 0} == (await admin(ebb, "POST", f"/{letter['id']}/replay")).json()
    assert 1 == len(await published(ebb))


async def test_replays_of_several_administrators_at_once_send_each_event_once(ebb: Ebb) -> None:
    events = await some(ebb, 20)
    ids = [letter["id"] for letter in await letters(ebb)]
    tokens = [await ebb.token(f"root-{number}", ["admin"]) for number in range(4)]
    paths = [f"{PATH}/replay", f"{PATH}/{ids[3]}/replay", f"{PATH}/{ids[9]}/replay"]
    calls = [ebb.call("POST", path, authorization=f"Bearer {token}") for path in paths for token in tokens]
    assert 20 == sum(answer.json()["replayed"] for answer in await asyncio.gather(*calls))
    assert sorted(event["id"] for event in events) == sorted(event["id"] for event in await published(ebb))


async def test_what_fails_again_waits_again(ebb: Ebb) -> None:
    (event,) = await some(ebb, 1)
    await admin(ebb, "POST", "/replay", {})
    await bury(ebb, (await published(ebb))[0], "write-audit")
    (letter,) = await letters(ebb, "?state=waiting")
    assert (event["id"], 2, None) == (letter["event_id"], letter["count"], letter["replayed_at"])
    assert {"replayed": 1, "kept": 0} == (await admin(ebb, "POST", "/replay", {})).json()


BROKEN: list[tuple[object, str]] = [
    (7, "no CloudEvent"),
    ({}, "no CloudEvent"),
    ({"specversion": "0.3"}, "no CloudEvent"),
    ({"specversion": "1.0", "id": "1", "type": "ebb.task.exploded.v1", "source": "x"}, "unknown event type"),
    ({"specversion": "1.0", "id": "1", "type": ["x"], "source": "x"}, "unknown event type"),
    ({"specversion": "1.0", "id": "1", "type": "ebb.task.created.v1", "source": "x"}, "does not fit its schema"),
    ({"specversion": "1.0", "id": "1", "type": "ebb.task.created.v1", "source": "x", "sub\0": 1}, "NUL characters"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "reason"), BROKEN)
async def test_what_no_function_could_take_is_422_with_the_reason_and_stays(
    ebb: Ebb, event: object, reason: str
) -> None:
    assert 204 == (await ebb.deliver("keep-dead-letter", event)).status_code  # type: ignore[arg-type]
    (letter,) = await letters(ebb)
    answer = await admin(ebb, "POST", f"/{letter['id']}/replay")
    assert (422, "urn:ebb:problem:not-replayable") == (answer.status_code, answer.json()["type"])
    assert reason in answer.json()["detail"]
    assert {"replayed": 0, "kept": 1} == (await admin(ebb, "POST", "/replay", {})).json()
    assert [letter] == await letters(ebb, "?state=waiting")
    assert [] == await published(ebb)


async def test_what_cannot_be_replayed_keeps_nothing_else_from_it(ebb: Ebb) -> None:
    for number in range(501):
        await ebb.deliver("keep-dead-letter", {"id": number})
    events = await some(ebb, 2)
    assert {"replayed": 2, "kept": 501} == (await admin(ebb, "POST", "/replay", {})).json()
    assert events == await published(ebb)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"function": "write-audit"}, 2),
        ({"function": "sweep"}, 0),
        ({"type": "ebb.task.completed.v1"}, 1),
        ({"before": "2026-03-02T12:01:00Z"}, 1),
        ({"before": "2026-03-02T13:01:01+01:00", "function": "write-audit"}, 2),
    ],
)
async def test_a_replay_can_be_narrowed(ebb: Ebb, wanted: dict[str, str], count: int) -> None:
    await some(ebb, 2)
    (task, *_) = await ebb.tasks()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await bury(ebb, (await published(ebb))[0])
    assert count == (await admin(ebb, "POST", "/replay", wanted)).json()["replayed"]
    assert count == len(await published(ebb)) == len(await letters(ebb, "?state=replayed"))


async def test_a_replay_sent_again_under_its_key_has_the_first_answer(ebb: Ebb) -> None:
    await some(ebb, 1)
    first = await admin(ebb, "POST", "/replay", {}, idempotency_key="k")
    await published(ebb)
    await some(ebb, 1)
    again = await admin(ebb, "POST", "/replay", {}, idempotency_key="k")
    assert (first.content, "true") == (again.content, again.headers["idempotent-replayed"])
    assert 1 == len(await letters(ebb, "?state=waiting"))


async def test_a_replay_that_could_not_be_committed_leaves_everything_as_it_was(ebb: Ebb) -> None:
    await some(ebb, 2)
    before = await letters(ebb)
    await ebb.sql("ALTER TABLE outbox ADD CONSTRAINT nothing CHECK (position < 0) NOT VALID")
    try:
        assert 500 == (await admin(ebb, "POST", "/replay", {})).status_code
    finally:
        await ebb.sql("ALTER TABLE outbox DROP CONSTRAINT nothing")
    assert before == await letters(ebb, "?state=waiting")


@pytest.mark.parametrize("scopes", [["read", "write"], ["read"], ["write"]])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("POST", "/replay"), ("POST", f"/{uuid4()}/replay")])
async def test_without_the_scope_admin_everything_is_403(ebb: Ebb, scopes: list[str], method: str, rest: str) -> None:
    await some(ebb, 1)
    token = await ebb.token("alice", scopes)
    answer = await ebb.call(method, PATH + rest, authorization=f"Bearer {token}")
    assert (403, "urn:ebb:problem:scope-missing") == (answer.status_code, answer.json()["type"])
    assert 1 == len(await letters(ebb, "?state=waiting"))


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/tasks"), ("POST", "/v1/tasks"), ("GET", "/v1/audit")])
async def test_the_scope_admin_alone_opens_nothing_else(ebb: Ebb, method: str, path: str) -> None:
    token = await ebb.token("root", ["admin"])
    assert 403 == (await ebb.call(method, path, {"title": "a"}, authorization=f"Bearer {token}")).status_code


async def test_without_a_token_it_is_401(ebb: Ebb) -> None:
    assert [401, 401] == [
        (await ebb.call(method, PATH + rest, user="")).status_code
        for method, rest in (("GET", ""), ("POST", "/replay"))
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 3), ("?function=write-audit", 3), ("?function=sweep", 0), ("?type=ebb.task.created.v1", 3), ("?type=x", 0),
     ("?state=waiting", 3), ("?state=replayed", 0), ("?limit=2", 2), ("?state=waiting&function=write-audit", 3)],
)  # fmt: skip
async def test_a_filter_of_the_list_shows_what_it_says(ebb: Ebb, query: str, count: int) -> None:
    await some(ebb, 3)
    assert count == len(await letters(ebb, query))


async def test_pages_hold_each_dead_letter_once_newest_first(ebb: Ebb) -> None:
    events = await some(ebb, 5)
    found, cursor = list[str](), ""
    for _ in range(3):
        page = (await admin(ebb, rest=f"?limit=2{cursor}")).json()
        found += [letter["event_id"] for letter in page["dead_letters"]]
        await some(ebb, 1)
        cursor = f"&cursor={quote(page['next'] or '')}"
    assert [event["id"] for event in reversed(events)] == found


@pytest.mark.parametrize(
    "query", ["colour=red", "limit=0", "state=lost", "type=%00", "function=a&function=b", "cursor=x"]
)
async def test_a_wrong_parameter_is_422(ebb: Ebb, query: str) -> None:
    answer = await admin(ebb, rest=f"?{query}")
    assert (422, f"?{query.partition('=')[0]}") == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("method", "rest", "body", "status"),
    [
        ("POST", f"/{uuid4()}/replay", None, 404),
        ("POST", "/7/replay", None, 404),
        ("POST", "", None, 405),
        ("GET", "/replay", None, 405),
        ("GET", f"/{uuid4()}/replay", None, 405),
        ("GET", "/7", None, 404),
        ("POST", "/../dead-letter/replay", None, 404),
        ("POST", "/replay", {"colour": "red"}, 422),
        ("POST", "/replay", {"before": "yesterday"}, 422),
        ("POST", "/replay", {"type": "\0"}, 422),
        ("POST", "/replay?all=1", {}, 422),
        ("POST", "/replay", b"{", 400),
    ],
)
async def test_a_wrong_request_is_answered_with_its_error(
    ebb: Ebb, method: str, rest: str, body: object, status: int
) -> None:
    assert status == (await admin(ebb, method, rest, body)).status_code


async def test_replayed_ones_are_purged_after_thirty_days_and_waiting_ones_never(ebb: Ebb) -> None:
    await some(ebb, 2)
    newest, oldest = await letters(ebb)
    await admin(ebb, "POST", f"/{oldest['id']}/replay")
    ebb.clock.pass_by(days=30)
    await ebb.tick("sweep")
    assert 2 == len(await letters(ebb))
    ebb.clock.pass_by(seconds=1)
    await ebb.tick("sweep")
    ebb.clock.pass_by(days=3650)
    await ebb.tick("sweep")
    assert [newest["id"]] == [letter["id"] for letter in await letters(ebb)]
