"""Quick-add: days and times as people write them. Now is Wednesday 18 November 2026, 10:00."""

import datetime as dt
import re
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.easter import easter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.quick_add import QuickAdd, holidays, parse

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
DATA = Path(__file__).parents[1] / "data"
TITLES = (DATA / "quick_add_titles.txt").read_text("utf-8").splitlines()
ROWS = [line for line in (DATA / "quick_add_dates.txt").read_text("utf-8").splitlines() if line[0] != "#"]
ROW = re.compile(r"(?P<due>\S+) (?P<contexts>[bhme]+) (?:(?P<locale>en-\w\w) )?(?P<words>.+)")
LINES = {
    "b": ("{} call Bob", "call Bob"),
    "h": ("{}: call Bob", "call Bob"),
    "m": ("Call Bob {} with the notes", "Call Bob with the notes"),
    "e": ("Call Bob {}", "Call Bob"),
}


def due(found: QuickAdd) -> str:
    if found.date is None:
        return ""
    return f"{found.date}" + (f"T{found.time.isoformat()}".removesuffix(":00") if found.time else "")


def sentences(row: str) -> list[tuple[str, str, str, str]]:
    """Return text, locale, due value and title of each context of a row."""
    match = ROW.fullmatch(row)
    assert match is not None, row
    locales = [match["locale"]] if match["locale"] else ["en-US", "en-GB"]
    lines = [LINES[context] for context in match["contexts"]]
    return [(text.format(match["words"]), locale, match["due"], title) for text, title in lines for locale in locales]


@pytest.mark.parametrize("row", ROWS)
def test_a_day_is_found_where_it_stands_and_cut_from_the_title(row: str) -> None:
    for text, locale, expected, title in sentences(row):
        found = parse(text, NOW, locale)
        assert (expected, title, None) == (due(found), found.title, found.rule), (text, locale)


def test_there_are_sentences_for_every_context() -> None:
    assert 1_500 < sum(len(sentences(row)) for row in ROWS)
    assert len(ROWS) == len(set(ROWS))


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_only_looks_like_a_date_stays_whole(title: str) -> None:
    for locale in ("en-US", "en-GB"):
        found = parse(title, NOW, locale)
        assert (title, "", None, ()) == (found.title, due(found), found.rule, found.spans)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('Watch "the day after tomorrow" friday', 'Watch "the day after tomorrow"'),
        ("Watch “Friday Night Lights” on sunday", "Watch “Friday Night Lights”"),
        (r"Read \tomorrow on sunday", "Read tomorrow"),
        ("Scan `2026-12-01.log` by friday", "Scan `2026-12-01.log`"),
    ],
)
def test_what_is_quoted_or_escaped_is_text_beside_a_date(text: str, title: str) -> None:
    found = parse(text, NOW)
    assert (title, True) == (found.title, found.date is not None)


@pytest.mark.parametrize(
    "text",
    [
        "Office hours monday to friday",
        "Open from september 1 to november 3",
        "Fair dec 4 - dec 6",
        "Reception 9am-5pm",
        "Lecture 10:00-11:30",
        "Free between 2 and 4 pm",
        "Budget for the next quarter",
        "All days except monday",
        "Answer the mail from friday",
    ],
)
def test_a_stretch_of_time_and_a_day_that_describes_something_are_no_due_value(text: str) -> None:
    assert (text, None) == (parse(text, NOW).title, parse(text, NOW).date)


@pytest.mark.parametrize("text", ["Call Bob dec 9 at 28pm", "Call Bob tomorrow at 10:75", "Call Bob friday 25:10"])
def test_a_day_with_a_time_that_does_not_exist_is_left_so_that_the_slip_is_seen(text: str) -> None:
    assert (text, None) == (parse(text, NOW).title, parse(text, NOW).date)


def test_spans_show_what_was_read_with_the_words_that_lead_it() -> None:
    text = "Call Bob on Friday, Dec 4 at half past 8 about rent"
    assert ["on Friday, Dec 4", "at half past 8"] == [text[span.start : span.end] for span in parse(text, NOW).spans]


def test_a_written_offset_is_told_in_the_zone_of_the_user() -> None:
    found = parse("Launch 2026-12-31T23:30:00Z", NOW, "en", ZoneInfo("Europe/Vienna"))
    assert ("2027-01-01T00:30", "Launch") == (due(found), found.title)


@pytest.mark.parametrize(("locale", "expected"), [("en", "T16:00"), ("en-GB", "T16:00"), ("en-001", "T04:00")])
def test_a_bare_hour_up_to_six_is_in_the_afternoon_where_people_count_twelve(locale: str, expected: str) -> None:
    assert due(parse("Call Bob at 4", NOW, locale)).endswith(expected)


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-11-18T21:00", "Call Bob tonight at 2am", "2026-11-19T02:00"),
        ("2026-11-18T00:30", "Call Bob tonight at 2am", "2026-11-18T02:00"),
        ("2026-11-18T21:00", "Call Bob tonight", "2026-11-18"),
        ("2026-12-25T10:00", "Call Bob on christmas", "2026-12-25"),
        ("2026-12-26T10:00", "Call Bob on christmas", "2027-12-25"),
        ("2027-02-28T10:00", "Call Bob feb 29", "2028-02-29"),
        ("2026-12-31T10:00", "Call Bob tomorrow", "2027-01-01"),
        ("2027-01-31T10:00", "Call Bob in a month", "2027-02-28"),
        ("9999-12-31T10:00", "Call Bob tomorrow", ""),
        ("9999-12-31T10:00", "Call Bob on easter", ""),
        ("9999-12-31T10:00", "Call Bob at 9", "9999-12-31T09:00"),
    ],
)
def test_the_next_such_moment_is_meant(now: str, text: str, expected: str) -> None:
    assert expected == due(parse(text, dt.datetime.fromisoformat(now)))


@given(st.integers(1900, 4000))
def test_easter_is_where_the_gregorian_calendar_has_it(year: int) -> None:
    assert easter(year) == holidays.easter(year)


WORDS = sorted({word for row in (*ROWS, *TITLES) for word in row.split()})


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=2_000),
        st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
        st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=40).map("".join),
    ),
    now=st.datetimes(),
    locale=st.sampled_from(["en", "en-GB", "en-001"]),
)
@example(text="٣ may at ٣:٣٠ İ\x00\x01 tomorrow", now=NOW, locale="en")
@example(text="day after " * 200 + "tomorrow", now=NOW, locale="en")
def test_any_text_is_read_and_its_title_holds_only_its_own_words(text: str, now: dt.datetime, locale: str) -> None:
    found = parse(text, now, locale)
    ends = [0]
    for span in found.spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)
    left = iter(text)
    assert all(char in left for char in found.title if not char.isspace())


@pytest.mark.parametrize(
    "words",
    [
        "sun ",
        "1/1 ",
        "first ",
        "in 3 ",
        "one two ",
        "1 day ",
        "day after ",
        "two weeks from ",
        "monday, the ",
        "at 9 x ",
    ],
)
def test_two_thousand_characters_of_words_that_begin_dates_are_read_at_once(words: str) -> None:
    before = time.process_time()
    parse((words * 2_000)[:2_000], NOW)
    assert time.process_time() - before < 0.1
