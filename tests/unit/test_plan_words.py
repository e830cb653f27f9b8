"""A recurrence in words beside a title: what its words say of date and time, joined with a given due value."""

import datetime as dt
import json
from uuid import uuid4

import pytest

from shared.inputs import NewTask
from shared.parse_inputs import PreviewInput
from shared.parse_view import previewed
from shared.plan import planned, task_of
from shared.reminder import Owner

NOW = dt.datetime.fromisoformat("2026-11-18T10:00+00:00")
ALICE = Owner("alice")
FRIDAYS = "every friday at 9 except 4 dec"
PLAIN = "every friday except 4 dec"


def made(words: str, due: dict[str, str] | None) -> tuple[str, list[str]]:
    """Return the due value and the dates left out of a task with such a recurrence."""
    fields = {"title": "Swim", "recurrence": {"text": words}} | ({"due": due} if due else {})
    new = NewTask.model_validate_json(json.dumps(fields))
    task, series = task_of(planned(new, ALICE, NOW, uuid4), (), ALICE, NOW, uuid4)
    assert task.due is not None
    assert series is not None
    return f"{task.due.date} {task.due.time or ''}".strip(), [date.isoformat(" ", "minutes") for date in series.exdates]


@pytest.mark.parametrize(
    ("words", "due", "first", "exdate"),
    [
        (FRIDAYS, None, "2026-11-20 09:00:00", "2026-12-04 09:00"),
        (FRIDAYS, {"date": "2026-11-23"}, "2026-11-27 09:00:00", "2026-12-04 09:00"),
        (FRIDAYS, {"date": "2026-11-23", "time": "17:30"}, "2026-11-27 17:30:00", "2026-12-04 17:30"),
        (PLAIN, None, "2026-11-20", "2026-12-04 00:00"),
        (PLAIN, {"date": "2026-11-23"}, "2026-11-27", "2026-12-04 00:00"),
        (PLAIN, {"date": "2026-11-23", "time": "17:30"}, "2026-11-27 17:30:00", "2026-12-04 17:30"),
    ],
)
def test_the_time_of_the_words_counts_where_none_is_given(
    words: str, due: dict[str, str] | None, first: str, exdate: str
) -> None:
    assert (first, [exdate]) == made(words, due)


def test_times_that_are_in_the_rule_stay_whatever_the_due_value() -> None:
    words = "every friday at 9 and 17:30 except 4 dec"
    expected = ("2026-11-27 09:00:00", ["2026-12-04 09:00", "2026-12-04 17:30"])
    assert expected == made(words, {"date": "2026-11-23", "time": "08:00"})


@pytest.mark.parametrize("words", [FRIDAYS, PLAIN, "every day", "every 3 days at noon", "every 2 hours"])
def test_a_preview_begins_where_the_task_does(words: str) -> None:
    wish = PreviewInput.model_validate({"recurrence": {"text": words}, "time_zone": "UTC"})
    first = previewed(wish, NOW).occurrences[0]
    assert made(words, None)[0] == f"{first}".removesuffix(" 00:00:00")
