"""Restoring: a deleted task comes back as it was, for thirty days, and its series has no occurrence twice."""

import pytest

from tests.harness import Ebb


async def test_a_deleted_task_comes_back_with_all_it_had(ebb: Ebb) -> None:
    task = await ebb.create(
        title="a", notes="n", tags=["x"], priority="high", due={"date": "2026-03-05", "time": "09:00"},
        reminders=[{"minutes_before": 30}],
    )  # fmt: skip
    path = f"/v1/tasks/{task['id']}"
    await ebb.call("DELETE", path)
    await ebb.settle()
    answer = await ebb.call("POST", f"{path}/restore")
    assert (200, '"3"') == (answer.status_code, answer.headers["etag"])
    assert task | {"version": 3, "updated_at": answer.json()["updated_at"]} == answer.json()
    assert [answer.json()] == await ebb.tasks() == await ebb.tasks("?q=n")
    assert ["ebb.task.restored.v1"] == [event["type"] for event in await ebb.settle()]
    assert 1 == len(ebb.dapr.scheduled)
    changes = (await ebb.call("GET", "/v1/changes")).json()["changes"]
    assert [("upsert", task["id"])] == [(one["op"], one["value"]["id"]) for one in changes if one["kind"] == "task"]


async def test_what_is_not_deleted_stays_as_it_is(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    for _ in range(2):
        assert task == (await ebb.call("POST", f"/v1/tasks/{task['id']}/restore")).json()
    assert ["ebb.task.created.v1"] == [event["type"] for event in await ebb.settle()]


async def test_a_completed_task_comes_back_completed(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    path = f"/v1/tasks/{task['id']}"
    await ebb.call("POST", f"{path}/complete")
    await ebb.call("DELETE", path)
    assert "completed" == (await ebb.call("POST", f"{path}/restore")).json()["status"]


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 404)])
async def test_it_comes_back_for_thirty_days(ebb: Ebb, days: int, status: int) -> None:
    task = await ebb.create(title="a")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    ebb.clock.pass_by(days=days)
    assert status == (await ebb.call("POST", f"/v1/tasks/{task['id']}/restore")).status_code
    await ebb.tick("sweep")
    assert int(status == 200) == len(await ebb.sql("SELECT 1 FROM tasks"))


async def test_a_stale_version_is_412(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    answers = [
        await ebb.call("POST", f"/v1/tasks/{task['id']}/restore", if_match=version) for version in ('"1"', '"2"')
    ]
    assert [412, 200] == [answer.status_code for answer in answers]


@pytest.mark.parametrize("spawned", [True, False])
async def test_an_occurrence_that_comes_back_takes_back_its_successor(ebb: Ebb, spawned: bool) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    if spawned:
        await ebb.settle()
        assert ["2026-03-03"] == [one["due"]["date"] for one in await ebb.tasks()]
    await ebb.call("POST", f"/v1/tasks/{task['id']}/restore")
    await ebb.settle()
    assert ["2026-03-02"] == [one["due"]["date"] for one in await ebb.tasks()]
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert ["2026-03-02", "2026-03-03"] == [one["due"]["date"] for one in await ebb.tasks()]


async def test_a_successor_that_somebody_has_touched_stays(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    await ebb.settle()
    (successor,) = await ebb.tasks()
    await ebb.call("PATCH", f"/v1/tasks/{successor['id']}", {"title": "mine"})
    await ebb.call("POST", f"/v1/tasks/{task['id']}/restore")
    await ebb.settle()
    assert ["2026-03-02", "2026-03-03"] == [one["due"]["date"] for one in await ebb.tasks()]


async def test_a_foreign_tombstone_looks_like_a_missing_task(ebb: Ebb) -> None:
    task = await ebb.create(title="a", user="bob")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}", user="bob")
    assert 404 == (await ebb.call("POST", f"/v1/tasks/{task['id']}/restore")).status_code
    assert [] == await ebb.tasks(user="bob")
