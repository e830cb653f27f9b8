"""Rules that can never fire: found out quickly, refused with the parts that keep each other from it."""

import datetime as dt
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.recurrence import RuleError
from shared.recurrence.engine import prepared
from shared.recurrence.grammar import parse
from tests.unit.recurrence_oracle import complete, limits

START = dt.datetime.fromisoformat("2026-01-31T09:00:00")
DAY = dt.timedelta(days=1)
FOUR_HUNDRED_YEARS = [dt.date(2001, 1, 1) + days * DAY for days in range(146_097)]
# The aim is 10 ms; a machine that is shared gets some grace.
QUICK = 0.05


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=9", "BYMONTHDAY=30 and BYMONTH=2 have no day in common"),
        ("FREQ=HOURLY;INTERVAL=7;BYMONTHDAY=31;BYMONTH=4,6", "BYMONTHDAY=31 and BYMONTH=4,6 have no day in common"),
        ("FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY has no BYDAY=6MO"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "BYWEEKNO=53 and BYMONTH=6 have no day in common"),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTHDAY=8;BYMONTH=5", "BYDAY=1MO and BYMONTHDAY=8 have no day in common"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "BYSETPOS=2 picks nothing, no period of FREQ=WEEKLY;BYDAY=MO has"),
        ("FREQ=HOURLY;BYMINUTE=5,10;BYSETPOS=-3", "BYSETPOS=-3 picks nothing"),
        ("FREQ=DAILY;BYHOUR=9;BYSETPOS=2", "BYSETPOS=2 picks nothing"),
    ],
)
def test_a_rule_that_can_never_fire_is_refused_with_the_parts_that_clash(rule: str, reason: str) -> None:
    with pytest.raises(RuleError) as refused:
        recurrence.canonical(rule)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYHOUR=9", "FREQ=DAILY, INTERVAL=7 and BYDAY=TU leave"),
        ("FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3", "FREQ=MINUTELY, INTERVAL=1440 and BYHOUR=3 leave"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "INTERVAL=4, BYMONTHDAY=29 and BYMONTH=2 leave"),
        ("FREQ=WEEKLY;UNTIL=20251231", "FREQ=WEEKLY and UNTIL=20251231 leave"),
    ],
)
def test_why_a_start_leaves_no_occurrence_is_told(rule: str, parts: str) -> None:
    assert recurrence.first_from(rule, START) is None
    assert parts in (recurrence.why_never(rule, START) or "")


def test_a_rule_that_fires_has_no_reason_not_to() -> None:
    assert recurrence.why_never("FREQ=DAILY;INTERVAL=7;BYDAY=SA", START) is None


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=371;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=367;BYMONTH=2;BYMONTHDAY=29;BYDAY=WE",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=2;BYDAY=MO;BYSETPOS=1",
        "FREQ=WEEKLY;INTERVAL=20871;BYMONTH=7",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
        "FREQ=SECONDLY;INTERVAL=86413;BYHOUR=3;BYMINUTE=7;BYSECOND=11;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MINUTELY;INTERVAL=60480;BYDAY=MO",
    ],
)
def test_that_nothing_comes_from_a_start_on_is_found_in_milliseconds(rule: str) -> None:
    prepared.cache_clear()
    before = time.process_time()
    assert recurrence.first_from(rule, START) is None
    assert time.process_time() - before < QUICK


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=0;BYSECOND=0", "2085-03-22T03:00:00"),
        ("FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2788-02-29T03:40:54"),
        ("FREQ=MINUTELY;INTERVAL=10079;BYHOUR=3;BYMINUTE=1;BYDAY=MO", "2170-12-10T03:01:00"),
        ("FREQ=SECONDLY;INTERVAL=999999937;BYHOUR=3", "2786-08-13T03:14:48"),
    ],
)
def test_a_rule_is_not_over_because_it_is_rare(rule: str, expected: str) -> None:
    """INTERVAL divides the distance, and walking back in whole intervals meets no earlier one."""
    found = recurrence.first_from(rule, START)
    assert dt.datetime.fromisoformat(expected) == found
    parsed = parse(rule)
    step = dt.timedelta(**{"seconds" if parsed.freq == "SECONDLY" else "minutes": parsed.interval})
    moments = (START + number * step for number in range((found - START) // step))
    assert (found - START) % step == dt.timedelta()
    assert not any(
        moment.hour in parsed.by_hour
        and (not parsed.by_minute or moment.minute in parsed.by_minute)
        and (not parsed.by_second or moment.second in parsed.by_second)
        and limits(parsed, moment.date())
        for moment in moments
    )


def some(values: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(",".join)


day_rules = st.builds(
    "FREQ=YEARLY;BYMONTH={};BYMONTHDAY={};BYDAY={}".format,
    some(["2", "4", "9", "12"]),
    some(["29", "30", "31", "-30", "-31", "8", "1"]),
    some(["MO", "1MO", "5SU", "-1FR", "-5TU", "2WE"]),
)


@settings(max_examples=25, deadline=None)
@given(day_rules | st.builds("FREQ=DAILY;BYMONTH={};BYMONTHDAY={}".format, some(["2", "6"]), some(["30", "31", "-31"])))
def test_what_is_refused_has_no_day_in_four_hundred_years(rule: str) -> None:
    wanted = complete(parse(rule), dt.datetime.fromisoformat("2001-01-01"))
    days = (day for day in FOUR_HUNDRED_YEARS if day.month in wanted.by_month)
    fires = any(limits(wanted, day) for day in days)
    try:
        recurrence.canonical(rule)
    except RuleError as error:
        assume("never fires" in str(error))
        assert not fires
    else:
        assert fires
