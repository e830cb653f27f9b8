"""The series: which occurrence comes next, in both modes, across COUNT, UNTIL, EXDATE and changes of the clocks."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.due import Due
from shared.errors import InvalidInput
from shared.moving import moved
from shared.occurrences import first_occurrence, next_occurrence
from shared.reminder import Owner, ReminderState
from shared.series import (
    AFTER_COMPLETION,
    Recurrence,
    Series,
    Template,
    begun,
    due_of,
    paused,
    resumed,
    spawned,
    stopped,
)
from shared.task import Occurrence, Priority, Task, completed

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)  # a Monday
ALICE = Owner("alice", "Europe/Berlin")
BERLIN = "Europe/Berlin"
TEMPLATE = Template("Water plants", "the big ones", Priority.HIGH, ("home",), (60, 0))


def naive(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


def series(rule: str, starts_at: str = "2026-03-02", **fields: Any) -> Series:
    """Make a series whose `exdates` are given as text; all day unless `starts_at` has a time."""
    exdates = tuple(naive(text) for text in fields.pop("exdates", ()))
    return Series(
        id=UUID(int=3), user_id="alice", rule=rule, text="", starts_at=naive(starts_at), all_day=len(starts_at) == 10,
        template=TEMPLATE, created_at=NOW, updated_at=NOW, exdates=exdates, **fields,
    )  # fmt: skip


def occurrence(of: Series, scheduled: str, ordinal: int = 1, done: str | None = None) -> Task:
    """Make an occurrence of the series, completed at `done` (UTC) if it is given."""
    at = naive(scheduled)
    task = Task(
        id=UUID(int=1), user_id="alice", title="Water plants", created_at=NOW, updated_at=NOW, due=due_of(of, at),
        occurrence=Occurrence(of.ref, ordinal, at),
    )  # fmt: skip
    return task if done is None else completed(task, utc(done), utc(done))


def following(
    of: Series, scheduled: str, *, ordinal: int = 1, done: str | None = None, now: str | None = None
) -> str | None:
    found = next_occurrence(of, occurrence(of, scheduled, ordinal, done), ALICE, utc(now) if now else NOW)
    return None if found is None else found.isoformat(timespec="minutes")


def test_the_next_date_counts_from_the_scheduled_one_not_from_now() -> None:
    weekly = series("FREQ=WEEKLY", "2026-01-05")
    assert "2026-01-12T00:00" == following(weekly, "2026-01-05", done="2026-03-02T12:00")


def test_the_next_date_does_not_follow_a_due_value_that_was_moved() -> None:
    weekly = series("FREQ=WEEKLY")
    assert "2026-03-09T00:00" == following(weekly, "2026-03-02", done="2026-03-05T12:00")


@pytest.mark.parametrize(
    ("starts_at", "now", "expected"),
    [
        ("2026-01-05", "2026-03-02T12:00", "2026-03-02T00:00"),  # today is not overdue
        ("2026-01-05", "2026-03-01T22:59", "2026-03-02T00:00"),  # still Sunday in Berlin
        ("2026-01-05", "2026-03-02T23:00", "2026-03-09T00:00"),  # Tuesday in Berlin
        ("2026-01-05T09:00", "2026-03-02T07:59", "2026-03-02T09:00"),
        ("2026-01-05T09:00", "2026-03-02T08:00", "2026-03-09T09:00"),
        ("2026-03-30", "2026-03-02T12:00", "2026-04-06T00:00"),  # done early: nothing is overdue
    ],
)
def test_skip_overdue_passes_over_dates_that_have_gone_by(starts_at: str, now: str, expected: str) -> None:
    weekly = series("FREQ=WEEKLY", starts_at, skip_overdue=True)
    assert expected == following(weekly, starts_at, now=now)


@pytest.mark.parametrize(
    ("rule", "starts_at", "done", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", "2026-03-02", "2026-03-05T12:00", "2026-03-08T00:00"),
        ("FREQ=DAILY;INTERVAL=3", "2026-03-02", "2026-03-05T23:30", "2026-03-09T00:00"),  # the 6th in Berlin
        ("FREQ=DAILY;INTERVAL=3", "2026-03-02T09:00", "2026-03-05T20:00", "2026-03-08T09:00"),
        ("FREQ=WEEKLY", "2026-03-02", "2026-03-04T12:00", "2026-03-11T00:00"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-03-02", "2026-03-04T12:00", "2026-03-09T00:00"),
        ("FREQ=MONTHLY", "2026-03-02", "2026-03-20T12:00", "2026-04-20T00:00"),
        ("FREQ=DAILY", "2026-03-05", "2026-03-04T12:00", "2026-03-06T00:00"),  # early: not the same date again
    ],
)
def test_after_completion_counts_from_the_day_it_was_done(rule: str, starts_at: str, done: str, expected: str) -> None:
    assert expected == following(series(rule, starts_at, mode=AFTER_COMPLETION), starts_at, done=done)


def test_after_completion_an_interval_of_hours_counts_from_the_hour_it_was_done() -> None:
    every_four_hours = series("FREQ=HOURLY;INTERVAL=4", "2026-03-02T09:00", mode=AFTER_COMPLETION, zone="UTC")
    assert "2026-03-02T19:00" == following(every_four_hours, "2026-03-02T09:00", done="2026-03-02T15:00")


def test_after_completion_an_exdate_is_passed_over_in_steps_from_the_completion() -> None:
    every_third_day = series("FREQ=DAILY;INTERVAL=3", mode=AFTER_COMPLETION, exdates=["2026-03-07"])
    assert "2026-03-10T00:00" == following(every_third_day, "2026-03-02", done="2026-03-04T12:00")


def test_after_completion_what_was_done_early_does_not_come_again_on_an_exdate() -> None:
    daily = series("FREQ=DAILY", mode=AFTER_COMPLETION, exdates=["2026-03-06"])
    assert "2026-03-07T00:00" == following(daily, "2026-03-05", done="2026-03-04T12:00")


@pytest.mark.parametrize(
    ("ordinal", "expected"), [(1, "2026-03-09T00:00"), (2, "2026-03-09T00:00"), (3, None), (4, None)]
)
@pytest.mark.parametrize("mode", ["scheduled", AFTER_COMPLETION])
def test_count_is_the_number_of_occurrences_there_were(ordinal: int, expected: str | None, mode: str) -> None:
    thrice = series("FREQ=WEEKLY;COUNT=3", mode=mode)
    assert expected == following(thrice, "2026-03-02", ordinal=ordinal, done="2026-03-02T12:00")


def test_dates_that_skip_overdue_passes_over_do_not_use_up_the_count() -> None:
    thrice = series("FREQ=WEEKLY;COUNT=3", "2026-01-05", skip_overdue=True)
    assert "2026-03-02T00:00" == following(thrice, "2026-01-05", ordinal=2)


@pytest.mark.parametrize(("until", "expected"), [("20260309", "2026-03-09T00:00"), ("20260308", None)])
def test_until_includes_its_whole_day(until: str, expected: str | None) -> None:
    assert expected == following(series(f"FREQ=WEEKLY;UNTIL={until}"), "2026-03-02")


def test_exdates_are_passed_over_also_the_first_one() -> None:
    weekly = series("FREQ=WEEKLY", exdates=["2026-03-02", "2026-03-16", "2026-03-23"])
    assert naive("2026-03-09") == first_occurrence(weekly, ALICE)
    assert "2026-03-30T00:00" == following(weekly, "2026-03-09")


def test_a_series_all_of_whose_dates_are_exdates_is_over() -> None:
    one = series("FREQ=WEEKLY;UNTIL=20260309", exdates=["2026-03-02", "2026-03-09"])
    assert first_occurrence(one, ALICE) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-28", "2026-03-28T08:00"),  # winter time
        ("2026-03-29", "2026-03-29T07:00"),  # summer time
        ("2026-10-25", "2026-10-25T08:00"),
    ],
)
def test_nine_stays_nine_when_the_clocks_change(day: str, expected: str) -> None:
    daily = series("FREQ=DAILY", "2026-01-01T09:00", zone=BERLIN)
    before = (naive(day) - dt.timedelta(days=1)).date().isoformat()
    assert f"{day}T09:00" == following(daily, f"{before}T09:00")
    assert utc(expected) == due_of(daily, naive(f"{day}T09:00")).instant("America/New_York")


def test_a_date_in_the_gap_moves_forward_and_the_next_one_is_on_time_again() -> None:
    daily = series("FREQ=DAILY", "2026-01-01T02:30", zone=BERLIN)
    assert utc("2026-03-29T01:30") == due_of(daily, naive("2026-03-29T02:30")).instant(BERLIN)
    assert "2026-03-30T02:30" == following(daily, "2026-03-29T02:30")


@given(
    st.dates(dt.date(2026, 1, 1), dt.date(2090, 1, 1)),
    st.dates(dt.date(2026, 1, 1), dt.date(2090, 1, 1)),
    st.sampled_from(["FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY"]),
    st.sampled_from(["scheduled", AFTER_COMPLETION]),
)
def test_the_next_occurrence_is_never_the_same_one_and_later_than_what_it_counts_from(
    scheduled: dt.date, done: dt.date, rule: str, mode: str
) -> None:
    one = series(rule, "2026-01-01", mode=mode)
    found = following(one, scheduled.isoformat(), done=f"{done}T12:00")
    assert found is not None
    assert naive(found).date() != scheduled
    assert naive(found).date() > (done if mode == AFTER_COMPLETION else scheduled)


def test_a_task_without_a_series_has_no_next_occurrence() -> None:
    lone = Task(id=UUID(int=1), user_id="alice", title="x", created_at=NOW, updated_at=NOW)
    assert next_occurrence(series("FREQ=DAILY"), lone, ALICE, NOW) is None


@pytest.mark.parametrize(
    ("rule", "due", "expected"),
    [
        ("FREQ=DAILY", None, ("2026-03-02T00:00", True, None)),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0", None, ("2026-03-02T13:01", False, None)),  # from the next minute in Berlin
        ("FREQ=HOURLY", None, ("2026-03-02T13:01", False, None)),
        ("FREQ=DAILY", Due(dt.date(2026, 4, 1)), ("2026-04-01T00:00", True, None)),
        ("FREQ=DAILY", Due(dt.date(2026, 4, 1), dt.time(9), BERLIN), ("2026-04-01T09:00", False, BERLIN)),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0", Due(dt.date(2026, 4, 1)), ("2026-04-01T00:00", False, None)),
    ],
)
def test_a_series_begins_at_the_due_value_or_now(
    rule: str, due: Due | None, expected: tuple[str, bool, str | None]
) -> None:
    new = begun(UUID(int=3), Recurrence(rule, ""), TEMPLATE, due, ALICE, NOW)
    assert expected == (new.starts_at.isoformat(timespec="minutes"), new.all_day, new.zone)


def test_an_occurrence_is_made_of_the_template() -> None:
    weekly = series("FREQ=WEEKLY", zone=BERLIN)
    task = spawned(weekly, naive("2026-03-09"), 2, (UUID(int=5), UUID(int=6), UUID(int=7)), ALICE, NOW)
    assert TEMPLATE == Template(task.title, task.notes, task.priority, task.tags, TEMPLATE.minutes_before)
    assert Occurrence(weekly.ref, 2, naive("2026-03-09")) == task.occurrence
    assert [utc("2026-03-09T07:00"), utc("2026-03-09T08:00")] == [reminder.fire_at for reminder in task.reminders]


def test_an_occurrence_that_is_made_long_after_its_date_does_not_ring() -> None:
    task = spawned(series("FREQ=WEEKLY"), naive("2026-01-12"), 2, (UUID(int=5), UUID(int=6), UUID(int=7)), ALICE, NOW)
    assert {ReminderState.CANCELLED} == {reminder.state for reminder in task.reminders}


def test_a_rule_ends_where_zones_have_no_room_left() -> None:
    assert following(series("FREQ=YEARLY;INTERVAL=7973", "2026-12-31"), "2026-12-31") is None
    far = series("FREQ=YEARLY;INTERVAL=6973", "2026-12-31")
    assert "8999-12-31T00:00" == following(far, "2026-12-31")
    assert due_of(far, naive("8999-12-31")).over("UTC") > NOW


def test_a_stopped_series_does_not_go_on() -> None:
    weekly = series("FREQ=WEEKLY")
    ended = stopped(weekly, NOW)
    assert (True, False) == (weekly.goes_on, ended.goes_on)
    assert (NOW, 2) == (ended.ended_at, ended.version)


def test_an_exdate_counts_only_where_it_removed_a_date() -> None:
    exdates = ["2026-03-03", "2026-03-09T08:00", "2026-02-23"]
    assert "2026-03-09T00:00" == following(series("FREQ=WEEKLY;COUNT=2", exdates=exdates), "2026-03-02")
    removed = series("FREQ=WEEKLY;COUNT=2", exdates=["2026-03-09"])
    assert following(removed, "2026-03-02") is None


def test_a_series_has_no_first_date_where_exdates_use_up_its_count() -> None:
    assert first_occurrence(series("FREQ=WEEKLY;COUNT=1", exdates=["2026-03-02"]), ALICE) is None
    assert naive("2026-03-09") == first_occurrence(series("FREQ=WEEKLY;COUNT=2", exdates=["2026-03-02"]), ALICE)


@pytest.mark.parametrize(
    ("starts_at", "resumed", "expected"),
    [
        ("2026-01-05", "2026-03-02T12:00", "2026-03-02T00:00"),  # today is not over
        ("2026-01-05", "2026-03-02T23:00", "2026-03-09T00:00"),  # Tuesday in Berlin
        ("2026-01-05T13:00", "2026-03-02T12:00", "2026-03-09T13:00"),
        ("2026-03-09", "2026-03-02T12:00", "2026-03-16T00:00"),  # its date had not come when the series was resumed
    ],
)
def test_dates_of_a_pause_are_passed_over(starts_at: str, resumed: str, expected: str) -> None:
    assert expected == following(series("FREQ=WEEKLY", starts_at, resumed_at=utc(resumed)), starts_at)


@pytest.mark.parametrize(
    ("rule", "old", "new", "expected"),
    [
        ("FREQ=WEEKLY", "2026-03-03", Due(dt.date(2026, 3, 5)), "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=MO,TU", "2026-03-03", Due(dt.date(2026, 3, 5)), "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-03-27", Due(dt.date(2026, 3, 25)), "FREQ=MONTHLY;BYDAY=-1WE"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-02-28", Due(dt.date(2026, 2, 20)),
         "FREQ=MONTHLY;BYMONTHDAY=20;SKIP=BACKWARD"),
        ("FREQ=DAILY;BYMINUTE=30;BYHOUR=9", "2026-03-03T09:30", Due(dt.date(2026, 3, 3), dt.time(10)),
         "FREQ=DAILY;BYMINUTE=0;BYHOUR=10"),
        ("FREQ=DAILY;BYMINUTE=30;BYHOUR=9", "2026-03-03T09:30", Due(dt.date(2026, 3, 3)), "FREQ=DAILY"),
    ],
)  # fmt: skip
def test_a_rule_names_the_day_and_time_that_its_occurrence_was_moved_to(
    rule: str, old: str, new: Due, expected: str
) -> None:
    assert expected == moved(rule, naive(old), new)


def test_a_series_is_paused_and_resumed_once_and_not_after_its_end() -> None:
    weekly = series("FREQ=WEEKLY")
    asleep = paused(weekly, NOW)
    awake = resumed(asleep, NOW)
    assert (False, True, 2, 3, NOW) == (asleep.goes_on, awake.goes_on, asleep.version, awake.version, awake.resumed_at)
    assert (True, True) == (paused(asleep, NOW) is asleep, resumed(weekly, NOW) is weekly)
    for action in (paused, resumed):
        with pytest.raises(InvalidInput, match="ended"):
            action(stopped(weekly, NOW), NOW)
