"""Reminders: the row is the truth, the Dapr job its alarm clock, sweep the safety net."""

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest

from tests.harness import NOON, Ebb

AT_ONE: dict[str, Any] = {"due": {"date": "2026-03-02", "time": "13:00"}, "reminders": [{"minutes_before": 0}]}
EARLY = dt.timedelta(seconds=3)


async def remind(ebb: Ebb, **fields: Any) -> dict[str, Any]:
    """Create a task with its alarm set."""
    task = await ebb.create(title="a", **{**AT_ONE, **fields})
    await ebb.settle()
    return task


async def states(ebb: Ebb) -> list[str]:
    return [reminder["state"] for task in await ebb.tasks() for reminder in task["reminders"]]


async def fired(ebb: Ebb) -> list[dict[str, Any]]:
    """Return the data of the events that tell of a fired reminder."""
    return [event["data"] for event in await ebb.settle() if event["type"] == "ebb.reminder.fired.v1"]


async def job(ebb: Ebb, name: str, data: dict[str, Any]) -> int:
    """Deliver a job as Dapr does, whether it is set or not."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["fire-reminder"])) as client:
        return (await client.post(f"http://fire-reminder/job/{name}", json=data)).status_code


async def test_each_reminder_has_a_job_that_rings_a_little_early(ebb: Ebb) -> None:
    task = await remind(ebb)
    reminder_id = task["reminders"][0]["id"]
    data = {"user_id": "alice", "actor": "/ebb/schedule-reminder", "task_id": task["id"], "reminder_id": reminder_id,
            "version": 1}  # fmt: skip
    ((name, (due, event)),) = ebb.dapr.scheduled.items()
    assert (f"reminder-{reminder_id}-1", NOON + dt.timedelta(hours=1) - EARLY) == (name, due)
    assert (name, "ebb.reminder.due.v1", data) == (event["id"], event["type"], event["data"])


async def test_a_job_that_an_earlier_version_has_set_fires_too(ebb: Ebb) -> None:
    await remind(ebb)
    ((name, (_, event)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    assert [204, 204] == [await job(ebb, name, event["data"]) for _ in range(2)]
    assert (1, ["fired"]) == (len(await fired(ebb)), await states(ebb))


async def test_a_job_set_again_by_a_newer_version_is_the_same_event(ebb: Ebb) -> None:
    await remind(ebb)
    ((name, (_, event)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    await job(ebb, name, event["data"])
    await job(ebb, name, event)
    assert [(name,)] == await ebb.sql("SELECT event_id FROM inbox WHERE function = '/ebb/fire-reminder'")


async def test_a_job_that_wakes_early_waits_for_the_instant(ebb: Ebb) -> None:
    await remind(ebb)
    ebb.clock.instant = NOON + dt.timedelta(hours=1) - EARLY
    assert 1 == await ebb.ring()
    assert NOON + dt.timedelta(hours=1) == ebb.clock.now()
    (data,) = await fired(ebb)
    assert ("2026-03-02T13:00:00Z", "2026-03-02T13:00:00Z", False) == (data["fire_at"], data["fired_at"], data["late"])


async def test_firing_is_a_change_of_the_task_whose_event_says_more(ebb: Ebb) -> None:
    task = await remind(ebb)
    ebb.clock.pass_by(hours=1)
    await ebb.ring()
    assert ["ebb.reminder.fired.v1", "ebb.notification.sent.v1"] == [event["type"] for event in await ebb.settle()]
    (after,) = await ebb.tasks()
    assert (2, "fired", "2026-03-02T13:00:00Z") == (
        after["version"],
        after["reminders"][0]["state"],
        after["updated_at"],
    )
    assert 412 == (await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "b"}, if_match='"1"')).status_code


@pytest.mark.parametrize("deliveries", [2, 8])
async def test_a_job_delivered_again_fires_nothing_more(ebb: Ebb, deliveries: int) -> None:
    await remind(ebb)
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    assert [204] * deliveries == [await job(ebb, name, data) for _ in range(deliveries)]
    assert (1, ["fired"]) == (len(await fired(ebb)), await states(ebb))


async def test_a_job_delivered_at_the_same_moment_fires_once(ebb: Ebb) -> None:
    await remind(ebb)
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    assert {204} == set(await asyncio.gather(*(job(ebb, name, data) for _ in range(8))))
    assert 1 == len(await fired(ebb))


async def test_job_and_sweep_at_the_same_moment_fire_once(ebb: Ebb) -> None:
    await remind(ebb)
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    await asyncio.gather(ebb.tick("sweep"), job(ebb, name, data), ebb.tick("sweep"), job(ebb, name, data))
    assert 1 == len(await fired(ebb))


async def test_a_moved_reminder_has_a_new_job_and_its_old_one_is_cancelled(ebb: Ebb) -> None:
    task = await remind(ebb)
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"due": {"date": "2026-03-02", "time": "15:00"}})
    await ebb.settle()
    assert {f"reminder-{task['reminders'][0]['id']}-2"} == set(ebb.dapr.scheduled)
    assert [NOON + dt.timedelta(hours=3) - EARLY] == [due for due, _ in ebb.dapr.scheduled.values()]


async def test_the_alarm_of_a_moved_reminder_finds_nothing_to_do(ebb: Ebb) -> None:
    task = await remind(ebb)
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/snooze", {"minutes": 180})
    ebb.clock.pass_by(hours=1)
    assert (204, ["pending"]) == (await job(ebb, name, data), await states(ebb))
    assert NOON + dt.timedelta(hours=1) == ebb.clock.now()


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("POST", "/complete", None),
        ("DELETE", "", None),
        ("PATCH", "", {"reminders": []}),
        ("PATCH", "", {"due": None}),
    ],
)
async def test_what_will_not_ring_has_no_job_and_an_old_alarm_finds_nothing(
    ebb: Ebb, method: str, rest: str, body: object
) -> None:
    task = await remind(ebb)
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    await ebb.call(method, f"/v1/tasks/{task['id']}{rest}", body)
    await ebb.settle(times=2)
    ebb.clock.pass_by(hours=1)
    assert ({}, 204, []) == (ebb.dapr.scheduled, await job(ebb, name, data), await fired(ebb))
    await ebb.tick("sweep")
    assert [] == await fired(ebb)


async def test_a_reopened_task_rings_again(ebb: Ebb) -> None:
    task = await remind(ebb)
    for action in ("complete", "reopen"):
        await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}")
        await ebb.settle()
    ebb.clock.pass_by(hours=1)
    assert 1 == await ebb.ring()
    assert 1 == len(await fired(ebb))


async def test_each_of_several_reminders_fires_at_its_own_time(ebb: Ebb) -> None:
    several = [{"minutes_before": 30}, {"minutes_before": 0}, {"at": "2026-03-02T12:45:00Z"}]
    await remind(ebb, reminders=several)
    assert 3 == len(ebb.dapr.scheduled)
    seen = []
    for _ in range(4):
        ebb.clock.pass_by(minutes=15)
        await ebb.ring()
        seen.append([data["fire_at"][11:16] for data in await fired(ebb)])
    assert [[], ["12:30"], ["12:45"], ["13:00"]] == seen
    assert ["fired"] * 3 == await states(ebb)


async def test_a_reminder_that_is_already_due_rings_at_once(ebb: Ebb) -> None:
    await remind(ebb, reminders=[{"minutes_before": 90}])
    assert 1 == await ebb.ring()
    assert 1 == len(await fired(ebb))


async def test_a_reminder_of_a_task_long_overdue_does_not_ring(ebb: Ebb) -> None:
    await remind(ebb, due={"date": "2026-02-01"})
    await ebb.tick("sweep")
    assert (["cancelled"], {}, []) == (await states(ebb), ebb.dapr.scheduled, await fired(ebb))


async def test_a_fired_reminder_that_is_moved_rings_again(ebb: Ebb) -> None:
    task = await remind(ebb)
    ebb.clock.pass_by(hours=1)
    await ebb.ring()
    await ebb.settle()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/snooze", {"minutes": 10})
    await ebb.settle()
    ebb.clock.pass_by(minutes=10)
    assert 1 == await ebb.ring()
    assert (1, ["fired"]) == (len(await fired(ebb)), await states(ebb))


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (5, False), (6, True), (60, True)])
async def test_sweep_fires_what_no_alarm_fired_and_says_whether_it_is_late(ebb: Ebb, seconds: int, late: bool) -> None:
    await remind(ebb)
    ebb.dapr.scheduled.clear()
    ebb.clock.pass_by(hours=1, seconds=seconds)
    for _ in range(3):
        assert 204 == (await ebb.tick("sweep")).status_code
    assert [late] == [data["late"] for data in await fired(ebb)]


async def test_sweep_fires_nothing_early(ebb: Ebb) -> None:
    await remind(ebb)
    ebb.clock.instant = NOON + dt.timedelta(hours=1) - dt.timedelta(microseconds=1)
    await ebb.tick("sweep")
    assert [] == await fired(ebb)


async def test_a_reminder_that_came_due_while_everything_was_off_fires_once_on_return(ebb: Ebb) -> None:
    await ebb.create(title="a", **AT_ONE)  # no event of it was ever delivered
    ebb.clock.pass_by(days=3)
    await ebb.tick("sweep")
    assert [True] == [data["late"] for data in await fired(ebb)]
    await ebb.ring()
    await ebb.tick("sweep")
    assert [] == await fired(ebb)


async def test_sweep_sets_an_alarm_that_no_event_has_set(ebb: Ebb) -> None:
    await ebb.create(title="a", **AT_ONE)
    ebb.clock.pass_by(seconds=19)
    await ebb.tick("sweep")
    assert {} == ebb.dapr.scheduled
    ebb.clock.pass_by(seconds=1)
    await ebb.tick("sweep")
    assert 1 == len(ebb.dapr.scheduled)


async def test_sweep_repairs_what_it_can_while_the_sidecar_is_away(ebb: Ebb) -> None:
    for at in ("2026-03-02T11:00:00Z", "2026-03-03T12:00:00Z"):
        await ebb.create(title="a", reminders=[{"at": at}])
    ebb.clock.pass_by(minutes=1)
    ebb.dapr.away = True
    assert 503 == (await ebb.tick("sweep")).status_code
    assert ["fired", "pending"] == await states(ebb)
    ebb.dapr.away = False
    ebb.clock.pass_by(minutes=1)
    assert 204 == (await ebb.tick("sweep")).status_code
    assert 1 == len(ebb.dapr.scheduled)


async def test_the_reminder_of_an_all_day_task_follows_the_users_morning(ebb: Ebb) -> None:
    await ebb.live_in("America/New_York")
    await remind(ebb, due={"date": "2026-03-03"})
    assert [dt.datetime(2026, 3, 3, 14, tzinfo=dt.UTC) - EARLY] == [due for due, _ in ebb.dapr.scheduled.values()]


async def test_a_reminder_in_the_feed_of_one_user_is_not_fired_by_anothers_job(ebb: Ebb) -> None:
    await remind(ebb)
    await ebb.token("bob")
    ((name, (_, data)),) = ebb.dapr.scheduled.items()
    ebb.clock.pass_by(hours=1)
    await job(ebb, name + "-forged", data | {"data": data["data"] | {"user_id": "bob"}})
    assert ["pending"] == await states(ebb)
