"""Recurrence in quick-add: each form of tests/data/recurrences.txt in the places where people put it."""

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from dateutil import rrule

from shared import recurrence
from shared.quick_add import parse

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
ROWS = [
    tuple(part.strip() for part in line.split("|"))
    for line in (Path(__file__).parents[1] / "data" / "recurrences.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
FRAMES = ("{}", "Feed the cat {}", "ask Kim to come {} please", "{} would suit me")


@pytest.mark.parametrize(("frame", "row"), list(product(FRAMES, ROWS)), ids=str)
def test_a_recurrence_is_read_wherever_it_stands_and_cut_from_the_title(frame: str, row: tuple[str, str]) -> None:
    words, rule = row
    found = parse(frame.format(words), NOW)
    rest = " ".join(frame.format("").split())
    assert (rule, rest or words) == (found.rule, found.title)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_begins_with_its_first_occurrence_from_now_on(row: tuple[str, str]) -> None:
    found = parse(row[0], NOW)
    assert found.date is not None
    first = dt.datetime.combine(found.date, found.time or dt.time())
    assert [first] == recurrence.occurrences(row[1], first, 1)
    if "SKIP" in row[1] or any(short in row[1] for short in ("HOURLY", "MINUTELY", "SECONDLY")):
        return
    parts = [part for part in row[1].split(";") if not part.startswith("INTERVAL")]
    start = dt.datetime.combine(NOW.date(), dt.time())
    dates = rrule.rrulestr(";".join(parts), dtstart=start)
    after = NOW if "BYHOUR" in row[1] else start - dt.timedelta(seconds=1)
    assert first == dates.after(after)


@pytest.mark.parametrize(
    ("words", "rule", "first"),
    [
        ("every tuesday starting in march", "FREQ=WEEKLY;BYDAY=TU", "2027-03-02"),
        ("starting in march, every tuesday until june", "FREQ=WEEKLY;UNTIL=20270601;BYDAY=TU", "2027-03-02"),
        ("every tuesday from december until june", "FREQ=WEEKLY;UNTIL=20270601;BYDAY=TU", "2026-12-01"),
        ("starting tomorrow on weekends", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-21"),
        ("starting next monday the 9th of each month", "FREQ=MONTHLY;BYMONTHDAY=9", "2026-12-09"),
        ("on tuesdays from jan 4 to feb 10th", "FREQ=WEEKLY;UNTIL=20270210;BYDAY=TU", "2027-01-05"),
        ("every 2 weeks on sat beginning 3 jan for 4 times", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SA", "2027-01-09"),
        ("every day starting 30 november for 2 weeks", "FREQ=DAILY;UNTIL=20261213", "2026-11-30"),
        ("every saturday in december 2026", "FREQ=WEEKLY;UNTIL=20261231;BYDAY=SA", "2026-12-05"),
        ("every day in january 2027", "FREQ=DAILY;UNTIL=20270131", "2027-01-01"),
        ("every monday until march from january", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301", "2027-01-04"),
    ],
)
def test_a_start_is_the_earliest_day_and_bounds_count_from_it(words: str, rule: str, first: str) -> None:
    found = parse(f"Feed the cat {words}", NOW)
    assert (recurrence.canonical(rule), first, "Feed the cat") == (found.rule, str(found.date), found.title)


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("every day at 9am", "09:00"),
        ("daily, 9:15", "09:15"),
        ("at 7 pm on the 15th of every month", "19:00"),
        ("every morning", "09:00"),
        ("every friday evening at 8", "20:00"),
        ("sunday mornings", "09:00"),
        ("on weekday evenings", "19:00"),
        ("nightly", "21:00"),
        ("every tuesday at noon until june", "12:00"),
    ],
)
def test_a_rule_takes_its_time_of_day_from_the_words(words: str, time: str) -> None:
    found = parse(f"Feed the cat {words}", NOW)
    assert (time, "Feed the cat") == (found.time and f"{found.time:%H:%M}", found.title)
    assert found.rule is not None


def test_the_first_day_of_the_week_is_sunday_only_in_american_english() -> None:
    rules = [parse("every week on the 2nd day", NOW, locale).rule for locale in ("en-US", "en-GB")]
    assert ["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TU"] == rules


def test_a_rule_whose_last_day_has_gone_stays_text() -> None:
    assert parse("Feed the cat every tuesday until today", NOW).rule is None


def test_every_with_an_exclamation_mark_counts_from_completion_with_any_form() -> None:
    modes = {parse(f"Feed the cat {words}", NOW).mode for words in ("every! friday", "ev! 3 days", "each! month")}
    assert {"after_completion"} == modes
