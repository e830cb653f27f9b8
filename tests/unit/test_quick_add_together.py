"""Several dates of a year, or times of a day, in one RRULE: the rule gives these and no others."""

import datetime as dt

from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.quick_add.together import at_times, on_dates
from shared.recurrence.rule import Rule, text_of

START = dt.datetime.fromisoformat("2027-01-01T00:00")
TIMES = st.sets(st.times().map(lambda time: time.replace(minute=time.minute // 20 * 20, second=0, microsecond=0)),
                min_size=2, max_size=4)  # fmt: skip
DAYS = st.sets(st.integers(0, 6), min_size=1, max_size=3).map(lambda days: tuple((0, day) for day in sorted(days)))
DATES = st.sets(st.dates(dt.date(2027, 1, 1), dt.date(2027, 12, 31)), min_size=1, max_size=4)
RULES = st.one_of(
    st.builds(Rule, st.just("DAILY"), st.integers(1, 3)),
    st.builds(Rule, st.just("WEEKLY"), st.integers(1, 2), by_day=DAYS),
    st.builds(Rule, st.just("MONTHLY"), by_day=DAYS, by_set_pos=st.sampled_from(((1,), (2, -1), (-1,)))),
    st.builds(Rule, st.just("MONTHLY"), by_month_day=st.sampled_from(((5,), (3, 31), (-1, 1)))),
    st.builds(Rule, st.just("MONTHLY"), by_day=st.just(((2, 1), (-1, 4)))),
    st.builds(Rule, st.just("YEARLY"), by_month=st.just((3,)), by_month_day=st.just((1, 9))),
)


@settings(max_examples=100, deadline=None)
@given(RULES, TIMES)
def test_a_rule_at_several_times_gives_each_of_its_days_at_these(rule: Rule, times: set[dt.time]) -> None:
    made = at_times(rule, times)
    if made is None:
        return
    end = START + dt.timedelta(days=400)
    days = rrule.rrulestr(text_of(rule), dtstart=START).between(START, end, inc=True)
    expected = sorted({dt.datetime.combine(day, time) for day in days for time in times})
    found = recurrence.occurrences(text_of(made), START, len(expected) + 1)
    assert expected == [moment for moment in found if moment.date() <= end.date()]


@settings(max_examples=100, deadline=None)
@given(DATES)
def test_a_rule_on_several_dates_gives_these_every_year(dates: set[dt.date]) -> None:
    made = on_dates((date.month, date.day) for date in dates)
    if made is None:
        # A 29 February in the product would move the places of the others in leap years.
        assert {date.month for date in dates} >= {2}
        assert {date.day for date in dates} >= {29}
        return
    expected = [date.replace(year=2027 + year) for year in range(3) for date in sorted(dates)]
    assert expected == [one.date() for one in recurrence.occurrences(text_of(made), START, len(expected))]


def test_more_picks_than_anyone_means_are_refused() -> None:
    every_weekday_of_the_year = Rule("YEARLY", by_day=tuple((0, day) for day in range(5)))
    assert at_times(every_weekday_of_the_year, (dt.time(9), dt.time(17, 30))) is None
