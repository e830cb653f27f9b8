"""Recurrence end to end: which occurrence follows, when a series ends, and what repairs a lost event."""

import datetime as dt
from typing import Any

import pytest

from tests.harness import Ebb

BERLIN = "Europe/Berlin"


async def begin(ebb: Ebb, rule: str, due: str | None = None, **more: Any) -> dict[str, Any]:
    """Create a recurring task; `due` is `date[ time[ zone]]`, `more` goes into the recurrence."""
    names = ("date", "time", "time_zone")
    value = dict(zip(names, due.split(), strict=False)) if due else None
    task = await ebb.create(title="a", due=value, recurrence={"rule": rule, **more})
    await ebb.settle()
    return task


async def act(ebb: Ebb, task: dict[str, Any], action: str = "complete", body: object = None) -> None:
    assert (await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}", body)).status_code == 200
    await ebb.settle(times=2)


async def the_open(ebb: Ebb) -> dict[str, Any]:
    (task,) = await ebb.tasks("?status=open")
    return task


async def walk(ebb: Ebb, task: dict[str, Any], steps: int, action: str = "complete") -> list[str]:
    """Close occurrence after occurrence; return the local date-times they were scheduled for."""
    seen = [task["occurrence"]]
    for _ in range(steps):
        await act(ebb, task, action)
        found = await ebb.tasks("?status=open")
        if not found:
            break
        (task,) = found
        seen.append(task["occurrence"])
    return seen


def days(seen: list[str]) -> list[str]:
    return [one[5:10] for one in seen]


async def ended(ebb: Ebb) -> int:
    return len(await ebb.audit("?type=ebb.series.ended.v1"))


