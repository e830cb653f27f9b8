"""Closing and opening a task: complete, reopen, skip, snooze."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.harness import Ebb

DAILY: dict[str, Any] = {"due": {"date": "2026-03-02"}, "recurrence": {"rule": "FREQ=DAILY"}}


async def act(ebb: Ebb, task: dict[str, Any], action: str, body: object = None, **headers: str) -> httpx.Response:
    return await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}", body, **headers)


async def acted(ebb: Ebb, task: dict[str, Any], action: str, body: object = None) -> dict[str, Any]:
    answer = await act(ebb, task, action, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def open_dates(ebb: Ebb) -> list[str]:
    return [task["due"]["date"] for task in await ebb.tasks("?status=open&sort=due")]


async def test_a_completed_task_tells_when(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    ebb.clock.pass_by(minutes=1)
    answer = await act(ebb, task, "complete")
    done = {"status": "completed", "completed_at": "2026-03-02T12:01:00Z", "updated_at": "2026-03-02T12:01:00Z"}
    assert ({**task, **done, "version": 2}, '"2"') == (answer.json(), answer.headers["etag"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [("2026-03-01T08:00:00+01:00", "2026-03-01T07:00:00Z"), (None, "2026-03-02T12:00:00Z")],
)
async def test_a_client_may_say_when_a_task_was_completed(ebb: Ebb, given: str | None, kept: str) -> None:
    assert kept == (await acted(ebb, await ebb.create(title="a"), "complete", {"completed_at": given}))["completed_at"]


async def test_the_actions_take_an_empty_body_or_an_empty_object(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    for action, body in [("complete", b""), ("reopen", {}), ("skip", None)]:
        await acted(ebb, task, action, body)


@pytest.mark.parametrize("action", ["complete", "skip"])
@pytest.mark.parametrize("again", ["complete", "skip"])
async def test_a_closed_task_stays_as_it_is(ebb: Ebb, action: str, again: str) -> None:
    task = await ebb.create(title="a", **DAILY)
    first = await acted(ebb, task, action)
    await ebb.settle()
    ebb.clock.pass_by(hours=1)
    assert first == await acted(ebb, task, again)
    assert [] == await ebb.settle()


@pytest.mark.parametrize("action", ["complete", "reopen", "skip", "snooze"])
async def test_a_stale_if_match_is_412_for_every_action(ebb: Ebb, action: str) -> None:
    task = await ebb.create(title="a", **DAILY)
    body = {"minutes": 5} if action == "snooze" else None
    assert 412 == (await act(ebb, task, action, body, if_match='"2"')).status_code
    assert [task] == await ebb.tasks()


async def test_completing_cancels_the_pending_reminders(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-05"}, reminders=[{"minutes_before": 5}])
    assert ["cancelled"] == [r["state"] for r in (await acted(ebb, task, "complete"))["reminders"]]


async def test_an_open_task_is_not_opened_again(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.settle()
    assert task == await acted(ebb, task, "reopen")
    assert [] == await ebb.settle()


async def test_a_reopened_task_is_as_before_with_the_reminders_that_lie_ahead(ebb: Ebb) -> None:
    reminders = [{"at": "2026-03-02T13:00:00Z"}, {"at": "2026-03-02T15:00:00Z"}]
    task = await ebb.create(title="a", reminders=reminders)
    await acted(ebb, task, "complete")
    ebb.clock.pass_by(hours=2)
    again = await acted(ebb, task, "reopen")
    assert ("open", None, 3) == (again["status"], again["completed_at"], again["version"])
    assert ["cancelled", "pending"] == [r["state"] for r in again["reminders"]]


async def test_reopening_takes_the_successor_back(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await acted(ebb, task, "complete")
    await ebb.settle()
    assert ["2026-03-03"] == await open_dates(ebb)
    await acted(ebb, task, "reopen")
    await ebb.settle()
    assert ["2026-03-02"] == await open_dates(ebb)


async def test_reopening_before_the_event_arrived_leaves_no_successor(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await acted(ebb, task, "complete")
    await acted(ebb, task, "reopen")
    await ebb.settle()
    assert ["2026-03-02"] == await open_dates(ebb)


@pytest.mark.parametrize("touch", ["complete", "snooze", "edit"])
async def test_a_successor_that_was_touched_stays(ebb: Ebb, touch: str) -> None:
    task = await ebb.create(title="a", **DAILY)
    await acted(ebb, task, "complete")
    await ebb.settle()
    (successor,) = await ebb.tasks("?status=open")
    if touch == "edit":
        await ebb.call("PATCH", f"/v1/tasks/{successor['id']}", {"title": "b"})
    else:
        await acted(ebb, successor, touch, {"minutes": 5} if touch == "snooze" else None)
    await acted(ebb, task, "reopen")
    assert {task["id"], successor["id"]} <= {one["id"] for one in await ebb.tasks()}


async def test_completing_again_brings_one_successor_again(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    for action in ("complete", "reopen", "complete", "reopen", "complete"):
        await acted(ebb, task, action)
        await ebb.settle()
    assert ["2026-03-03"] == await open_dates(ebb)


async def test_skipping_uses_the_occurrence_up(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    assert ("skipped", 2) == ((skipped := await acted(ebb, task, "skip"))["status"], skipped["version"])
    await ebb.settle()
    assert ["2026-03-03"] == await open_dates(ebb)


async def test_a_task_that_does_not_recur_cannot_be_skipped(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    answer = await act(ebb, task, "skip")
    assert (422, "urn:ebb:problem:invalid-input") == (answer.status_code, answer.json()["type"])
    assert [task] == await ebb.tasks()


@pytest.mark.parametrize(
    ("due", "body", "moved"),
    [
        (None, {"minutes": 90}, ("2026-03-02", "13:30", None)),
        ({"date": "2026-03-02"}, {"minutes": 30}, ("2026-03-02", "12:30", None)),
        ({"date": "2026-02-01"}, {"until": "2026-03-04T08:00:00Z"}, ("2026-03-04", "08:00", None)),
        ({"date": "2026-03-02", "time": "12:00"}, {"minutes": 1440}, ("2026-03-03", "12:00", None)),
        (
            {"date": "2026-03-02", "time": "09:00", "time_zone": "Asia/Tokyo"},
            {"until": "2026-03-03T00:00:00Z"},
            ("2026-03-03", "09:00", "Asia/Tokyo"),
        ),
    ],
)
async def test_snoozing_moves_the_due_value_to_a_time(
    ebb: Ebb, due: object, body: object, moved: tuple[str | None, ...]
) -> None:
    after = await acted(ebb, await ebb.create(title="a", due=due), "snooze", body)
    assert moved == tuple(after["due"][name] for name in ("date", "time", "time_zone"))
    assert [(after["due"]["at"], "pending")] == [(r["fire_at"], r["state"]) for r in after["reminders"]]


async def test_snoozing_is_in_the_users_zone_where_the_task_has_none(ebb: Ebb) -> None:
    await ebb.live_in("America/New_York")
    after = await acted(ebb, await ebb.create(title="a"), "snooze", {"minutes": 60})
    assert ("2026-03-02", "08:00", "2026-03-02T13:00:00Z") == tuple(after["due"][n] for n in ("date", "time", "at"))


async def test_snoozing_moves_a_reminder_with_the_due_value_and_rings_when_it_is_over(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-02", "time": "12:05"}, reminders=[{"minutes_before": 30}])
    after = await acted(ebb, task, "snooze", {"until": "2026-03-02T18:00:00Z"})
    assert ["2026-03-02T17:30:00Z", "2026-03-02T18:00:00Z"] == [r["fire_at"] for r in after["reminders"]]


async def test_a_snoozed_task_does_not_ring_before_its_snooze_is_over(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-02", "time": "12:05"}, reminders=[{"minutes_before": 30}])
    await ebb.tick("sweep")  # it rang: half an hour before was in the past
    after = await acted(ebb, task, "snooze", {"minutes": 10})
    assert ["2026-03-02T12:10:00Z"] == [r["fire_at"] for r in after["reminders"] if r["state"] == "pending"]


async def test_snoozing_within_the_repeated_hour_does_not_go_back_in_time(ebb: Ebb) -> None:
    ebb.clock.instant = dt.datetime(2026, 10, 25, 1, 10, tzinfo=dt.UTC)  # 02:10 in Berlin, for the second time
    await ebb.live_in("Europe/Berlin")
    after = await acted(ebb, await ebb.create(title="a"), "snooze", {"minutes": 10})
    assert ["2026-10-25T01:20:00Z"] == [r["fire_at"] for r in after["reminders"]]


async def test_the_occurrence_stays_when_a_task_is_snoozed(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    assert task["occurrence"] == (await acted(ebb, task, "snooze", {"minutes": 5}))["occurrence"]
    await acted(ebb, task, "complete")
    await ebb.settle()
    assert ["2026-03-03"] == await open_dates(ebb)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"until": "2026-03-02T12:00:00Z"}, "/until"),
        ({"until": "1999-03-02T12:00:00Z"}, "/until"),
        ({"minutes": 0}, "/minutes"),
        ({"minutes": 10_000_000}, "/minutes"),
        ({"minutes": 5, "until": "2026-03-03T12:00:00Z"}, ""),
        ({}, ""),
        (None, ""),
    ],
)
async def test_a_snooze_that_leads_nowhere_is_refused(ebb: Ebb, body: object, pointer: str) -> None:
    task = await ebb.create(title="a")
    answer = await act(ebb, task, "snooze", body)
    assert (422, [pointer]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])
    assert [task] == await ebb.tasks()


async def test_a_closed_task_cannot_be_snoozed(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    done = await acted(ebb, task, "complete")
    assert done == await acted(ebb, task, "snooze", {"minutes": 5})


@pytest.mark.parametrize(
    ("action", "event"),
    [("complete", "completed"), ("skip", "skipped"), ("snooze", "snoozed")],
)
async def test_each_action_emits_its_event(ebb: Ebb, action: str, event: str) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.settle()
    await acted(ebb, task, action, {"minutes": 5} if action == "snooze" else None)
    assert (f"ebb.task.{event}.v1", task["id"], "alice") == (
        (first := (await ebb.settle())[0])["type"],
        first["subject"],
        first["data"]["actor"],
    )
