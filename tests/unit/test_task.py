"""The task: each command gives a new value, and one that changes nothing gives the very same task."""

import datetime as dt
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.due import Due
from shared.errors import InvalidInput
from shared.reminder import Alarm, Owner, Reminder, ReminderState, with_alarms
from shared.task import (
    Edit,
    Occurrence,
    Priority,
    SeriesRef,
    Status,
    Task,
    completed,
    deleted,
    edited,
    fired,
    reopened,
    skipped,
    snoozed,
    withdrawn,
)

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=5)
ALICE = Owner("alice", "Europe/Berlin")
DUE = Due(dt.date(2026, 3, 3), dt.time(9), "Europe/Berlin")
RINGS = dt.datetime(2026, 3, 3, 7, 30, tzinfo=dt.UTC)
BELL = Reminder(UUID(int=7), Alarm(minutes_before=30), RINGS)
PLACE = Occurrence(SeriesRef(UUID(int=3), "FREQ=DAILY", "scheduled", "every day"), 4, DUE.local)
FRESH = UUID(int=8)


def task(**fields: Any) -> Task:
    given_fields: dict[str, Any] = {"due": DUE, "reminders": (BELL,), **fields}
    return Task(id=UUID(int=1), user_id="alice", title="Pay rent", created_at=NOW, updated_at=NOW, **given_fields)


def states(one: Task) -> list[str]:
    return [str(reminder.state) for reminder in one.reminders]


def pending(one: Task) -> list[dt.datetime]:
    return [reminder.fire_at for reminder in one.reminders if reminder.state is ReminderState.PENDING]


def owes(one: Task) -> bool:
    return one.occurrence is not None and one.occurrence.awaits_successor


def test_a_completed_task_says_when_and_is_a_new_version() -> None:
    done = completed(task(), NOW, LATER)
    assert (Status.COMPLETED, NOW, 2, LATER) == (done.status, done.completed_at, done.version, done.updated_at)
    assert ["cancelled"] == states(done)


@pytest.mark.parametrize("again", [lambda t: completed(t, LATER, LATER), lambda t: skipped(t, LATER)])
def test_a_closed_task_stays_as_it_is(again: Callable[[Task], Task]) -> None:
    done = completed(task(occurrence=PLACE), NOW, NOW)
    assert done is again(done)
    used_up = skipped(task(occurrence=PLACE), NOW)
    assert used_up is again(used_up)


def test_an_open_task_that_is_opened_stays_as_it_is() -> None:
    one = task()
    assert one is reopened(one, LATER)


def test_opening_again_brings_back_status_and_reminders() -> None:
    again = reopened(completed(task(), NOW, NOW), LATER)
    assert (Status.OPEN, None, 3, ["pending"]) == (again.status, again.completed_at, again.version, states(again))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (lambda t: completed(t, NOW, NOW), True),
        (lambda t: skipped(t, NOW), True),
        (lambda t: deleted(t, NOW), True),
        (lambda t: reopened(completed(t, NOW, NOW), NOW), False),
        (lambda t: deleted(completed(t, NOW, NOW), NOW), True),  # its successor is still to come
        (lambda t: snoozed(t, LATER, FRESH, ALICE, NOW), False),
    ],
)
def test_an_occurrence_that_is_used_up_owes_a_successor(command: Callable[[Task], Task], *, expected: bool) -> None:
    assert expected is owes(command(task(occurrence=PLACE)))


def test_a_task_that_does_not_recur_owes_nothing_and_cannot_be_skipped() -> None:
    assert not owes(completed(task(), NOW, NOW))
    with pytest.raises(InvalidInput, match="only an occurrence"):
        skipped(task(), NOW)


def test_deleting_an_occurrence_whose_successor_exists_owes_no_other() -> None:
    settled = task(status=Status.COMPLETED, occurrence=PLACE)
    assert not owes(deleted(settled, NOW))


def test_a_withdrawn_occurrence_frees_its_place_in_the_series() -> None:
    gone = withdrawn(task(occurrence=PLACE), NOW)
    assert (None, NOW, ["cancelled"]) == (gone.occurrence, gone.deleted_at, states(gone))


def test_an_edit_without_a_difference_is_no_change() -> None:
    one = task()
    assert one is edited(one, Edit({"title": "Pay rent", "due": DUE}), ALICE, LATER)


def test_a_moved_due_value_moves_the_reminders_that_count_from_it() -> None:
    moved = edited(task(), Edit({"due": replace(DUE, date=dt.date(2026, 3, 5))}), ALICE, LATER)
    assert (BELL.id, RINGS + dt.timedelta(days=2), 2) == (
        moved.reminders[0].id, moved.reminders[0].fire_at, moved.reminders[0].version,
    )  # fmt: skip


def test_editing_a_closed_task_wakes_no_reminder() -> None:
    done = completed(task(), NOW, NOW)
    assert ["cancelled"] == states(edited(done, Edit({"due": replace(DUE, date=dt.date(2026, 4, 1))}), ALICE, LATER))


