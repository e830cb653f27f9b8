"""Users are walls: what is another's looks exactly like what is not there."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness import Ebb

SECRET: dict[str, Any] = {
    "title": "Secret", "notes": "Secret", "tags": ["Secret"], "due": {"date": "2026-03-03"},
    "reminders": [{"minutes_before": 5}], "recurrence": {"rule": "FREQ=DAILY"},
}  # fmt: skip
WITH_ID: list[tuple[str, str, object, Mapping[str, str]]] = [
    ("GET", "", None, {}),
    ("GET", "", None, {"if_none_match": '"1"'}),
    ("PATCH", "", {"title": "mine"}, {}),
    ("PATCH", "", {"title": "mine"}, {"if_match": '"1"'}),
    ("PATCH", "", {"title": "mine"}, {"if_match": '"9"'}),
    ("PATCH", "?scope=all", {"title": "mine"}, {}),
    ("PATCH", "?scope=future", {"recurrence": None}, {}),
    ("DELETE", "", None, {}),
    ("DELETE", "?scope=all", None, {}),
    ("DELETE", "", None, {"if_match": '"9"'}),
    ("POST", "/complete", None, {}),
    ("POST", "/complete", None, {"idempotency_key": "bobs key"}),
    ("POST", "/reopen", None, {}),
    ("POST", "/skip", None, {}),
    ("POST", "/snooze", {"minutes": 5}, {}),
    ("POST", "/restore", None, {}),
    ("POST", "/other", None, {}),
]


def same(answer: httpx.Response) -> tuple[object, ...]:
    """Return all of an answer but the path that it repeats."""
    body = answer.json()
    body.pop("instance")
    return answer.status_code, body, sorted((k, v) for k, v in answer.headers.items() if k != "content-length")


@pytest.mark.parametrize(("method", "rest", "body", "headers"), WITH_ID)
async def test_a_foreign_id_is_answered_like_a_missing_one(
    ebb: Ebb, method: str, rest: str, body: object, headers: Mapping[str, str]
) -> None:
    bobs = await ebb.create(user="bob", **SECRET)
    await ebb.settle()
    foreign = await ebb.call(method, f"/v1/tasks/{bobs['id']}{rest}", body, **headers)
    missing = await ebb.call(method, f"/v1/tasks/{uuid4()}{rest}", body, **headers)
    assert 404 == foreign.status_code
    assert same(missing) == same(foreign)
    assert [bobs] == await ebb.tasks(user="bob")
    assert [] == await ebb.settle()


@pytest.mark.parametrize("name", ["series", "task"])
async def test_a_foreign_id_in_a_filter_finds_nothing(ebb: Ebb, name: str) -> None:
    bobs = await ebb.create(user="bob", **SECRET)
    await ebb.settle()
    paths = {"series": f"/v1/tasks?series={bobs['series']['id']}", "task": f"/v1/audit?task={bobs['id']}"}
    answer = await ebb.call("GET", paths[name])
    assert (200, [[], None]) == (answer.status_code, list(answer.json().values()))


async def test_a_foreign_reminder_id_is_like_an_unknown_one(ebb: Ebb) -> None:
    bobs = await ebb.create(user="bob", **SECRET)
    taken = {"minutes_before": 10, "id": bobs["reminders"][0]["id"]}
    foreign = await ebb.call("POST", "/v1/tasks", {"title": "a", "due": SECRET["due"], "reminders": [taken]})
    free = {"minutes_before": 10, "id": str(uuid4())}
    unknown = await ebb.call("POST", "/v1/tasks", {"title": "a", "due": SECRET["due"], "reminders": [free]})
    assert unknown.status_code == foreign.status_code
    kept = [len(task["reminders"]) for task in await ebb.tasks()]
    assert kept in ([], [1, 1]), "the reminder of one of the two got lost"
    assert [bobs] == await ebb.tasks(user="bob")


async def test_lists_search_and_audit_never_show_anothers_rows(ebb: Ebb) -> None:
    mine = await ebb.create(title="a", tags=["secret"])
    await ebb.create(user="bob", **SECRET)
    await ebb.settle()
    for query in ("", "?tag=Secret", "?status=open", "?sort=-due"):
        assert [mine] == await ebb.tasks(query)
    assert {mine["id"], None} == {entry["task"] for entry in await ebb.audit()}
    assert [] == await ebb.audit("?actor=bob")


async def test_a_tag_is_spelled_as_its_own_user_first_did(ebb: Ebb) -> None:
    await ebb.create(user="bob", **SECRET)
    assert ["secret"] == (await ebb.create(title="a", tags=["secret"]))["tags"]


async def test_a_cursor_of_anothers_list_shows_only_ones_own(ebb: Ebb) -> None:
    for user in ("bob", "bob", "alice"):
        await ebb.create(title=user, user=user)
        ebb.clock.pass_by(seconds=1)
    cursor = (await ebb.call("GET", "/v1/tasks?limit=1", user="bob")).json()["next"]
    assert ["alice"] == [task["title"] for task in await ebb.tasks(f"?cursor={cursor}")]


async def test_deleting_all_of_ones_own_series_leaves_anothers(ebb: Ebb) -> None:
    bobs, mine = await ebb.create(user="bob", **SECRET), await ebb.create(**SECRET)
    await ebb.call("DELETE", f"/v1/tasks/{mine['id']}?scope=all")
    await ebb.settle()
    assert [bobs] == await ebb.tasks(user="bob")
