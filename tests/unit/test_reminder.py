"""Reminders: when one rings, and what becomes of it when its task moves, closes or opens again."""

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest

from shared.due import Due
from shared.reminder import (
    Alarm,
    Owner,
    Reminder,
    ReminderState,
    cancelled,
    fire_at,
    new_reminder,
    rearmed,
    revived,
)

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
ALICE = Owner("alice", "Europe/Berlin")
ID = UUID(int=7)
BEFORE = Alarm(minutes_before=30)
IN_AN_HOUR = Due(dt.date(2026, 3, 2), dt.time(14), "Europe/Berlin")
PENDING, FIRED, CANCELLED, REMOVED = ReminderState


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


def reminder(state: ReminderState = PENDING, fire_at: str = "2026-03-02T12:30", alarm: Alarm = BEFORE) -> Reminder:
    return Reminder(ID, alarm, utc(fire_at), state, version=3)


@pytest.mark.parametrize(
    ("alarm", "due", "expected"),
    [
        (Alarm(minutes_before=30), IN_AN_HOUR, "2026-03-02T12:30"),
        (Alarm(minutes_before=0), IN_AN_HOUR, "2026-03-02T13:00"),
        (Alarm(minutes_before=30), Due(dt.date(2026, 3, 2), dt.time(14)), "2026-03-02T12:30"),
        (Alarm(minutes_before=0), Due(dt.date(2026, 3, 2)), "2026-03-02T08:00"),  # all day: 09:00 of the user
        (Alarm(minutes_before=0), Due(dt.date(2026, 7, 2)), "2026-07-02T07:00"),
        (Alarm(minutes_before=1440), Due(dt.date(2026, 3, 30)), "2026-03-29T07:00"),
        (Alarm(at=utc("2026-01-01T00:00")), None, "2026-01-01T00:00"),
        (Alarm(at=utc("2026-01-01T00:00")), IN_AN_HOUR, "2026-01-01T00:00"),
    ],
)
def test_an_alarm_rings_at_its_instant_or_counts_back_from_the_due_value(
    alarm: Alarm, due: Due | None, expected: str
) -> None:
    assert utc(expected) == fire_at(alarm, due, ALICE)


def test_minutes_before_count_real_minutes_across_a_change_of_the_clocks() -> None:
    after_the_gap = Due(dt.date(2026, 3, 29), dt.time(3, 30), "Europe/Berlin")
    assert utc("2026-03-29T00:30") == fire_at(Alarm(minutes_before=60), after_the_gap, ALICE)


def test_an_all_day_reminder_counts_from_the_hour_the_user_chose() -> None:
    early = Owner("alice", "Europe/Berlin", all_day_reminder_time=dt.time(6, 15))
    assert utc("2026-03-02T05:15") == fire_at(Alarm(minutes_before=0), Due(dt.date(2026, 3, 2)), early)


def test_an_alarm_that_counts_from_nothing_never_rings() -> None:
    assert fire_at(BEFORE, None, ALICE) is None


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (IN_AN_HOUR, PENDING),
        (Due(dt.date(2026, 3, 2), dt.time(13, 10), "Europe/Berlin"), PENDING),  # in 10 minutes: rings at once
        (Due(dt.date(2026, 3, 2)), PENDING),  # today is not over
        (Due(dt.date(2026, 2, 23)), CANCELLED),
        (Due(dt.date(2026, 3, 2), dt.time(13), "Europe/Berlin"), CANCELLED),  # due this very moment
    ],
)
def test_a_new_reminder_rings_only_while_its_task_is_not_overdue(due: Due, expected: ReminderState) -> None:
    rings = fire_at(BEFORE, due, ALICE)
    assert rings is not None
    assert expected is new_reminder(ID, BEFORE, rings, due, ALICE, NOW).state


def test_an_instant_that_has_passed_still_rings_because_the_user_named_it() -> None:
    at = utc("2026-03-02T11:59")
    assert PENDING is new_reminder(ID, Alarm(at=at), at, None, ALICE, NOW).state


def test_a_moved_due_value_moves_the_reminder_and_outdates_its_alarm() -> None:
    fired = replace(reminder(FIRED, "2026-03-02T11:30"), fired_at=NOW)
    moved = Reminder(ID, BEFORE, utc("2026-03-02T12:30"), PENDING, version=4)
    assert (moved,) == rearmed((fired,), IN_AN_HOUR, ALICE, NOW)


@pytest.mark.parametrize("state", [PENDING, FIRED, CANCELLED])
def test_a_reminder_whose_time_stays_is_left_as_it_is(state: ReminderState) -> None:
    assert (reminder(state),) == rearmed((reminder(state),), IN_AN_HOUR, ALICE, NOW)


def test_a_reminder_at_an_instant_does_not_move_with_the_due_value() -> None:
    absolute = reminder(alarm=Alarm(at=utc("2026-03-02T12:30")))
    assert (absolute,) == rearmed((absolute,), Due(dt.date(2027, 1, 1)), ALICE, NOW)
    assert (absolute,) == rearmed((absolute,), None, ALICE, NOW)


def test_a_reminder_goes_with_the_due_value_it_counts_from() -> None:
    (gone,) = rearmed((reminder(),), None, ALICE, NOW)
    assert (REMOVED, 4) == (gone.state, gone.version)
    assert (gone,) == rearmed((gone,), IN_AN_HOUR, ALICE, NOW)


def test_a_reminder_moved_into_the_past_of_an_overdue_task_keeps_silent() -> None:
    (moved,) = rearmed((reminder(),), Due(dt.date(2026, 2, 1)), ALICE, NOW)
    assert CANCELLED is moved.state


def test_closing_cancels_only_what_has_not_fired() -> None:
    states = [r.state for r in cancelled(map(reminder, ReminderState))]
    assert [CANCELLED, FIRED, CANCELLED, REMOVED] == states
    assert [4, 3, 3, 3] == [r.version for r in cancelled(map(reminder, ReminderState))]


def test_opening_again_revives_only_what_lies_ahead() -> None:
    ahead, past = reminder(CANCELLED), reminder(CANCELLED, "2026-03-02T12:00")
    assert [PENDING, CANCELLED, FIRED] == [r.state for r in revived((ahead, past, reminder(FIRED)), NOW)]


def test_every_change_of_a_reminder_is_a_new_version_so_that_old_alarms_find_nothing() -> None:
    before = reminder()
    (closed,) = cancelled((before,))
    (open_again,) = revived((closed,), NOW)
    assert [3, 4, 5] == [r.version for r in (before, closed, open_again)]