@pytest.mark.parametrize(
    ("rule", "due", "expected"),
    [
        ("FREQ=DAILY", "2026-03-02", ["03-02", "03-03", "03-04"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-03-02", ["03-02", "03-05", "03-09", "03-12"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-01-31", ["01-31", "02-28", "03-31", "04-30", "05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", ["01-31", "03-31", "05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD", "2026-01-31", ["01-31", "03-01", "03-31", "05-01"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", ["01-31", "02-28", "03-31"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "2026-03-27", ["03-27", "04-24", "05-29"]),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30", "2026-11-30", ["11-30", "11-30"]),
    ],
)
async def test_the_next_occurrence_follows_the_scheduled_one(
    ebb: Ebb, rule: str, due: str, expected: list[str]
) -> None:
    assert expected == days(await walk(ebb, await begin(ebb, rule, due), len(expected) - 1))


async def test_the_successor_is_like_its_series_and_new(ebb: Ebb) -> None:
    first = await ebb.create(
        title="Water plants", notes="all", priority="low", tags=["home"], due={"date": "2026-03-02", "time": "18:00"},
        reminders=[{"minutes_before": 60}, {"at": "2026-03-02T15:00:00Z"}], recurrence={"rule": "FREQ=DAILY"},
    )  # fmt: skip
    ebb.clock.pass_by(hours=1)
    await act(ebb, first)
    following = await the_open(ebb)
    for name in ("title", "notes", "priority", "tags", "series"):
        assert first[name] == following[name]
    assert (1, None, "2026-03-02T13:00:00Z") == tuple(
        following[name] for name in ("version", "completed_at", "created_at")
    )
    # An instant is meant for one occurrence only.
    assert ["2026-03-03T17:00:00Z"] == [r["fire_at"] for r in following["reminders"]]


async def test_nine_oclock_stays_nine_oclock_when_the_clocks_change(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", f"2026-03-28 09:00 {BERLIN}")
    at = [task["due"]["at"]]
    for _ in range(2):
        await act(ebb, task)
        task = await the_open(ebb)
        at.append(task["due"]["at"])
    assert ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"] == at
    assert ("09:00", BERLIN) == (task["due"]["time"], task["due"]["time_zone"])


async def test_a_time_in_the_gap_moves_for_that_day_only(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", f"2026-03-28 02:30 {BERLIN}")
    await act(ebb, task)
    gap = await the_open(ebb)
    assert ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z") == (gap["occurrence"], gap["due"]["at"])
    await act(ebb, gap)
    assert "2026-03-30T00:30:00Z" == (await the_open(ebb))["due"]["at"]


@pytest.mark.parametrize(("mode", "expected"), [("scheduled", "2026-03-05"), ("after_completion", "2026-03-13")])
async def test_the_mode_says_what_the_interval_counts_from(ebb: Ebb, mode: str, expected: str) -> None:
    task = await begin(ebb, "FREQ=DAILY;INTERVAL=3", "2026-03-02", mode=mode)
    ebb.clock.pass_by(days=8)  # completed on the tenth
    await act(ebb, task)
    assert expected == (await the_open(ebb))["due"]["date"]


async def test_after_completion_counts_from_the_completion_the_client_names(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY;INTERVAL=3", "2026-03-02", mode="after_completion")
    await act(ebb, task, body={"completed_at": "2026-03-01T12:00:00Z"})
    assert "2026-03-04" == (await the_open(ebb))["due"]["date"]


async def test_after_completion_counts_in_the_zone_of_the_series(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02 09:00 Asia/Tokyo", mode="after_completion")
    ebb.clock.pass_by(hours=4)  # 16:00 UTC is the third of March in Tokyo
    await act(ebb, task)
    assert ("2026-03-04", "09:00") == ((await the_open(ebb))["due"]["date"], (await the_open(ebb))["due"]["time"])


async def test_hours_after_completion_count_from_its_time_of_day(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=HOURLY;INTERVAL=4", "2026-03-02 09:00", mode="after_completion")
    ebb.clock.pass_by(hours=5)  # 17:00
    await act(ebb, task)
    assert "2026-03-02T21:00:00" == (await the_open(ebb))["occurrence"]


async def test_done_early_is_not_asked_for_again_on_the_same_date(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY;INTERVAL=3", "2026-03-05", mode="after_completion")
    await act(ebb, task)  # on the second; three days later is the date that was just done
    assert "2026-03-08" == (await the_open(ebb))["due"]["date"]


async def test_after_completion_passes_over_an_excluded_date_by_its_own_interval(ebb: Ebb) -> None:
    task = await begin(
        ebb, "FREQ=DAILY;INTERVAL=3", "2026-03-02", mode="after_completion", exdates=["2026-03-07T00:00:00"]
    )
    ebb.clock.pass_by(days=2)
    await act(ebb, task)
    assert "2026-03-10" == (await the_open(ebb))["due"]["date"]


@pytest.mark.parametrize(
    ("due", "skip_overdue", "expected"),
    [
        ("2026-02-20", True, "2026-03-02T00:00:00"),  # today is not overdue
        ("2026-02-20", False, "2026-02-21T00:00:00"),
        ("2026-02-20 11:00", True, "2026-03-03T11:00:00"),
        ("2026-02-20 13:00", True, "2026-03-02T13:00:00"),
        (f"2026-02-20 12:30 {BERLIN}", True, "2026-03-03T12:30:00"),  # 13:00 there
    ],
)
async def test_dates_that_have_gone_by_can_be_passed_over(
    ebb: Ebb, due: str, skip_overdue: bool, expected: str
) -> None:
    await act(ebb, await begin(ebb, "FREQ=DAILY", due, skip_overdue=skip_overdue))
    assert expected == (await the_open(ebb))["occurrence"]


@pytest.mark.parametrize("action", ["complete", "skip"])
@pytest.mark.parametrize("bound", ["COUNT=3", "UNTIL=20260304", "UNTIL=20260304T000000"])
async def test_count_and_until_end_a_series(ebb: Ebb, action: str, bound: str) -> None:
    task = await begin(ebb, f"FREQ=DAILY;{bound}", "2026-03-02")
    assert ["03-02", "03-03", "03-04"] == days(await walk(ebb, task, 5, action))
    assert (1, []) == (await ended(ebb), await ebb.tasks("?status=open"))
    assert [(True,)] == await ebb.sql("SELECT ended_at IS NOT NULL FROM series")


async def test_a_single_occurrence_ends_its_series(ebb: Ebb) -> None:
    await act(ebb, await begin(ebb, "FREQ=DAILY;COUNT=1", "2026-03-02"))
    assert (1, 1) == (await ended(ebb), len(await ebb.tasks()))


async def test_until_in_utc_is_meant_in_the_zone_of_the_series(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY;UNTIL=20260303T080000Z", f"2026-03-02 09:00 {BERLIN}")
    assert ["03-02", "03-03"] == days(await walk(ebb, task, 3))  # 09:00 in Berlin is 08:00 UTC


async def test_an_excluded_date_is_passed_over(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02 09:00", exdates=["2026-03-03T09:00:00", "2026-03-04T10:00:00"])
    assert ["03-02", "03-04", "03-05"] == days(await walk(ebb, task, 2))


async def test_an_excluded_date_counts_as_the_rfc_says(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY;COUNT=3", "2026-03-02", exdates=["2026-03-03T00:00:00"])
    assert ["03-02", "03-04"] == days(await walk(ebb, task, 5))


async def test_a_due_value_moved_by_hand_does_not_shift_the_series(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=WEEKLY", "2026-03-02")
    moved = (await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"due": {"date": "2026-03-06"}})).json()
    assert ("2026-03-02T00:00:00", "2026-03-06") == (moved["occurrence"], moved["due"]["date"])
    await act(ebb, task)
    assert "2026-03-09" == (await the_open(ebb))["due"]["date"]


async def test_a_due_value_moved_past_the_next_date_does_not_lose_it(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"due": {"date": "2026-03-20"}})
    await act(ebb, task)
    assert "2026-03-03" == (await the_open(ebb))["due"]["date"]


async def test_reopening_and_completing_again_yields_no_second_successor(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    for action in ("complete", "reopen", "complete"):
        await act(ebb, task, action)
    assert "2026-03-03" == (await the_open(ebb))["due"]["date"]


async def test_no_second_successor_where_the_first_was_touched(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await act(ebb, task)
    await ebb.call("PATCH", f"/v1/tasks/{(await the_open(ebb))['id']}", {"title": "b"})
    await act(ebb, task, "reopen")
    await act(ebb, task)
    assert "b" == (await the_open(ebb))["title"]


async def test_the_last_occurrence_reopened_and_completed_ends_the_series_once(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY;COUNT=1", "2026-03-02")
    for action in ("complete", "reopen", "complete"):
        await act(ebb, task, action)
    assert (1, 1) == (await ended(ebb), len(await ebb.tasks()))


@pytest.mark.parametrize(("seconds", "successors"), [(19, 0), (20, 1)])
@pytest.mark.parametrize("action", ["complete", "skip", ""])
async def test_sweep_makes_what_an_undelivered_event_owes(ebb: Ebb, action: str, seconds: int, successors: int) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await ebb.call("POST" if action else "DELETE", f"/v1/tasks/{task['id']}{action and '/' + action}")
    await ebb.parts.relay.drain()
    lost, ebb.dapr.events = ebb.dapr.events, []
    ebb.clock.pass_by(seconds=seconds)
    await ebb.tick("sweep")
    assert successors == len(await ebb.tasks("?status=open"))
    for event in lost:  # found again in the end
        await ebb.deliver("spawn-recurrence", event)
    assert 1 == len(await ebb.tasks("?status=open"))


async def test_sweep_again_and_again_makes_one_successor(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    for _ in range(5):
        ebb.clock.pass_by(minutes=1)
        await ebb.tick("sweep")
    await ebb.settle(times=2)
    assert "2026-03-03" == (await the_open(ebb))["due"]["date"]


async def test_a_paused_series_keeps_its_debt(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await ebb.sql("UPDATE series SET is_active = false")
    await act(ebb, task)
    ebb.clock.pass_by(days=3)
    await ebb.tick("sweep")
    assert ([], [(True,)]) == (await ebb.tasks("?status=open"), await ebb.sql("SELECT awaits_successor FROM tasks"))
    await ebb.sql("UPDATE series SET is_active = true")
    await ebb.tick("sweep")
    assert "2026-03-03" == (await the_open(ebb))["due"]["date"]


async def test_a_resumed_series_makes_what_it_owes_by_its_own_event(ebb: Ebb) -> None:
    task = await begin(ebb, "FREQ=DAILY", "2026-03-02")
    await ebb.sql("UPDATE series SET is_active = false")
    await act(ebb, task)
    await ebb.sql("UPDATE series SET is_active = true")
    data = {"user_id": "alice", "actor": "alice", "series_id": task["series"]["id"], "version": 2, "rule": "FREQ=DAILY"}
    event = {"specversion": "1.0", "id": "resumed", "type": "ebb.series.updated.v1", "source": "/ebb/manage-series",
             "time": "2026-03-02T12:00:00Z", "data": data}  # fmt: skip
    for _ in range(2):
        assert 204 == (await ebb.deliver("spawn-recurrence", event)).status_code
    assert "2026-03-03" == (await the_open(ebb))["due"]["date"]


async def test_a_series_that_began_long_ago_goes_on_in_step_with_its_start(ebb: Ebb) -> None:
    await act(ebb, await begin(ebb, "FREQ=DAILY;INTERVAL=3", "1950-01-01", skip_overdue=True))
    ahead = dt.date.fromisoformat((await the_open(ebb))["due"]["date"]) - dt.date(2026, 3, 2)
    assert ahead == -(dt.date(2026, 3, 2) - dt.date(1950, 1, 1)) % dt.timedelta(days=3)


async def test_the_successor_belongs_to_the_trace_and_names_its_maker(ebb: Ebb) -> None:
    await act(ebb, await begin(ebb, "FREQ=DAILY", "2026-03-02"))
    (entry,) = await ebb.audit(f"?task={(await the_open(ebb))['id']}")
    assert ("/ebb/spawn-recurrence", "ebb.task.created.v1") == (entry["actor"], entry["type"])
