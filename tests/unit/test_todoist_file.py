"""Todoist's CSV: priorities, labels, sections, notes, dates in words, and what is told of damage."""

import datetime as dt

import pytest

from shared.due import Due
from shared.errors import InvalidInput
from shared.filed_task import FiledTask, Reading
from shared.reminder import Owner
from shared.task import Priority
from shared.todoist_file import read_todoist

ALICE = Owner("alice", "Europe/Berlin")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
HEAD = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\n"


def read(*rows: str, head: str = HEAD) -> Reading:
    return read_todoist((head + "\n".join(rows)).encode(), ALICE, NOW)


def one(row: str) -> FiledTask:
    return read(row).tasks[0]


@pytest.mark.parametrize(
    ("number", "priority"), [("1", "urgent"), ("2", "high"), ("3", "medium"), ("4", "none"), ("", "none")]
)
def test_priority_one_is_the_highest(number: str, priority: str) -> None:
    assert priority == one(f"task,x,,{number},1,,,,,").priority


def test_labels_leave_the_title_and_a_section_is_a_tag() -> None:
    first, second = read("task,Mail ann@example.org @office @two,,4,1", "section,Later,,,", "task,x,,4,1").tasks
    assert ("Mail ann@example.org", ("office", "two")) == (first.title, first.tags)
    assert ("Later",) == second.tags


def test_a_note_belongs_to_the_task_before_it() -> None:
    reading = read("note,lost", "task,x,about it,4,1", 'note,"first\nline"', "note,second")
    assert "about it\n\nfirst\nline\n\nsecond" == reading.tasks[0].notes
    assert [0] == [note.index for note in reading.warnings]


@pytest.mark.parametrize(
    ("date", "language", "zone", "due"),
    [
        ("2026-03-05 14:00", "en", "America/New_York", Due(dt.date(2026, 3, 5), dt.time(14), "America/New_York")),
        ("tomorrow", "en", "", Due(dt.date(2026, 3, 3))),
        ("morgen um 9", "de", "", Due(dt.date(2026, 3, 3), dt.time(9))),
        ("5 Mar", "en", "Nowhere/Land", Due(dt.date(2026, 3, 5))),
    ],
)
def test_dates_are_read_in_their_language_and_zone(date: str, language: str, zone: str, due: Due) -> None:
    assert due == one(f"task,x,,4,1,,,{date},{language},{zone}").due


def test_a_recurring_date_is_a_series() -> None:
    task = one("task,x,,4,1,,,every other friday at 9,en,")
    assert task.repeats is not None
    assert ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", dt.time(9)) == (task.repeats.rule, task.due and task.due.time)


def test_words_that_are_no_date_are_kept_in_the_notes() -> None:
    reading = read("task,x,,4,1,,,when pigs fly,en,")
    assert "when pigs fly" == reading.tasks[0].notes
    assert "is no date" in reading.warnings[0].reason


def test_the_same_row_gets_the_same_uid_and_its_twin_another() -> None:
    rows = ("task,x,,4,1", "task,x,,4,1", "task,y,,4,2", "task,y,,4,1")
    uids = [task.uid for task in read(*rows).tasks]
    assert uids == [task.uid for task in read(*rows).tasks]
    assert 4 == len(set(uids))


def test_columns_may_stand_in_any_order_and_rows_may_be_short() -> None:
    reading = read("meta,view_style=list", "Milk,task,1", "", head="\ufeffCONTENT,TYPE,PRIORITY\n")
    assert [("Milk", Priority.URGENT)] == [(task.title, task.priority) for task in reading.tasks]


def test_what_is_wrong_with_a_row_is_named() -> None:
    reading = read("task,,,1,1", "task,x,,7,1", "task,good,,1,1")
    assert [(0, "it has no CONTENT"), (1, "PRIORITY is from 1 to 4")] == [(n.index, n.reason) for n in reading.rejected]
    assert ["good"] == [task.title for task in reading.tasks]


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2", b"\xff\xfe", b'TYPE,CONTENT\ntask,"open'])
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_todoist(data, ALICE, NOW)
