"""Quick-add: what plain words mean, and which words stay in the title. Now is Wednesday 18 November 2026, 10:00."""

import datetime as dt
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.quick_add import Span, parse

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
LINES = (Path(__file__).parents[1] / "data" / "quick_add.txt").read_text("utf-8").splitlines()


def due(text: str, locale: str = "en") -> str:
    found = parse(text, NOW, locale)
    return " ".join(str(part) for part in (found.date, found.time and f"{found.time:%H:%M}") if part)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call Bob today", "2026-11-18"),
        ("Call Bob tomorrow", "2026-11-19"),
        ("Call Bob tonight", "2026-11-18 20:00"),
        ("Call Bob tonight at 9", "2026-11-18 21:00"),
        ("Call Bob friday", "2026-11-20"),
        ("Call Bob on fri", "2026-11-20"),
        ("Call Bob wednesday", "2026-11-18"),
        ("Call Bob this friday", "2026-11-20"),
        ("Call Bob next friday", "2026-11-27"),
        ("Call Bob next week", "2026-11-23"),
        ("Call Bob next month", "2026-12-01"),
        ("Call Bob this weekend", "2026-11-21"),
        ("Call Bob in 3 days", "2026-11-21"),
        ("Call Bob in two weeks", "2026-12-02"),
        ("Call Bob in a month", "2026-12-18"),
        ("Call Bob in 3 hours", "2026-11-18 13:00"),
        ("Call Bob in 90 minutes", "2026-11-18 11:30"),
        ("Call Bob 2026-12-31", "2026-12-31"),
        ("Call Bob 31 dec", "2026-12-31"),
        ("Call Bob dec 31 2027", "2027-12-31"),
        ("Call Bob december 31st", "2026-12-31"),
        ("Call Bob 31.12.2026", "2026-12-31"),
        ("Call Bob 12/31", "2026-12-31"),
        ("Call Bob 3 march", "2027-03-03"),
        ("Call Bob on the 5th", "2026-12-05"),
        ("Call Bob feb 29", "2028-02-29"),
        ("Call Bob by end of month", "2026-11-30"),
        ("Call Bob fri, dec 4 at 9am", "2026-12-04 09:00"),
    ],
)
def test_a_date_in_plain_words_is_found_and_cut(text: str, expected: str) -> None:
    assert expected == due(text)
    assert parse(text, NOW).title == "Call Bob"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call Bob at 11", "2026-11-18 11:00"),
        ("Call Bob at 9", "2026-11-19 09:00"),
        ("Call Bob 9am", "2026-11-19 09:00"),
        ("Call Bob 9:30 pm", "2026-11-18 21:30"),
        ("Call Bob 17:00", "2026-11-18 17:00"),
        ("Call Bob at noon", "2026-11-18 12:00"),
        ("Call Bob midnight", "2026-11-19 00:00"),
        ("Call Bob tomorrow morning", "2026-11-19 09:00"),
        ("Call Bob 10 o'clock friday", "2026-11-20 10:00"),
        ("Call Bob 12am", "2026-11-19 00:00"),
    ],
)
def test_a_time_that_has_passed_today_means_tomorrow(text: str, expected: str) -> None:
    assert expected == due(text)
    assert parse(text, NOW).title == "Call Bob"


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("Swim every day", "FREQ=DAILY", "2026-11-18"),
        ("Swim every 3 days", "FREQ=DAILY;INTERVAL=3", "2026-11-18"),
        ("Swim every other week", "FREQ=WEEKLY;INTERVAL=2", "2026-11-18"),
        ("Swim daily at 9", "FREQ=DAILY", "2026-11-19 09:00"),
        ("Swim every monday", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23"),
        ("Swim every wed 9am", "FREQ=WEEKLY;BYDAY=WE", "2026-11-25 09:00"),
        ("Swim every mon, wed and fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-11-18"),
        ("Swim once a week", "FREQ=WEEKLY", "2026-11-18"),
        ("Swim weekly on fridays", "FREQ=WEEKLY;BYDAY=FR", "2026-11-20"),
        ("Swim every weekend", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-21"),
        ("Swim every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-11-20"),
        ("Swim every month on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("Swim every 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("Swim every 3rd friday", "FREQ=MONTHLY;BYDAY=3FR", "2026-11-20"),
        ("Swim every last friday", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("Swim every last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("Swim every month on the 31st", "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-11-30"),
        ("Swim every march 3", "FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=3", "2027-03-03"),
        ("Swim every day at 9 and 17", "FREQ=DAILY;BYMINUTE=0;BYHOUR=9,17", "2026-11-18 17:00"),
        ("Swim every 2 hours", "FREQ=HOURLY;INTERVAL=2", "2026-11-18 12:00"),
        ("Swim every monday for 5 times", "FREQ=WEEKLY;COUNT=5;BYDAY=MO", "2026-11-23"),
        ("Swim every monday until 1 march 2027", "FREQ=WEEKLY;UNTIL=20270301;BYDAY=MO", "2026-11-23"),
        ("Swim every monday from 4 jan", "FREQ=WEEKLY;BYDAY=MO", "2027-01-04"),
        ("Swim on mondays", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23"),
        ("Swim every day for 2 weeks", "FREQ=DAILY;UNTIL=20261201", "2026-11-18"),
        ("Swim first monday of every 3 months", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-12-07"),
    ],
)
def test_a_recurrence_becomes_a_rule_and_its_first_date(text: str, rule: str, first: str) -> None:
    found = parse(text, NOW)
    assert ("Swim", rule, first) == (found.title, found.rule, due(text))


def test_every_with_an_exclamation_mark_counts_from_completion() -> None:
    found = parse("Water plants every! 3 days", NOW)
    assert (found.rule, found.mode, found.title) == ("FREQ=DAILY;INTERVAL=3", "after_completion", "Water plants")


def test_every_month_begun_on_a_31st_keeps_to_the_end_of_the_month() -> None:
    found = parse("Rent every month", dt.datetime.fromisoformat("2027-01-31T10:00"))
    assert found.rule == "FREQ=MONTHLY;SKIP=BACKWARD"


@pytest.mark.parametrize(
    "text",
    [
        "The 5th Wave",
        "The 9/11 Report",
        "paprika",
        "call Mark",
        "Create monthly report",
        "monitor",
        "Buy 2 sat phones",
        "May the force",
        "second hand books",
        "Sunday Times crossword",
        "Look at 5 houses",
        "Watch High Noon",
        "Room 17:3",
        "Read today's paper",
        "Plan next week's menu",
        "Tomorrow Never Dies",
        "mail bob@example.com",
        "Fix #4812",
        "C# course",
        "Print in 16:9",
        "Explain every detail",
        "Order 3 in 1 printer",
        "You may 5 times fail",
        "every 0 days",
        "feb 30",
        "at 25",
    ],
)
def test_a_word_that_only_looks_like_a_date_stays_in_the_title(text: str) -> None:
    found = parse(text, NOW)
    assert (text, None, None, ()) == (found.title, found.date, found.rule, found.spans)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('Sing "tomorrow"', 'Sing "tomorrow"'),
        (r"Read \tomorrow", "Read tomorrow"),
        ("tomorrow", "tomorrow"),
        ("Friday: send report", "send report"),
        ("Send report, tomorrow", "Send report"),
        ("Send (tomorrow) it.", "Send it."),
    ],
)
def test_a_title_is_tidied_and_quoted_words_are_text(text: str, title: str) -> None:
    assert title == parse(text, NOW).title


def test_marks_are_read_wherever_they_stand() -> None:
    found = parse("!high Call Bob #Home @errands !30m tomorrow #home remind me 2 hours before", NOW)
    assert (found.priority, found.tags, found.reminders) == ("high", ("Home", "errands"), (30, 120))
    assert found.title == "Call Bob"


@pytest.mark.parametrize(
    ("mark", "priority"),
    [
        ("p1", "urgent"),
        ("p2", "high"),
        ("p3", "medium"),
        ("p4", "low"),
        ("!urgent", "urgent"),
        ("p5", "none"),
    ],
)
def test_priorities_have_short_and_long_forms(mark: str, priority: str) -> None:
    assert priority == parse(f"Call Bob {mark}", NOW).priority


def test_spans_point_into_the_original_text() -> None:
    text = "İstanbul call tomorrow at 9 !high #x"
    found = parse(text, NOW)
    assert [text[span.start : span.end] for span in found.spans] == ["tomorrow", "at 9", "!high", "#x"]
    assert found.spans[0] == Span(14, 22, "due")


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("Call Bob 3/4", "en-US", "2027-03-04"),
        ("Call Bob 3/4", "en-GB", "2027-04-03"),
        ("Bob anrufen 3.4.2027", "de", "2027-04-03"),
        ("Oma anrufen am Sonntag um 9 Uhr", "de", "2026-11-22 09:00"),
        ("Comprar pan mañana", "es", "2026-11-19"),
        ("Acheter du pain demain", "fr", "2026-11-19"),
        ("Qapla' ghaH", "tlh", ""),
    ],
)
def test_the_locale_chooses_the_order_of_numbers_and_the_language(text: str, locale: str, expected: str) -> None:
    assert expected == due(text, locale)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(" ".join(LINES).split()), max_size=12).map(" ".join)))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = parse(text, NOW, "en")
    assert found.title or not text.strip()
    assert all(0 <= span.start < span.end <= len(text) for span in found.spans)
    assert found.rule is None or found.rule == recurrence.canonical(found.rule)


def test_every_sample_line_keeps_a_title_and_starts_its_rule_on_a_date() -> None:
    found = [parse(line, NOW) for line in LINES]
    assert len(LINES) == len(set(LINES)) >= 320
    assert sum(item.rule is not None for item in found) >= 110
    assert all(item.title and (item.rule is None or item.date) for item in found)


@pytest.mark.parametrize(
    "text", ["lorem ipsum dolor " * 110, " " * 2000, "every mon, " * 181, "1st and " * 250, '"' * 2000]
)
def test_a_text_of_two_thousand_characters_is_read_at_once(text: str) -> None:
    before = time.process_time()
    parse(text, NOW)
    assert time.process_time() - before < 0.1
