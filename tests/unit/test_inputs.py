"""Input: what is wrong is named by its JSON pointer, limits count characters, and no JSON breaks the parser."""

import datetime as dt
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.due import Due
from shared.errors import Fault, InvalidInput, MalformedBody
from shared.inputs import (
    Completion,
    DueInput,
    Input,
    NewTask,
    Nothing,
    RecurrenceInput,
    ReminderInput,
    Snooze,
    TaskPatch,
)
from shared.parsing import parse
from shared.reminder import Alarm

BODIES: list[type[Input]] = [NewTask, TaskPatch, Completion, Snooze, Nothing]
NAMES = [
    "title",
    "text",
    "notes",
    "priority",
    "tags",
    "due",
    "date",
    "time",
    "time_zone",
    "reminders",
    "minutes_before",
    "at",
    "id",
    "recurrence",
    "rule",
    "cron",
    "pattern",
    "frequency",
    "exdates",
    "minutes",
    "until",
    "completed_at",
]
PLAIN = ["2026-12-31", "09:00", "2026-12-31T09:00:00Z", "Europe/Berlin", "high", "daily", "FREQ=DAILY"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from(PLAIN),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def faults(model: type[Input], **body: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse(model, json.dumps(body).encode())
    assert all(isinstance(fault, Fault) for fault in refused.value.faults)
    return {fault.pointer: fault.message for fault in refused.value.faults}


def new_task(**body: object) -> NewTask:
    return parse(NewTask, json.dumps({"title": "Pay rent", **body}).encode())


@given(st.sampled_from(BODIES), JSON)
def test_any_json_is_taken_or_refused_as_wrong(model: type[Input], value: object) -> None:
    with suppress(InvalidInput):
        parse(model, json.dumps(value).encode())


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1, "a": 1}', b'{"a": [{"b": 1, "\\u0062": 2}]}']
)
def test_numbers_that_are_none_and_a_name_twice_are_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="the body is not JSON"):
        parse(Nothing, body)


@given(st.sampled_from(BODIES), st.binary())
def test_any_bytes_are_taken_or_refused_as_malformed_or_wrong(model: type[Input], body: bytes) -> None:
    with suppress(MalformedBody, InvalidInput):
        parse(model, body)


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"{'title': 1}", b'{"title": "\xff"}', b'{"title": "\\ud800"}', b"[" * 100_000, b"{} {}"]
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse(NewTask, body)


def test_an_empty_body_counts_as_an_empty_object() -> None:
    assert Completion() == parse(Completion, b"")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": 5}, "/title"),
        ({"title": "x", "tags": ["a", 5]}, "/tags/1"),
        ({"title": "x", "due": {"date": "2026-02-30"}}, "/due/date"),
        ({"title": "x", "due": {"date": "2026-02-03", "time": "9"}}, "/due/time"),
        ({"title": "x", "due": {"date": "2026-02-03", "time_zone": "Europe/Berlin"}}, "/due"),
        ({"title": "x", "reminders": [{"minutes_before": -1}]}, "/reminders/0/minutes_before"),
        ({"title": "x", "recurrence": {"pattern": {"frequency": "hourly"}}}, "/recurrence/pattern/frequency"),
        ({"title": "x", "a/b~c": 1}, "/a~1b~0c"),
        ({"title": "x", "priority": "HIGH"}, "/priority"),
        ({}, ""),
    ],
)
def test_each_fault_is_named_by_its_json_pointer(body: dict[str, Any], pointer: str) -> None:
    assert {pointer} == faults(NewTask, **body).keys()


def test_all_faults_are_told_at_once_and_without_the_parsers_own_words() -> None:
    told = faults(NewTask, title=5, notes=6, due={"date": "2026-01-01", "time_zone": "UTC"})
    assert {"/title", "/notes", "/due"} == told.keys()
    assert "time_zone needs a time: an all-day date has no zone" == told["/due"]


@pytest.mark.parametrize(
    ("field", "most"), [("title", 500), ("notes", 50_000), ("text", 2_000)]
)  # fmt: skip
def test_a_text_has_a_longest_length_in_characters(field: str, most: int) -> None:
    assert "ß" * most == getattr(new_task(**{field: "ß" * most}), field)
    assert {f"/{field}"} == faults(NewTask, **{"title": "x", field: "ß" * (most + 1)}).keys()


def test_blanks_around_a_title_do_not_count() -> None:
    assert "x" * 500 == new_task(title=f"  {'x' * 500}\n").title


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"title": " \t\n"}, "/title"), ({"text": "   "}, "/text"), ({"title": "x", "tags": ["home", " "]}, "/tags/1")],
)
def test_a_text_of_blanks_is_no_title_and_no_tag(body: dict[str, Any], pointer: str) -> None:
    assert {pointer} == faults(NewTask, **body).keys()


@pytest.mark.parametrize(
    ("field", "most", "value"),
    [("tags", 50, "a"), ("reminders", 20, {"minutes_before": 1})],
)
def test_a_list_has_a_longest_length(field: str, most: int, value: object) -> None:
    assert most == len(getattr(new_task(**{field: [value] * most}), field))
    assert {f"/{field}"} == faults(NewTask, **{"title": "x", field: [value] * (most + 1)}).keys()


