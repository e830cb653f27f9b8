"""What a recurrence in quick-add leaves out: taken out of the rule where it recurs, by name where it is a date."""

import datetime as dt
from uuid import uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.inputs import NewTask
from shared.plan import planned, task_of
from shared.quick_add import parse
from shared.quick_add.exclusions import without
from shared.quick_add.recurring import MOST_SKIPPED
from shared.recurrence.rule import Rule, text_of
from shared.reminder import Owner

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")


@pytest.mark.parametrize(
    ("words", "rule", "exdates"),
    [
        ("every day except tomorrow", "FREQ=DAILY", ["2026-11-19T00:00"]),
        ("daily at 11am except tomorrow", "FREQ=DAILY", ["2026-11-19T11:00"]),
        ("every 12 hours except tomorrow", "FREQ=HOURLY;INTERVAL=12", ["2026-11-19T10:00", "2026-11-19T22:00"]),
        ("every 12 hours except tomorrow at 10pm", "FREQ=HOURLY;INTERVAL=12", ["2026-11-19T22:00"]),
        (
            "daily starting 1 december except on dec 3rd and dec 5th",
            "FREQ=DAILY",
            ["2026-12-03T00:00", "2026-12-05T00:00"],
        ),
        ("every day except december 3rd and 5th", "FREQ=DAILY", ["2026-12-03T00:00", "2026-12-05T00:00"]),
        ("every day except 12/3 and 12/5", "FREQ=DAILY", ["2026-12-03T00:00", "2026-12-05T00:00"]),
        ("every tuesday except for the 2nd tuesday in january", "FREQ=WEEKLY;BYDAY=TU", ["2027-01-12T00:00"]),
        (
            "every friday except in december 2026",
            "FREQ=WEEKLY;BYDAY=FR",
            [f"2026-12-{d:02}T00:00" for d in (4, 11, 18, 25)],
        ),
        (
            "every friday except 20 december to 2 january",
            "FREQ=WEEKLY;BYDAY=FR",
            ["2026-12-25T00:00", "2027-01-01T00:00"],
        ),
        ("every friday except christmas day 2026-12-25", "FREQ=WEEKLY;BYDAY=FR", []),
        ("every sat except next saturday for 4 times", "FREQ=WEEKLY;COUNT=4;BYDAY=SA", ["2026-11-28T00:00"]),
        ("every month except 2027", "FREQ=MONTHLY", [f"2027-{m:02}-18T00:00" for m in range(1, 13)]),
        (
            "every monday until april except each 2nd monday in march",
            "FREQ=WEEKLY;UNTIL=20270401;BYDAY=MO",
            ["2027-03-08T00:00"],
        ),
    ],
)
def test_a_date_that_is_left_out_is_named(words: str, rule: str, exdates: list[str]) -> None:
    found = parse(f"Feed the cat {words}", NOW)
    assert (rule, exdates) == (found.rule, [date.isoformat(timespec="minutes") for date in found.exdates])


def test_a_first_date_that_is_left_out_moves_the_beginning_and_counts() -> None:
    found = parse("Feed the cat daily for 5 times except today", NOW)
    assert ("FREQ=DAILY;COUNT=4", dt.date(2026, 11, 19), ()) == (found.rule, found.date, found.exdates)


@pytest.mark.parametrize(
    "text",
    [
        "Feed the cat every monday except each 2nd monday in march",
        "Feed the cat every 2 weeks on mon and fri except the 13th",
        "Feed the cat every 45 min from 9 to 17",
        "Feed the cat every minute except tomorrow",
        "Feed the cat every 20 minutes except at 12",
        "Feed the cat every hour except at 9:00 and 9:30",
    ],
)
def test_what_no_rule_can_leave_out_exactly_stays_whole_in_the_title(text: str) -> None:
    found = parse(text, NOW)
    assert (text, None, None, ()) == (found.title, found.rule, found.date, found.spans)


@pytest.mark.parametrize("words", ["except holidays", "except when it rains", "except Bob", "but not at school"])
def test_an_exception_that_is_no_date_stays_in_the_title_beside_the_rule(words: str) -> None:
    found = parse(f"Feed the cat every day {words}", NOW)
    assert (f"Feed the cat {words}", "FREQ=DAILY") == (found.title, found.rule)


@pytest.mark.parametrize(
    "new",
    [
        NewTask(text="Feed the cat every day except tomorrow"),
        NewTask.model_validate({"title": "Feed the cat", "recurrence": {"text": "every day except tomorrow"}}),
    ],
)
def test_a_task_made_from_words_leaves_the_named_dates_out(new: NewTask) -> None:
    alice = Owner("alice")
    now = NOW.replace(tzinfo=dt.UTC)
    _, series = task_of(planned(new, alice, now, uuid4), (), alice, now, uuid4)
    assert series is not None
    assert (dt.datetime.fromisoformat("2026-11-19"),) == series.exdates


def test_no_more_dates_are_named_than_a_series_takes() -> None:
    found = parse("Feed the cat every hour except from 1 december to 16 december", NOW)
    assert MOST_SKIPPED >= len(found.exdates) == 16 * 24


DAYS = st.sets(st.integers(0, 6), min_size=1, max_size=6).map(sorted)
MAIN = st.one_of(
    st.builds(lambda n: Rule("DAILY", n), st.integers(1, 3)),
    st.builds(lambda days: Rule("WEEKLY", by_day=tuple((0, day) for day in days)), DAYS),
    st.builds(lambda day: Rule("MONTHLY", by_month_day=(day,)), st.integers(1, 28)),
    st.builds(lambda days: Rule("MONTHLY", by_day=tuple((2, day) for day in days)), DAYS),
    st.just(Rule("HOURLY", 2)),
)
OUT = st.one_of(
    st.builds(lambda days: Rule("WEEKLY", by_day=tuple((0, day) for day in days)), DAYS),
    st.builds(lambda months: Rule("DAILY", by_month=tuple(sorted(months))), st.sets(st.integers(1, 12), min_size=1)),
    st.builds(lambda day: Rule("MONTHLY", by_month_day=(day,)), st.integers(1, 31)),
    st.builds(
        lambda nth, day: Rule("MONTHLY", by_day=((nth, day),)), st.sampled_from((-2, -1, 1, 2, 5)), st.integers(0, 6)
    ),
    st.builds(lambda hour: Rule("DAILY", by_hour=(hour,), by_minute=(0,)), st.integers(0, 23)),
)


@settings(deadline=None)
@given(MAIN, OUT)
def test_a_rule_without_another_has_just_the_dates_that_are_not_in_both(main: Rule, out: Rule) -> None:
    left = without(main, out)
    assume(left is not None and left.freq != "HOURLY")
    assert left is not None
    start = recurrence.first_from(text_of(main), dt.datetime(2026, 1, 1))  # noqa: DTZ001  (local)
    assert start is not None
    end = start + dt.timedelta(days=400)
    gone = set(_dates(out, start, end)) if out.by_hour == () or 0 in out.by_hour else set()
    assert [date for date in _dates(main, start, end) if date not in gone] == _dates(left, start, end)


def _dates(rule: Rule, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    # What begins at another place has the same days, as long as it names them itself.
    found: list[dt.datetime] = []
    after = start - dt.timedelta(seconds=1)
    while (date := recurrence.next_after(text_of(rule), start, after)) and date <= end:
        found.append(date)
        after = date
    return found
