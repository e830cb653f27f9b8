"""Deleting a task: its tombstone, and how much of a series goes with it."""

from typing import Any

import pytest

from tests.harness import Ebb

DAILY: dict[str, Any] = {"due": {"date": "2026-03-02"}, "recurrence": {"rule": "FREQ=DAILY"}}


async def delete(ebb: Ebb, task: dict[str, Any], query: str = "", **headers: str) -> int:
    return (await ebb.call("DELETE", f"/v1/tasks/{task['id']}{query}", **headers)).status_code


async def dates(ebb: Ebb) -> list[tuple[str, str]]:
    return [(task["due"]["date"], task["status"]) for task in await ebb.tasks("?sort=due")]


async def test_a_deleted_task_is_gone(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    answer = await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    assert (204, b"") == (answer.status_code, answer.content)
    assert 404 == await delete(ebb, task)
    assert [] == await ebb.tasks()


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "b"}),
        ("POST", "/complete", None),
        ("POST", "/reopen", None),
        ("POST", "/skip", None),
        ("POST", "/snooze", {"minutes": 5}),
    ],
)
async def test_nothing_finds_a_deleted_task(ebb: Ebb, method: str, action: str, body: object) -> None:
    task = await ebb.create(title="a")
    await delete(ebb, task)
    assert 404 == (await ebb.call(method, f"/v1/tasks/{task['id']}{action}", body)).status_code


async def test_a_tombstone_stays_for_thirty_days(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["x"], reminders=[{"at": "2026-03-03T00:00:00Z"}])
    await delete(ebb, task)
    await ebb.settle()
    ebb.clock.pass_by(days=30)
    await ebb.tick("sweep")
    assert [(2,)] == await ebb.sql("SELECT version FROM tasks")
    ebb.clock.pass_by(seconds=1)
    await ebb.tick("sweep")
    counts = await ebb.row_counts()
    assert (0, 0, 0) == (counts["tasks"], counts["reminders"], counts["task_tags"])


async def test_deleting_emits_one_event_and_cancels_the_reminders(ebb: Ebb) -> None:
    task = await ebb.create(title="a", reminders=[{"at": "2026-03-03T00:00:00Z"}])
    await ebb.settle()
    await delete(ebb, task)
    assert ["ebb.task.deleted.v1"] == [event["type"] for event in await ebb.settle()]
    assert {} == ebb.dapr.scheduled


async def test_a_stale_delete_is_412_and_the_task_stays(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    assert 412 == await delete(ebb, task, if_match='"2"')
    assert [task] == await ebb.tasks()
    assert 204 == await delete(ebb, task, if_match='"1"')


@pytest.mark.parametrize("query", ["", "?scope=this"])
async def test_a_deleted_open_occurrence_brings_the_next_one(ebb: Ebb, query: str) -> None:
    await delete(ebb, await ebb.create(title="a", **DAILY), query)
    await ebb.settle(times=2)
    assert [("2026-03-03", "open")] == await dates(ebb)


async def test_a_deleted_closed_occurrence_brings_no_second_next_one(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    await delete(ebb, task)
    await ebb.settle()
    assert [("2026-03-03", "open")] == await dates(ebb)


async def test_deleting_right_after_completing_still_brings_the_next_one(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await delete(ebb, task)
    await ebb.settle(times=2)
    assert [("2026-03-03", "open")] == await dates(ebb)


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("this", [("2026-03-02", "completed"), ("2026-03-04", "open")]),
        ("future", [("2026-03-02", "completed")]),
        ("all", []),
    ],
)
async def test_a_scope_says_how_much_of_the_series_goes(ebb: Ebb, scope: str, left: list[tuple[str, str]]) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    (second,) = await ebb.tasks("?status=open")
    assert 204 == await delete(ebb, second, f"?scope={scope}")
    await ebb.settle(times=2)
    assert left == await dates(ebb)


async def test_deleting_the_future_from_a_closed_occurrence_takes_the_open_one(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    await delete(ebb, task, "?scope=future")
    types = [event["type"] for event in await ebb.settle()]
    assert ["ebb.series.ended.v1", "ebb.task.deleted.v1", "ebb.task.deleted.v1"] == types
    assert [] == await ebb.tasks()


async def test_other_series_stay(ebb: Ebb) -> None:
    task, other = await ebb.create(title="a", **DAILY), await ebb.create(title="b", **DAILY)
    await delete(ebb, task, "?scope=all")
    await ebb.settle()
    assert [other] == await ebb.tasks()


@pytest.mark.parametrize("scope", ["future", "all"])
async def test_a_scope_means_nothing_to_a_task_that_does_not_recur(ebb: Ebb, scope: str) -> None:
    task, other = await ebb.create(title="a"), await ebb.create(title="b")
    assert 204 == await delete(ebb, task, f"?scope={scope}")
    assert [other] == await ebb.tasks()