@pytest.mark.parametrize("field", ["title", "notes", "text"])
def test_a_nul_character_is_refused_because_the_database_takes_none(field: str) -> None:
    assert (
        "must not contain NUL characters or lone surrogates"
        == faults(NewTask, **{"title": "x", field: "a\0b"})[f"/{field}"]
    )


@pytest.mark.parametrize("year", [1899, 9001])
def test_a_year_without_room_around_it_is_refused(year: int) -> None:
    assert {"/due/date"} == faults(TaskPatch, due={"date": f"{year}-06-01"}).keys()
    assert {"/until"} == faults(Snooze, until=f"{year}-06-01T00:00:00Z").keys()


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ({"date": "2026-12-31"}, Due(dt.date(2026, 12, 31))),
        ({"date": "2026-12-31", "time": "09:00"}, Due(dt.date(2026, 12, 31), dt.time(9))),
        (
            {"date": "2026-12-31", "time": "09:00", "time_zone": "Europe/Berlin"},
            Due(dt.date(2026, 12, 31), dt.time(9), "Europe/Berlin"),
        ),
        # As an answer shows it: null where there is nothing, and the read-only instant.
        ({"date": "2026-12-31", "time": None, "time_zone": None, "at": None}, Due(dt.date(2026, 12, 31))),
    ],
)
def test_a_due_value_is_a_date_a_floating_time_or_a_zoned_time(due: dict[str, Any], expected: Due) -> None:
    assert expected == parse(DueInput, json.dumps(due).encode()).value()


@pytest.mark.parametrize("time", ["09:00Z", "09:00+01:00", "24:00", 32400, "9 am"])
def test_a_time_is_local_and_written_with_two_digits_each(time: object) -> None:
    assert {"/time"} == faults(DueInput, date="2026-12-31", time=time).keys()


@pytest.mark.parametrize("date", ["2026-12-31T00:00:00", "31.12.2026", 20261231, "2026-02-29"])
def test_a_date_is_an_iso_date(date: object) -> None:
    assert {"/date"} == faults(DueInput, date=date).keys()


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "x" * 65])
def test_a_time_zone_is_an_iana_name(name: str) -> None:
    assert {"/time_zone"} == faults(DueInput, date="2026-12-31", time="09:00", time_zone=name).keys()


def test_an_instant_becomes_utc_and_must_have_an_offset() -> None:
    done = parse(Completion, b'{"completed_at": "2026-03-02T13:00:00+01:00"}').completed_at
    assert dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC) == done
    assert {"/completed_at"} == faults(Completion, completed_at="2026-03-02T13:00:00").keys()


@pytest.mark.parametrize(
    ("reminder", "expected"),
    [
        ({"minutes_before": 0}, Alarm(minutes_before=0)),
        ({"at": "2026-03-02T13:00:00+01:00"}, Alarm(at=dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))),
        # As an answer shows it.
        (
            {
                "id": "01890a5d-ac96-774b-bcce-b302099a8057",
                "minutes_before": 5,
                "at": None,
                "fire_at": "x",
                "state": "y",
            },
            Alarm(minutes_before=5),
        ),
    ],
)
def test_a_reminder_counts_minutes_or_names_an_instant(reminder: dict[str, Any], expected: Alarm) -> None:
    assert expected == parse(ReminderInput, json.dumps(reminder).encode()).value()


@pytest.mark.parametrize("reminder", [{}, {"minutes_before": 1, "at": "2026-03-02T13:00:00Z"}])
def test_a_reminder_has_exactly_one_of_its_two_forms(reminder: dict[str, Any]) -> None:
    assert {"": "give either minutes_before or at"} == faults(ReminderInput, **reminder)


@pytest.mark.parametrize("recurrence", [{}, {"mode": "scheduled"}, {"rule": "FREQ=DAILY", "text": "every day"}])
def test_a_recurrence_has_exactly_one_of_its_four_forms(recurrence: dict[str, Any]) -> None:
    assert {"": "give exactly one of rule, text, cron and pattern"} == faults(RecurrenceInput, **recurrence)


def test_an_exdate_is_a_local_date_time() -> None:
    assert "without a zone" in faults(RecurrenceInput, rule="FREQ=DAILY", exdates=["2026-03-02T00:00:00Z"])[""]


@pytest.mark.parametrize(
    ("model", "body", "expected"),
    [
        (NewTask, {"notes": "x"}, "give a title, or a text to read it from"),
        (Snooze, {}, "give either minutes or until"),
        (Snooze, {"minutes": 5, "until": "2026-03-02T13:00:00Z"}, "give either minutes or until"),
    ],
)
def test_fields_that_depend_on_each_other_are_checked_together(
    model: type[Input], body: dict[str, Any], expected: str
) -> None:
    assert {"": expected} == faults(model, **body)


def test_a_patch_knows_absent_from_null() -> None:
    patch = parse(TaskPatch, b'{"due": null, "recurrence": null}')
    assert {"due", "recurrence"} == patch.model_fields_set


@pytest.mark.parametrize("model", BODIES)
def test_an_unknown_field_is_refused(model: type[Input]) -> None:
    assert "/colour" in faults(model, colour="red")
