"""The plain English of a rule is read back as that rule.

Not read back, because the English does not say it: WKST; the 31st without SKIP, which is the last day where a month has
none; a yearly rule of a month without a day, which is the first; one hour in BYHOUR, which is the time of the first
date; the time and the zone of UNTIL; COUNT=1 ("once" is also "once a day"). DAILY rules with both BYDAY and BYMONTHDAY,
and BYSETPOS with one weekday or all seven, come back as another rule with the same dates.
"""

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.quick_add import parse
from shared.recurrence.rule import Rule, text_of

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
INTERVAL = st.integers(1, 12)
DAYS = st.sets(st.integers(0, 6), min_size=1, max_size=6).map(lambda days: tuple((0, day) for day in sorted(days)))
SEVERAL = DAYS.filter(lambda days: len(days) > 1)
NTH = st.sampled_from((1, 2, 3, 4, 5, -1, -2, -3))
COUNTED = st.sets(st.tuples(NTH, st.integers(0, 6)), min_size=1, max_size=3).map(tuple)
MONTHS = st.sets(st.integers(1, 12), min_size=1, max_size=11).map(tuple)
MONTH_DAYS = st.sets(st.sampled_from([*range(1, 29), -1, -2, -7]), min_size=1, max_size=4).map(tuple)
RULES = st.one_of(
    st.builds(Rule, st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "HOURLY", "MINUTELY", "SECONDLY")), INTERVAL),
    st.builds(Rule, st.just("WEEKLY"), INTERVAL, by_day=DAYS, by_month=st.one_of(st.just(()), MONTHS)),
    st.builds(Rule, st.just("MONTHLY"), INTERVAL, by_month_day=MONTH_DAYS),
    st.builds(Rule, st.just("MONTHLY"), INTERVAL, by_day=COUNTED),
    st.builds(
        Rule, st.just("MONTHLY"), INTERVAL, by_day=SEVERAL, by_set_pos=st.sampled_from(((1,), (-1,), (1, -1), (2,)))
    ),
    st.builds(Rule, st.just("YEARLY"), INTERVAL, by_month=MONTHS, by_month_day=MONTH_DAYS),
    st.builds(Rule, st.just("YEARLY"), INTERVAL, by_month=MONTHS.map(lambda months: months[:1]), by_day=COUNTED),
    st.builds(Rule, st.just("YEARLY"), INTERVAL, by_day=DAYS, by_week_no=st.sampled_from(((1,), (20, 40), (12, -1)))),
    st.builds(Rule, st.just("YEARLY"), INTERVAL, by_year_day=st.sampled_from(((100,), (1, 200), (60, -1)))),
    st.builds(
        Rule, st.just("DAILY"), INTERVAL, by_hour=st.sampled_from(((9, 17), (0, 6, 12))), by_minute=st.just((30,))
    ),
    st.builds(
        Rule,
        st.just("DAILY"),
        INTERVAL,
        by_hour=st.just((9, 17)),
        by_minute=st.just((0, 30)),
        by_set_pos=st.sampled_from(((1, 4), (2, 3), (1, 2, 4))),
    ),
    st.builds(
        Rule,
        st.just("YEARLY"),
        INTERVAL,
        by_month=st.just((1, 4)),
        by_month_day=st.just((3, 31)),
        by_set_pos=st.just((2, 3)),
    ),
    st.builds(Rule, st.just("DAILY"), by_hour=st.just(tuple(range(8, 18))), by_minute=st.just((0, 30))),
)
ENDS = st.sampled_from(({}, {"count": 2}, {"count": 30}, {"until": "20991231"}))


@settings(max_examples=150, deadline=None)
@given(RULES, ENDS)
def test_the_plain_english_of_a_rule_is_read_back_as_that_rule(rule: Rule, end: dict[str, int | str]) -> None:
    wanted = recurrence.canonical(text_of(replace(rule, **end)))  # type: ignore[arg-type]  # both names fit their fields
    words = recurrence.describe(wanted)
    assert wanted == parse(words, NOW).rule, words