def test_new_reminders_replace_the_old_and_a_kept_one_keeps_its_identity() -> None:
    alarms = ((BELL.id, Alarm(minutes_before=60)), (FRESH, Alarm(minutes_before=5)))
    both = edited(task(), Edit(alarms=alarms), ALICE, LATER)
    assert [(BELL.id, 2), (FRESH, 1)] == [(r.id, r.version) for r in both.reminders]
    assert ["removed", "removed"] == states(edited(both, Edit(alarms=()), ALICE, LATER))


def test_a_fired_reminder_that_is_sent_back_unchanged_does_not_ring_again() -> None:
    rung = fired(task(), BELL, NOW)
    assert ["fired"] == states(edited(rung, Edit(alarms=((BELL.id, BELL.alarm),)), ALICE, LATER))


def test_the_id_of_a_removed_reminder_can_be_used_again() -> None:
    without = edited(task(), Edit(alarms=()), ALICE, NOW)
    again = with_alarms(without.reminders, ((BELL.id, BELL.alarm),), without.due, ALICE, NOW)
    assert [(BELL.id, ReminderState.PENDING)] == [(r.id, r.state) for r in again]
    assert again[0].version > without.reminders[0].version


def test_firing_touches_only_the_reminder_that_rang() -> None:
    other = replace(BELL, id=FRESH)
    rung = fired(task(reminders=(BELL, other)), BELL, NOW)
    assert ((replace(BELL, state=ReminderState.FIRED, fired_at=NOW), other), 2) == (rung.reminders, rung.version)


def test_a_snoozed_task_is_due_and_rings_then_and_keeps_its_place_in_the_series() -> None:
    later = snoozed(task(occurrence=PLACE, reminders=()), LATER, FRESH, ALICE, NOW)
    assert Due(dt.date(2026, 3, 2), dt.time(13, 5), "Europe/Berlin") == later.due
    assert ([LATER], PLACE) == (pending(later), later.occurrence)


def test_snoozing_a_task_without_a_due_value_gives_it_one_in_the_users_zone() -> None:
    later = snoozed(task(due=None, reminders=()), LATER, FRESH, ALICE, NOW)
    assert Due(dt.date(2026, 3, 2), dt.time(13, 5)) == later.due


def test_a_closed_task_cannot_be_snoozed() -> None:
    done = completed(task(), NOW, NOW)
    assert done is snoozed(done, LATER, FRESH, ALICE, NOW)


def test_a_snoozed_task_does_not_ring_before_the_time_it_was_put_off_to() -> None:
    overdue = task(due=Due(dt.date(2026, 3, 2), dt.time(12), "Europe/Berlin"))
    assert [LATER] == pending(snoozed(overdue, LATER, FRESH, ALICE, NOW))


def test_a_snoozed_task_rings_then_even_when_another_reminder_lies_further_ahead() -> None:
    next_week = NOW + dt.timedelta(days=7)
    absolute = Reminder(BELL.id, Alarm(at=next_week), next_week)
    assert LATER in pending(snoozed(task(reminders=(absolute,)), LATER, FRESH, ALICE, NOW))


def test_a_snooze_within_the_hour_that_comes_twice_rings_at_its_instant() -> None:
    second = dt.datetime(2026, 10, 25, 1, 10, tzinfo=dt.UTC)  # 02:10 in Berlin, for the second time
    until = second + dt.timedelta(minutes=20)
    assert [until] == pending(snoozed(task(reminders=()), until, FRESH, ALICE, second))


COMMANDS: list[Callable[[Task, dt.datetime], Task]] = [
    lambda t, now: completed(t, now, now),
    skipped,
    reopened,
    lambda t, now: snoozed(t, now + dt.timedelta(minutes=10), FRESH, ALICE, now),
    lambda t, now: edited(t, Edit({"title": "Pay the rent"}), ALICE, now),
    lambda t, now: edited(t, Edit({"due": replace(DUE, date=now.date())}), ALICE, now),
    lambda t, now: edited(t, Edit({"due": None}), ALICE, now),
    lambda t, now: edited(t, Edit(alarms=()), ALICE, now),
]


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_after_any_commands_the_version_counts_the_changes_and_no_closed_task_rings(
    commands: list[Callable[[Task, dt.datetime], Task]],
) -> None:
    one, now = task(occurrence=PLACE), NOW
    for command in commands:
        now += dt.timedelta(minutes=1)
        before, one = one, command(one, now)
        assert one is before or (before.version + 1, now) == (one.version, one.updated_at)
        assert not (one.closed and pending(one))
        assert one.closed is owes(one)


def test_priorities_are_ordered_from_none_to_urgent() -> None:
    assert ["none", "low", "medium", "high", "urgent"] == sorted(Priority, key=lambda priority: priority.rank)


def test_a_task_is_a_value_that_nobody_changes_in_place() -> None:
    one: Any = task()
    with pytest.raises(FrozenInstanceError):
        one.title = "Other"
