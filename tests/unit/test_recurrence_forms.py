"""The other ways to write a rule: cron lines and JSON patterns, into rules and back."""

import datetime as dt
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.recurrence import Pattern, RuleError

START = dt.datetime.fromisoformat("2026-01-31T09:07:00")


@pytest.mark.parametrize(
    ("cron", "rule"),
    [
        ("0 9 * * 1-5", "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,TU,WE,TH,FR"),
        ("*/15 * * * *", "FREQ=HOURLY;BYMINUTE=0,15,30,45"),
        ("* * * * *", "FREQ=MINUTELY"),
        ("30 6 1,15 * *", "FREQ=MONTHLY;BYMINUTE=30;BYHOUR=6;BYMONTHDAY=1,15"),
        ("0 0 1 jan *", "FREQ=YEARLY;BYMINUTE=0;BYHOUR=0;BYMONTHDAY=1;BYMONTH=1"),
        ("0 8 * * FRI-SUN", "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=8;BYDAY=FR,SA,SU"),
        ("5 4 * * *", "FREQ=DAILY;BYMINUTE=5;BYHOUR=4"),
        ("0 12 * * 7", "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=12;BYDAY=SU"),
        ("0 9 L * *", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=-1"),
        ("0 9 1,L-2 * ?", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=1,-3"),
        ("0 9 * * 5#3", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=3FR"),
        ("0 9 ? 6 5L,mon", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,-1FR;BYMONTH=6"),
        ("0 9 LW * *", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("0 9,17 1W * *", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9,17;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,2"),
        ("0 9 */10 * 1", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO;BYMONTHDAY=1,11,21,31"),
        ("0 9 1-7 * mon", "FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,1TU,1WE,1TH,1FR,1SA,1SU"),
        ("0 0 * * */2", "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=0;BYDAY=TU,TH,SA,SU"),
        ("@weekly", "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=0;BYDAY=SU"),
        ("@hourly", "FREQ=HOURLY;BYMINUTE=0"),
        ("@Midnight", "FREQ=DAILY;BYMINUTE=0;BYHOUR=0"),
        ("0 8-18/5 * * 0-7", "FREQ=DAILY;BYMINUTE=0;BYHOUR=8,13,18"),
    ],
)
def test_cron_that_one_rule_can_say_becomes_that_rule(cron: str, rule: str) -> None:
    assert rule == recurrence.from_cron(cron)


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("0 9 1 * 1", "either"),
        ("0 9 1-7,9 * 1", "either"),
        ("0 9 15W * *", "nearest weekday"),
        ("0 9 LW * 1", "exclude"),
        ("* * LW * *", "366 times"),
        ("@reboot", "names no times"),
        ("0 9 * * L", "day of week"),
        ("0 9 * * 5#6", "day of week"),
        ("0 9 L-31 * *", "day of month"),
        ("0 0 9 * * *", "five fields"),
        ("0 9 * *", "five fields"),
        ("60 * * * *", "minute"),
        ("0 17-9 * * *", "backwards"),
        ("*/0 * * * *", "step"),
        ("0 0 31 2 *", "never fires"),
    ],
)
def test_other_cron_is_refused_with_the_reason(cron: str, reason: str) -> None:
    with pytest.raises(RuleError, match=reason):
        recurrence.from_cron(cron)


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (Pattern("monthly", day_of_month=31, occurrences=12), "FREQ=MONTHLY;COUNT=12;BYMONTHDAY=31;SKIP=BACKWARD"),
        (Pattern("weekly", 2, ("friday", "Mon")), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"),
        (Pattern("yearly", day_of_month=3, month=3), "FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=3"),
        (Pattern("daily", end_date=dt.date(2027, 3, 1)), "FREQ=DAILY;UNTIL=20270301"),
    ],
)
def test_a_pattern_becomes_a_rule(pattern: Pattern, rule: str) -> None:
    assert rule == recurrence.from_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern("sometimes"),
        Pattern("daily", 0),
        Pattern("daily", occurrences=0),
        Pattern("weekly", days_of_week=("x",)),
        Pattern("monthly", days_of_week=("monday",)),
        Pattern("daily", day_of_month=1),
        Pattern("monthly", month=2),
        Pattern("yearly", day_of_month=3),
        Pattern("monthly", day_of_month=32),
        Pattern("yearly", month=13),
        Pattern("yearly", day_of_month=30, month=2),
        Pattern("daily", end_date=dt.date(2027, 1, 1), occurrences=2),
    ],
)
def test_a_pattern_that_contradicts_itself_is_refused(pattern: Pattern) -> None:
    with pytest.raises(RuleError):
        recurrence.from_pattern(pattern)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 9 * * 5#3", ["2026-02-20", "2026-03-20", "2026-04-17"]),
        ("0 9 L * *", ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("0 9 L-2 2,3 *", ["2026-02-26", "2026-03-29", "2027-02-26"]),
        ("0 9 LW * *", ["2026-02-27", "2026-03-31", "2026-04-30"]),
        ("0 9 1W * *", ["2026-02-02", "2026-03-02", "2026-04-01"]),
        ("0 9 1-7 * 5", ["2026-02-01", "2026-02-02", "2026-02-03"]),
        ("0 9 29-31 2 1", ["2026-02-02", "2026-02-09", "2026-02-16"]),
        ("0 9 */2 * 1", ["2026-02-09", "2026-02-23", "2026-03-09"]),
        ("0 9 * * 0L", ["2026-02-22", "2026-03-29", "2026-04-26"]),
    ],
)
def test_what_cron_says_of_days_is_kept(cron: str, expected: list[str]) -> None:
    found = recurrence.occurrences(recurrence.from_cron(cron), START.replace(hour=10), 3)
    assert expected == [f"{moment:%Y-%m-%d}" for moment in found]


def test_either_day_field_may_fit_where_one_rule_can_say_so() -> None:
    """Days 8 to 14 are the second of each weekday, so that one BYDAY list holds both fields."""
    rule = recurrence.from_cron("0 0 8-14 * 3")
    found = recurrence.occurrences(rule, dt.datetime.fromisoformat("2026-01-01"), 40)
    days = (dt.datetime.fromisoformat("2026-01-01") + dt.timedelta(days) for days in range(200))
    assert found == list(islice((day for day in days if 8 <= day.day <= 14 or day.weekday() == 2), 40))


@st.composite
def cron_lines(draw: st.DrawFn) -> str:
    def field(low: int, high: int, *others: str) -> str:
        number = st.integers(low, high)
        spans = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
        steps = st.integers(1, 30).map(lambda step: f"*/{step}")
        items = st.lists(number.map(str) | spans | st.sampled_from(others or ("*",)), min_size=1, max_size=3)
        return draw(st.just("*") | steps | items.map(",".join))

    days, week = draw(st.sampled_from([("*", field(0, 7, "5L", "1#2", "0#5", "sun")), (field(1, 31, "L", "L-3"), "*")]))
    return f"{field(0, 59)} {field(0, 23)} {days} {field(1, 12, 'jan')} {week}"


@settings(max_examples=200, deadline=None)
@given(cron_lines())
def test_cron_becomes_a_rule_and_the_same_rule_again(cron: str) -> None:
    try:
        rule = recurrence.from_cron(cron)
    except RuleError as error:
        assert "never fires" in str(error)  # noqa: PT017  (the only reason there is for these lines)
        return
    back = recurrence.to_cron(rule)
    assert back is not None
    assert rule == recurrence.from_cron(back)


@pytest.mark.parametrize(
    ("rule", "cron"),
    [
        ("FREQ=DAILY;BYMINUTE=0;BYHOUR=9;BYDAY=MO", "0 9 * * 1"),
        ("FREQ=YEARLY;BYMINUTE=0;BYHOUR=9;BYDAY=-1FR;BYMONTH=6", "0 9 * 6 5L"),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=-1", "0 9 L * *"),
        ("FREQ=MINUTELY", "* * * * *"),
        ("FREQ=HOURLY;BYMINUTE=0,15,30,45;BYHOUR=9,10,11,12", "*/15 9-12 * * *"),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "0 9 LW * *"),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO;BYMONTHDAY=1,11,21,31", "0 9 */10 * 1"),
        ("FREQ=DAILY;BYMINUTE=0;BYHOUR=9;COUNT=3", None),
        ("FREQ=DAILY;INTERVAL=2;BYMINUTE=0;BYHOUR=9", None),
        ("FREQ=DAILY", None),
        ("FREQ=WEEKLY;BYMINUTE=0;BYHOUR=9", None),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9", None),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=31;SKIP=BACKWARD", None),
        ("FREQ=YEARLY;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=1", None),
        ("FREQ=YEARLY;BYMINUTE=0;BYHOUR=9;BYDAY=1MO", None),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=FR;BYMONTHDAY=13", None),
        ("FREQ=MONTHLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,TU;BYSETPOS=2", None),
        ("FREQ=YEARLY;BYMINUTE=0;BYHOUR=9;BYWEEKNO=1;BYDAY=MO", None),
        ("FREQ=YEARLY;BYMINUTE=0;BYHOUR=9;BYYEARDAY=1", None),
        ("FREQ=SECONDLY", None),
    ],
)
def test_a_rule_is_cron_only_where_both_mean_the_same(rule: str, cron: str | None) -> None:
    assert cron == recurrence.to_cron(rule)
    if cron is not None:
        again = recurrence.from_cron(cron)
        assert recurrence.occurrences(rule, START, 20) == recurrence.occurrences(again, START, 20)


patterns = st.builds(
    Pattern,
    st.sampled_from(["hourly", "daily", "weekly", "monthly", "yearly"]),
    st.integers(1, 99),
    st.sampled_from([(), ("monday",), ("monday", "friday"), ("tuesday", "sunday")]),
    st.none() | st.sampled_from([-1, *range(1, 32)]),
    st.none() | st.integers(1, 12),
    st.none() | st.dates(dt.date(2027, 1, 1), dt.date(2030, 1, 1)),
    st.none() | st.integers(1, 50),
)


@settings(max_examples=200)
@given(patterns)
def test_a_pattern_becomes_a_rule_and_the_same_pattern_again(pattern: Pattern) -> None:
    try:
        rule = recurrence.from_pattern(pattern)
    except RuleError:
        return
    assert pattern == recurrence.to_pattern(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=YEARLY;BYMONTH=1,2",
        "FREQ=MINUTELY",
        "FREQ=DAILY;UNTIL=20270101T000000",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=WEEKLY;WKST=SU;BYDAY=MO",
    ],
)
def test_a_rule_that_no_pattern_says_has_none(rule: str) -> None:
    assert recurrence.to_pattern(rule) is None
