"""Files as other programs write them: what they mean here, and what is told of damage."""

import datetime as dt
from pathlib import Path

import pytest

from shared.due import Due
from shared.filed_task import FiledTask, Reading
from shared.ical_read import read_ical
from shared.ical_write import END, HEAD, write_task, write_zones, zones_of
from shared.reminder import Alarm, Owner
from shared.task import Priority, Status

FILES = sorted((Path(__file__).parents[1] / "data" / "calendars").glob("*.ics"))
ALICE = Owner("alice", "Europe/Berlin")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
NINE = dt.time(9)


def read(name: str) -> Reading:
    return read_ical(next(path for path in FILES if path.stem == name).read_bytes(), ALICE)


def todo(*lines: str) -> Reading:
    text = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VTODO", "UID:1", "SUMMARY:x", *lines, "END:VTODO", "END:VCALENDAR"))
    return read_ical(text.encode(), ALICE)


def one(*lines: str) -> FiledTask:
    reading = todo(*lines)
    assert not reading.rejected
    return reading.tasks[0]


def written(tasks: list[FiledTask]) -> bytes:
    zones = {name for task in tasks for name in zones_of(task)}
    parts = (HEAD, write_zones(zones, NOW), *(write_task(task, ALICE, NOW) for task in tasks), END)
    return b"".join(parts)


def test_apple_reminders() -> None:
    reading = read("apple_reminders")
    bins, letter = reading.tasks
    assert ("Mülltonne an die Straße stellen", Priority.URGENT) == (bins.title, bins.priority)
    assert Due(dt.date(2026, 3, 3), dt.time(18), "Europe/Berlin") == bins.due
    assert bins.repeats is not None
    assert "FREQ=WEEKLY;BYDAY=TU" == bins.repeats.rule
    assert (Alarm(at=dt.datetime(2026, 3, 3, 17, tzinfo=dt.UTC)),) == bins.alarms
    assert ("X-APPLE-SORT-ORDER:726479741",) == bins.extra
    assert (Status.COMPLETED, dt.datetime(2026, 1, 12, 10, 11, 12, tzinfo=dt.UTC)) == (
        letter.status,
        letter.completed_at,
    )
    assert ("RELATED-TO:1E7A0C51-6C7A-4D4E-9C43-0D1B1A1F6E01",) == letter.extra


def test_nextcloud_tasks() -> None:
    fair, call = read("nextcloud_tasks").tasks
    assert "Plan the spring fair, hall 2" == fair.title
    assert "Ask:\n- the caterer\n- the fire brigade; twice" == fair.notes
    assert ("Fair", "Work, paid") == fair.tags
    assert (Status.OPEN, Priority.MEDIUM, Due(dt.date(2026, 4, 10))) == (fair.status, fair.priority, fair.due)
    # A day before midnight is 33 hours before nine.
    assert (Alarm(minutes_before=33 * 60),) == fair.alarms
    assert Due(dt.date(2026, 3, 20), dt.time(14)) == call.due


def test_thunderbird_s_closed_and_changed_occurrences() -> None:
    series, done, ahead = sorted(read("thunderbird").tasks, key=lambda task: task.index)
    eight = Due(dt.date(2026, 3, 2), dt.time(8), "America/New_York")
    assert eight == series.due
    assert series.repeats is not None
    assert "FREQ=DAILY;COUNT=9" == series.repeats.rule
    assert [4, 6, 7] == [date.day for date in series.repeats.exdates]
    assert series.changed is not None
    assert "Water the plants, and the ferns" == series.changed.title
    assert Due(dt.date(2026, 3, 2), dt.time(10, 30), "America/New_York") == series.changed.due
    assert (Alarm(minutes_before=15),) == series.alarms
    assert ("tb-water#20260301T130000", Status.COMPLETED) == (done.uid, done.status)
    assert ("Water the plants before the journey", Status.OPEN) == (ahead.title, ahead.status)


def test_synology_s_start_with_a_duration() -> None:
    (backup,) = read("synology").tasks
    assert "月次バックアップを確認する — 長い題名はここで折り返されるはずです。そして続く" == backup.title
    assert backup.repeats is not None
    # The rule names last days of months, and the due value is on the first: it is counted from the start.
    assert Due(dt.date(2026, 3, 31), dt.time(23), "Asia/Tokyo") == backup.due
    assert backup.changed is not None
    assert Due(dt.date(2026, 4, 1), dt.time(0, 30), "Asia/Tokyo") == backup.changed.due


def test_evolution_s_own_names_of_zones() -> None:
    reading = read("evolution")
    clocks, errand = reading.tasks
    assert Due(dt.date(2026, 3, 29), dt.time(1, 30), "Europe/London") == clocks.due
    assert (("Home", "Clocks"), Priority.LOW) == (clocks.tags, clocks.priority)
    # 01:30 does not exist on that day and is 02:30; ten minutes later it is 01:40 in UTC.
    assert (Alarm(at=dt.datetime(2026, 3, 29, 1, 40, tzinfo=dt.UTC)),) == clocks.alarms
    assert ["VALARM: it rings once, REPEAT is not kept"] == [note.reason for note in reading.warnings]
    assert (Status.SKIPPED, dt.datetime(2026, 1, 14, 12, tzinfo=dt.UTC)) == (errand.status, errand.completed_at)


