"""The engine against a slow reading of RFC 5545 (`recurrence_oracle.py`), and against python-dateutil.

Where dateutil reads the RFC otherwise it is told below, by section, and left out of the comparison.
"""

import datetime as dt
from itertools import islice, pairwise

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.recurrence import RuleError
from shared.recurrence.grammar import parse
from tests.unit.recurrence_oracle import between

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ALL = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
# How far the slow reading looks.
SPANS = {
    "SECONDLY": dt.timedelta(hours=6),
    "MINUTELY": dt.timedelta(days=10),
    "HOURLY": dt.timedelta(days=200),
    "DAILY": dt.timedelta(days=900),
    "WEEKLY": dt.timedelta(days=900),
    "MONTHLY": dt.timedelta(days=1_500),
    "YEARLY": dt.timedelta(days=3_000),
}
INTERVALS = st.sampled_from([1, 1, 1, 2, 3, 4, 5, 7, 12, 13, 25, 59, 61, 366, 1_441])


def some(values: list[int], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most).map(lambda chosen: ",".join(map(str, chosen)))


@st.composite
def rules(draw: st.DrawFn, frequencies: list[str] = ALL) -> str:
    """Any rule that RFC 5545 allows, most parts often absent."""
    freq = draw(st.sampled_from(frequencies))
    large = freq in {"MONTHLY", "YEARLY"}
    by_week = freq == "YEARLY" and draw(st.integers(0, 4)) == 0
    numbers = st.sampled_from(["", "", "1", "2", "5", "-1", "-2"] + (["20", "53", "-53"] if freq == "YEARLY" else []))
    weekday = st.tuples(numbers if large and not by_week else st.just(""), st.sampled_from(WEEKDAYS)).map("".join)
    choices = {
        "INTERVAL": INTERVALS.map(str) if not large else st.integers(1, 5).map(str),
        "WKST": st.sampled_from(WEEKDAYS),
        "BYMONTH": some([1, 2, 3, 4, 7, 11, 12]),
        "BYMONTHDAY": some([1, 2, 13, 28, 29, 30, 31, -1, -2, -28, -29, -30, -31]),
        "BYYEARDAY": some([1, 59, 60, 61, 200, 365, 366, -1, -60, -365, -366]),
        "BYDAY": st.lists(weekday, min_size=1, max_size=4).map(",".join),
        "BYHOUR": some(list(range(24)), 3),
        "BYMINUTE": some([0, 5, 29, 30, 59], 3),
        "BYSECOND": some([0, 1, 30, 59, 60], 3),
        "BYSETPOS": some([1, 2, 3, 7, -1, -2, -9], 3),
    }
    if freq == "WEEKLY":
        del choices["BYMONTHDAY"]
    if freq in {"DAILY", "WEEKLY", "MONTHLY"}:
        del choices["BYYEARDAY"]
    parts = [f"FREQ={freq}"]
    parts += [f"BYWEEKNO={draw(some([1, 2, 20, 52, 53, -1, -52, -53]))}"] if by_week else []
    parts += [f"{name}={draw(values)}" for name, values in choices.items() if draw(st.integers(0, 3)) == 0]
    return ";".join(parts)


starts = st.datetimes(dt.datetime.fromisoformat("1990-01-01"), dt.datetime.fromisoformat("2040-01-01")).map(
    lambda moment: moment.replace(microsecond=0)
)


def allowed(rule: str) -> bool:
    try:
        parse(rule)
    except RuleError:
        return False
    return True


@pytest.mark.parametrize("frequency", ALL)
@settings(max_examples=25, deadline=None)
@given(st.data(), starts, st.sampled_from(["", "", ";SKIP=BACKWARD", ";SKIP=FORWARD"]), st.floats(0, 1))
def test_occurrences_are_those_of_the_slow_reading(
    frequency: str, data: st.DataObject, start: dt.datetime, skip: str, share: float
) -> None:
    rule = data.draw(rules([frequency])) + skip
    assume(allowed(rule))
    end = start + SPANS[frequency]
    expected = between(rule, start, end)[:200]
    found = []
    following = recurrence.first_from(rule, start)
    while following is not None and following <= (expected[-1] if expected else end):
        found.append(following)
        following = recurrence.next_after(rule, start, following)
    assert expected == found
    after = start + (end - start) * share
    later = next((moment for moment in expected if moment > after), None)
    assert later is None or later == recurrence.next_after(rule, start, after)


@settings(max_examples=60, deadline=None)
@given(rules(), starts, starts)
def test_the_next_occurrence_is_later_and_the_next_of_the_moment_before(
    rule: str, start: dt.datetime, after: dt.datetime
) -> None:
    assume(allowed(rule))
    found = recurrence.next_after(rule, start, after)
    if found is not None:
        assert found > after
        assert found >= start
        assert found == recurrence.next_after(rule, start, found - dt.timedelta(seconds=1))


@settings(max_examples=60, deadline=None)
@given(rules(), starts)
def test_occurrences_strictly_increase(rule: str, start: dt.datetime) -> None:
    assume(allowed(rule))
    assert all(first < second for first, second in pairwise(recurrence.occurrences(rule, start, 30)))


@settings(max_examples=100, deadline=None)
@given(rules())
def test_canonical_text_reads_back_as_the_same_rule(rule: str) -> None:
    try:
        text = recurrence.canonical(rule)
    except RuleError:
        return
    assert parse(text) == parse(rule)
    assert text == recurrence.canonical(text)
    assert recurrence.describe(text)


def is_read_alike_by_dateutil(rule: str) -> bool:
    """Return whether dateutil reads the rule as RFC 5545 section 3.3.10 says; each line is a difference."""
    parsed = parse(rule)
    plain_and_numbered = len({bool(number) for number, _ in parsed.by_day}) > 1
    undated = parsed.freq == "YEARLY" and parsed.by_month_day and not (parsed.by_month or parsed.by_year_day)
    return not (
        # What no part says comes from DTSTART: it takes every month for a day of the month without one.
        undated
        # BYDAY is a list of which each member counts: it wants plain and numbered weekdays to fit both.
        or plain_and_numbered
        # BYSETPOS counts the whole set of a week: it cuts off the days before DTSTART first.
        or (parsed.by_set_pos and parsed.freq == "WEEKLY")
        # BYWEEKNO names whole weeks: it drops their days in the neighbouring years, and takes all seven where the
        # weekday should come from DTSTART.
        or parsed.by_week_no
    )


@settings(max_examples=150, deadline=None)
@given(rules(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), starts)
def test_occurrences_agree_with_dateutil(rule: str, start: dt.datetime) -> None:
    assume(allowed(rule) and is_read_alike_by_dateutil(rule))
    found = recurrence.occurrences(rule, start, 8)
    # Without so many, and soon, dateutil would walk to the year 9999.
    assume(len(found) == 8 and found[-1] - start < dt.timedelta(days=100 if "HOURLY" in rule else 3_000))
    assert found == list(islice(rrulestr(recurrence.canonical(rule), dtstart=start), 8))
