"""The recurrence set: rule, RDATE and EXDATE (RFC 5545 section 3.8.5)."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from shared.recurrence import RecurrenceSet

START = dt.datetime.fromisoformat("2026-01-01T09:00:00")
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def dates(*days: int) -> frozenset[dt.datetime]:
    return frozenset(START + day * DAY for day in days)


def test_added_dates_come_in_their_place_and_removed_ones_do_not_come() -> None:
    found = RecurrenceSet("FREQ=DAILY;INTERVAL=2", START, dates(3), dates(2, 3000)).occurrences(4)
    assert sorted(dates(0, 3, 4, 6)) == found


def test_count_includes_dates_that_are_removed_and_not_those_that_are_added() -> None:
    assert sorted(dates(0, 2, 9)) == RecurrenceSet("FREQ=DAILY;COUNT=3", START, dates(9), dates(1)).occurrences(9)


def test_a_date_that_is_added_and_removed_does_not_come() -> None:
    assert sorted(dates(0, 1)) == RecurrenceSet("FREQ=DAILY;COUNT=2", START, dates(5), dates(5)).occurrences(9)


def test_a_date_that_is_added_and_in_the_rule_comes_once() -> None:
    assert sorted(dates(0, 1)) == RecurrenceSet("FREQ=DAILY;COUNT=2", START, dates(1)).occurrences(9)


def test_an_added_date_may_lie_before_the_start() -> None:
    assert sorted(dates(-5, 0)) == RecurrenceSet("FREQ=DAILY;COUNT=1", START, dates(-5)).occurrences(9)


def test_a_date_is_removed_to_the_second() -> None:
    other = frozenset({START + HOUR})
    assert sorted(dates(0)) == RecurrenceSet("FREQ=DAILY;COUNT=1", START, exdates=other).occurrences(9)


@given(st.sets(st.integers(-9, 40)), st.sets(st.integers(-9, 40)), st.none() | st.integers(1, 9), st.integers(-10, 40))
def test_the_set_is_the_rule_and_the_added_without_the_removed(
    added: set[int], removed: set[int], count: int | None, after: int
) -> None:
    rule = "FREQ=DAILY;INTERVAL=3" + (f";COUNT={count}" if count else "")
    ruled = set(range(0, 3 * count if count else 200, 3))
    following = min((day for day in (ruled | added) - removed if day > after), default=None)
    found = RecurrenceSet(rule, START, dates(*added), dates(*removed)).next_after(START + after * DAY)
    assert found == (None if following is None else START + following * DAY)
