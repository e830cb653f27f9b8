"""`Idempotency-Key`: a command that is sent again has one effect and the same answer."""

import asyncio
from typing import Any

import pytest

from tests.harness import Ebb

BODY: dict[str, Any] = {
    "title": "Pay rent",
    "tags": ["home"],
    "due": {"date": "2026-03-02"},
    "recurrence": {"rule": "FREQ=DAILY"},
}


async def test_the_same_key_and_body_give_the_first_answer(ebb: Ebb) -> None:
    first = await ebb.call("POST", "/v1/tasks", BODY, idempotency_key="k")
    ebb.clock.pass_by(hours=1)
    again = await ebb.call("POST", "/v1/tasks", BODY, idempotency_key="k")
    assert (201, first.content, "true") == (again.status_code, again.content, again.headers["idempotent-replayed"])
    assert [first.headers[n] for n in ("etag", "location")] == [again.headers[n] for n in ("etag", "location")]
    assert "idempotent-replayed" not in first.headers
    assert [first.json()] == await ebb.tasks()


@pytest.mark.parametrize(
    ("method", "action", "body", "status"),
    [
        ("PATCH", "", {"title": "b"}, 200),
        ("POST", "/complete", None, 200),
        ("POST", "/skip", None, 200),
        ("POST", "/snooze", {"minutes": 5}, 200),
        ("DELETE", "", None, 204),
    ],
)
async def test_every_command_takes_a_key(ebb: Ebb, method: str, action: str, body: object, status: int) -> None:
    path = f"/v1/tasks/{(await ebb.create(**BODY))['id']}{action}"
    answers = [await ebb.call(method, path, body, idempotency_key="k", if_match='"1"') for _ in range(3)]
    assert [status] * 3 == [answer.status_code for answer in answers]
    assert 1 == len({answer.content for answer in answers})


async def test_a_repeated_command_emits_its_events_once(ebb: Ebb) -> None:
    for _ in range(2):
        await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")
    assert ["ebb.task.created.v1"] == [event["type"] for event in await ebb.settle()]


async def test_the_same_key_with_another_body_is_422(ebb: Ebb) -> None:
    await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")
    answer = await ebb.call("POST", "/v1/tasks", {"title": "b"}, idempotency_key="k")
    assert (422, "urn:ebb:problem:idempotency-key-reused") == (answer.status_code, answer.json()["type"])
    assert ["a"] == [task["title"] for task in await ebb.tasks()]


@pytest.mark.parametrize(("method", "suffix"), [("POST", "/reopen"), ("POST", "/complete?"), ("DELETE", "")])
async def test_the_same_key_for_another_request_is_422(ebb: Ebb, method: str, suffix: str) -> None:
    mine, other = await ebb.create(title="a"), await ebb.create(title="b")
    await ebb.call("POST", f"/v1/tasks/{mine['id']}/complete", idempotency_key="k")
    answer = await ebb.call(method, f"/v1/tasks/{other['id']}{suffix}", idempotency_key="k")
    assert 422 == answer.status_code
    assert other in await ebb.tasks()


async def test_twenty_at_once_with_one_key_have_one_effect(ebb: Ebb) -> None:
    await ebb.token("alice")
    calls = [ebb.call("POST", "/v1/tasks", BODY, idempotency_key="k") for _ in range(20)]
    answers = await asyncio.gather(*calls)
    assert {201} == {answer.status_code for answer in answers}
    assert 1 == len({answer.content for answer in answers}) == len(await ebb.tasks())
    assert 19 == sum("idempotent-replayed" in answer.headers for answer in answers)


async def test_an_error_is_not_kept(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    path = f"/v1/tasks/{task['id']}"
    assert 412 == (await ebb.call("PATCH", path, {"title": "b"}, idempotency_key="k", if_match='"2"')).status_code
    assert 200 == (await ebb.call("PATCH", path, {"title": "b"}, idempotency_key="k", if_match='"1"')).status_code


async def test_a_key_is_kept_for_twenty_four_hours(ebb: Ebb) -> None:
    first = await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")
    ebb.clock.pass_by(hours=24)
    await ebb.tick("sweep")
    assert first.content == (await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")).content
    ebb.clock.pass_by(seconds=1)
    await ebb.tick("sweep")
    assert 201 == (await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")).status_code
    assert 2 == len(await ebb.tasks())


async def test_the_keys_of_two_users_do_not_meet(ebb: Ebb) -> None:
    await ebb.call("POST", "/v1/tasks", {"title": "a"}, user="bob", idempotency_key="k")
    answer = await ebb.call("POST", "/v1/tasks", {"title": "b"}, idempotency_key="k")
    assert (201, "b") == (answer.status_code, answer.json()["title"])


@pytest.mark.parametrize(("key", "status"), [("", 422), ("k" * 256, 422), ("k" * 255, 201), ("ключ ☂", 201)])
async def test_a_key_has_1_to_255_characters(ebb: Ebb, key: str, status: int) -> None:
    headers: dict[str, Any] = {"idempotency_key": key.encode()}
    assert status == (await ebb.call("POST", "/v1/tasks", {"title": "a"}, **headers)).status_code