def test_tasks_org() -> None:
    reading = read("tasks_org")
    change, pay = reading.tasks
    assert change.repeats is not None
    assert ("FREQ=MONTHLY;INTERVAL=3", Due(dt.date(2026, 3, 15))) == (change.repeats.rule, change.due)
    assert (Alarm(minutes_before=0), Alarm(at=dt.datetime(2026, 3, 14, 17, tzinfo=dt.UTC))) == change.alarms
    # It rings at the start, six hours before it is due.
    assert (Alarm(minutes_before=360),) == pay.alarms
    assert ["DTSTART is not kept beside DUE"] == [note.reason for note in reading.warnings]


def test_outlook_s_zones() -> None:
    reading = read("outlook")
    zones = [task.due and task.due.zone for task in reading.tasks]
    assert ["Europe/Berlin", "Europe/Berlin", "UTC", None] == zones
    assert Due(dt.date(2026, 7, 1), dt.time(3, 30), "UTC") == reading.tasks[2].due
    assert ["outlook-3", "outlook-4"] == [note.uid for note in reading.warnings]


def test_quoted_printable_of_an_old_phone() -> None:
    (coffee,) = read("old_phone").tasks
    assert ("Café mit Jürgen", "Zeile 1\nZeile 2") == (coffee.title, coffee.notes)


def test_each_damaged_component_is_named_and_the_others_are_read() -> None:
    reading = read("damaged")
    assert [(0, "Before the damage"), (8, "Without a UID")] == [(task.index, task.title) for task in reading.tasks]
    assert [
        (1, "bad-date", "DUE: '20260231': day is out of range for month"),
        (2, "bad-rule", "RRULE: never fires: BYMONTHDAY=30 and BYMONTH=2 have no day in common"),
        (3, "no-summary", "it has neither SUMMARY nor DESCRIPTION"),
        (4, "broken-off", "BEGIN:VTODO has no END"),
        (5, "an-event", "VEVENT: only VTODO components are tasks"),
        (6, "bad-line", "this is no content line: 'This is no content line'"),
        (7, "good-1", "this UID stands twice in the file"),
    ] == sorted((note.index, note.uid, note.reason) for note in reading.rejected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_exported_again_means_the_same(path: Path) -> None:
    tasks = read_ical(path.read_bytes(), ALICE).tasks
    again = read_ical(written(tasks), ALICE)
    assert [] == again.rejected
    assert sorted((t.uid, t.fingerprint, t.extra) for t in tasks) == sorted(
        (t.uid, t.fingerprint, t.extra) for t in again.tasks
    )


@pytest.mark.parametrize(
    ("number", "priority"),
    [(0, "none"), (1, "urgent"), (2, "high"), (4, "high"), (5, "medium"), (6, "low"), (9, "low")],
)
def test_priorities_have_four_levels(number: int, priority: str) -> None:
    assert priority == one(f"PRIORITY:{number}").priority


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("PRIORITY:10",), "PRIORITY"), (("STATUS:MAYBE",), "STATUS"), (("DUE:tomorrow",), "DUE"),
        (("DUE:99990101T000000Z",), "year"), (("RRULE:FREQ=DAILY",), "neither DTSTART nor DUE"),
        (("DUE:20260301T090000Z", "RRULE:FREQ=SOMETIMES"), "RRULE"), (("DTSTART:20260301", "DURATION:P"), "DURATION"),
        (("SEQUENCE:-1",), "SEQUENCE"), (("\xa0UID:2",), "content line"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_left_out_with_its_reason(lines: tuple[str, ...], reason: str) -> None:
    reading = todo(*lines)
    assert not reading.tasks
    assert reason in reading.rejected[0].reason


def test_rdate_is_reported() -> None:
    reading = todo("DUE:20260301T090000Z", "RRULE:FREQ=DAILY", "RDATE:20260305T100000Z")
    assert ["RDATE is not kept: a series has no dates beside its rule"] == [note.reason for note in reading.warnings]


def test_a_component_without_a_uid_gets_the_same_one_each_time() -> None:
    text = "BEGIN:VTODO\nDTSTAMP:2026030{}T000000Z\nSUMMARY:x\nEND:VTODO\n"
    first, second = (read_ical(text.format(day).encode(), ALICE).tasks[0].uid for day in (1, 2))
    assert first == second


def test_a_long_summary_is_kept_whole_in_the_notes() -> None:
    (task,) = read_ical(f"BEGIN:VTODO\nSUMMARY:{'long ' * 200}\nEND:VTODO".encode(), ALICE).tasks
    assert 500 >= len(task.title)
    assert task.notes.startswith("long " * 100)
