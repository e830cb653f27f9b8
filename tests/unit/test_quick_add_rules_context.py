"""Words that look like a recurrence and are none: names, nouns, sayings; and that any text is read at once."""

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.quick_add import parse

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")


@pytest.mark.parametrize(
    "text",
    [
        "Create monthly report",
        "Cancel Daily Mail subscription",
        "Daily Mail",
        "Weekly World News",
        "Read the weekly meeting notes",
        "Write my daily routine down",
        "Every Breath You Take",
        "Every Second Counts",
        "Every Day I Write the Book",
        "Everyday Use by Alice Walker",
        "Tuesdays with Morrie",
        "Fridays for Future",
        "every now and then",
        "Once in a while",
        "once upon a time",
        "Every time it rains, close the window",
        "every cloud has a silver lining",
        "Make every second count",
        "every minute matters to Kim",
        "every 5th customer gets a mug",
        "Look each other in the eye",
        "each to his own",
        "Sell 5 weekdays passes",
        "Finish in a few weekends",
        "Save the weekends",
        "Run 3 times a week",
        "Take pills twice daily",
        "Swim twice weekly",
        "Fix semi-weekly sync",
        "Prepare weekly-menu template",
        "Open daily.txt",
        "Wait every hour and a half",
        "Visit every day or two",
        "Swim every 0 days",
        "Swim every 1.5 hours",
        "Swim every 2-3 days",
        "Swim every few days",
        "Swim every 32nd",
        "Swim every feb 30",
        "Check each monday's menu",
        "Read every monday-blues blog",
        'Sing "every monday"',
        "Ev Williams interview",
        "second hand books",
    ],
)
def test_words_of_a_name_or_a_saying_are_no_recurrence(text: str) -> None:
    found = parse(text, NOW)
    assert (text, None, None) == (found.title, found.rule, found.date)


@pytest.mark.parametrize(
    ("text", "title", "rule"),
    [
        ("water plants weekly", "water plants", "FREQ=WEEKLY"),
        ("weekly water the plants", "water the plants", "FREQ=WEEKLY"),
        ("Weekly shop", "shop", "FREQ=WEEKLY"),
        ("run daily with Tom", "run with Tom", "FREQ=DAILY"),
        ("Call me on weekdays", "Call me", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("Swim mondays at 9", "Swim", "FREQ=WEEKLY;BYDAY=MO"),
        ("Buy weekly paper every friday", "Buy weekly paper", "FREQ=WEEKLY;BYDAY=FR"),
        ("Swim every monday - bring towel", "Swim - bring towel", "FREQ=WEEKLY;BYDAY=MO"),
        ("Buy 3x eggs every week", "Buy 3x eggs", "FREQ=WEEKLY"),
        ("Order from march supply every week", "Order from march supply", "FREQ=WEEKLY"),
        ("Run Every Day", "Run", "FREQ=DAILY"),
        ("RUN EVERY DAY OUTSIDE", "RUN OUTSIDE", "FREQ=DAILY"),
        ("every tuesday sun hat", "sun hat", "FREQ=WEEKLY;BYDAY=TU"),
        ("Monday mornings jog", "jog", "FREQ=WEEKLY;BYDAY=MO"),
        ("Swim every day and first of all relax", "Swim and first of all relax", "FREQ=DAILY"),
        ("Do 5 times squats every day", "Do 5 times squats", "FREQ=DAILY"),
    ],
)
def test_a_recurrence_is_told_from_its_neighbours(text: str, title: str, rule: str) -> None:
    found = parse(text, NOW)
    assert (title, rule) == (found.title, found.rule)


SAMPLE = """
every each ev every! other 2 3 4th 31st first last second the of in on at a and , & - / to day days week months
month year years hours minute secs quarter weekday weekends working monday tuesdays sat weds january feb dec daily
monthly once twice 3x for times until from starting ending except tomorrow noon 9am 17 9:30 pm minute hours 12 53
366 0 1000 2027 9999 54 x up but not between 1/2 2026-12-31 end start instance only #tag !high . ( ) " call would
"""
WORDS = SAMPLE.split()
NOWS = [dt.datetime.fromisoformat(text) for text in ("2026-11-18T10:00", "2028-02-29T23:59:59", "9999-12-31T23:59")]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.sampled_from([*NOWS, dt.datetime.fromisoformat("0001-01-01")]),
)
def test_any_row_of_such_words_gives_a_rule_that_fires_first_on_its_date_or_none(text: str, now: dt.datetime) -> None:
    found = parse(text, now)
    if found.rule is None:
        return
    assert found.date is not None
    first = dt.datetime.combine(found.date, found.time or dt.time())
    assert found.rule == recurrence.canonical(found.rule)
    assert first not in found.exdates
    assert now.year in {1, 9999} or [first] == recurrence.occurrences(found.rule, first, 1)


@pytest.mark.parametrize(
    "text",
    ["every mon, " * 181, "1st monday and " * 130 + "each day", "the daily " * 200, "the mondays and " * 125,
     "every day " + "from x " * 280, "every day " + "except x " * 220, "every day except " + "jan 1 and " * 190,
     "every 1 " * 250, "2nd to last " * 160 + "each", "every day at " + "9:00 and " * 200,
     "mon " * 490 + "each day", "sat and sun, " * 150 + "every"],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_two_thousand_characters_of_a_recurrence_are_read_at_once(text: str) -> None:
    before = time.process_time()
    parse(text[:2_000], NOW)
    assert time.process_time() - before < 0.1


def test_a_list_of_weekdays_before_a_recurrence_is_no_part_of_it() -> None:
    found = parse("Compare mon, tue and wed prices every friday", NOW)
    assert ("Compare mon, tue and wed prices", "FREQ=WEEKLY;BYDAY=FR") == (found.title, found.rule)


def test_a_recurrence_with_more_exceptions_than_anyone_means_stays_text() -> None:
    text = "Swim every day except " + " and ".join(
        f"{month} {day}" for month in ("jan", "mar", "may") for day in range(1, 29)
    )
    assert (text, None) == (parse(text, NOW).title, parse(text, NOW).rule)
